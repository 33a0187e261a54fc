"""What a process that was killed left in TMPDIR and in the vault is gone after the next one started."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pictogame.jobs import leases
from pictogame.media import upkeep
from pictogame.media.scratch import PREFIX, Scratch, sweep
from pictogame.media.vault import vault

OWNER = """
import sys, time
from pictogame.media.scratch import Scratch
with Scratch() as scratch:
    (scratch.path / "large.avif").write_bytes(b"half")
    print(scratch.path, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TMPDIR of its own."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that works in a folder."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        assert path.is_dir()
        try:
            yield process, path
        finally:
            process.kill()


def make_old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_stays(temporary: Path) -> None:
    with owner() as (dead, left), owner() as (_, used):
        dead.kill()
        dead.wait()
        for path in (left, used):
            make_old(path, 3600)
        assert sweep() == 1
        assert list(temporary.iterdir()) == [used]
        assert (used / "large.avif").read_bytes() == b"half"
    assert sweep() == 1
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_just_being_made_is_not_taken_for_one_that_was_left(temporary: Path) -> None:
    fresh = temporary / f"{PREFIX}fresh"
    fresh.mkdir()
    assert sweep() == 0
    make_old(fresh, 3600)
    assert sweep() == 1


def test_a_folder_goes_with_its_context(temporary: Path) -> None:
    with Scratch() as scratch:
        (scratch.path / "small.avif").write_bytes(b"x")
        make_old(scratch.path, 3600)
        assert sweep() == 0
    assert list(temporary.iterdir()) == []


def test_the_folders_of_others_are_left_alone(temporary: Path) -> None:
    other = temporary / "pictogame-log-of-somebody"
    other.mkdir()
    make_old(other, 1e6)
    assert sweep() == 0
    assert other.is_dir()


def test_a_worker_that_starts_also_tidies_the_vault_and_then_once_an_hour(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = vault().keep(b"an original")
    unfinished = data / "vault" / ".unfinished"

    def leave() -> Path:
        half = unfinished / "half-of-a-file"
        half.write_bytes(b"half")
        make_old(half, 200_000)
        return half

    one = upkeep.Upkeep()
    half = leave()
    one.step()
    assert not half.exists()
    assert leave().exists()
    one.step()
    assert half.exists()
    now = leases.clock()
    monkeypatch.setattr(leases, "clock", lambda: now + upkeep.EVERY_SECONDS)
    one.step()
    assert not half.exists()
    assert vault().read(kept) == b"an original"

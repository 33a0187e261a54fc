"""What a folder bucket promises when power fails, the disk is full or may not be written: seen by the kernel.

`strace` notes what a whole command asks of the system, in order, from the files of the bucket to those of the database.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.cast import write_runtime
from tests.servers.processes import program
from tests.storage.small_disk import PROGRAM as SMALL_DISK

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "src" / "pictogame" / "games" / "demo"
CALLS = "fsync,fdatasync,rename,renameat,renameat2,unlinkat,mkdirat,mkdir"


class Call(NamedTuple):
    """A call of the system, with the paths it was about."""

    name: str
    paths: tuple[str, ...]


def calls_of(command: list[str], environment: Mapping[str, str], log: Path) -> list[Call]:
    """What a command and its threads asked for, in the order in which it was done."""
    strace = program("strace", package="apt-get install strace")
    done = subprocess.run(
        [strace, "-f", "-y", "-qq", "-s", "300", "-e", f"trace={CALLS}", "-o", str(log), *command],
        env=dict(environment), capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    calls: list[Call] = []
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        thread, _, text = line.partition(" ")
        if text.endswith("<unfinished ...>"):
            begun[thread] = text
            continue
        if "resumed>" in text:
            text = begun.pop(thread, "") + text
        if found := re.match(r"\s*([a-z0-9]+)\(", text):
            calls.append(Call(found[1], tuple(re.findall(r"<(/[^>]*)>", text) + re.findall(r'"([^"]*)"', text))))
    return calls


def test_files_and_folders_reach_the_disk_before_a_row_says_stored(tmp_path: Path) -> None:
    write_runtime(tmp_path / "dist")
    environment = {
        **os.environ,
        "PICTOGAME_DATA": str(tmp_path / "data"),
        "PICTOGAME_RUNTIME": str(tmp_path / "dist"),
        "DJANGO_SETTINGS_MODULE": "pictogame.config.settings",
    }
    make = [sys.executable, "-m", "pictogame.cli", "make", str(DEMO / "cat.jpg"), "--template", "jigsaw", "--json"]
    calls = calls_of(make, environment, tmp_path / "strace")
    bucket, database = str(tmp_path / "data" / "bucket"), str(tmp_path / "data" / "pictogame.sqlite3-wal")
    commits = [at for at, call in enumerate(calls) if call.name in {"fsync", "fdatasync"} and database in call.paths]
    written: dict[str, int] = {}
    for at, call in enumerate(calls):
        if not call.name.startswith("rename") or not any(path.startswith(bucket) for path in call.paths):
            continue
        folders, (temporary, name) = call.paths[:2], call.paths[2:]
        target = f"{folders[1]}/{name}"
        written[target] = at
        before, after = calls[:at], calls[at:]
        # The bytes were on the disk under the name that they lost, then the new name is.
        assert any(one.name == "fsync" and f"{folders[0]}/{temporary}" in one.paths for one in before), target
        synced = next(
            number for number, one in enumerate(after, at) if one.name == "fsync" and one.paths[:1] == (folders[1],)
        )
        # Intent before bytes, and what says "stored" after both.
        assert any(commit < at for commit in commits), target
        assert any(commit > synced for commit in commits), target
    there = {str(path) for path in Path(bucket).rglob("*") if path.is_file()}
    assert set(written) == there
    assert {path.removeprefix(bucket)[:3] for path in there} == {"/r/", "/m/", "/g/"}
    assert max(written, key=lambda path: written[path]).endswith(".html")
    pages = [path for path in written if path.endswith(".html")]
    between = [commit for commit in commits if commit > written[pages[0]]]
    assert between, "Nothing is called published before its page is written."
    made = [path for call in calls if call.name.startswith("mkdir") for path in _made(call) if path.startswith(bucket)]
    for folder in made:
        parent = str(Path(folder).parent)
        assert any(call.name == "fsync" and call.paths[:1] == (parent,) for call in calls), folder


def _made(call: Call) -> list[str]:
    if call.name == "mkdirat" and len(call.paths) > 1:
        return [f"{call.paths[0]}/{call.paths[1]}"]
    return [call.paths[0]] if call.paths and call.paths[0].startswith("/") else []


def test_a_full_disk_and_one_that_may_not_be_written_are_said_and_leave_nothing_half(tmp_path: Path) -> None:
    """On a disk of a megabyte, which a user of his own name space may make."""
    unshare = program("unshare", package="apt-get install util-linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    steps = 'mount -t tmpfs -o size=1m none "$1" && "$2" -c "$3" "$1"'
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", steps, "sh", str(disk), sys.executable,
         SMALL_DISK],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["full"] == "The disk is full. It goes on as soon as there is room again."
    assert said["left"] == []
    assert said["old"] == "old"
    assert said["readonly"] == ["The folder does not let g/a.xml be read or written."] * 2
    assert said["read"] == "old"
    assert said["room"] == "again"

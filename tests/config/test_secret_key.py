"""The key that the first start makes: one for all processes, and whole."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

_SAY = "from pictogame.config import settings; print(settings.SECRET_KEY)"


def _starting(folder: Path) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PICTOGAME_")}
    return subprocess.Popen(
        [sys.executable, "-c", _SAY],
        env=kept | {"PICTOGAME_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    said = {one.communicate(timeout=60)[0] for one in [_starting(tmp_path / "data") for _ in range(4)]}
    assert said == {(tmp_path / "data" / "secret-key").read_text() + "\n"}
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_a_key_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    held = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        one = _starting(tmp_path)
        _waits_for_a_lock(one.pid)
        (tmp_path / "secret-key").write_text("x" * 64)
    finally:
        os.close(held)
    assert one.communicate(timeout=60)[0] == "x" * 64 + "\n"


def _waits_for_a_lock(pid: int) -> None:
    """Until the system lists the process among those that wait for a lock."""
    for _ in range(600):
        waiting = (line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line)
        if any(str(pid) in line for line in waiting):
            return
        time.sleep(0.05)
    raise AssertionError("It waited for nobody.")


def test_an_empty_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    said = _starting(tmp_path).communicate(timeout=60)[1]
    assert f"{tmp_path}/secret-key is empty: remove it" in said

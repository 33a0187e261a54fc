"""Parts that run together: begun as copies, begun again by their commands, ended in order."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from pictogame.cli.exits import Ended
from pictogame.cli.supervisor import Supervisor
from pictogame.jobs import loop


def _sleep(_name: str) -> int:
    time.sleep(60)
    return 0


def _nothing(_name: str) -> list[str]:
    raise AssertionError("Nothing was to be started again.")


def test_a_part_that_is_told_to_end_before_it_could_listen_ends_of_that() -> None:
    for _ in range(10):
        with loop.stopped_by_signals(), Supervisor(["one", "two"], work=_sleep, command=_nothing) as supervisor:
            parts = [part.process for part in supervisor._parts]
        assert [part.returncode for part in parts if part] == [-signal.SIGTERM] * 2
        assert supervisor.pids == {}


def test_a_copy_shares_neither_terminal_nor_name(tmp_path: Path) -> None:
    def tell(name: str) -> int:
        comm = Path("/proc/self/comm").read_text().strip()
        own = os.getsid(0) == os.getpid()
        (tmp_path / "told.tmp").write_text(f"{name} {comm} {own} {os.read(0, 1)!r}")
        (tmp_path / "told.tmp").rename(tmp_path / "told")
        return _sleep(name)

    with Supervisor(["worker"], work=tell, command=_nothing) as supervisor:
        supervisor.wait_until((tmp_path / "told").exists, seconds=30, stop=threading.Event())
    assert (tmp_path / "told").read_text() == "worker pg-worker True b''"


def test_what_died_is_started_again_by_its_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    again = tmp_path / "again"

    def command(name: str) -> list[str]:
        there = f"import pathlib, time; pathlib.Path({str(again)!r}).write_text({name!r}); time.sleep(60)"
        return [sys.executable, "-c", there]

    def end_when_it_is_there() -> None:
        end = time.monotonic() + 30
        while not again.exists() and time.monotonic() < end:
            time.sleep(0.02)
        stop.set()

    with Supervisor(["worker"], work=_sleep, command=command) as supervisor:
        os.kill(supervisor.pids["worker"], signal.SIGKILL)
        threading.Thread(target=end_when_it_is_there).start()
        supervisor.watch(stop)
    assert again.read_text() == "worker"
    assert "The worker was ended by SIGKILL. It is started again." in capsys.readouterr().err


def test_a_part_that_does_not_start_is_named() -> None:
    with (
        Supervisor(["bucket"], work=lambda _name: 1, command=_nothing) as supervisor,
        pytest.raises(Ended, match="The bucket did not start"),
    ):
        supervisor.wait_until(lambda: False, seconds=30, stop=threading.Event())


def test_what_began_is_ended_when_the_next_can_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    fork = os.fork

    def second_fails() -> int:
        if begun:
            raise BlockingIOError("Resource temporarily unavailable")
        pid = fork()
        if pid:
            begun.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", second_fails)
    with (
        pytest.raises(BlockingIOError),
        Supervisor(["one", "two"], work=_sleep, command=_nothing),
    ):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(begun[0], 0)

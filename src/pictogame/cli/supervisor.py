"""Keeps child processes running together: starts them, starts one again that died, ends them all.

The first start of all parts is a fork where the system is made for it: Django stands in this process already, and
setting it up once more in each part would be most of what a start costs. Whoever dies is started again by its command,
since this process may have threads by then, which do not survive a fork.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from types import TracebackType
from typing import Self

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.lib.parents import die_with

_STOP_SECONDS = 10.0
_DEATHS = 4
"""So many deaths of one part within a minute end the whole: something is wrong that another start does not mend."""
_PR_SET_NAME = 15
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_FORKS = sys.platform == "linux"


class Forked(ForkProcess):
    """A copy of this process that does a part's work, with the verbs of a Popen."""

    @property
    def returncode(self) -> int | None:
        """As poll gives it."""
        return self.exitcode

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.exitcode

    def send_signal(self, number: int) -> None:
        """Sends it to a process that still runs."""
        if self.pid is not None and self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises TimeoutExpired when it does not end in time."""
        self.join(timeout)
        if self.exitcode is None:
            raise subprocess.TimeoutExpired(self.name, timeout or 0)
        return self.exitcode


@dataclass(slots=True)
class Part:
    """A child process by the name that people read."""

    name: str
    process: subprocess.Popen[bytes] | Forked | None = None
    deaths: list[float] = field(default_factory=list)
    again_at: float = 0.0


class Supervisor:
    """Runs each part by name, from `with` to its end. All are gone when it ends.

    `work` does a part's work in a copy of this process and gives its exit code; `command` is the command line that does
    the same from nothing.
    """

    def __init__(
        self, names: Sequence[str], *, work: Callable[[str], int], command: Callable[[str], Sequence[str]]
    ) -> None:
        self._parts = [Part(name) for name in names]
        self._work, self._command = work, command

    def __enter__(self) -> Self:
        try:
            for part in self._parts:
                part.process = _fork(part.name, self._work) if _FORKS else _start(self._command(part.name))
        except BaseException:
            self._stop()  # Nobody else would: this process would wait for them for ever.
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, of those that run."""
        running = [(part.name, part.process) for part in self._parts if part.process and part.process.poll() is None]
        return {name: process.pid for name, process in running if process.pid is not None}

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, stop: threading.Event) -> bool:
        """Waits until `ready`; False when `stop` was set first.

        Raises Ended when a part ends meanwhile, or time is over.
        """
        end = time.monotonic() + seconds
        while not ready():
            for part in self._parts:
                if part.process is not None and part.process.poll() is not None:
                    raise Ended(f"The {part.name} did not start.", Exit.PROBLEM)
            if time.monotonic() > end:
                raise Ended(f"It did not start within {seconds:g} seconds.", Exit.PROBLEM)
            if stop.wait(0.03):
                return False
        return True

    def watch(self, stop: threading.Event) -> None:
        """Starts parts again that end, until `stop` is set. Raises Ended when one can't be kept running."""
        while not stop.wait(0.25):
            now = time.monotonic()
            for part in self._parts:
                if part.process is not None and part.process.poll() is not None:
                    _mourn(part, now)
                if part.process is None and now >= part.again_at:
                    part.process = _start(self._command(part.name))

    def _stop(self) -> None:
        running = [part.process for part in self._parts if part.process is not None and part.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _mourn(part: Part, now: float) -> None:
    code = (part.process.returncode if part.process else 0) or 0
    part.process = None
    part.deaths = [*(at for at in part.deaths if now - at < 60), now]
    if len(part.deaths) >= _DEATHS:
        raise Ended(f"The {part.name} ended {_DEATHS} times within a minute, so everything stops.", Exit.PROBLEM)
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    saying.note(f"The {part.name} {how}. It is started again.")
    part.again_at = now + 0.5 * len(part.deaths)


def _fork(name: str, work: Callable[[str], int]) -> Forked:
    parent = os.getpid()
    prepare = die_with(parent)

    def run() -> None:
        os.setsid()  # As below, and nothing to read.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        prepare()
        _called(name)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        sys.exit(work(name))

    process = Forked(target=run, name=name)
    # What was sent to the child before it could listen waits for it, rather than for the handlers of this process.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    return process


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the supervisor alone, which then ends its parts in order.
    return subprocess.Popen(  # noqa: S603  Our own arguments.
        list(command),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with(os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509  One thread only.
    )


def _called(name: str) -> None:
    """What `top`, `pstree` and `ps -e` call this process, whose command line is that of `up`."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, f"pg-{name}".encode()[:15])

"""Keeps child processes running together: starts them, starts one again that died, ends them all."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit

_STOP_SECONDS = 10.0
_DEATHS = 4
"""So many deaths of one part within a minute end the whole: something is wrong that another start does not mend."""
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Part:
    """A child process by the name that people read."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    again_at: float = 0.0


class Supervisor:
    """Runs a command for each part by name, from `with` to its end. All are gone when it ends."""

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        self._parts = [Part(name, command) for name, command in parts.items()]

    def __enter__(self) -> Self:
        for part in self._parts:
            _start(part)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, of those that run."""
        return {part.name: part.process.pid for part in self._parts if part.process and part.process.poll() is None}

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
                    _start(part)

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
    code = part.process.returncode if part.process else 0
    part.process = None
    part.deaths = [*(at for at in part.deaths if now - at < 60), now]
    if len(part.deaths) >= _DEATHS:
        raise Ended(f"The {part.name} ended {_DEATHS} times within a minute, so everything stops.", Exit.PROBLEM)
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    saying.note(f"The {part.name} {how}. It is started again.")
    part.again_at = now + 0.5 * len(part.deaths)


def _start(part: Part) -> None:
    # A session of its own: Ctrl-C reaches the supervisor alone, which then ends its parts in order.
    part.process = subprocess.Popen(  # noqa: S603  Our own arguments.
        list(part.command),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509  One thread only.
    )


def _die_with(parent: int) -> Callable[[], None]:
    """Asks the kernel to end the child when its parent is gone, however that went: no orphan keeps a port."""
    library = ctypes.CDLL(None)

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask

"""Publishers and workers that start within milliseconds and can be killed at any instruction.

A process that has imported everything and holds no connection forks them. Whatever happens to the test, the kernel ends
the nursery with it, and with the nursery its children, stopped ones too.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ending import die_with_parent

Role = Callable[[], None]


class Nursery:
    """A child of this process that forks others on demand. Made before this process has threads or connections."""

    def __init__(self, roles: Mapping[str, Role], *, log: Path) -> None:
        """`roles` by name; what the processes say is appended to `log`."""
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            _serve(theirs, roles, log)
        theirs.close()
        self._socket = ours
        self._answers = ours.makefile("r")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answers.close()
        self._socket.close()  # The nursery reads the end of it, and ends with all of its children.
        os.waitpid(self._pid, 0)

    def start(self, role: str) -> int:
        """Forks a process; gives its id."""
        return int(self._ask(act="start", role=role))

    def kill(self, pid: int) -> None:
        """SIGKILL, at once; returns when the process is gone."""
        self._ask(act="kill", pid=pid)

    def stop(self, pid: int) -> None:
        """SIGSTOP."""
        self._ask(act="signal", pid=pid, number=int(signal.SIGSTOP))

    def wake(self, pid: int) -> None:
        """SIGCONT."""
        self._ask(act="signal", pid=pid, number=int(signal.SIGCONT))

    def end(self, pid: int, *, seconds: float = 15) -> int:
        """SIGTERM, and how the process ended: its exit code, or minus the signal; SIGKILL when it takes too long."""
        return int(self._ask(act="end", pid=pid, seconds=seconds))

    def ended(self, pid: int, *, seconds: float = 0) -> int | None:
        """How a process ended, waited for so long; None while it runs."""
        code = self._ask(act="ended", pid=pid, seconds=seconds)
        return None if code is None else int(code)

    def _ask(self, **what: object) -> Any:
        self._socket.sendall(json.dumps(what).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        if "wrong" in answer:
            raise RuntimeError(answer["wrong"])
        return answer["said"]


def _serve(asked: socket.socket, roles: Mapping[str, Role], log: Path) -> None:
    """The nursery's whole life; never returns."""
    children: set[int] = set()
    codes: dict[int, int] = {}
    try:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for line in asked.makefile("r"):
            try:
                answer: dict[str, object] = {"said": _obey(json.loads(line), roles, log, children, codes)}
            except Exception as error:
                answer = {"wrong": repr(error)}
            asked.sendall(json.dumps(answer).encode() + b"\n")
    finally:
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _obey(
    what: dict[str, Any], roles: Mapping[str, Role], log: Path, children: set[int], codes: dict[int, int]
) -> int | None:
    match what:
        case {"act": "start", "role": role}:
            pid = _fork(roles[role], log)
            children.add(pid)
            return pid
        case {"act": "kill", "pid": pid} if pid in children:
            os.kill(pid, signal.SIGKILL)
            _reap(pid, children, codes, 10)
        case {"act": "signal", "pid": pid, "number": number} if pid in children:
            os.kill(pid, number)
        case {"act": "end", "pid": pid, "seconds": seconds}:
            if pid in children:
                os.kill(pid, signal.SIGTERM)
                if _reap(pid, children, codes, seconds) is None:
                    os.kill(pid, signal.SIGKILL)
                    _reap(pid, children, codes, 10)
            return codes[pid]
        case {"act": "ended", "pid": pid, "seconds": seconds}:
            return _reap(pid, children, codes, seconds) if pid in children else codes[pid]
    return None


def _reap(pid: int, children: set[int], codes: dict[int, int], seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            children.discard(pid)
            codes[pid] = os.waitstatus_to_exitcode(status)
            return codes[pid]
        if time.monotonic() >= end:
            return None
        time.sleep(0.002)


def _fork(role: Role, log: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.closerange(3, descriptor + 1)
        role()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

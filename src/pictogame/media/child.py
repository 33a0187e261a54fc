"""Derives pictures in child processes with limits, so that one evil file costs one refusal and never this process.

A child is started ahead of need, imports the decoder once and is used again; one that died, was killed or has done
many jobs is replaced. Nothing is shared with it but two pipes and the folder where it writes.
"""

import contextlib
import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pictogame.lib.errors import Problem
from pictogame.media import errors
from pictogame.media.pipeline import Crop, Derived, Rendition, Role
from pictogame.media.sniff import Kind

CPU_SECONDS = 20
"""Of processor time for one picture. The hardest honest ones (60 megapixels, lossless) take 6."""

WALL_SECONDS = 120
"""For one picture, on a machine that is busy with other things."""

MEMORY_BYTES = 1_600_000_000
"""Of address space: 0.4 GB for a phone's photograph, 1.1 GB for 60 megapixels of 16 bit."""

JOBS_BEFORE_REPLACED = 200
"""Decoders leak a little, and no picture should meet a process in which very many strangers' files were open."""

MOST_ANSWER_BYTES = 65_536

HEAP_KEPT_BYTES = 512_000_000
"""An encoder takes and returns some 100 MB for each picture; handed back to the kernel each time, they cost a
twentieth of the processor time."""

DEADLY_SIGNALS = frozenset(
    {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGPROF, signal.SIGSYS}
)
"""Signals that the picture brought upon its decoder. Any other came from outside, and the picture may be tried
again."""


def decoder_environment() -> dict[str, str]:
    """The variables of a child: no more of ours than it needs (no key, no address of a database), and what makes
    libvips and the heap quick."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "VIPS_CONCURRENCY": "2",  # Two slots on two cores: more threads would only wait for each other.
        "MALLOC_ARENA_MAX": "2",  # Each arena takes 64 MB of the address space that is limited.
        "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),  # The most that glibc takes.
        "MALLOC_TRIM_THRESHOLD_": str(HEAP_KEPT_BYTES),
    }


class Children:
    """A few child processes that derive pictures, each one at a time. Safe to use from several threads.

    Use as a context manager; when it ends, all children are gone.
    """

    def __init__(
        self,
        *,
        slots: int = 2,
        cpu_seconds: float = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._slots = slots
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
        self._memory_bytes = memory_bytes
        self._idle: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._all: set[_Child] = set()
        self._open = False

    def __enter__(self) -> Self:
        self._open = True
        for _ in range(self._slots):
            self._idle.put(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._open = False
            children, self._all = self._all, set()
        for child in children:
            child.kill()
        # Whoever still asks one of them sees its end and closes its pipes; the idle ones are closed here. What is
        # put back in their place wakes those who wait for a free child.
        with contextlib.suppress(queue.Empty):
            while True:
                if idle := self._idle.get_nowait():
                    idle.end()
        for _ in range(self._slots):
            self._idle.put(None)

    def derive(self, path: Path, kind: Kind, crop: Crop, folder: Path) -> Derived:
        """Makes the renditions of one crop as files in `folder`, which exists. Waits for a free child.

        Raises `Refused` when the picture is at fault and `Retry` when it is not.
        """
        if not self._open:
            raise errors.Retry("The picture worker is not running.")
        child = self._idle.get()
        usable = None
        try:
            if child is None:
                child = self._start()
            answer = child.ask(
                {
                    "path": str(path),
                    "kind": kind,
                    "crop": [crop.ratio_w, crop.ratio_h, crop.focus_x, crop.focus_y],
                    "folder": str(folder),
                    "cpu_seconds": self._cpu_seconds,
                },
                self._wall_seconds,
            )
            usable = child
        except _ChildDiedError as death:
            raise death.verdict() from death
        finally:
            # Whatever interrupted it, a child that has not answered is not asked again: its answer would be to the
            # last question.
            if child is not None and (usable is None or usable.jobs >= JOBS_BEFORE_REPLACED):
                self._end(child)
                usable = None
            self._idle.put(usable or self._start_ahead())
        if sentence := answer.get("refused"):
            raise errors.Refused(sentence)
        if problem := answer.get("failed"):
            raise errors.Retry(problem)
        return _read_derived(answer)

    def _start_ahead(self) -> "_Child | None":
        """A child that is warm by the time of the next job."""
        try:
            return self._start()
        except (OSError, errors.Retry):
            return None  # None to be had just now: the next job tries again, and says so.

    def _end(self, child: "_Child") -> None:
        with self._lock:
            self._all.discard(child)
        child.end()

    def _start(self) -> "_Child":
        with self._lock:
            if not self._open:
                raise errors.Retry("The picture worker is stopping.")
            child = _Child(self._memory_bytes)
            self._all.add(child)
            return child


class _ChildDiedError(Exception):
    """A child ended, or was ended, before it answered. `status` is that of `Popen`: negative for a signal, None when
    it was us."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"The decoder ended with {status}.")
        self.status = status

    def verdict(self) -> Problem:
        if self.status is not None and -self.status in DEADLY_SIGNALS:
            return errors.too_hard()
        if self.status is None:
            return errors.Retry("The picture took too long to open; it is tried again when the machine has more time.")
        return errors.Retry("The picture was not finished; it is tried again.")


class _Child:
    """One process that runs `pictogame.media.child_main`."""

    def __init__(self, memory_bytes: int) -> None:
        self.jobs = 0
        self._process = subprocess.Popen(  # noqa: S603  Nothing in it comes from a person.
            [sys.executable, "-m", "pictogame.media.child_main", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=decoder_environment(),
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise OSError("No pipes to the decoder.")
        self._requests, self._answers = stdin, stdout

    def ask(self, request: dict[str, Any], wall_seconds: float) -> dict[str, Any]:
        """The child's answer to one request. Raises `_ChildDiedError`; the child is gone then."""
        self.jobs += 1
        deadline = time.monotonic() + wall_seconds
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            line = _read_line(self._answers.fileno(), deadline)
        except TimeoutError:
            self.end()
            raise _ChildDiedError(None) from None
        except (EOFError, BrokenPipeError, ValueError):
            raise _ChildDiedError(self._reap()) from None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """Ends the process now, whatever it does, and waits until it is gone. From any thread."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """The same, and closes the pipes: only for the thread that holds this child."""
        self.kill()
        self._reap()

    def _reap(self) -> int:
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:  # It closed its pipe and went on.
            self._process.kill()
            return self._process.wait()


def _read_line(descriptor: int, deadline: float) -> bytes:
    """One line from a pipe. Raises `EOFError` at its end or when the line is endless, `TimeoutError` after the
    deadline."""
    data = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not data.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            piece = os.read(descriptor, MOST_ANSWER_BYTES)
            data += piece
            if not piece or len(data) > MOST_ANSWER_BYTES:
                raise EOFError
    return data


def _read_derived(answer: dict[str, Any]) -> Derived:
    return Derived(
        tuple(
            Rendition(Role(made["role"]), made["media_type"], made["width"], made["height"], Path(made["path"]))
            for made in answer["renditions"]
        ),
        tuple(answer["colours"]),
    )

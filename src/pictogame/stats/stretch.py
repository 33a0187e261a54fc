"""Lines that DuckDB reads by a name: held in memory, or handed on by the system as they stand in their file."""

import fcntl
import logging
import os
import select
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

from pictogame.stats.side import Side
from pictogame.stats.window import Window

CAN_PIPE = hasattr(os, "splice")
"""Whether the system hands bytes of a file on without a copy of ours."""
_PIPE = 1 << 20
"""Bytes that a pipe may hold."""
_LOOK_MS = 200
"""How long somebody who feeds a pipe waits for room before he looks whether it is still wanted."""

log = logging.getLogger(__name__)


class Stretch(Protocol):
    """Whole lines."""

    size: int
    """In bytes."""

    def named(self) -> AbstractContextManager[str]:
        """A name by which DuckDB reads them, once."""

    def part(self, at: int, size: int) -> bytes:
        """Up to so many bytes from that place on."""


class InMemory:
    """Lines that somebody holds, in a window or elsewhere."""

    def __init__(self, data: memoryview, *, window: Window, side: Side) -> None:
        self.size = len(data)
        self._data = data
        self._window = window
        self._side = side

    @contextmanager
    def named(self) -> Iterator[str]:
        # What begins the window is read where it is.
        is_there = self._data.obj is self._window.view.obj
        yield self._window.cut(self.size) if is_there else self._side.hold(self._data)

    def part(self, at: int, size: int) -> bytes:
        return bytes(self._data[at : at + size])


class InFile:
    """Lines that stay in an open file, `size` bytes from `begin` on. Nobody holds them."""

    def __init__(self, descriptor: int, begin: int, size: int) -> None:
        self.begin = begin
        self.size = size
        self.descriptor = descriptor

    @contextmanager
    def named(self) -> Iterator[str]:
        """A pipe. Where the file became shorter or can't be read, fewer bytes come through it."""
        out, into = os.pipe()
        over = threading.Event()
        feeder = threading.Thread(target=self._feed, args=(into, over), name="stats-pipe")
        try:
            feeder.start()
        except RuntimeError as error:
            os.close(out)
            os.close(into)
            raise OSError("No thread could be started.") from error
        try:
            yield f"/proc/self/fd/{out}"
        finally:
            # Whoever stopped before the end may still hold his own end of the pipe.
            over.set()
            os.close(out)
            feeder.join()

    def part(self, at: int, size: int) -> bytes:
        return os.pread(self.descriptor, min(size, self.size - at), self.begin + at)

    def _feed(self, into: int, over: threading.Event) -> None:
        at, end = self.begin, self.begin + self.size
        try:
            fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, _PIPE)
            os.set_blocking(into, False)
            room = select.poll()
            room.register(into, select.POLLOUT)
            while at < end and not over.is_set():
                if room.poll(_LOOK_MS):
                    with suppress(BlockingIOError):
                        given = os.splice(self.descriptor, into, min(_PIPE, end - at), offset_src=at)
                        if not given:
                            break
                        at += given
        except OSError as error:
            # Too few bytes come: whoever counts them notices, reads the file himself and tells what is wrong with it.
            log.debug("A pipe was not fed: %s", error)
        finally:
            os.close(into)

"""A log on its way through lanes: its blocks are taken in their order, and read side by side."""

import os
import threading
from typing import BinaryIO, NamedTuple

from pictogame.stats.engine import Engine
from pictogame.stats.errors import LostMeanwhile
from pictogame.stats.formats.line import LONGEST_LINE, Format, Shape
from pictogame.stats.identity import TAIL
from pictogame.stats.lane import CRLF, HEAD, Lane, Tally, together
from pictogame.stats.logs import Log
from pictogame.stats.reading import Block, Blocks, Section, Stream
from pictogame.stats.stretch import CAN_PIPE, InFile
from pictogame.stats.window import Window

_LEAST = 32 << 20
_MOST = 256 << 20
"""Bytes of lines that stay in their file and are read at once."""


class Part(NamedTuple):
    """A block of a log that was taken: where the log stands after it."""

    size: int
    done: int
    tail: bytes
    shape: Shape
    at: int
    """Bytes of the file, as stored, that were read until then."""
    headings: int = 0
    overlong: int = 0
    example: bytes = b""
    """The beginning of an overlong line."""


class Feed:
    """Lines for whoever takes the next ones, from any thread.

    Of a plain log they stay in their file, as soon as most of its texts are known. They are taken in many pieces, the
    smaller the less is left, so that all who read end at about the same time.
    """

    def __init__(self, file: BinaryIO, stream: Stream, log: Log, *, width: int = 1) -> None:
        """`stream` is that of `file`, and stands where the log was read to; `width` is how many read it at once."""
        self._file = file
        self._stream = stream
        self._one: Format = log.one
        self._shape = log.shape
        self._done, self._tail = log.done, log.tail
        self._blocks = Blocks(stream, cut_before=log.one.heading)
        self._lock = threading.Lock()
        self._may_stay = CAN_PIPE and not stream.is_packed and not log.one.heading
        self._width = width
        self._left = 0
        self._most = _LEAST
        self.held = False
        """Whether nobody may take any more for now."""
        self.ended = False

    @property
    def is_due(self) -> bool:
        """Whether as much was taken as was allowed."""
        return self._left <= 0

    def allow(self, size: int) -> None:
        """So many bytes may be taken by `work` until a transaction."""
        with self._lock:
            self._left, self.held = size, False

    def take(self, window: Window) -> tuple[Part, memoryview] | None:
        """The next block without its headings, in the window; None where there is none, or none may be taken.

        Raises OSError; after that there is none.
        """
        with self._lock:
            return self._next(window)

    def work(self, engine: Engine, lane: Lane) -> tuple[Part, Tally] | None:
        """Takes the next lines and adds them up. Raises OSError, NoRoom, LostMeanwhile."""
        with self._lock:
            if self.is_due:
                return None
            stretch = self._stretch() if engine.knows(self._one) else None
            taken = None if stretch else self._next(lane.window)
            if taken:
                self._left -= taken[0].size
        if stretch:
            part, lines = stretch
            tally = engine.add_unheld(lines, one=self._one, shape=part.shape, lane=lane)
            return (part, tally) if tally is not None else self._held_after_all(part, lines, engine, lane)
        if taken is None:
            return None
        part, data = taken
        return part, engine.add(data, one=self._one, shape=part.shape, lane=lane) if data else Tally()

    def hold(self) -> None:
        """From now on nobody takes any more, until it is allowed again."""
        with self._lock:
            self.held = True

    def _stretch(self) -> tuple[Part, InFile] | None:
        """The next lines where they stay in their file; None where they are to be held."""
        if not self._may_stay or self.held or self.ended:
            return None
        descriptor = self._file.fileno()
        left = os.fstat(descriptor).st_size - self._done
        size = min(max(min(left, self._left) // (2 * self._width), _LEAST), self._most)
        if left < size:
            return None
        self._most = min(self._most * 4, _MOST)
        begin = self._done
        last = os.pread(descriptor, LONGEST_LINE, begin + size - LONGEST_LINE)
        end = begin + size - LONGEST_LINE + last.rfind(b"\n") + 1
        if b"\n" not in last or CRLF in os.pread(descriptor, HEAD, begin):
            return None
        lines = InFile(descriptor, begin, end - begin)
        self._left -= lines.size
        self._done, self._tail = end, lines.part(max(0, lines.size - TAIL), TAIL)
        # Whoever holds lines goes on from there.
        self._stream.skip_to(end)
        self._blocks = Blocks(self._stream)
        return self._part(lines.size), lines

    def _held_after_all(self, part: Part, lines: InFile, engine: Engine, lane: Lane) -> tuple[Part, Tally]:
        """Reads lines which the quick way could not read out of their file; so are those that follow."""
        self._may_stay = False
        blocks = Blocks(Section(lines.descriptor, lines.begin, lines.size))
        tallies = []
        size, overlong, example = 0, 0, b""
        try:
            while block := blocks.next(lane.window):
                size += block.size
                overlong += block.overlong
                example = example or block.example
                if block.data:
                    tallies.append(engine.add(block.data, one=self._one, shape=part.shape, lane=lane))
        except OSError as error:
            # Others have read what stands behind: it must not be told that the log was read to there.
            raise LostMeanwhile(f"The log can't be read to its end: {error.strerror or error}.") from error
        if size < lines.size:
            # What is gone may lie in a copy by now, which would be told to be read to there as well.
            raise LostMeanwhile(
                "The log became shorter while it was read. Run it again: it goes on with what is there."
            )
        return part._replace(overlong=overlong, example=example), together(tallies)

    def _next(self, window: Window) -> tuple[Part, memoryview] | None:
        """The next block. Whoever asks holds the lock."""
        if self.held or self.ended:
            return None
        self.ended = True
        block = self._blocks.next(window)
        if block is None:
            return None
        taken = self._taken(block)
        self.ended = False
        return taken

    def _taken(self, block: Block) -> tuple[Part, memoryview]:
        data, headings = _without_headings(block.data, self._one)
        if headings:
            self._shape = self._one.shape(bytes(block.data[: len(block.data) - len(data)]).split(b"\n"))
            # What stands in the window from its beginning is read there; this does not.
            data = memoryview(bytes(data))
        self._done += block.size
        self._tail = b"" if block.overlong else (self._tail + bytes(block.data[-TAIL:]))[-TAIL:]
        part = self._part(block.size)
        return part._replace(headings=headings, overlong=block.overlong, example=block.example), data

    def _part(self, size: int) -> Part:
        return Part(size=size, done=self._done, tail=self._tail, shape=self._shape, at=self._file.tell())


def _without_headings(data: memoryview, one: Format) -> tuple[memoryview, int]:
    """The block without the headings that it begins with, and their number."""
    count = 0
    while one.heading and bytes(data[: len(one.heading)]) == one.heading:
        end = bytes(data[:LONGEST_LINE]).find(b"\n") + 1
        data, count = data[end:], count + 1
    return data, count

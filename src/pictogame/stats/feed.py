"""A log on its way through lanes: its blocks are taken in their order, and read side by side."""

import threading
from typing import BinaryIO, NamedTuple

from pictogame.stats.engine import Engine
from pictogame.stats.formats.line import LONGEST_LINE, Format, Shape
from pictogame.stats.identity import TAIL
from pictogame.stats.lane import Lane, Tally
from pictogame.stats.logs import Log
from pictogame.stats.reading import Block, Blocks, Stream
from pictogame.stats.window import Window


class Part(NamedTuple):
    """A block of a log that was taken: where the log stands after it."""

    size: int
    done: int
    tail: bytes
    shape: Shape
    at: int
    """Bytes of the file, as stored, that were read until then."""
    headings: int
    overlong: int
    example: bytes
    """The beginning of an overlong line."""


class Feed:
    """Blocks for whoever takes the next one, from any thread."""

    def __init__(self, file: BinaryIO, stream: Stream, log: Log) -> None:
        """`stream` is that of `file`, and stands where the log was read to."""
        self._file = file
        self._one: Format = log.one
        self._shape = log.shape
        self._done, self._tail = log.done, log.tail
        self._blocks = Blocks(stream, cut_before=log.one.heading)
        self._lock = threading.Lock()
        self.held = False
        """Whether nobody may take any more for now."""
        self.ended = False

    def take(self, window: Window) -> tuple[Part, memoryview] | None:
        """The next block without its headings, in the window; None where there is none, or none may be taken.

        Raises OSError; after that there is none.
        """
        with self._lock:
            if self.held or self.ended:
                return None
            self.ended = True
            block = self._blocks.next(window)
            if block is None:
                return None
            taken = self._taken(block)
            self.ended = False
            return taken

    def work(self, engine: Engine, lane: Lane) -> tuple[Part, Tally] | None:
        """Takes the next block and adds it up. Raises OSError, NoRoom."""
        taken = self.take(lane.window)
        if taken is None:
            return None
        part, data = taken
        return part, engine.add(data, one=self._one, shape=part.shape, lane=lane) if data else Tally()

    def hold(self) -> None:
        """From now on nobody takes any more, until `held` is false again."""
        with self._lock:
            self.held = True

    def _taken(self, block: Block) -> tuple[Part, memoryview]:
        data, headings = _without_headings(block.data, self._one)
        if headings:
            self._shape = self._one.shape(bytes(block.data[: len(block.data) - len(data)]).split(b"\n"))
            # What stands in the window from its beginning is read there; this does not.
            data = memoryview(bytes(data))
        self._done += block.size
        self._tail = b"" if block.overlong else (self._tail + bytes(block.data[-TAIL:]))[-TAIL:]
        part = Part(
            size=block.size,
            done=self._done,
            tail=self._tail,
            shape=self._shape,
            at=self._file.tell(),
            headings=headings,
            overlong=block.overlong,
            example=block.example,
        )
        return part, data


def _without_headings(data: memoryview, one: Format) -> tuple[memoryview, int]:
    """The block without the headings that it begins with, and their number."""
    count = 0
    while one.heading and bytes(data[: len(one.heading)]) == one.heading:
        end = bytes(data[:LONGEST_LINE]).find(b"\n") + 1
        data, count = data[end:], count + 1
    return data, count

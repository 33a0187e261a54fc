"""What the first bytes of a log tell: its format, its shape, and by which hash it is known again."""

from typing import BinaryIO, NamedTuple

from pictogame.stats import formats
from pictogame.stats.errors import Unreadable
from pictogame.stats.formats.line import Format, Shape
from pictogame.stats.identity import Head, head_of
from pictogame.stats.masking import masked
from pictogame.stats.reading import Blocks, Stream
from pictogame.stats.window import Window

_LOOK = 1 << 16
"""Bytes in which the format is looked for."""
_TELLING = 10
"""Lines that tell a log's format, if they can; else more of them do."""


class Beginning(NamedTuple):
    """A log that is open, and what its beginning says: no format and no head while it holds no whole line."""

    file: BinaryIO
    one: Format | None
    shape: Shape
    head: Head | None
    torn: bool
    """Whether it is compressed, and cut short where its beginning should be."""
    unended: bool
    """Whether its first line has begun and not ended."""


class Beginnings:
    """Looks at one log after another."""

    def __init__(self, one: Format | None, window: Window) -> None:
        """`one` is the format of all of them, where it was named."""
        self._one = one
        self._window = window
        self._last: Format | None = None
        """The format of the log before: most are of one."""

    def look(self, file: BinaryIO) -> Beginning:
        """What it says. Raises Unreadable where no line can be read."""
        begin = Stream(file)
        first = begin.read(_LOOK)
        file.seek(0)
        stream = Stream(file)
        one, shape = self._format_of(first, stream)
        head = head_of(first, heading=one.heading) if one else None
        if (one is None or head is None) and begin.broken:
            raise Unreadable("It is damaged from the beginning.")
        unended = one is None and bool(first) and b"\n" not in first
        return Beginning(file, one, shape, head, begin.torn or stream.torn, unended)

    def _format_of(self, first: bytes, stream: Stream) -> tuple[Format | None, Shape]:
        """Format and shape; none while there is no whole line. Raises Unreadable where no line can be read."""
        lines = first.split(b"\n")[:-1][:200]
        if not lines:
            # The first line is longer than what was looked at: lines after it tell.
            rest = Blocks(stream, size=1 << 20)
            while not lines and (block := rest.next(self._window)):
                lines = bytes(block.data).split(b"\n")[:-1][:200]
        lines = [line.removesuffix(b"\r") for line in lines if line.strip()]
        told = lines[:_TELLING]
        if not told or (self._one is None and all(line.startswith(b"#") for line in told)):
            return None, Shape()
        one = self._one or formats.detect(told, first=self._last) or formats.detect(lines)
        if one is None:
            names = ", ".join(formats.NAMES)
            raise Unreadable(f"It is of no format that we know ({names}). It begins: {masked(told[0])}")
        self._last = one
        return one, one.shape(told)

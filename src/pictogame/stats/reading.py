"""A log as a stream of whole lines: unpacked, in blocks of bounded size, however long a line is."""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import zstandard

from pictogame.stats.formats.line import LONGEST_LINE
from pictogame.stats.window import Window

BLOCK = 128 << 20
"""Bytes, about, of a block."""
_FIRST = 8 << 20
"""Bytes of the first block: most of the texts that a log repeats are learned of few lines."""
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


class Torn(Exception):  # noqa: N818  It says how a log ends.
    """A compressed log ends within a block: the rest has not arrived."""


class Broken(Exception):  # noqa: N818
    """A compressed log is damaged here."""


class Stream:
    """The bytes of a log, unpacked, from the first on. Memory stays constant, whatever a log expands to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = file.read(4)
        file.seek(0)
        self.is_packed = True
        if start[:2] == _GZIP:
            self._pieces = _gunzip(file)
        elif start == _ZSTD or start[1:] == _ZSTD_SKIPPABLE:
            self._pieces = _unzstd(file)
        else:
            self.is_packed = False
            self._pieces = iter(())
        self._held = memoryview(b"")
        self._ended = False
        self.torn = False
        """Whether the end was reached and more must come."""
        self.broken = False

    def skip_to(self, offset: int) -> None:
        """Goes to that byte, at the beginning; to the end where it is shorter."""
        if not self.is_packed:
            self._file.seek(offset)
            return
        passed = memoryview(bytearray(min(offset, _PIECE)))
        while offset > 0 and (got := self.readinto(passed[: min(offset, _PIECE)])):
            offset -= got

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        buffer = bytearray(size)
        return bytes(memoryview(buffer)[: self.readinto(memoryview(buffer))])

    def readinto(self, target: memoryview) -> int:
        """Fills `target`; less only at the end. Gives how many bytes."""
        filled = 0
        while filled < len(target) and not self._ended:
            if not self.is_packed:
                got = self._file.readinto(target[filled:])  # type: ignore[attr-defined]
                self._ended = not got
                filled += got
                continue
            if not self._held:
                self._held = memoryview(self._next())
            some = self._held[: len(target) - filled]
            target[filled : filled + len(some)] = some
            self._held = self._held[len(some) :]
            filled += len(some)
        return filled

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except Torn:
            self.torn, piece = True, b""
        except Broken:
            self.broken, piece = True, b""
        self._ended = not piece
        return piece


class Section:
    """A part of a plain log as a stream."""

    def __init__(self, descriptor: int, begin: int, size: int) -> None:
        self._descriptor = descriptor
        self._at = begin
        self._end = begin + size

    def readinto(self, target: memoryview) -> int:
        """Fills `target`; less only at the end. Gives how many bytes. Raises OSError."""
        filled, wanted = 0, min(len(target), self._end - self._at)
        while filled < wanted and (got := os.preadv(self._descriptor, [target[filled:wanted]], self._at)):
            filled += got
            self._at += got
        return filled


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """Any number of gzip members, one after another."""
    unpack = zlib.decompressobj(wbits=31)
    begun = False
    # In small pieces: what stands before damage within the same piece is lost with it.
    while packed := file.read(1 << 14):
        while packed:
            begun = True
            try:
                piece = unpack.decompress(packed, _PIECE)
            except zlib.error as error:
                raise Broken from error
            if piece:
                yield piece
            packed = unpack.unconsumed_tail
            if unpack.eof:
                # Padding of zeroes after a member is allowed, and means nothing.
                packed = unpack.unused_data.lstrip(b"\0")
                unpack, begun = zlib.decompressobj(wbits=31), False
    if begun:
        raise Torn


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    unpack = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    at_end = False
    with unpack.stream_reader(file, read_across_frames=True, closefd=False) as source:
        while not at_end:
            try:
                piece = source.read(_PIECE)
            except zstandard.ZstdError as error:
                raise Broken from error
            at_end = not piece
            if piece:
                yield piece
    if not _is_whole_zstd(file):
        raise Torn


def _is_whole_zstd(file: BinaryIO) -> bool:
    """Whether the last frame ends where the file does: the library reads what there is and says nothing. RFC 8878."""
    size = file.seek(0, 2)
    at = 0
    while at < size:
        file.seek(at)
        start = file.read(18)
        if start[1:4] == _ZSTD_SKIPPABLE:
            at += 8 + int.from_bytes(start[4:8], "little")
            continue
        if len(start) < 6:
            return False
        flags = start[4]
        single = bool(flags & 0x20)
        at += 5 + (not single) + (0, 1, 2, 4)[flags & 3] + (int(single), 2, 4, 8)[flags >> 6]
        last = False
        while not last:
            file.seek(at)
            header = file.read(3)
            if len(header) < 3:
                return False
            block = int.from_bytes(header, "little")
            last = bool(block & 1)
            at += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
        at += 4 if flags & 4 else 0
    return at == size


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, each with its newline, and how far in the log they go. Good until the window is used again."""

    data: memoryview
    size: int
    """Bytes of the log that it covers: more than `data` has where overlong lines were passed over."""
    overlong: int = 0
    """Lines that are not in `data`."""
    example: bytes = b""
    """The beginning of an overlong line."""


class Blocks:
    """What is left of a stream as whole lines; a last line without a newline is no whole line yet.

    A block ends before a line that begins with `cut_before`, where that is given: what follows has another shape.
    A line longer than LONGEST_LINE is never held, only counted. Blocks grow to `size`.
    """

    def __init__(self, stream: Stream | Section, *, size: int = BLOCK, cut_before: bytes = b"") -> None:
        self._stream = stream
        self._size = size
        self._cut_before = cut_before
        self._limit = max(min(size, _FIRST), LONGEST_LINE)
        self._rest = b""
        """What was read of the next block with the one before."""

    def next(self, window: Window) -> Block | None:
        """The next one, at the beginning of `window`, which whoever takes it may cut to its size; None at the end."""
        window.whole()
        held = len(self._rest)
        window.view[:held] = self._rest
        view = window.view[: max(self._limit, held)]
        self._limit = max(min(self._limit * 4, self._size), LONGEST_LINE)
        got = self._stream.readinto(view[held:])
        at_end = got < len(view) - held
        held += got
        end = window.last(b"\n", 0, held) + 1
        if self._cut_before and (other := window.find(b"\n" + self._cut_before, 1, end)) >= 0:
            end = other + 1
        if end:
            self._rest = bytes(view[end:held])
            return _bounded(window, end)
        self._rest = b""
        return None if at_end else self._passed_over(window, view)

    def _passed_over(self, window: Window, view: memoryview) -> Block | None:
        """One line that fills the view: it is passed over to its end; None where that has not come yet."""
        example, passed = bytes(view[:1000]), len(view)
        while got := self._stream.readinto(view):
            passed += got
            if end := window.find(b"\n", 0, got) + 1:
                self._rest = bytes(view[end:got])
                return Block(data=view[:0], size=passed - len(self._rest), overlong=1, example=example)
        return None


def _bounded(window: Window, size: int) -> Block:
    """The first `size` bytes as a block without its overlong lines."""
    # Where every look of LONGEST_LINE bytes meets a newline, no line is longer: few looks say so.
    at = 0
    while at < size and (near := window.last(b"\n", at, min(at + LONGEST_LINE, size)) + 1):
        at = near
    if at >= size:
        return Block(data=window.view[:size], size=size)
    each = bytes(window.view[: size - 1]).split(b"\n")
    kept = [line for line in each if len(line) < LONGEST_LINE]
    first = next(line for line in each if len(line) >= LONGEST_LINE)
    whole = b"".join(line + b"\n" for line in kept)
    return Block(data=memoryview(whole), size=size, overlong=len(each) - len(kept), example=first[:1000])

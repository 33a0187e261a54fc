"""The size of an AVIF or HEIC picture, from the boxes of its file."""

import io
from collections.abc import Iterator
from struct import unpack
from typing import BinaryIO

MOST_BOXES = 10_000
"""A picture of 60 megapixels in tiles of 512 px has about 250 items with a few boxes each."""

MOST_META = 4_000_000
"""Bytes of the `meta` box that are read; a phone's has about 4,000."""


def read_isobmff(file: BinaryIO) -> tuple[int, int, bool]:
    """Width, height, and whether it is a sequence.

    The size is the largest that any item claims, so that neither a grid nor a tile nor a hidden item is larger than
    what is counted. Raises `EOFError` where the file ends too early and `ValueError` where it says no size.
    """
    end = file.seek(0, io.SEEK_END)
    start, moves, sizes = 0, False, list[tuple[int, int]]()
    for _ in range(MOST_BOXES):
        if start >= end:
            break
        file.seek(start)
        name, body, after = _box(file.read(16), start, end)
        if name == b"ftyp":
            file.seek(start + body)
            moves = file.read(4) in {b"avis", b"msf1", b"hevc", b"hevx"}
        elif name == b"meta":
            if after > end:
                raise EOFError
            file.seek(start + body)
            sizes += _sizes(file.read(min(after - start - body, MOST_META)))
        start = after
    else:
        raise ValueError("too many boxes")
    if not sizes:
        raise EOFError if start > end else ValueError("no item says its size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height, moves


def _sizes(meta: bytes) -> list[tuple[int, int]]:
    """Every `ispe` (the size of an item) within a `meta` box."""
    return [
        unpack(">II", body[4:12])
        for outer, properties in _boxes(meta[4:])
        if outer == b"iprp"
        for inner, container in _boxes(properties)
        if inner == b"ipco"
        for name, body in _boxes(container)
        if name == b"ispe" and len(body) >= 12
    ]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    for _ in range(MOST_BOXES):
        if start + 8 > len(data):
            return
        name, body, after = _box(data[start : start + 16], start, len(data))
        yield name, data[start + body : after]
        start = after
    raise ValueError("too many boxes")


def _box(head: bytes, start: int, end: int) -> tuple[bytes, int, int]:
    """Name of a box, length of its head, and where the next one begins."""
    if len(head) < 8:
        raise EOFError
    size, name = unpack(">I4s", head[:8])
    body = 8
    if size == 1:
        if len(head) < 16:
            raise EOFError
        (size,) = unpack(">Q", head[8:16])
        body = 16
    elif size == 0:
        size = end - start
    if size < body:
        raise ValueError("a box is smaller than its head")
    return name, body, start + size

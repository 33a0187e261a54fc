"""What a file is, and how large a picture it holds, read from its first bytes before anything is decoded.

Nothing here trusts the bytes: whatever they are, the answer is a `Header` or a `Refused`, after a bounded number of
reads.
"""

import io
from dataclasses import dataclass
from enum import StrEnum
from struct import unpack
from typing import BinaryIO

from pictogame.media import errors
from pictogame.media.isobmff import read_isobmff

MOST_BYTES = 30_000_000
"""A 48-megapixel phone photograph weighs up to 25 MB; what weighs more is a camera's raw file or a mistake."""

MOST_PIXELS = 60_000_000
"""The largest that phones take by default are 50 megapixels. Decoded as 16 bit with alpha this is 480 MB, what a
child may hold."""

LEAST_SIDE = 8
"""Below this there is nothing to see, even in the smallest tile."""

HEAD_BYTES = 64
"""What `sniff` needs to know a kind."""

MOST_SEGMENTS = 4_000
"""Parts of a file that are skipped before its size must have been found. Real files have fewer than 100 of them."""


class Kind(StrEnum):
    """The kinds of picture that are accepted."""

    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    AVIF = "avif"
    HEIC = "heic"


@dataclass(frozen=True)
class Header:
    """What a picture says of itself. Pixels are those of the file, before orientation."""

    kind: Kind
    width: int
    height: int
    moves: bool
    """It has more than one frame."""


_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_NEUTRAL_BRANDS = frozenset({b"mif1", b"msf1", b"miaf", b"mif2"})

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"II*\0", "a TIFF or a camera's raw file"),
    (b"MM\0*", "a TIFF or a camera's raw file"),
    (b"BM", "a BMP"),
    (b"8BPS", "a Photoshop file"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"\x1f\x8b", "an archive"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "a piece of music"),
    (b"OggS", "a piece of music"),
)


def sniff(head: bytes) -> Kind:
    """The kind of picture that begins with `head` (`HEAD_BYTES` suffice), whatever its name says.

    Raises `Refused` for everything else, and names what it is where that is known.
    """
    if not head:
        raise errors.empty()
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Kind.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    raise errors.not_a_picture(_name_of_other(head))


def read_header(file: BinaryIO) -> Header:
    """The kind and size of the picture in `file`, which is read from its start and can seek.

    Raises `Refused` when it is no picture, or has too few or too many pixels. Never decodes, never reads more than
    headers.
    """
    file.seek(0)
    kind = sniff(file.read(HEAD_BYTES))
    file.seek(0)
    try:
        width, height, moves = _READERS[kind](file)
    except (EOFError, ValueError) as error:
        raise errors.cut_short() if isinstance(error, EOFError) else errors.damaged() from error
    if width < 1 or height < 1:
        raise errors.damaged()
    if width * height > MOST_PIXELS:
        raise errors.too_many_pixels(width, height, MOST_PIXELS)
    if min(width, height) < LEAST_SIDE:
        raise errors.too_small(width, height, LEAST_SIDE)
    return Header(kind, width, height, moves)


def _sniff_brands(head: bytes) -> Kind:
    """Which of the pictures that share the box format of videos this is; its brands say so."""
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, min(len(head), HEAD_BYTES) - 3, 4))}
    if major in _AVIF_BRANDS or (major in _NEUTRAL_BRANDS and brands & _AVIF_BRANDS):
        return Kind.AVIF
    if major in _HEIC_BRANDS or (major in _NEUTRAL_BRANDS and brands & _HEIC_BRANDS):
        return Kind.HEIC
    raise errors.not_a_picture("a camera's raw file" if major == b"crx " else "a video")


def _name_of_other(head: bytes) -> str | None:
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return name
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<svg", b"<?xml")):
        return "a drawing (SVG)" if b"<svg" in text else "an XML or SVG file"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "a web page"
    return None


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _read_jpeg(file: BinaryIO) -> tuple[int, int, bool]:
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
        marker = _exactly(file, 2)
        while marker[0] == 0xFF and marker[1] == 0xFF:  # Fill bytes may stand before a marker.
            marker = marker[1:] + _exactly(file, 1)
        if marker[0] != 0xFF:
            raise ValueError("no marker where one must be")
        code = marker[1]
        if code in {0x01, *range(0xD0, 0xD9)}:
            continue
        (length,) = unpack(">H", _exactly(file, 2))
        if 0xC0 <= code <= 0xCF and code not in {0xC4, 0xC8, 0xCC}:
            _, height, width = unpack(">BHH", _exactly(file, 5))
            return width, height, False
        if code in {0xD9, 0xDA} or length < 2:
            raise ValueError("the picture begins before its size was said")
        file.seek(length - 2, io.SEEK_CUR)
    raise ValueError("too many segments")


def _read_png(file: BinaryIO) -> tuple[int, int, bool]:
    file.seek(8)
    length, name, width, height = unpack(">I4sII", _exactly(file, 16))
    if name != b"IHDR" or length != 13:
        raise ValueError("a PNG begins with IHDR")
    file.seek(8 + 8 + 13 + 4)
    for _ in range(MOST_SEGMENTS):
        head = file.read(8)
        if len(head) < 8:
            raise EOFError
        length, name = unpack(">I4s", head)
        if name in {b"acTL", b"IDAT"}:
            return width, height, name == b"acTL"
        file.seek(length + 4, io.SEEK_CUR)
    raise ValueError("too many chunks")


def _read_gif(file: BinaryIO) -> tuple[int, int, bool]:
    file.seek(6)
    width, height, flags = unpack("<HHB", _exactly(file, 5))
    file.seek(2 + _gif_table(flags), io.SEEK_CUR)
    frames = 0
    for _ in range(MOST_SEGMENTS):
        block = file.read(1)
        if block == b",":
            frames += 1
            if frames == 2:
                break
            left, top, frame_width, frame_height, flags = unpack("<HHHHB", _exactly(file, 9))
            width, height = max(width, left + frame_width), max(height, top + frame_height)
            file.seek(_gif_table(flags) + 1, io.SEEK_CUR)
        elif block == b"!":
            _exactly(file, 1)
        else:
            break  # The trailer, or the end of a file that was cut: the decoder says which.
        _skip_gif_blocks(file)
    if frames == 0:
        raise EOFError
    return width, height, frames > 1


def _gif_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_gif_blocks(file: BinaryIO) -> None:
    for _ in range(MOST_BYTES // 128):
        size = file.read(1)
        if size in {b"", b"\0"}:
            return
        file.seek(size[0], io.SEEK_CUR)


def _read_webp(file: BinaryIO) -> tuple[int, int, bool]:
    file.seek(12)
    name = _exactly(file, 4)
    _exactly(file, 4)
    if name == b"VP8X":
        data = _exactly(file, 10)
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little"), bool(data[0] & 2)
    if name == b"VP8L":
        signature, bits = unpack("<BI", _exactly(file, 5))
        if signature != 0x2F:
            raise ValueError("no lossless WebP")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), False
    if name == b"VP8 ":
        data = _exactly(file, 10)
        if data[3:6] != b"\x9d\x01\x2a":
            raise ValueError("no key frame")
        width, height = unpack("<HH", data[6:])
        return width & 0x3FFF, height & 0x3FFF, False
    raise ValueError("an unknown kind of WebP")


_READERS = {
    Kind.JPEG: _read_jpeg,
    Kind.PNG: _read_png,
    Kind.GIF: _read_gif,
    Kind.WEBP: _read_webp,
    Kind.AVIF: read_isobmff,
    Kind.HEIC: read_isobmff,
}

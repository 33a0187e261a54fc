"""Pictures that tests draw, and the real ones that they read."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pictures"


def drawn(width: int = 400, height: int = 300) -> Image.Image:
    """Four fields: red, green, blue and grey, from the upper left, row by row."""
    picture = Image.new("RGB", (width, height), (128, 128, 128))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), (220, 30, 30))
    draw.rectangle((width // 2, 0, width, height // 2 - 1), (30, 180, 30))
    draw.rectangle((0, height // 2, width // 2 - 1, height), (30, 30, 220))
    return picture


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    """The bytes of a picture, saved by Pillow."""
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def moving(kind: str) -> bytes:
    """Two frames, the first one `drawn()`."""
    return saved(drawn(), kind, save_all=True, append_images=[Image.new("RGB", (400, 300), (0, 0, 0))], duration=100)


def png_of(
    width: int, height: int, *, depth: int = 8, colour_type: int = 2, row: bytes | None = None, rows: int | None = None
) -> bytes:
    """A PNG of equal rows, written by hand: as large as wanted in a few kilobytes.

    Black unless a row is given; cut short when fewer `rows` than its height are wanted.
    """
    bands = {0: 1, 2: 3, 6: 4}[colour_type]
    row = row if row is not None else bytes(width * bands * depth // 8)
    squeeze = zlib.compressobj(1)
    data = b"".join(squeeze.compress(b"\0" + row) for _ in range(rows or height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )

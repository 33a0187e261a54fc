"""Small honest files of every kind that is taken, and of kinds that are not, as the mutator's start."""

import io
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw
from tests.media.pictures import FIXTURES, moving, png_of, saved

SIDES = (96, 72)


def seeds() -> dict[str, bytes]:
    """Files by name. The kind that the name says is that of the bytes."""
    picture = _picture()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x013B] = 6, "A cat", "Somebody"
    xmp = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><a>cat</a></x:xmpmeta><?xpacket end="w"?>'
    cmyk = Image.merge("CMYK", [band.point(lambda value: 255 - value) for band in _picture().convert("CMYK").split()])
    return {
        "plain.jpeg": saved(picture, "JPEG", quality=80),
        "progressive.jpeg": saved(picture, "JPEG", progressive=True, subsampling=0),
        "described.jpeg": saved(picture, "JPEG", exif=exif, icc_profile=profile, xmp=xmp, comment=b"a comment"),
        "grey.jpeg": saved(picture.convert("L"), "JPEG"),
        "cmyk.jpeg": saved(cmyk, "JPEG"),
        "restarting.jpeg": saved(picture, "JPEG", restart_marker_rows=1),
        "plain.png": saved(picture, "PNG"),
        "palette.png": saved(picture.convert("P"), "PNG", transparency=3),
        "alpha.png": saved(picture.convert("RGBA"), "PNG", exif=exif, icc_profile=profile),
        "deep.png": png_of(96, 72, depth=16, colour_type=6),
        "interlaced.png": _interlaced(96, 72),
        "moving.png": moving("PNG"),
        "plain.gif": saved(picture.convert("P"), "GIF"),
        "moving.gif": moving("GIF"),
        "lossy.webp": saved(picture, "WEBP", exif=exif, icc_profile=profile, xmp=xmp),
        "lossless.webp": saved(picture.convert("RGBA"), "WEBP", lossless=True),
        "moving.webp": moving("WEBP"),
        "plain.avif": saved(picture, "AVIF", exif=exif, icc_profile=profile),
        "alpha.avif": saved(picture.convert("RGBA"), "AVIF", speed=9),
        "moving.avif": moving("AVIF"),
        "phone.heic": (FIXTURES / "cameras" / "phone.heic").read_bytes(),
        "picture.tiff": saved(picture, "TIFF"),
        "picture.bmp": saved(picture, "BMP"),
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="72"><circle r="9"/></svg>',
        "page.html": b"<!DOCTYPE html><html><title>x</title><script>alert(1)</script></html>" + b" " * 200,
        "nothing": b"",
    }


def _picture() -> Image.Image:
    """Four fields and a circle with soft colours in it, so that all bands have something to say."""
    wide, high = SIDES
    picture = Image.linear_gradient("L").resize(SIDES)
    bands = Image.merge("RGB", (picture, picture.rotate(90).resize(SIDES), picture.rotate(180)))
    ImageDraw.Draw(bands).ellipse((wide // 4, high // 4, wide // 2, high // 2), (220, 30, 30))
    return bands


def _interlaced(width: int, height: int) -> bytes:
    """A PNG in the seven passes of Adam7, which Pillow does not write."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = io.BytesIO()
    for left, top, across, down in passes:
        for _ in range(top, height, down):
            rows.write(b"\0" + bytes(value % 256 for value in range(3 * len(range(left, width, across)))))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows.getvalue())), (b"IEND", b""))
    )

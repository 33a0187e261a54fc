"""Makes bad files out of good ones: the same ones for the same number.

`python -m tests.media.corpus.mutator FOLDER COUNT [FIRST]` writes them down to be looked at.
"""

import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.media.corpus.seeds import seeds

NUMBERS_16 = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)
NUMBERS_32 = (0, 1, 7, 8, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
BODIES = (
    b"<!DOCTYPE html><script>alert(1)</script>",
    b"%PDF-1.7\n1 0 obj\n",
    b"PK\x03\x04" + bytes(26),
    b"<?php echo 1; ?>",
    b"GIF89a" + bytes(7),
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"\0\0\0\x18ftypavif",
)
LONGEST = 800_000
"""Bytes of a mutant: no seed is longer, and a test of thousands must not copy gigabytes."""


@dataclass(frozen=True)
class Mutant:
    """A bad file, and how it came to be."""

    number: int
    seed: str
    ways: tuple[str, ...]
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.number}-{self.seed}-{'-'.join(self.ways)}"


@dataclass(frozen=True)
class Part:
    """A piece of a file that says its own length: a JPEG's segment, a PNG's chunk, a box, a RIFF's chunk."""

    start: int
    end: int
    length_at: int
    """Where its length stands, and in how many bytes."""
    length_format: str


def mutants(count: int, *, first: int = 0) -> Iterator[Mutant]:
    """So many bad files, from the `first` on."""
    files = seeds()
    for number in range(first, first + count):
        yield mutant(number, files)


def mutant(number: int, files: Mapping[str, bytes]) -> Mutant:
    """The bad file of that number: a seed that one to three ways were applied to."""
    chance = random.Random(number)
    names = sorted(files)
    # A phone's photograph is large, and one of each other kind says as much: every 20th is enough.
    name = chance.choice(names)
    if name == "phone.heic" and number % 5:
        name = "plain.avif"
    data, ways = files[name], []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        way = chance.choice(WAYS)
        ways.append(way.__name__.removeprefix("_"))
        data = way(data, chance, files)[:LONGEST]
    return Mutant(number, name, tuple(ways), data)


def _truncated(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    most = len(data) if chance.random() < 0.6 else min(len(data), 200)
    return data[: chance.randint(0, most)]


def _spliced(data: bytes, chance: random.Random, files: Mapping[str, bytes]) -> bytes:
    other = files[chance.choice(sorted(files))]
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _flipped(data: bytes, chance: random.Random, _files: Mapping[str, bytes]) -> bytes:
    changed = bytearray(data)
    within = len(data) if chance.random() < 0.5 else min(len(data), 600)
    for _ in range(chance.choice((1, 1, 2, 8, 64)) if within else 0):
        changed[chance.randrange(within)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _overwritten(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    at, length = chance.randint(0, len(data)), chance.choice((1, 2, 4, 16, 300))
    filling = chance.choice((b"\0", b"\xff", b"\x80")) * length if chance.random() < 0.5 else chance.randbytes(length)
    return data[:at] + filling + data[at + length :]


def _removed(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.choice((1, 2, 3, 4, 8, 100)) :]


def _repeated(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    at = chance.randint(0, len(data))
    piece = data[at : at + chance.choice((1, 4, 30, 2000))]
    return data[:at] + piece * chance.choice((2, 3, 50)) + data[at:]


def _of_other_length(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    """One part says another length than it has."""
    found = parts(data)
    if not found:
        return _flipped(data, chance, {})
    part = chance.choice(found)
    size = struct.calcsize(part.length_format)
    numbers = NUMBERS_16 if size == 2 else NUMBERS_32
    (said,) = struct.unpack_from(part.length_format, data, part.length_at)
    number = chance.choice((*numbers, said + 1, said - 1, said * 2, len(data))) % (1 << 8 * size)
    return data[: part.length_at] + struct.pack(part.length_format, number) + data[part.length_at + size :]


def _reordered(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    """Two parts change places; or one is missing, or there twice."""
    found = parts(data)
    if len(found) < 2:
        return _repeated(data, chance, {})
    one, two = sorted(chance.sample(found, 2), key=lambda part: part.start)
    if one.end > two.start:
        return data[: one.start] + data[one.end :]
    head, between, tail = data[: one.start], data[one.end : two.start], data[two.end :]
    a, b = data[one.start : one.end], data[two.start : two.end]
    return chance.choice((head + b + between + a + tail, head + between + b + tail, head + a + b + between + a + tail))


def _of_other_size(data: bytes, chance: random.Random, _: Mapping[str, bytes]) -> bytes:
    """Width or height is another; a PNG's checksum is made right, so that it is believed."""
    wide, high = chance.choice((*NUMBERS_32, 30_000, 65_500)), chance.choice((*NUMBERS_32, 30_000))
    changed = bytearray(data)
    if data.startswith(b"\x89PNG") and len(data) > 33:
        struct.pack_into(">II", changed, 16, wide, high)
        struct.pack_into(">I", changed, 29, zlib.crc32(changed[12:29]))
    elif data.startswith(b"GIF8") and len(data) > 10:
        struct.pack_into("<HH", changed, 6, wide & 0xFFFF, high & 0xFFFF)
    elif data.startswith(b"\xff\xd8"):
        for marker in (b"\xff\xc0", b"\xff\xc2"):
            if 0 < (at := data.find(marker)) < len(data) - 9:
                struct.pack_into(">HH", changed, at + 5, high & 0xFFFF, wide & 0xFFFF)
    elif (at := data.find(b"ispe")) > 0 and at + 16 <= len(data):
        struct.pack_into(">II", changed, at + 8, wide, high)
    elif (at := data.find(b"VP8X")) > 0 and at + 18 <= len(data):
        changed[at + 12 : at + 18] = (wide & 0xFFFFFF).to_bytes(3, "little") + (high & 0xFFFFFF).to_bytes(3, "little")
    elif (at := data.find(b"\x9d\x01\x2a")) > 0 and at + 7 <= len(data):
        struct.pack_into("<HH", changed, at + 3, wide & 0xFFFF, high & 0xFFFF)
    else:
        return _flipped(data, chance, {})
    return bytes(changed)


def _described(data: bytes, chance: random.Random, _files: Mapping[str, bytes]) -> bytes:
    """EXIF, a colour profile or XMP is mangled where it stands, or a bad one is put in."""
    for word in chance.sample((b"Exif\0\0", b"ICC_PROFILE", b"acsp", b"iCCP", b"eXIf", b"http://ns.adobe", b"EXIF"), 7):
        if (at := data.find(word)) > 0:
            within = bytearray(data[at + len(word) : at + len(word) + 200])
            for _ in range(chance.choice((1, 4, 30)) if within else 0):
                within[chance.randrange(len(within))] = chance.choice((0, 0xFF, 0x80, chance.randrange(256)))
            return data[: at + len(word)] + bytes(within) + data[at + len(word) + len(within) :]
    body = chance.choice((b"Exif\0\0MM\0*" + b"\xff" * 40, b"ICC_PROFILE\0\x01\x01" + chance.randbytes(200)))
    if data.startswith(b"\xff\xd8"):
        marker = b"\xff\xe1" if body.startswith(b"Exif") else b"\xff\xe2"
        segment = marker + struct.pack(">H", len(body) + 2) + body
        return data[:2] + segment * chance.choice((1, 3, 300)) + data[2:]
    if data.startswith(b"\x89PNG"):
        body = chance.choice((b"iCCPx\0\0" + zlib.compress(chance.randbytes(200)), b"eXIfMM\0*" + b"\xff" * 40))
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        return data[:33] + chunk * chance.choice((1, 3, 300)) + data[33:]
    return _overwritten(data, chance, {})


def _two_at_once(data: bytes, chance: random.Random, files: Mapping[str, bytes]) -> bytes:
    """Something else before it, behind it or inside."""
    other = chance.choice((*BODIES, files[chance.choice(sorted(files))][:5000]))
    at = chance.choice((0, len(data), chance.randint(0, len(data))))
    return data[:at] + other + data[at:]


WAYS: tuple[Callable[[bytes, random.Random, Mapping[str, bytes]], bytes], ...] = (
    _truncated,
    _spliced,
    _flipped,
    _overwritten,
    _removed,
    _repeated,
    _of_other_length,
    _of_other_length,
    _reordered,
    _of_other_size,
    _of_other_size,
    _described,
    _two_at_once,
)


def parts(data: bytes) -> list[Part]:
    """The pieces that a file is made of, as far as it can be followed."""
    if data.startswith(b"\xff\xd8"):
        return _segments(data)
    if data.startswith(b"\x89PNG"):
        return _chunks(data, 8, ">I", length_first=True, beside=12)
    if data.startswith(b"RIFF"):
        return _chunks(data, 12, "<I", length_first=False, beside=8)
    if data[4:8] == b"ftyp":
        return list(_boxes(data, 0, len(data), 0))
    return []


def _segments(data: bytes) -> list[Part]:
    found, at = list[Part](), 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA and len(found) < 500:
        (length,) = struct.unpack_from(">H", data, at + 2)
        found.append(Part(at, min(at + 2 + length, len(data)), at + 2, ">H"))
        at += 2 + max(2, length)
    return found


def _chunks(data: bytes, at: int, form: str, *, length_first: bool, beside: int) -> list[Part]:
    found = list[Part]()
    while at + 8 <= len(data) and len(found) < 500:
        length_at = at if length_first else at + 4
        (length,) = struct.unpack_from(form, data, length_at)
        padded = length if length_first else length + length % 2
        found.append(Part(at, min(at + beside + padded, len(data)), length_at, form))
        at += beside + padded
    return found


def _boxes(data: bytes, at: int, end: int, depth: int) -> Iterator[Part]:
    """Boxes, and those within the ones that hold others."""
    while at + 8 <= end and depth < 4:
        (length,) = struct.unpack_from(">I", data, at)
        if length < 8 or at + length > end:
            return
        yield Part(at, at + length, at, ">I")
        name = data[at + 4 : at + 8]
        if name in {b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl"}:
            yield from _boxes(data, at + (12 if name == b"meta" else 8), at + length, depth + 1)
        at += length


def main(folder: Path, count: int, first: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in mutants(count, first=first):
        (folder / one.name).write_bytes(one.data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)

"""Which log a file is: known by what it holds, not by its name, and also when it grew, was moved or compressed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 4096
"""Bytes that are looked at."""
TAIL = 4096
_DIGITS = 16
LAST = 4096
"""Lines that a log which was cut is compared with."""
_LAST_BYTES = 4 << 20
"""Bytes in which they are looked for."""
_MARK, _LENGTH = 8, 4
"""Bytes of the hash of a line, and of its length."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a log says of it."""

    sha256: str
    """Hash to the end of the first line that is no heading."""
    marks: str
    """16 hex digits for each end of a line within the first HEAD bytes, and for their end where there are as many."""

    def may_be(self, marks: str) -> bool:
        """Whether one of the two begins with the other, as far as both go."""
        common = min(len(self.marks), len(marks))
        return self.marks[common - _DIGITS : common] == marks[common - _DIGITS : common]


def head_of(data: bytes, *, heading: bytes = b"") -> Head | None:
    """The head of a log that begins with `data`, of which HEAD bytes are looked at.

    None while there is no whole line that is no heading: then nothing can be counted either.

    >>> one, two = head_of(b"a\\nb\\n"), head_of(b"a\\nb\\nc\\n")
    >>> one.sha256 == two.sha256, two.may_be(one.marks), head_of(b"a\\nx\\n").may_be(one.marks)
    (True, True, False)
    >>> head_of(b"# heading\\n", heading=b"#"), head_of(b"torn")
    (None, None)
    """
    whole = data[:HEAD]
    running = hashlib.sha256()
    marks: list[str] = []
    first = ""
    at = 0
    while (end := whole.find(b"\n", at) + 1) > 0:
        running.update(whole[at:end])
        marks.append(running.hexdigest()[:_DIGITS])
        if not first and not (heading and whole.startswith(heading, at)):
            first = running.hexdigest()
        at = end
    if len(whole) == HEAD and at < HEAD:
        running.update(whole[at:])
        marks.append(running.hexdigest()[:_DIGITS])
        first = first or running.hexdigest()
    return Head(sha256=first, marks="".join(marks)) if first else None


def tail_of(data: bytes) -> tuple[str, int]:
    """Hash and size of the last TAIL bytes."""
    last = data[-TAIL:]
    return hashlib.sha256(last).hexdigest(), len(last)


def last_lines(file: BinaryIO, done: int, *, key: bytes) -> bytes:
    """Hash and length of each of the last LAST lines that end at `done`, an end of a line: 12 bytes a line, in order.

    With a key of up to 64 bytes, since a line could else be guessed.
    """
    begin = max(0, done - _LAST_BYTES)
    file.seek(begin)
    lines = file.read(done - begin).split(b"\n")
    # What stands before the first newline may be the end of a line alone; nothing stands behind the last one.
    whole = lines[1 if begin else 0 : -1][-LAST:]
    return b"".join(_mark(line + b"\n", key) + (len(line) + 1).to_bytes(_LENGTH, "little") for line in whole)


def parted_at(file: BinaryIO, done: int, last: bytes, *, key: bytes) -> int | None:
    """Where a file that was counted to `done` has another line now than `last` says: it was cut, and went on.

    None while it has no other whole line, as an earlier state of it has none, and where it differs before these lines.
    """
    marks = list(_marks(last))
    begin = done - sum(length for _, length in marks)
    file.seek(begin)
    there = file.read(done - begin + 1)
    at = 0
    for mark, length in marks:
        if _mark(there[at : at + length], key) != mark:
            break
        at += length
    else:
        return None
    # The line may be longer than what was there.
    whole = b"\n" in there[at:] or b"\n" in file.read(_LAST_BYTES)
    return begin + at if whole and at else None


def _mark(line: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=_MARK, key=key).digest()


def _marks(last: bytes) -> Iterator[tuple[bytes, int]]:
    size = _MARK + _LENGTH
    for at in range(0, len(last), size):
        yield last[at : at + _MARK], int.from_bytes(last[at + _MARK : at + size], "little")

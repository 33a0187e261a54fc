"""Which log a file is: known by what it holds, not by its name, and also when it grew, was moved or compressed."""

import hashlib
from dataclasses import dataclass

HEAD = 4096
"""Bytes that are looked at."""
TAIL = 4096
_DIGITS = 16


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

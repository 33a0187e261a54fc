"""A log on its way into the sums: which row it is, how far it was read, and what was met on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.db.models.functions import Now

from pictogame.stats import formats
from pictogame.stats.errors import CountedMeanwhile
from pictogame.stats.formats.line import Format, Shape
from pictogame.stats.found import Found
from pictogame.stats.identity import TAIL, Head, tail_of
from pictogame.stats.models import Source
from pictogame.stats.reading import Block, Stream


@dataclass(slots=True)
class Log:
    """A log that is being read: what its row will say."""

    name: str
    one: Format
    shape: Shape
    head: Head
    source: Source | None = None
    done: int = 0
    """Bytes, uncompressed, that are in the sums or in the engine."""
    lines: int = 0
    tail: bytes = b""
    """The last bytes before `done`, of what this run read; none after a line that nobody held."""
    unknown: int = 0
    foreign: int = 0
    strange: int = 0
    example: str = ""
    state: str = Source.State.READ
    problem: str = ""
    addresses: list[Found] = field(default_factory=list)
    """Where it was read to its end."""

    def passed(self, block: Block) -> None:
        """Notes that a block of it was read."""
        self.done += block.size
        self.tail = b"" if block.overlong else (self.tail + bytes(block.data[-TAIL:]))[-TAIL:]

    def goes_on_in(self, file: BinaryIO) -> bool:
        """Whether the file has, before the offset to which the log was read, what the log had there.

        One that ends before is taken for an earlier state of the log: it begins with the same lines.
        """
        wanted, size = self._tail()
        if size == 0:
            return True
        file.seek(0)
        stream = Stream(file)
        stream.skip_to(self.done - size)
        there = stream.read(size)
        return len(there) < size or tail_of(there)[0] == wanted

    def save(self) -> Source:
        """Writes its row. Raises CountedMeanwhile when somebody else moved it; IntegrityError when somebody made it."""
        sha256, size = self._tail()
        told = {
            "head_sha256": self.head.sha256,
            "marks": self.head.marks,
            "tail_sha256": sha256,
            "tail_size": size,
            "format": self.one.name,
            "place": self.one.place,
            "name": self.name[-300:],
            "state": self.state,
            "bytes_done": self.done,
            "lines_done": self.lines,
            "unknown_lines": self.unknown,
            "foreign_lines": self.foreign,
            "strange_times": self.strange,
            "example": self.example[:300],
            "problem": self.problem[:500],
        }
        if self.source is None:
            self.source = Source.objects.create(**told)
            return self.source
        row = Source.objects.filter(pk=self.source.pk, bytes_done=self.source.bytes_done)
        if not row.update(**told, read_at=Now()):
            raise CountedMeanwhile(MEANWHILE)
        self.source.bytes_done, self.source.tail_sha256, self.source.tail_size = self.done, sha256, size
        return self.source

    def _tail(self) -> tuple[str, int]:
        if self.source is not None and self.source.bytes_done == self.done:
            return self.source.tail_sha256, self.source.tail_size
        return tail_of(self.tail)


MEANWHILE = "Another ingest counted the same log at the same time. Nothing of it was counted twice; run it again."


def known(head: Head, file: BinaryIO, *, among: Sequence[Log], one: Format, shape: Shape) -> Log | None:
    """The log that begins with `head` and goes on in `file`: of those at hand, or of those that were read before."""
    at_hand = [log for log in among if log.head.sha256 == head.sha256]
    loaded = {log.source.pk for log in at_hand if log.source is not None}
    rows = Source.objects.filter(head_sha256=head.sha256).exclude(pk__in=loaded)
    for log in sorted([*at_hand, *map(_log_of, rows)], key=lambda log: -log.done):
        if head.may_be(log.head.marks) and log.goes_on_in(file):
            log.one, log.shape = one, shape
            # The head grows with a log that was short when it was met first.
            if len(head.marks) > len(log.head.marks):
                log.head = head
            return log
    return None


def _log_of(row: Source) -> Log:
    return Log(
        name=row.name,
        one=formats.by_name(row.format),
        shape=Shape(),
        head=Head(row.head_sha256, row.marks),
        source=row,
        done=row.bytes_done,
        lines=row.lines_done,
        unknown=row.unknown_lines,
        foreign=row.foreign_lines,
        strange=row.strange_times,
        example=row.example,
        state=row.state,
    )

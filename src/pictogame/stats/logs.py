"""A log on its way into the sums: which row it is, how far it was read, and what was met on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.db.models.functions import Now

from pictogame.jobs.among import among
from pictogame.stats import formats
from pictogame.stats.errors import CountedMeanwhile
from pictogame.stats.formats.line import Format, Shape
from pictogame.stats.identity import Head, last_lines, parted_at, tail_of
from pictogame.stats.models import Address, Source
from pictogame.stats.reading import Stream

_AT_ONCE = 200
"""Rows of a statement."""


@dataclass(slots=True, eq=False)
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
    _last_lines: bytes | None = b""
    """What its row is to say of its last lines; None when that stays."""

    def passed(self, *, done: int, tail: bytes, shape: Shape) -> None:
        """Notes that it was read to `done`; of blocks that were read side by side any may be noted first."""
        if done > self.done:
            self.done, self.tail, self.shape = done, tail, shape
            self._last_lines = b""

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

    def ended_in(self, file: BinaryIO) -> None:
        """Notes what its last lines were: `file` is that of the log, not compressed."""
        self._last_lines = last_lines(file, self.done, key=_key())

    def was_cut(self, file: BinaryIO, head: Head) -> bool:
        """Whether the file, that of the log, was cut and went on otherwise: then what follows the cut is to be read.

        What was counted of lines that are no longer there stays counted: they were requests.
        """
        row = self.source
        last = bytes(Source.objects.values_list("last_lines", flat=True).get(pk=row.pk)) if row else b""
        at = parted_at(file, self.done, last, key=_key())
        if at is None:
            return False
        self.done, self.tail, self.head, self._last_lines = at, b"", head, b""
        return True

    def said(self) -> dict[str, Any]:
        """What its row says."""
        sha256, size = self._tail()
        kept = {} if self._last_lines is None else {"last_lines": self._last_lines}
        return kept | {
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

    def _tail(self) -> tuple[str, int]:
        if self.source is not None and self.source.bytes_done == self.done:
            return self.source.tail_sha256, self.source.tail_size
        return tail_of(self.tail)


def _key() -> bytes:
    return settings.SECRET_KEY.encode()[:64]


MEANWHILE = "Another ingest counted the same log at the same time. Nothing of it was counted twice; run it again."


def save(logs: Sequence[Log]) -> None:
    """Writes their rows. Raises CountedMeanwhile when somebody else moved one, IntegrityError when somebody made it."""
    for log in logs:
        if log.source is not None:
            said = log.said()
            as_read = Source.objects.filter(pk=log.source.pk, bytes_done=log.source.bytes_done)
            if not as_read.update(**said, read_at=Now()):
                raise CountedMeanwhile(MEANWHILE)
            log.source.bytes_done, log.source.tail_sha256 = said["bytes_done"], said["tail_sha256"]
            log.source.tail_size = said["tail_size"]
    new = [log for log in logs if log.source is None]
    made = Source.objects.bulk_create([Source(**log.said()) for log in new], batch_size=_AT_ONCE)
    for log, row in zip(new, made, strict=True):
        log.source = row


def read_before(heads: Sequence[Head], *, besides: Iterable[Log]) -> list[Log]:
    """The logs that begin so and were read before, without those at hand."""
    loaded = {log.source.pk for log in besides if log.source is not None}
    found = Source.objects.filter(head_sha256__in=among(sorted({head.sha256 for head in heads}))).defer("last_lines")
    return [_log_of(row) for row in found if row.pk not in loaded] if heads else []


def known(head: Head, file: BinaryIO, *, met: Sequence[Log], one: Format, shape: Shape) -> Log | None:
    """The log among these, which begin alike, that begins with `head` and goes on in `file`."""
    for log in sorted(met, key=lambda log: -log.done):
        if head.may_be(log.head.marks) and log.goes_on_in(file):
            log.one, log.shape = one, shape
            # The head grows with a log that was short when it was met first.
            if len(head.marks) > len(log.head.marks):
                log.head = head
            return log
    return None


def of_address(address_sha256: str, met: Iterable[Log]) -> Log | None:
    """The log among these that was read where that address is."""
    pk = Address.objects.filter(address_sha256=address_sha256).values_list("source", flat=True).first()
    return next((log for log in met if pk is not None and log.source is not None and log.source.pk == pk), None)


def _log_of(row: Source) -> Log:
    return Log(
        name=row.name,
        one=formats.by_name(row.format),
        shape=Shape(),
        head=Head(row.head_sha256, row.marks),
        source=row,
        _last_lines=None,
        done=row.bytes_done,
        lines=row.lines_done,
        unknown=row.unknown_lines,
        foreign=row.foreign_lines,
        strange=row.strange_times,
        example=row.example,
        state=row.state,
    )

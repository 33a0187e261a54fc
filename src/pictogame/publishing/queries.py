"""What is known of games that were deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.publishing.models import Purge, Receipt, ReceiptLine

_NOT_BEGUN = "The publisher has not come to it yet."
_UNDER_WAY = "It is under way."

Cdn = Literal["none", "waiting", "told"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was deleted, and when a store said that it is gone; None while that is not so."""

    kind: str
    """page, object (of the bucket), original, rendition (of the vault)."""
    key: str
    sha256: str
    size: int
    deleted_at: datetime | None
    confirmed_at: datetime | None
    browsers_until: datetime | None
    shared_until: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt as people and machines read it."""

    id: str
    by: str
    asked_at: datetime
    finished_at: datetime | None
    """Null while anything is open: `waits_for` says what."""
    waits_for: str
    lines: tuple[Line, ...]
    kept_objects: int
    """Objects of the bucket that stay since another game uses them as well."""
    kept_pictures: int
    """Pictures that stay in the vault for the same reason."""
    cdn: Cdn
    cdn_told_at: datetime | None

    @property
    def confirmed(self) -> int:
        """Lines that a store has confirmed."""
        return sum(line.confirmed_at is not None for line in self.lines)

    @property
    def browsers_until(self) -> datetime | None:
        """When the last browser that has a copy asks again."""
        return max((line.browsers_until for line in self.lines if line.browsers_until), default=None)

    @property
    def shared_until(self) -> datetime | None:
        """When the last cache that many people share asks again, if nobody tells it."""
        return max((line.shared_until for line in self.lines if line.shared_until), default=None)


def receipt_of(game: Game) -> Told:
    """The receipt of a deleted game as far as it has come. Raises Problem for a game that is not deleted."""
    row = Game.objects.filter(pk=game.pk, deleted_at__isnull=False).first()
    if row is None or row.deleted_at is None:
        raise Problem("There is no receipt: this game is not deleted.")
    receipt = Receipt.objects.filter(game=row).first()
    if receipt is None:
        waits_for = row.problem or _NOT_BEGUN
        return Told(row.pk, row.deleted_by, row.deleted_at, None, waits_for, (), 0, 0, "none", None)
    lines = list(ReceiptLine.objects.filter(receipt=receipt).order_by("kind", "key"))
    purges = list(Purge.objects.filter(receipt=receipt).order_by("pk"))
    return Told(
        id=row.pk,
        by=receipt.by,
        asked_at=receipt.asked_at,
        finished_at=receipt.finished_at,
        waits_for="" if receipt.finished_at else receipt.problem or row.problem or _UNDER_WAY,
        lines=tuple(_line(line) for line in _in_order(lines) if not line.kept),
        kept_objects=sum(line.kept and line.kind == ReceiptLine.Kind.OBJECT for line in lines),
        kept_pictures=receipt.kept_pictures
        + sum(line.kept and line.kind == ReceiptLine.Kind.ORIGINAL for line in lines),
        cdn="none" if not purges else "waiting" if any(one.done_at is None for one in purges) else "told",
        cdn_told_at=max((one.done_at for one in purges if one.done_at), default=None),
    )


def _in_order(lines: Iterable[ReceiptLine]) -> list[ReceiptLine]:
    order = {kind: number for number, kind in enumerate(ReceiptLine.Kind.values)}
    return sorted(lines, key=lambda line: (order[line.kind], line.key))


def _line(line: ReceiptLine) -> Line:
    return Line(
        line.kind,
        line.key,
        line.sha256,
        line.size,
        line.deleted_at,
        line.confirmed_at,
        line.browsers_until,
        line.shared_until,
    )

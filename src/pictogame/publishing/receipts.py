"""Receipts: what a deleted game had, written down before any of it goes, and confirmed by asking the stores.

A line is confirmed only when a store was asked after the delete and said that nothing is there. What can't be confirmed
keeps the receipt open, with what is waited for; it is looked at again for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.games.revisions import Buried
from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key, Sha256
from pictogame.media import erasing
from pictogame.media.models import Erasure
from pictogame.media.vault import key_of, vault
from pictogame.publishing.caches import copies_of
from pictogame.publishing.models import Doubt, Purge, Receipt, ReceiptLine, Use
from pictogame.publishing.purge import is_set
from pictogame.publishing.remains import Remains
from pictogame.storage import NotThere, Store

AT_ONCE = 32
"""Receipts that share a look at the stores."""
LEASE_SECONDS = 120
_LOOK_AGAIN_SECONDS = 0.5
_KIND = ReceiptLine.Kind
_UNEXPECTED = "Something went wrong that nobody foresaw. It is looked at again by itself."
_THERE = "The store took the delete, and holds it all the same."
_NOT_YET = "It is being deleted."
_DOUBTED = "A write that was never answered may still arrive. It is looked at once more when that time is over."
_NO_HOOK = "The CDN was not told: neither PICTOGAME_PURGE_URL nor PICTOGAME_PURGE_COMMAND is set any more."

log = logs.named(__name__)


class Down(NamedTuple):
    """A deleted game that lets go of its objects."""

    game: Game
    page: tuple[Key, Sha256, int] | None
    """Key, hash and size of the notice that its page has become; none when it never had a page."""
    objects: Sequence[int]
    """Primary keys of the objects that it used until now."""


def begin(downs: Sequence[Down]) -> None:
    """Opens a receipt for each game, with a line for all that it had in the bucket. Within the transaction in which the
    game lets go of it. What is on a receipt already stays as it is.
    """
    if not downs:
        return
    pages = {down.game.pk: down.page[0] if down.page else "" for down in downs}
    receipts = [
        Receipt(game_id=pk, by=by, asked_at=deleted_at, page_key=pages[pk], due_at=Now())
        for pk, by, deleted_at in Game.objects.filter(pk__in=list(pages), deleted_at__isnull=False).values_list(
            "pk", "deleted_by", "deleted_at"
        )
        if deleted_at is not None
    ]
    Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
    mine = {one.game_id: one for one in Receipt.objects.filter(game__in=[down.game for down in downs])}
    objects = BucketObject.objects.in_bulk([pk for down in downs for pk in down.objects])
    lines: list[ReceiptLine] = []
    for down in downs:
        receipt = mine[down.game.pk]
        if down.page:
            key, sha256, size = down.page
            lines.append(ReceiptLine(receipt=receipt, kind=_KIND.PAGE, key=key, sha256=sha256, size=size))
        lines += [
            ReceiptLine(receipt=receipt, kind=_KIND.OBJECT, key=one.key, sha256=one.sha256, size=one.size)
            for one in (objects[pk] for pk in down.objects)
        ]
    _add(lines)


def add_buried(game: Game, buried: Buried) -> None:
    """A line for everything that leaves the vault with the game, in the transaction that writes down that it goes."""
    receipt = Receipt.objects.filter(game=game).first()
    if receipt is None or not (buried.forgotten or buried.kept):
        return
    if buried.kept:
        Receipt.objects.filter(pk=receipt.pk).update(kept_pictures=buried.kept)
    _add(
        ReceiptLine(
            receipt=receipt,
            kind=_KIND.ORIGINAL if one.original else _KIND.RENDITION,
            key=one.sha256,
            sha256=one.sha256,
            size=one.size,
        )
        for one in buried.forgotten
    )


def _due() -> QuerySet[Receipt]:
    return Receipt.objects.filter(due_at__isnull=False)


def confirm(*, bucket: Store, pool: ThreadPoolExecutor) -> int:
    """Asks the stores about the lines of receipts that are due; gives how many receipts were looked at."""
    claimed = leases.claim(_due, limit=AT_ONCE, seconds=LEASE_SECONDS)
    if not claimed:
        return 0
    try:
        _confirm(claimed, bucket, pool)
    except Exception:
        for receipt in claimed:
            leases.fail(receipt, problem=_UNEXPECTED, tries=None)
        raise
    return len(claimed)


def _confirm(claimed: Sequence[Receipt], bucket: Store, pool: ThreadPoolExecutor) -> None:
    by_pk = {receipt.pk: receipt for receipt in claimed}
    open_lines = list(ReceiptLine.objects.filter(receipt__in=claimed, confirmed_at=None, kept=False).order_by("pk"))
    looks = _Looks.at(open_lines, bucket)
    answers = dict(zip([line.pk for line in open_lines], pool.map(looks.answer, open_lines), strict=True))
    now = leases.database_now()
    waits: dict[int, list[str]] = {}
    confirmed: dict[int, list[ReceiptLine]] = {}
    with transaction.atomic():
        for line in open_lines:
            answer = answers[line.pk]
            # Another publisher may have asked meanwhile, if this one was held up for longer than its lease.
            still_open = ReceiptLine.objects.filter(pk=line.pk, confirmed_at=None, kept=False)
            if answer == _KEPT:
                still_open.update(kept=True)
            elif answer:
                waits.setdefault(line.receipt_id, []).append(answer)
            else:
                columns: dict[str, object] = {"confirmed_at": now, "deleted_at": Coalesce("deleted_at", Now())}
                if line.kind in {_KIND.PAGE, _KIND.OBJECT}:
                    copies = copies_of(line.key, deleted_at=now, pointer_max_age=settings.POINTER_MAX_AGE)
                    columns |= copies._asdict()
                if still_open.update(**columns) and line.kind in {_KIND.PAGE, _KIND.OBJECT}:
                    confirmed.setdefault(line.receipt_id, []).append(line)
        if is_set():
            Purge.objects.bulk_create(
                Purge(
                    receipt=by_pk[pk],
                    addresses=[f"{settings.BUCKET_URL}/{line.key}" for line in lines],
                    asked_at=Now(),
                    due_at=Now(),
                )
                for pk, lines in confirmed.items()
            )
        erasing.intend(looks.back_again)
    for receipt in claimed:
        _settle(receipt, waits.get(receipt.pk, []))


def _settle(receipt: Receipt, waits: Sequence[str]) -> None:
    """Closes a receipt on which nothing is open any more; looks at the others again."""
    untold = Purge.objects.filter(receipt=receipt, done_at=None).order_by("pk").first()
    if untold is not None:
        waits = [*waits, untold.problem or ("" if is_set() else _NO_HOOK)]
    if not waits:
        with transaction.atomic():
            if leases.finish(receipt):
                Receipt.objects.filter(pk=receipt.pk, due_at=None).update(finished_at=Now())
                log.info("receipt_finished", game=receipt.game_id)
        return
    problem = next((one for one in waits if one and one != _NOT_YET), "")
    if problem:
        leases.fail(receipt, problem=problem, tries=None)
    else:
        leases.postpone(receipt, seconds=_LOOK_AGAIN_SECONDS)


_KEPT = "kept"


class _Looks(NamedTuple):
    """What the rows say of the lines, so that threads without a database connection can ask the stores."""

    bucket: Store
    states: Mapping[str, str]
    """Of the bucket's objects, by key."""
    used: frozenset[str]
    doubted: frozenset[str]
    """Keys that somebody may still write who was stopped, or whose request was never answered."""
    erasures: Mapping[str, str]
    """Bytes that are to leave the vault yet, with why they have not."""
    named: frozenset[str]
    back_again: list[Sha256]
    """Bytes that lie in the vault though nothing names them: they are to be erased once more."""
    bucket_remains: Remains
    vault_remains: Remains

    @classmethod
    def at(cls, lines: Iterable[ReceiptLine], bucket: Store) -> "_Looks":
        keys = {line.key for line in lines if line.kind in {_KIND.OBJECT, _KIND.PAGE}}
        hashes = {line.sha256 for line in lines if line.kind in {_KIND.ORIGINAL, _KIND.RENDITION}}
        return cls(
            bucket,
            dict(BucketObject.objects.filter(key__in=among(keys)).values_list("key", "state")),
            frozenset(Use.objects.filter(object__key__in=among(keys)).values_list("object__key", flat=True)),
            frozenset(Doubt.objects.filter(object__key__in=among(keys)).values_list("object__key", flat=True)),
            dict(Erasure.objects.filter(sha256__in=among(hashes)).values_list("sha256", "problem")),
            frozenset(erasing.named(hashes)),
            [],
            Remains(settings.BUCKET),
            Remains(settings.VAULT),
        )

    def answer(self, line: ReceiptLine) -> str:
        """Empty when it is confirmed, `kept` when another game has it, else what is waited for."""
        look: Callable[[ReceiptLine], str] = {_KIND.PAGE: self._page, _KIND.OBJECT: self._object}.get(
            _KIND(line.kind), self._bytes
        )
        try:
            return look(line)
        except Problem as problem:
            return problem.sentence

    def _page(self, line: ReceiptLine) -> str:
        if line.key in self.doubted:
            return _DOUBTED
        try:
            if self.bucket.digest(line.key) != line.sha256:
                return "The page is not the notice yet."
        except NotThere:
            return "The notice that the game is gone is not in the bucket."
        return self.bucket_remains.below_the_latest(Key(line.key))

    def _object(self, line: ReceiptLine) -> str:
        state = self.states.get(line.key, BucketObject.State.GONE)
        if state in {BucketObject.State.INTENDED, BucketObject.State.STORED} and line.key in self.used:
            return _KEPT
        if line.key in self.doubted:
            return _DOUBTED
        if state != BucketObject.State.GONE:
            return _NOT_YET
        return _THERE if self.bucket.head(line.key) is not None else self.bucket_remains.of(Key(line.key))

    def _bytes(self, line: ReceiptLine) -> str:
        if line.sha256 in self.erasures:
            return self.erasures[line.sha256] or _NOT_YET
        if line.sha256 in self.named:
            return _KEPT
        if vault().holds(Sha256(line.sha256)):
            self.back_again.append(Sha256(line.sha256))
            return _NOT_YET
        return self.vault_remains.of(key_of(Sha256(line.sha256)))


def _add(lines: Iterable[ReceiptLine]) -> None:
    """Adds lines; a receipt that gets one is open again."""
    rows = list(lines)
    known = set(
        ReceiptLine.objects.filter(receipt__in={row.receipt_id for row in rows}).values_list(
            "receipt_id", "kind", "key"
        )
    )
    new = [row for row in rows if (row.receipt_id, row.kind, row.key) not in known]
    ReceiptLine.objects.bulk_create(new, ignore_conflicts=True)
    Receipt.objects.filter(pk__in={row.receipt_id for row in new}).update(finished_at=None, **leases.due())

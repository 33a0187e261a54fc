"""The objects of the runtime that lie in the bucket: which games need them, and how those leave that nothing needs.

A game stays on the build that it was made with, so old objects stay while a game plays with them or may be rolled back
to a version that does. What neither the installed build nor any game needs is noted, and pruned once it has been so
for longer than an open tab may last. Its bytes stay in the vault: should it be needed again, it is written again.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from pictogame.bucket.models import BucketObject
from pictogame.catalog import queries as catalog
from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game, Revision
from pictogame.jobs import leases, tallies
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key
from pictogame.publishing.reconcile import GRACE_BEYOND_CACHE
from pictogame.storage import Store, open_store

_DELETE_SECONDS = 35.0
"""After this no delete is begun any more: a process that was stopped must not delete what has come back since."""

log = logs.named(__name__)


class Piece(NamedTuple):
    """An object of the runtime."""

    key: Key
    size: int
    installed: bool
    """It belongs to the build that is installed now."""
    games: int
    """Games that play with it, or shall."""
    versions: int
    """Versions of games that are pinned to it and may come back."""
    state: str
    """Of its object in the bucket: stored, gone (pruned), intended, deleting; empty when it was never there."""
    unused_since: datetime | None

    @property
    def is_needed(self) -> bool:
        """Whether it has to stay."""
        return self.installed or self.games > 0 or self.versions > 0


class Pruned(NamedTuple):
    """What a pruning did."""

    removed: list[Key]
    waiting: list[Key]
    """Unused, but an open tab may still ask for them."""
    failed: list[tuple[Key, Problem]]


def listed() -> list[Piece]:
    """Every object of every build that was ever installed, the installed build first."""
    games, versions = _playing(), _returnable()
    built = {one.key for one in catalog.manifest().objects}
    rows = RuntimeObject.objects.values_list("key", "size", "unused_since")
    states = dict(BucketObject.objects.filter(key__startswith="r/").values_list("key", "state"))
    pieces = [
        Piece(Key(key), size, key in built, games[key], versions[key], states.get(key, ""), unused_since)
        for key, size, unused_since in rows
    ]
    return sorted(pieces, key=lambda piece: (not piece.installed, piece.key.rpartition("/")[2], piece.key))


def grace() -> timedelta:
    """How long an object stays after it was seen that nothing needs it."""
    return timedelta(seconds=settings.POINTER_MAX_AGE) + GRACE_BEYOND_CACHE


def prune(*, bucket: Store | None = None, patience: timedelta | None = None) -> Pruned:
    """Deletes what nothing has needed for as long as `patience`, which is `grace()` unless it is given.

    `bucket` is that of the settings unless it is given.

    Run twice it does nothing the second time. Raises RuntimeMissing when nothing is built, since nobody knows then what
    is needed.
    """
    patience = grace() if patience is None else patience
    bucket = bucket or open_store(settings.BUCKET, public=True)
    built = {one.key for one in catalog.manifest().objects}
    with transaction.atomic():
        unused = RuntimeObject.objects.exclude(key__in=built | _needed())
        RuntimeObject.objects.exclude(pk__in=unused.values("pk")).update(unused_since=None)
        unused.filter(unused_since=None).update(unused_since=Now())
        old = Q(unused_since__lte=Now() - patience)
        ripe = set(unused.filter(old).values_list("key", flat=True))
        there = BucketObject.objects.exclude(state="gone").values("key")
        waiting = [Key(key) for key in unused.exclude(old).filter(key__in=there).values_list("key", flat=True)]
    begun = leases.clock()
    claimed = _claim(ripe)
    removed: list[Key] = []
    failed: list[tuple[Key, Problem]] = []
    for pk, key in claimed.items():
        if leases.clock() - begun > _DELETE_SECONDS:
            break
        try:
            bucket.delete(key)
        except Problem as problem:
            failed.append((key, problem))
            continue
        BucketObject.objects.filter(pk=pk, state="deleting").update(state="gone")
        removed.append(key)
    tallies.add({"objects_deleted": len(removed)})
    log.info("runtime_pruned", objects=len(removed), waiting=len(waiting), failed=len(failed))
    return Pruned(removed, sorted(waiting), failed)


def _claim(keys: set[str]) -> dict[int, Key]:
    """Those of the objects that nothing needs even now that nobody can begin to: a game that was pinned to one just
    before is seen here, and one that is pinned to it later waits until it can be written again.
    """
    BucketObject.objects.filter(key__in=keys, state__in=["intended", "stored"]).update(
        state="deleting", delete_after=None, version=F("version") + 1
    )
    # Those of a pruning that died are among them.
    rows = BucketObject.objects.filter(key__startswith="r/")
    # Not thought to be stored: whoever needs it writes it once more, with the same bytes.
    rows.filter(state="deleting", key__in=_needed()).update(state="intended", version=F("version") + 1)
    return {pk: Key(key) for pk, key in rows.filter(state="deleting").order_by("key").values_list("pk", "key")}


def _needed() -> set[str]:
    return set(_playing()) | set(_returnable())


def _playing() -> Counter[str]:
    """How many games play with each object, or shall."""
    playing = Game.objects.filter(wanted__isnull=False).order_by()
    left = Game.objects.filter(published__isnull=False).exclude(published=F("wanted")).order_by()
    counts: Counter[str] = Counter()
    for name, games in (("wanted__runtime", playing), ("published__runtime", left)):
        for runtime, count in games.values_list(name).annotate(count=Count("pk")):
            counts.update(dict.fromkeys(runtime.values(), count))
    return counts


def _returnable() -> Counter[str]:
    """How many versions of games that are there are pinned to each object and may be brought back."""
    kept = Revision.objects.filter(frozen_at__isnull=False, emptied_at=None, game__deleted_at=None).order_by()
    counts: Counter[str] = Counter()
    for runtime, count in kept.values_list("runtime").annotate(count=Count("pk")):
        counts.update(dict.fromkeys(runtime.values(), count))
    return counts

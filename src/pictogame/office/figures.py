"""What the status page and Prometheus say in numbers: read from rows, since every process is another one.

Cheap at a million rows: what waits is found by indexes, what happened is counted in rows of its own, and the sums over
everything in the bucket are kept for fifty times as long as they took.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TypeVar

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import Now
from django.utils.connection import ConnectionProxy

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.jobs import heartbeats, tallies
from pictogame.jobs.heartbeats import Seen
from pictogame.jobs.leases import database_now
from pictogame.lib import logs
from pictogame.media.models import Crop, Picture
from pictogame.publishing import health, line
from pictogame.publishing.health import Part
from pictogame.publishing.models import Receipt

COUNTED_AT_ONCE = 200_000
"""Rows that are summed while somebody waits: less than half a second's work."""
FRESH_SECONDS = 3.0
"""Whatever asks more often is given the same again."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Whatever is due is due later. A range is found by its index, while for IS NOT NULL SQLite reads the whole table."""
_WAITING = {"count": Count("pk"), "since": Min("due_at"), "failing": Count("pk", filter=Q(attempts__gt=0))}
_TIMES_AS_LONG = 50
_LONGEST_SECONDS = 3600.0

Found = TypeVar("Found")

cache = ConnectionProxy(caches, "process")
"""Of this process alone: asking the database would be no quicker than the question itself."""

log = logs.named(__name__)


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait to be worked on."""

    length: int
    age_seconds: float
    """How long the one that was due first has been due; 0 when none is."""
    failing: int
    """Those of them that have failed, and are tried again."""
    set_aside: int


@dataclass(frozen=True, slots=True)
class Held:
    """Objects of the bucket in one state."""

    state: str
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence that creators were told, and for how many pictures that are kept."""

    sentence: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How it goes, at one moment."""

    at: datetime
    games: Queue
    bulk: Queue
    """Games that were made due all at once: they wait behind the others."""
    crops: Queue
    deletions: Queue
    """Objects that wait to be deleted; none is ever set aside."""
    receipts_unfinished: int
    receipts_age_seconds: float
    pause: line.State
    processes: tuple[Seen, ...]
    all_time: Mapping[str, int]
    last_hour: Mapping[str, int]
    """This hour and the one before."""
    last_day: Mapping[str, int]
    """This hour and the 24 before."""
    disk_free: int
    disk_size: int
    held: tuple[Held, ...]
    """Every state in its order; empty while the objects of a very large bucket are counted for the first time."""
    refusals: tuple[Refusal, ...]


def figures() -> Figures:
    """The figures, a few seconds old at most; sums over the whole bucket may be older."""
    return _kept("figures", _figures, least_seconds=FRESH_SECONDS, times=10)


def parts() -> list[Part]:
    """How each part of the installation is; however many ask, the stores are looked at no more often than is kept."""
    return _kept("parts", health.look, least_seconds=5.0, times=1)


def forget() -> None:
    """The next look is a fresh one, as whoever has just changed something expects."""
    cache.delete_many([f"office.{name}" for name in ("figures", "parts")])


def _figures() -> Figures:
    now = database_now()
    disk = shutil.disk_usage(next(p for p in (Path(settings.DATA), *Path(settings.DATA).parents) if p.exists()))
    games, bulk = _games(now)
    unfinished = Receipt.objects.filter(due_at__gt=_EVER).aggregate(count=Count("pk"), since=Min("asked_at"))
    doomed = BucketObject.objects.filter(delete_after__lte=Now()).exclude(state="gone")
    deletions = doomed.aggregate(count=Count("pk"), since=Min("delete_after"))
    return Figures(
        at=now,
        games=games,
        bulk=bulk,
        crops=_crops(now),
        deletions=Queue(deletions["count"], _age(deletions["since"], now), 0, 0),
        receipts_unfinished=unfinished["count"],
        receipts_age_seconds=_age(unfinished["since"], now),
        pause=line.state(),
        processes=tuple(heartbeats.seen()),
        all_time=tallies.of_all_time(),
        last_hour=tallies.of_hours(1),
        last_day=tallies.of_hours(24),
        disk_free=disk.free,
        disk_size=disk.total,
        held=_sums() or (),
        refusals=_kept("refusals", _refusals, least_seconds=15.0),
    )


def _games(now: datetime) -> tuple[Queue, Queue]:
    """Games that creators asked for, and those in bulk: counted together, since they wait in one index."""
    waiting = Game.objects.filter(due_at__gt=_EVER).values_list("in_bulk").annotate(**_WAITING)
    aside = Game.objects.filter(set_aside_at__isnull=False).values_list("in_bulk").annotate(count=Count("pk"))
    found = {in_bulk: (count, _age(since, now), failing) for in_bulk, count, since, failing in waiting}
    set_aside = dict(aside)
    creators, bulk = (Queue(*found.get(one, (0, 0.0, 0)), set_aside.get(one, 0)) for one in (False, True))
    return creators, bulk


def _crops(now: datetime) -> Queue:
    waiting = Crop.objects.filter(due_at__gt=_EVER).aggregate(**_WAITING)
    set_aside = Crop.objects.filter(set_aside_at__isnull=False).count()
    return Queue(waiting["count"], _age(waiting["since"], now), waiting["failing"], set_aside)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _held() -> tuple[Held, ...]:
    found = BucketObject.objects.values("state").annotate(count=Count("pk"), bytes=Sum("size")).order_by("state")
    by_state = {row["state"]: Held(row["state"], row["count"], row["bytes"] or 0) for row in found}
    return tuple(by_state.get(state, Held(state, 0, 0)) for state in BucketObject.State.values)


def _refusals() -> tuple[Refusal, ...]:
    found = Picture.objects.filter(state=Picture.State.REFUSED).values("refusal").annotate(count=Count("pk"))
    return tuple(Refusal(row["refusal"], row["count"]) for row in found.order_by("-count", "refusal")[:20])


def _sums() -> tuple[Held, ...] | None:
    """The sums over the bucket. Nobody waits for those of very many objects: they are counted on the side."""
    newest = BucketObject.objects.aggregate(pk=Max("pk"))["pk"] or 0
    if newest <= COUNTED_AT_ONCE:
        return _kept("held", _held, least_seconds=15.0)
    # The lock is no longer kept than any count takes; whoever comes meanwhile has what was counted before.
    if cache.get("office.held") is None and cache.add("office.counting", 1, _LONGEST_SECONDS):
        Thread(target=_count_aside, name="figures", daemon=True).start()
    counted: tuple[Held, ...] | None = cache.get("office.held.last")
    return counted


def _count_aside() -> None:
    try:
        cache.set("office.held.last", _kept("held", _held, least_seconds=15.0), None)
    except DatabaseError as error:
        log.warning("objects_not_counted", cause=error)
    finally:
        cache.delete("office.counting")
        connection.close()


def _kept(name: str, find: Callable[[], Found], *, least_seconds: float, times: float = _TIMES_AS_LONG) -> Found:
    """What `find` gives, kept for `times` as long as it took."""
    key = f"office.{name}"
    kept: Found | None = cache.get(key)
    if kept is None:
        begun = time.monotonic()
        kept = find()
        took = time.monotonic() - begun
        cache.set(key, kept, min(max(least_seconds, took * times), _LONGEST_SECONDS))
    return kept

"""Signs of life: a row for every process that works, and whether its loop still comes round."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from pictogame.jobs.leases import clock, database_now
from pictogame.jobs.models import Heartbeat
from pictogame.lib import logs

EVERY_SECONDS = 10.0
FRESH_SECONDS = 35
"""Not heard of for so long, which is three beats, a process is taken to be gone."""
KEPT = timedelta(days=2)
"""How long the row of one that is gone stays, for people to see."""

log = logs.named(__name__)


class Beat:
    """The sign of life of this process. Its loop, if it has one, calls `turned` each time that it comes round well."""

    def __init__(self, *, loops: bool = True) -> None:
        self._turned: float | None = clock() if loops else None

    def turned(self) -> None:
        """The loop came round, and nothing failed. Costs nothing: no row is written here."""
        self._turned = clock()

    @property
    def seconds_since_turn(self) -> float | None:
        """How long ago that was; None where there is no loop."""
        return None if self._turned is None else clock() - self._turned


@contextmanager
def beating(role: str, *, loops: bool = True, every_seconds: float = EVERY_SECONDS) -> Iterator[Beat]:
    """Keeps a row of this process fresh from a thread of its own, as long as the context lasts.

    A database that is away stops nothing; the row is there again when it is back. `loops` is False for a process that
    has no loop to tell of.
    """
    beat = Beat(loops=loops)
    stop = threading.Event()
    thread = threading.Thread(
        target=_beat_until, args=(role, beat, stop, every_seconds), name=f"heartbeat-{role}", daemon=True
    )
    thread.start()
    try:
        yield beat
    finally:
        stop.set()
        thread.join(timeout=5)


def _beat_until(role: str, beat: Beat, stop: threading.Event, every_seconds: float) -> None:
    pk: int | None = None
    while True:
        ending = stop.is_set()
        try:
            if ending:
                _leave(pk)
            else:
                pk = _write(pk, role, beat)
        except DatabaseError as error:
            log.debug("heartbeat_not_written", role=role, why=str(error))
        finally:
            connection.close()
        if ending:
            return
        stop.wait(every_seconds)


def _write(pk: int | None, role: str, beat: Beat) -> int:
    now = Now()
    ago = beat.seconds_since_turn
    turned = None if ago is None else database_now() - timedelta(seconds=ago)
    if pk is not None and Heartbeat.objects.filter(pk=pk).update(seen_at=now, turned_at=turned):
        return pk
    Heartbeat.objects.filter(seen_at__lt=now - KEPT).delete()
    row = Heartbeat.objects.create(
        role=role,
        host=socket.gethostname()[:255],
        pid=os.getpid(),
        version=version("pictogame"),
        since=now,
        seen_at=now,
        turned_at=turned,
    )
    return row.pk


def _leave(pk: int | None) -> None:
    if pk is not None:
        Heartbeat.objects.filter(pk=pk).delete()


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as it was heard of last."""

    role: str
    host: str
    pid: int
    version: str
    since: datetime
    seen_at: datetime
    seconds_ago: float
    seconds_since_turn: float | None

    @property
    def is_here(self) -> bool:
        """Whether it was heard of lately enough to be taken for alive."""
        return self.seconds_ago <= FRESH_SECONDS


def seen() -> list[Seen]:
    """Every process that was heard of in the last two days, by role, the freshest first."""
    now = database_now()
    rows: QuerySet[Heartbeat] = Heartbeat.objects.order_by("role", "-seen_at", "pk")
    return [
        Seen(
            role=row.role,
            host=row.host,
            pid=row.pid,
            version=row.version,
            since=row.since,
            seen_at=row.seen_at,
            seconds_ago=max(0.0, (now - row.seen_at).total_seconds()),
            seconds_since_turn=None if row.turned_at is None else max(0.0, (now - row.turned_at).total_seconds()),
        )
        for row in rows
    ]

"""Claims of due rows, on the database's clock, so that machines whose clocks differ agree on who holds what."""

import random
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, Manager, PositiveIntegerField, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from pictogame.jobs.among import among
from pictogame.jobs.models import Job
from pictogame.jobs.prepared import Change, Query, ask, change

Row = TypeVar("Row", bound=Job)

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0
_DOUBLINGS = 16
"""After so many a wait is the longest in any case."""
_SHORTEST = 0.5
"""The share of a wait that is sure; the rest is chance."""
MAX_PROBLEM_LENGTH = 500
MAX_TRIES = 32
"""Failures by its own fault after which a row is set aside: even with the shortest waits more than an hour has passed,
so that a fault of somebody else's that was taken for the row's own has likely been seen by then."""
_TAKEN_OVER = "-t"
# What kind of value a column has, which a database must be told of a choice between a column and nothing.
_KINDS = MappingProxyType(
    {
        "due_at": DateTimeField, "set_aside_at": DateTimeField,
        "attempts": PositiveIntegerField, "faults": PositiveIntegerField,
    }
)  # fmt: skip
_A_MOMENT = timedelta(microseconds=1)
"""SQLite compares times as text: 06.000, as its clock writes it, comes after 06, as a whole second is asked for."""
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds that go on while this process is stopped or the machine sleeps.

    What a lease is measured with between two looks at the database.
    """
    return time.clock_gettime(_CLOCK)


def database_now() -> datetime:
    """The time on the database's clock, which times in rows are compared with."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')", [])
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
        cursor.execute("SELECT CLOCK_TIMESTAMP()")
        now: datetime = cursor.fetchone()[0]
        return now


def claim(
    jobs: Callable[[], QuerySet[Row]],
    *,
    limit: int,
    seconds: float,
    order: tuple[str | Combinable, ...] = ("due_at",),
    read: Callable[[Collection[str]], Iterable[Row]] | None = None,
) -> list[Row]:
    """Takes up to `limit` due rows of `jobs()` for `seconds`, longest due first; nobody else gets them meanwhile.

    Rows held by others are passed over. A row is free when nobody leased it or the lease has lapsed;
    `was_taken_over` tells the latter. `order` says by what rows come first. `read` gives
    the rows that have one of these tokens, where that can be done more cheaply than by iterating.
    What `jobs` and `order` are, they must always be: the statements are compiled once for each.
    """
    token = secrets.token_hex(15)
    tokens = (token, token + _TAKEN_OVER)
    looking, choosing, taking = _claiming(jobs, limit, seconds, order)
    if not ask(looking):
        return []  # Looking costs no write lock, and most looks find nothing.
    with transaction.atomic():
        given = [[pk for (pk,) in ask(choosing)]] if choosing else []
        taken = change(taking, tokens[:1], tokens[1:], *given)
    if not taken:
        return []
    return list(read(tokens) if read else jobs().filter(lease_token__in=tokens).order_by(*order, "pk"))


@lru_cache(maxsize=64)
def _claiming(
    jobs: Callable[[], QuerySet[Row]], limit: int, seconds: float, order: tuple[str | Combinable, ...]
) -> tuple[Query, Query | None, Change]:
    """The statements of a claim: whether any row is free; which are chosen, where that must be asked first; taking."""

    def looking() -> QuerySet[Row, Any]:
        return jobs().filter(_free()).order_by().values_list("pk")[:1]

    def choosing() -> QuerySet[Row, Any]:
        return jobs().filter(_free()).order_by(*order).select_for_update(skip_locked=True).values_list("pk")[:limit]

    def taking(free: Any, lapsed: Any, chosen: Any = None) -> tuple[QuerySet[Row], Mapping[str, object]]:
        rows = _rows(jobs().model).filter(_free(), pk__in=choosing() if chosen is None else chosen)
        return rows, {
            "lease_until": Now() + timedelta(seconds=seconds),
            "lease_token": Case(When(lease_token="", then=free), default=lapsed),
        }

    # PostgreSQL may run a query within an UPDATE once for each row, and each time it would pass over what it locked the
    # time before and give others: more than `limit`. So there it is asked first.
    return looking, choosing if connection.features.has_select_for_update_skip_locked else None, taking


def _free() -> Q:
    return Q(due_at__lte=Now()) & (Q(lease_until=None) | Q(lease_until__lte=Now()))


def was_taken_over(row: Job) -> bool:
    """Whether the row was claimed from somebody whose lease lapsed: who may be dead, or asleep with a write begun."""
    return row.lease_token.endswith(_TAKEN_OVER)


def due() -> dict[str, Any]:
    """The columns of a row that is due now, with its past forgotten: what everybody writes who wants it worked on."""
    return {"due_at": Now(), "attempts": 0, "faults": 0, "problem": "", "cause": "", "set_aside_at": None}


def retry(queryset: QuerySet[Row]) -> int:
    """Brings rows back that were set aside: due now, with all their tries before them. Gives how many."""
    return queryset.filter(set_aside_at__isnull=False).update(**due())


def hurry(queryset: QuerySet[Row]) -> int:
    """Makes rows due now that failed and rest until their next try, with their past forgotten. Gives how many."""
    return queryset.filter(attempts__gt=0, due_at__gt=Now()).update(**due())


def renew(rows: Iterable[Row], *, seconds: float) -> list[Row]:
    """Those of the rows that are still ours, held for another `seconds`. The others have lapsed or were taken over."""
    kept: list[Row] = []
    by_token: dict[str, list[Row]] = {}
    for row in rows:
        by_token.setdefault(row.lease_token, []).append(row)
    for token, mine in by_token.items():
        manager = _rows(type(mine[0]))
        held = manager.filter(pk__in=among([row.pk for row in mine]), lease_token=token, lease_until__gt=Now())
        held.update(lease_until=Now() + timedelta(seconds=seconds))
        still = set(held.values_list("pk", flat=True))
        kept += [row for row in mine if row.pk in still]
    return kept


def still_mine(row: Job) -> bool:
    """True while the lease runs and is ours."""
    return (
        _rows(type(row))
        .filter(pk=row.pk, lease_token=row.lease_token, lease_until__gt=Now())
        .exclude(lease_token="")
        .exists()
    )


def finish(row: Job, *, due_at: datetime | None = None) -> bool:
    """Ends the job well: not due any more (or at `due_at`), unless it was made due again meanwhile.

    False when it is not ours any more; then nothing is changed.
    """
    return _let_go(row, due_at=due_at, attempts=0, faults=0, problem="", cause="", set_aside_at=None)


def postpone(row: Job, *, seconds: float, problem: str = "") -> bool:
    """Looks at the job again in `seconds`: nothing failed, it waits for something else. False when it is not ours."""
    return _let_go(row, due_at=Now() + timedelta(seconds=seconds), problem=problem)


def fail(row: Job, *, problem: str, cause: str = "", tries: int | None = MAX_TRIES) -> bool:
    """Notes what went wrong, in a sentence for people, and tries again after a wait that doubles up to five minutes.

    `cause` is what an operator should know besides.
    After `tries` failures the row is set aside: not due any more, until `retry` or its owner brings it back. None is
    for faults that are not the row's own, such as a store that does not answer: they are tried for ever and count for
    nothing. False when the job is not ours any more; then nothing is changed.
    """
    attempts, faults = row.attempts + 1, row.faults + (tries is not None)
    if tries is not None and faults >= tries:
        return _let_go(
            row, due_at=None, attempts=attempts, faults=faults, problem=problem, cause=cause, set_aside_at=Now()
        )
    wait = timedelta(seconds=wait_seconds(attempts))
    return _let_go(row, due_at=Now() + wait, attempts=attempts, faults=faults, problem=problem, cause=cause)


def release(rows: Iterable[Job]) -> None:
    """Gives rows back untouched, as a loop does that is told to stop: they are due as before, for whoever comes."""
    for row in rows:
        _rows(type(row)).filter(pk=row.pk, lease_token=row.lease_token).exclude(lease_token="").update(
            lease_until=None, lease_token=""
        )


def wait_seconds(attempts: int) -> float:
    """How long to wait after so many failures: doubling, capped, with jitter so that jobs don't come back as a herd."""
    return _longest_wait_seconds(attempts) * random.uniform(_SHORTEST, 1.0)


def failing_seconds(attempts: int, *, until_due: float) -> float:
    """For how long, at the least, a row has failed that failed so often and is due again in `until_due` seconds.

    No row says when it failed first; the waits after its tries tell, had each been as short as it may be.
    """
    over = attempts - 1
    growing = min(over, _DOUBLINGS)
    waits = sum(map(_longest_wait_seconds, range(1, growing + 1))) + (over - growing) * LONGEST_WAIT_SECONDS
    last = max(0.0, _SHORTEST * _longest_wait_seconds(attempts) - max(0.0, until_due))
    return _SHORTEST * waits + last


def _longest_wait_seconds(attempts: int) -> float:
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(attempts - 1, _DOUBLINGS), LONGEST_WAIT_SECONDS)


def _let_go(row: Job, *, due_at: object, problem: str, cause: str = "", **columns: object) -> bool:
    # A job that was made due again while it ran keeps that, with the tries that it was given: what was asked meanwhile
    # is not done yet.
    if row.due_at is None:
        raise ValueError(f"{row} was never due.")
    again = Q(due_at__gt=row.due_at + _A_MOMENT)
    kept: dict[str, object] = {
        name: Case(When(again, then=name), default=value, output_field=_KINDS[name]())
        for name, value in {"due_at": due_at, **columns}.items()
    }
    changed = (
        _rows(type(row))
        .filter(pk=row.pk, lease_token=row.lease_token)
        .exclude(lease_token="")
        .update(
            **kept,
            lease_until=None,
            lease_token="",
            problem=problem[:MAX_PROBLEM_LENGTH],
            cause=cause[:MAX_PROBLEM_LENGTH],
        )
    )
    return changed == 1


def _rows(model: type[Row]) -> Manager[Row]:
    """All rows of a job's table; the model is known only when it runs, so `objects` has no type."""
    return model._default_manager  # noqa: SLF001  Django's own public name.


class Hold:
    """Rows that this process holds, with a deadline of its own between two looks at the database.

    `margin` is the longest that a single act may take: it must begin early enough to be over when the lease ends.
    Threads may ask while the thread that owns the database connection renews.
    """

    def __init__(self, rows: Iterable[Job], *, since: float, seconds: float, margin: float) -> None:
        """`since` is `clock()` as it was before the rows were claimed for `seconds`."""
        self._rows = list(rows)
        self._seconds = seconds
        self._margin = margin
        self._renewed_at = since
        self._mine = frozenset(row.pk for row in self._rows)

    @property
    def renew_seconds(self) -> float:
        """How often to renew while acts go on."""
        return min(self._seconds / 4, 20.0)

    def begin(self, pk: object = None) -> float | None:
        """Whether an act may begin now: at all, or for the row of that key. None when not; else the time on `clock()`
        at which the lease ends unless it is renewed, which `ended_in_time` wants to know.
        """
        ends = self._renewed_at + self._seconds
        in_time = clock() < ends - self._margin
        return ends if in_time and (pk is None or pk in self._mine) else None

    def may_act(self, pk: object = None) -> bool:
        """Whether an act may begin now: at all, or for the row of that key."""
        return self.begin(pk) is not None

    def ended_in_time(self, ends: float, pk: object = None) -> bool:
        """Whether an act that began when `begin` gave `ends`, and is over now, was over before anybody else could have
        taken the row. False for the act of a process that was stopped meanwhile for longer than its lease.
        """
        now = clock()
        if now < ends:
            return True
        # A renewal keeps only what was ours without a gap.
        return pk in self._mine and now < self._renewed_at + self._seconds

    def still_mine(self, pk: object) -> bool:
        """Whether the row was ours at the last look at the database."""
        return pk in self._mine

    def let_go(self) -> None:
        """No act begins any more."""
        self._mine, self._renewed_at = frozenset(), float("-inf")

    def renew(self, *, older_than: float = 0.0) -> None:
        """Holds what is still ours for the whole time again, when the last renewal is `older_than` so many seconds."""
        now = clock()
        if now - self._renewed_at < older_than:
            return
        self._rows = renew(self._rows, seconds=self._seconds)
        self._mine = frozenset(row.pk for row in self._rows)
        self._renewed_at = now

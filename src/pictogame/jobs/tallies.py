"""Counters in rows: processes come and go, and their sums stay. What Prometheus and the office read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Sum

from pictogame.jobs.leases import database_now
from pictogame.jobs.models import Tally

ALL_TIME = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=35)
"""How long single hours are kept."""

_ADD = """
INSERT INTO jobs_tally (name, since, count) VALUES {values}
ON CONFLICT (name, since) DO UPDATE SET count = jobs_tally.count + excluded.count
RETURNING name, count
"""


def add(counts: Mapping[str, int]) -> None:
    """Adds to the counters of these names, of all time and of this hour.

    To be called once for a batch, and not within its transaction: the rows are few, and everybody writes them.
    """
    added = {name: count for name, count in sorted(counts.items()) if count > 0}
    if not added:
        return
    hour = hour_of(database_now())
    rows = [(name, since, count) for name, count in added.items() for since in (ALL_TIME, hour)]
    with connection.cursor() as cursor:
        adapt = connection.ops.adapt_datetimefield_value
        cursor.execute(
            _ADD.format(values=", ".join(["(%s, %s, %s)"] * len(rows))),
            [part for name, since, count in rows for part in (name, adapt(since), count)],
        )
        sums = cursor.fetchall()
    if any(added[name] == count for name, count in sums):
        # The first of an hour takes the old ones away.
        Tally.objects.filter(since__lt=hour - KEPT, since__gt=ALL_TIME).delete()


def of_all_time() -> dict[str, int]:
    """Each counter; none of them ever falls."""
    return dict(Tally.objects.filter(since=ALL_TIME).order_by("name").values_list("name", "count"))


def of_hours(hours: int) -> dict[str, int]:
    """The counters of this hour and so many before it, up to 35 days; a name without any is not among them."""
    first = hour_of(database_now()) - timedelta(hours=hours)
    found = Tally.objects.filter(since__gte=first).values("name").annotate(sum=Sum("count")).order_by("name")
    return {row["name"]: row["sum"] for row in found}


def hour_of(time: datetime) -> datetime:
    """The beginning of its hour."""
    return time.replace(minute=0, second=0, microsecond=0)

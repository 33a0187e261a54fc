"""Counters in rows: processes come and go, and their sums stay. What Prometheus and the office read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db.models import F, Sum

from pictogame.jobs.leases import database_now
from pictogame.jobs.models import Tally

ALL_TIME = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=35)
"""How long single hours are kept."""


def add(counts: Mapping[str, int]) -> None:
    """Adds to the counters of these names, of all time and of this hour.

    To be called once for a batch, and not within its transaction: the rows are few, and everybody writes them.
    """
    added = {name: count for name, count in sorted(counts.items()) if count > 0}
    if not added:
        return
    hour = hour_of(database_now())
    there = Tally.objects.filter(name__in=added, since__in=[ALL_TIME, hour])
    if there.count() < 2 * len(added):
        # Rows begin at 0, so two processes may both make them; the first of an hour takes the old ones away.
        Tally.objects.filter(since__lt=hour - KEPT, since__gt=ALL_TIME).delete()
        Tally.objects.bulk_create(
            [Tally(name=name, since=since) for name in added for since in (ALL_TIME, hour)], ignore_conflicts=True
        )
    for name, count in added.items():
        Tally.objects.filter(name=name, since__in=[ALL_TIME, hour]).update(count=F("count") + count)


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

"""How much lies in the bucket, day by day: read from the rows of objects, since no log tells it."""

from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from pictogame.bucket.models import BucketObject
from pictogame.jobs.leases import database_now
from pictogame.stats.models import StoredDay

_THERE = ("stored", "deleting")
"""States of an object that lies in the bucket and is paid for."""
_OFTEN_ENOUGH = timedelta(minutes=30)


def take_reading(*, now: datetime | None = None, at_most_every: timedelta = _OFTEN_ENOUGH) -> StoredDay:
    """Writes down what lies in the bucket today, and what was written today and yesterday.

    Reads every object's row, so a reading younger than `at_most_every` is given as it is. `now` is the database's
    unless it is given.
    """
    now = now or database_now()
    day = now.astimezone(UTC).date()
    last = StoredDay.objects.filter(pk=day).first()
    if last and now - last.taken_at < at_most_every:
        return last
    there = BucketObject.objects.filter(state__in=_THERE).aggregate(count=Count("pk"), bytes=Coalesce(Sum("size"), 0))
    with transaction.atomic():
        # Whatever was written after the last reading of yesterday belongs there too.
        before = StoredDay.objects.filter(pk=day - timedelta(days=1))
        before.update(**_written(now, back=1))
        reading, _ = StoredDay.objects.update_or_create(
            day=day,
            defaults={
                "count": there["count"],
                "bytes": max(there["bytes"], last.bytes if last else 0),
                "taken_at": now,
                **_written(now, back=0),
            },
        )
    return reading


def _written(now: datetime, *, back: int) -> dict[str, int]:
    begin = datetime.combine(now.astimezone(UTC).date() - timedelta(days=back), time(), UTC)
    rows: QuerySet[BucketObject] = BucketObject.objects.filter(
        stored_at__gte=begin, stored_at__lt=begin + timedelta(days=1)
    )
    found = rows.aggregate(written=Count("pk"), written_bytes=Coalesce(Sum("size"), 0))
    return {"written": found["written"], "written_bytes": found["written_bytes"]}

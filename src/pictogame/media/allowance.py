"""How much one sender may send within a while, so that no stranger fills the vault alone.

Counted in rows, for all studios together. A sender's name, such as the network that a request came from, is never
written down: a row knows it by a keyed hash of the name and of the window, so that nobody is recognised on another day.
"""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from pictogame.jobs import tallies
from pictogame.jobs.leases import database_now
from pictogame.lib import logs
from pictogame.media import errors
from pictogame.media.models import Sent

log = logs.named(__name__)


def spend(*, sender: str, size: int) -> None:
    """Counts a file of so many bytes as sent, whatever becomes of it; to be called before it is read.

    Raises TooMuchSent, and counts nothing, when it does not fit into what the settings allow one sender within a
    window. An empty `sender` is nobody's, and may send what it likes.
    """
    if not sender or not (settings.UPLOAD_FILES or settings.UPLOAD_MB):
        return
    now = database_now()
    begin, end = window(now, settings.UPLOAD_HOURS)
    name = salted_hmac(__name__, f"{begin.isoformat()} {sender}", algorithm="sha256").hexdigest()
    if _count(name, size):
        return
    Sent.objects.bulk_create([Sent(sender=name, until=end)], ignore_conflicts=True)
    if _count(name, size):
        return
    log.info("too_much_sent", until=end.isoformat())
    tallies.add({"refused_too_much_sent": 1})
    raise errors.TooMuchSent(math.ceil((end - now).total_seconds()))


def window(now: datetime, hours: int) -> tuple[datetime, datetime]:
    """When the window began that `now` is in, and when it ends; each day (UTC) begins with a new one."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = day + timedelta(hours=now.hour // hours * hours)
    return begin, min(begin + timedelta(hours=hours), day + timedelta(days=1))


def forget_old() -> int:
    """Removes what was counted in windows that are over; gives how many rows."""
    return Sent.objects.filter(until__lte=Now()).delete()[0]


def _count(name: str, size: int) -> int:
    """One statement, so that of many files at once none gets in beyond the limit. 0: no row, or no room in it."""
    row: QuerySet[Sent] = Sent.objects.filter(sender=name)
    if settings.UPLOAD_FILES:
        row = row.filter(files__lt=settings.UPLOAD_FILES)
    if settings.UPLOAD_MB:
        row = row.filter(bytes__lte=settings.UPLOAD_MB * 1_000_000 - size)
    return row.update(files=F("files") + 1, bytes=F("bytes") + size)

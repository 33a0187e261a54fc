"""The line from the database into the bucket, as a whole: paused, or not.

A paused line brings nothing new into the bucket. What takes away goes on: a deleted or unpublished game leaves at once,
and what nothing uses any more is deleted when its time comes.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Now

from pictogame.jobs.prepared import ask
from pictogame.lib import logs
from pictogame.publishing.models import Line

log = logs.named(__name__)


class State(NamedTuple):
    """How the line is."""

    paused_at: datetime | None = None
    paused_by: str = ""

    @property
    def is_paused(self) -> bool:
        """Whether nothing new comes into the bucket."""
        return self.paused_at is not None

    @property
    def sentence(self) -> str:
        """The same for people."""
        if self.paused_at is None:
            return "The line runs."
        by = f" by {self.paused_by}" if self.paused_by else ""
        return f"The line was paused{by} at {self.paused_at:%Y-%m-%d %H:%M} UTC: `pictogame line resume` lets it go on."


def state() -> State:
    """As the database has it now."""
    found = Line.objects.filter(paused_at__isnull=False).values_list("paused_at", "paused_by").first()
    return State(*found) if found else State()


def is_paused() -> bool:
    """Whether nothing new may come into the bucket."""
    return bool(ask(_paused))


def _paused() -> QuerySet[Line, Any]:
    return Line.objects.filter(paused_at__isnull=False).values_list("pk")


def pause(*, by: str = "") -> State:
    """Lets every publisher end the batch it has and begin no other, but for what takes away.

    Paused already, it stays so with who paused it first.
    """
    Line.objects.get_or_create(number=1)
    if Line.objects.filter(paused_at=None).update(paused_at=Now(), paused_by=by.strip()[:200]):
        log.info("paused", by=by)
    return state()


def resume() -> State:
    """Lets the publishers go on."""
    if Line.objects.filter(paused_at__isnull=False).update(paused_at=None, paused_by=""):
        log.info("resumed")
    return state()

"""Writes that come late: of a process that was stopped in the middle of one, and woke after somebody else took over.

No write begins that could last longer than its lease, but a process can be stopped between that look at the clock and
the moment in which its bytes leave. What such a process overwrites is written again, and what it brings back after a
delete is deleted again: by itself, when it sees on waking that its time was over (`of_late_writes`); and by a second
look (`look_again`) at what it was about to write, for the case that it ends before it can say so. The same second look
is taken at writes that got no answer, which a slow server may carry out later than newer ones.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.lib import logs
from pictogame.lib.types import Key
from pictogame.publishing.models import Doubt, Use

SECOND_LOOK_SECONDS = 20 * 60.0
"""S3 takes no request that was signed more than 15 minutes ago; five more are for clocks that differ."""
_AT_ONCE = 1000

log = logs.named(__name__)


def of_late_writes(keys: Collection[Key]) -> None:
    """These objects were written by us when it may have been somebody else's turn."""
    _doubt(BucketObject.objects.filter(key__in=among(sorted(keys))).values_list("pk", "key"))
    log.warning("late_writes", objects=len(keys), first=min(keys))


@transaction.atomic
def of_unanswered(keys: Collection[Key], *, seconds: float = SECOND_LOOK_SECONDS) -> None:
    """The bucket gave no answer to these writes: a slow server may carry them out minutes later, after newer ones."""
    _look_later(BucketObject.objects.filter(key__in=among(sorted(set(keys)))).values_list("pk", flat=True), seconds)


@transaction.atomic
def of_takeover(games: Collection[Game], *, seconds: float = SECOND_LOOK_SECONDS) -> int:
    """Whoever held these games may be asleep with a write begun: what it may write is looked at again later.

    That is what its rows call intended, and leaves that others say are stored. Gives how many objects these are.
    """
    uses = Use.objects.filter(game__in=among(sorted(game.pk for game in games)))
    begun = uses.filter(Q(object__state="intended") | Q(object__key__startswith="m/"))
    return _look_later(begun.values_list("object_id", flat=True), seconds)


def _look_later(found: Iterable[int], seconds: float) -> int:
    pks = sorted(set(found))
    doubts = [Doubt(object_id=pk, at=Now() + timedelta(seconds=seconds)) for pk in pks]
    Doubt.objects.bulk_create(
        doubts, batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["object"], update_fields=["at"]
    )
    return len(pks)


def look_again() -> int:
    """Takes up to a thousand doubts whose time has come; gives how many."""
    with transaction.atomic():
        due = Doubt.objects.filter(at__lte=Now()).select_for_update(skip_locked=True)
        pks = list(due.order_by("at", "pk").values_list("pk", flat=True)[:_AT_ONCE])
        if not pks:
            return 0
        _doubt(BucketObject.objects.filter(pk__in=among(pks)).values_list("pk", "key"))
        Doubt.objects.filter(pk__in=among(pks)).delete()
    return len(pks)


@transaction.atomic
def _doubt(found: Collection[tuple[int, str]]) -> None:
    """Pointers are intended again and their games due; what was deleted is deleted once more. Leaves that are in use
    have the same bytes whoever wrote them.
    """
    pointers = {pk: key for pk, key in found if key.startswith("g/")}
    # Games are locked before objects, as whoever finishes does.
    games = Game.objects.select_for_update().filter(pk__in=among({_game_of(key) for key in pointers.values()}))
    due = list(games.order_by("pk").values_list("pk", flat=True))
    rows = BucketObject.objects.filter(pk__in=among([pk for pk, _ in found])).select_for_update().order_by("key")
    states = list(rows.values_list("pk", "state"))
    written = [pk for pk, state in states if pk in pointers and state in {"intended", "stored"}]
    deleted = [pk for pk, state in states if state in {"deleting", "gone"}]
    BucketObject.objects.filter(pk__in=among(written)).update(state="intended", version=F("version") + 1)
    BucketObject.objects.filter(pk__in=among(deleted)).update(state="deleting", delete_after=Now())
    again = {_game_of(pointers[pk]) for pk in written}
    Game.objects.filter(pk__in=among([pk for pk in due if pk in again])).update(**leases.due())


def _game_of(key: str) -> str:
    """`g/b5tq7nzk3xw2mc.html` belongs to the game b5tq7nzk3xw2mc."""
    return key.partition("/")[2].partition(".")[0]

"""What creators began and left: old drafts, pictures that are in no game, crops around points that no slot names."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.media import actions as media
from pictogame.media.models import Crop, Picture


def abandoned_drafts(*, days: int, limit: int) -> list[Game]:
    """Games that were never published, that nobody has touched for so many days and no account keeps, oldest first."""
    return [draft.game for draft in _abandoned(days).select_related("game").order_by("changed_at")[:limit]]


def empty_drafts(*, days: int, limit: int) -> list[str]:
    """Ids of games that somebody began and put nothing into, neither a picture nor a word, untouched for so many days.

    As above they were never published and no account keeps them.
    """
    return list(_empty(days).order_by("changed_at").values_list("game", flat=True)[:limit])


@transaction.atomic
def drop_empty_drafts(*, games: Collection[str], days: int) -> int:
    """Removes those of the games that are empty still, with no tombstone: nothing of them was ever anywhere.

    Gives how many.
    """
    held = Game.objects.select_for_update(skip_locked=True).filter(pk__in=games)
    # Looked at when they are ours: whoever puts something into a game holds its row meanwhile.
    keys = list(_empty(days).filter(game__in=list(held.values_list("pk", flat=True))).values_list("game", flat=True))
    Game.objects.filter(pk__in=keys).delete()
    return len(keys)


def unused_pictures(*, after: int, limit: int, hours: int) -> tuple[list[Picture], int]:
    """Pictures that are in no game and came more than so many hours ago, among the `limit` next after the primary key
    `after`; and the key to go on from, 0 when the end was reached.
    """
    last, on = _next(Picture.objects.all(), after, limit)
    in_a_game = Exists(SlotPicture.objects.filter(picture=OuterRef("pk")))
    old = Q(received_at__lt=Now() - timedelta(hours=hours))
    return list(Picture.objects.filter(~in_a_game, old, pk__gt=after, pk__lte=last)), on


def unused_crops(*, after: int, limit: int, hours: int) -> tuple[list[int], int]:
    """Primary keys of crops around a point that no slot of any revision names, and that nobody has wanted for so many
    hours, among the `limit` next after the primary key `after`; and the key to go on from, as above.
    """
    last, on = _next(Crop.objects.all(), after, limit)
    return list(_unused(hours).filter(pk__gt=after, pk__lte=last).values_list("pk", flat=True)), on


@transaction.atomic
def drop_crops(*, crops: Collection[int], hours: int) -> int:
    """Lets go of those of the crops that are unused still; gives how many."""
    # Whoever wants an old one writes that into its row. So one that is ours here either is wanted by nobody, or whoever
    # wants it waits for us, finds that it is gone and has it made once more.
    held = _unused(hours).filter(pk__in=crops).select_for_update(skip_locked=True)
    keys = list(held.values_list("pk", flat=True))
    media.forget_crops(crops=keys)
    return len(keys)


def _abandoned(days: int) -> QuerySet[Revision]:
    before = Now() - timedelta(days=days)
    return Revision.objects.filter(
        frozen_at=None, number=1, changed_at__lt=before, game__deleted_at=None, game__owner=None
    )


def _empty(days: int) -> QuerySet[Revision]:
    has_a_picture = Exists(SlotPicture.objects.filter(revision=OuterRef("pk")))
    return _abandoned(days).filter(~has_a_picture, title="", message="")


def _unused(hours: int) -> QuerySet[Crop]:
    """Whatever its ratio, a crop stays while its point is named: which one a slot needs is for the build to say that
    is installed, and there are few.
    """
    point = {name: OuterRef(name) for name in ("picture", "focus_x", "focus_y")}
    idle = Q(lease_until=None) | Q(lease_until__lt=Now())
    old = Q(wanted_at__lt=Now() - timedelta(hours=hours))
    return Crop.objects.filter(~Exists(SlotPicture.objects.filter(**point)), idle, old)


def _next(rows: QuerySet[Any], after: int, limit: int) -> tuple[int, int]:
    """The last primary key of the `limit` next after `after`; and the key to go on from, 0 when the end was reached."""
    keys = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit])
    return (keys[-1], keys[-1] if len(keys) == limit else 0) if keys else (after, 0)

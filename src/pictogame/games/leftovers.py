"""What creators began and left: drafts that nobody came back to, pictures that are in no game."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.media.models import Picture


def abandoned_drafts(*, days: int, limit: int) -> list[Game]:
    """Games that were never published, that nobody has touched for so many days and no account keeps, oldest first."""
    before = Now() - timedelta(days=days)
    drafts = Revision.objects.filter(
        frozen_at=None, number=1, changed_at__lt=before, game__deleted_at=None, game__owner=None
    )
    return [draft.game for draft in drafts.select_related("game").order_by("changed_at")[:limit]]


def unused_pictures(*, after: int, limit: int, hours: int) -> tuple[list[Picture], int]:
    """Pictures that are in no game and came more than so many hours ago, among the `limit` next after the primary key
    `after`; and the key to go on from, 0 when the end was reached.
    """
    keys = list(Picture.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit])
    if not keys:
        return [], 0
    in_a_game = Exists(SlotPicture.objects.filter(picture=OuterRef("pk")))
    old = Q(received_at__lt=Now() - timedelta(hours=hours))
    unused = Picture.objects.filter(~in_a_game, old, pk__gt=after, pk__lte=keys[-1])
    return list(unused), keys[-1] if len(keys) == limit else 0

"""The line of a game's revisions: copies of earlier ones, and the letting go of what is too old.

Within the transaction of an action that holds the game's row.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now

from pictogame.games.drafts import like, pictures_like
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.media import actions as media
from pictogame.media.actions import Forgotten
from pictogame.media.models import Picture

KEPT = 20
"""Revisions that keep their pictures and can be brought back; upgrades of the runtime are not counted."""


class Buried(NamedTuple):
    """What became of pictures that a game let go of."""

    forgotten: list[Forgotten]
    """Bytes that leave the vault, unless another picture gave the very same."""
    kept: int
    """Pictures that stay, since another game has them."""


def freeze_copies(
    originals: Sequence[Revision], *, origin: Revision.Origin, runtimes: Sequence[Mapping[str, str]] | None = None
) -> list[Revision]:
    """A frozen copy of each, one a game, as the newest but for an open draft, which moves up by one.

    With the original's runtime, or with those given.
    """
    games = [one.game_id for one in originals]
    of_games = Revision.objects.filter(game__in=games)
    of_games.filter(frozen_at=None).update(number=F("number") + 1)
    last = dict(of_games.values_list("game_id").annotate(last=Max("number")))
    drafts = set(of_games.filter(frozen_at=None).values_list("game_id", flat=True))
    copies: list[Revision] = []
    for place, original in enumerate(originals):
        # Below a draft there is now a number free.
        number = last[original.game_id] + (-1 if original.game_id in drafts else 1)
        copy = like(original, number=number)
        copy.runtime = dict(runtimes[place] if runtimes else original.runtime)
        copy.origin, copy.copy_of = origin, original.number
        copy.frozen_at = Now()
        copies.append(copy)
    Revision.objects.bulk_create(copies)
    by_original = {original.pk: copy for original, copy in zip(originals, copies, strict=True)}
    pictures: list[SlotPicture] = []
    for row in SlotPicture.objects.filter(revision__in=list(by_original)):
        pictures += pictures_like([row], by_original[row.revision_id])
    SlotPicture.objects.bulk_create(pictures)
    return list(Revision.objects.filter(pk__in=[copy.pk for copy in copies]).order_by("game_id"))


def let_go(game: Game) -> None:
    """Revisions older than the last KEPT that its creator published or brought back let go of their pictures.

    What is wanted and what the bucket holds keep theirs.
    """
    frozen = game.revisions.filter(frozen_at__isnull=False)
    made = frozen.exclude(origin=Revision.Origin.UPGRADE).order_by("-number").values_list("number", flat=True)
    oldest = next(iter(made[KEPT - 1 : KEPT]), 0)
    row = Game.objects.get(pk=game.pk)
    old = frozen.filter(number__lt=oldest, emptied_at=None).exclude(pk__in=[row.wanted_id or 0, row.published_id or 0])
    pks = list(old.values_list("pk", flat=True))
    if pks:
        drop(SlotPicture.objects.filter(revision__in=pks))
        Revision.objects.filter(pk__in=pks).update(emptied_at=Now())


def drop(rows: QuerySet[SlotPicture]) -> Buried:
    """Takes pictures out of slots; those that are in no slot of any game any more are forgotten."""
    # Locked, in the order in which everybody locks them: of two games that go at the same time, each would else see a
    # picture that they share in the other.
    pictures = list(Picture.objects.select_for_update().filter(pk__in=rows.values("picture")).order_by("pk"))
    rows.delete()
    used = set(SlotPicture.objects.filter(picture__in=pictures).values_list("picture", flat=True))
    forgotten: list[Forgotten] = []
    kept = 0
    for picture in pictures:
        lost = [] if picture.pk in used else media.forget(picture=picture)
        forgotten += lost
        kept += not lost
    return Buried(forgotten, kept)

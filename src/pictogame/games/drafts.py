"""What every action on a game stands on: its row locked, its draft, the crops that its pictures need."""

from collections.abc import Iterable, Mapping

from pictogame.catalog import queries as catalog
from pictogame.games import queries
from pictogame.games.errors import NotFound, NothingToPublish, PictureUnusable
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.games.parts import ratio_of_row, refusal_of, used_of
from pictogame.media import actions as media
from pictogame.media.models import Crop


def locked(game: Game) -> Game:
    """The row of a game that is not deleted, ours until the transaction ends. Raises NotFound."""
    row = Game.objects.select_for_update().filter(pk=game.pk, deleted_at=None).first()
    if row is None:
        raise NotFound
    return row


def draft_of(game: Game) -> Revision:
    """The draft of a locked game; a copy of its newest revision when that is frozen."""
    newest = queries.newest_of(game)
    if newest.frozen_at is None:
        return newest
    draft = like(newest, number=newest.number + 1)
    draft.save(force_insert=True)
    SlotPicture.objects.bulk_create(pictures_like(newest.pictures.all(), draft))
    return draft


def like(revision: Revision, *, number: int) -> Revision:
    """Another revision of the game that says the same; not saved, open, pinned to nothing."""
    return Revision(
        game_id=revision.game_id,
        number=number,
        template=revision.template,
        skin=revision.skin,
        title=revision.title,
        message=revision.message,
        language=revision.language,
        options=revision.options,
        seed=revision.seed,
    )


def pictures_like(rows: Iterable[SlotPicture], revision: Revision) -> list[SlotPicture]:
    """The same pictures in the same slots of another revision; not saved."""
    return [
        SlotPicture(
            revision=revision,
            slot=row.slot,
            position=row.position,
            picture_id=row.picture_id,
            alt=row.alt,
            name=row.name,
            focus_x=row.focus_x,
            focus_y=row.focus_y,
        )
        for row in rows
    ]


def ratios_of(draft: Revision) -> dict[int, str]:
    """The ratio of the crop of every picture that plays, by row."""
    template = catalog.template(draft.template)
    return {row.pk: ratio_of_row(template, draft, row) for row in used_of(template, list(draft.pictures.all()))}


def want_crops(draft: Revision, before: Mapping[int, str]) -> None:
    """Wants the crop of every picture that plays, but for those that played in the same ratio `before`, by row."""
    template = catalog.template(draft.template)
    for row in used_of(template, list(draft.pictures.select_related("picture"))):
        ratio = ratio_of_row(template, draft, row)
        if before.get(row.pk) != ratio:
            media.want(picture=row.picture, ratio=ratio, focus_x=row.focus_x, focus_y=row.focus_y)


def check_pictures(draft: Revision) -> None:
    """Raises NothingToPublish when pictures are missing, PictureUnusable when one was refused; wants the crops else."""
    template = catalog.template(draft.template)
    used = used_of(template, list(draft.pictures.select_related("picture")))
    for slot in template.slots:
        count = sum(row.slot == slot.name for row in used)
        if count < slot.least:
            missing = slot.least - count
            more = "a picture" if slot.least == 1 else f"{missing} more picture{'s' if missing > 1 else ''}"
            raise NothingToPublish(f"{template.title} needs {more} before it can be published.")
    for row in used:
        crop = Crop.objects.filter(
            picture=row.picture,
            ratio=ratio_of_row(template, draft, row),
            focus_x=row.focus_x,
            focus_y=row.focus_y,
        ).first()
        if refusal := refusal_of(row, crop):
            raise PictureUnusable(refusal)
    want_crops(draft, {})

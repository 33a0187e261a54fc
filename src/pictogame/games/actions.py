"""What a creator does with a game: here how it is made and edited, in `release` what of it shall play.

Each action takes keywords, owns its transaction and locks the game's row first.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from pictogame.accounts import actions as accounts
from pictogame.accounts.models import User
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.catalog.rules import clean_options, fitting_options, ratio_of
from pictogame.games import queries, rules
from pictogame.games.drafts import draft_of, locked, ratios_of, want_crops
from pictogame.games.errors import (
    AlreadyThere,
    NotFound,
    PictureGone,
    PictureUnusable,
    SlotFull,
    StaleOrder,
)
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.games.release import (
    bury,
    delete,
    delete_abandoned,
    discard_draft,
    mark_published,
    publish,
    roll_back,
    set_listed,
    undo_upgrades,
    unpublish,
    upgrade,
    upgrade_many,
)
from pictogame.lib.hashing import hash_of_secret, new_game_id, new_secret
from pictogame.lib.types import Secret
from pictogame.media import actions as media
from pictogame.media import remaking
from pictogame.media.models import Picture

__all__ = [
    "Created",
    "add_picture",
    "arrange",
    "bury",
    "change",
    "create",
    "delete",
    "delete_abandoned",
    "describe_picture",
    "discard_draft",
    "mark_published",
    "open_draft",
    "publish",
    "remove_picture",
    "return_picture",
    "roll_back",
    "set_listed",
    "undo_upgrades",
    "unpublish",
    "upgrade",
    "upgrade_many",
]


@dataclass(frozen=True, slots=True)
class Created:
    """A new game, and the one time that its secret is known."""

    game: Game
    secret: Secret


@transaction.atomic
def create(
    *,
    template: str,
    skin: str = "paper",
    title: str = "",
    language: str = "en",
    message: str = "",
    options: Mapping[str, object] | None = None,
    listed: bool = False,
    secret: Secret | None = None,
    owner: User | None = None,
) -> Created:
    """A game with an empty draft, and a new secret unless one is given; kept in an account when there is one still.

    Raises UnknownTemplate, UnknownSkin, BadOption, BadText.
    """
    chosen = catalog.template(template)
    secret = secret or new_secret()
    revision = Revision(
        number=1,
        template=chosen.name,
        skin=catalog.skin(skin).name,
        title=rules.clean_title(title),
        message=rules.clean_message(message),
        language=rules.clean_language(language, catalog.manifest().languages),
        options=clean_options(chosen, options or {}),
        seed=secrets.randbelow(rules.SEED_LIMIT),
    )
    if owner is not None and not accounts.held(user=owner):
        owner = None  # It was deleted a moment ago: the edit link is there all the same.
    game = Game.objects.create(id=new_game_id(), secret_hash=hash_of_secret(secret), listed=listed, owner=owner)
    revision.game = game
    revision.save(force_insert=True)
    return Created(game, secret)


@transaction.atomic
def open_draft(*, game: Game) -> Revision:
    """The draft of a game; a copy of its newest revision when that is frozen."""
    return draft_of(locked(game))


@transaction.atomic
def change(
    *,
    game: Game,
    template: str | None = None,
    skin: str | None = None,
    title: str | None = None,
    message: str | None = None,
    language: str | None = None,
    options: Mapping[str, object] | None = None,
) -> Revision:
    """Changes what is given in the draft, all of it or nothing.

    Another template keeps the options that it knows and takes the pictures over, in order; those it has no room for
    wait in the draft. `options` are set on top of those that are there. Raises as `create` does.
    """
    draft = draft_of(locked(game))
    before = ratios_of(draft)
    if template is not None and template != draft.template:
        chosen = catalog.template(template)
        draft.options = fitting_options(chosen, draft.options)
        draft.template = chosen.name
        _pour(draft, chosen)
    if options is not None:
        chosen = catalog.template(draft.template)
        draft.options = clean_options(chosen, {**fitting_options(chosen, draft.options), **options})
    if skin is not None:
        draft.skin = catalog.skin(skin).name
    if title is not None:
        draft.title = rules.clean_title(title)
    if message is not None:
        draft.message = rules.clean_message(message)
    if language is not None:
        draft.language = rules.clean_language(language, catalog.manifest().languages)
    draft.save()
    want_crops(draft, before)
    return draft


@transaction.atomic
def add_picture(
    *,
    game: Game,
    picture: Picture,
    name: str,
    slot: str | None = None,
    alt: str = "",
    focus: tuple[int, int] = (500, 500),
) -> SlotPicture:
    """Puts a picture at the end of a slot of the draft (the first with room, unless named) and wants its crop at once.

    Raises SlotFull, AlreadyThere when the slot holds the same bytes, PictureUnusable, BadText, and PictureGone when
    the last game that had the same bytes was deleted a moment ago: sent again, the picture is taken.
    """
    draft = draft_of(locked(game))
    template = catalog.template(draft.template)
    if not media.hold(picture=picture):
        called = rules.clean_name(name) or "Your picture"
        raise PictureGone(f"{called} was just deleted with another game that had it: send it once more.")
    if picture.state == Picture.State.REFUSED:
        raise PictureUnusable(picture.refusal)
    remaking.bring_back(picture=picture)
    counts = {one.name: draft.pictures.filter(slot=one.name).count() for one in template.slots}
    if slot is None:
        chosen = next((one for one in template.slots if counts[one.name] < one.most), template.slots[-1])
    else:
        named = template.slot(slot)
        if named is None:
            places = ", ".join(one.name for one in template.slots)
            raise SlotFull(f"{template.title} has no place called “{rules.clean_text(slot)[:40]}”. It has {places}.")
        chosen = named
    if draft.pictures.filter(slot=chosen.name, picture=picture).exists():
        raise AlreadyThere(f"{rules.clean_name(name) or 'That picture'} is already in this game, so it is kept once.")
    if counts[chosen.name] >= chosen.most:
        room = chosen.most if slot else sum(one.most for one in template.slots)
        most = "one picture" if room == 1 else f"{room} pictures"
        raise SlotFull(
            f"{template.title} takes {most}. Remove one to make room for {rules.clean_name(name) or 'another'}."
        )
    row = SlotPicture.objects.create(
        revision=draft,
        slot=chosen.name,
        position=_end(draft, chosen.name),
        picture=picture,
        alt=rules.clean_alt(alt),
        name=rules.clean_name(name),
        focus_x=_thousandths(focus[0]),
        focus_y=_thousandths(focus[1]),
    )
    ratio = ratio_of(template, chosen, draft.options)
    media.want(picture=picture, ratio=ratio, focus_x=row.focus_x, focus_y=row.focus_y)
    _touch(draft)
    return row


@transaction.atomic
def return_picture(*, game: Game, picture: Picture) -> SlotPicture | None:
    """Takes a picture that was just sent and that the game has already for what it lost of it; opens no draft for that.

    None when the game does not have it, or nothing of it was given up.
    """
    row = queries.newest_of(locked(game)).pictures.select_related("picture").filter(picture=picture).first()
    return row if row is not None and remaking.bring_back(picture=picture) else None


@transaction.atomic
def arrange(*, game: Game, order: list[int]) -> None:
    """Puts the pictures of the draft into the order of their ids; each stays in its slot.

    Raises StaleOrder for ids of others.
    """
    draft = draft_of(locked(game))
    rows = [_row(game, draft, pk) for pk in order]
    if len({row.pk for row in rows}) != len(rows) or len(rows) != draft.pictures.count():
        raise StaleOrder("The pictures have changed since this page was loaded. Load it again to see them as they are.")
    before, positions = ratios_of(draft), dict[str, int]()
    for row in rows:
        row.position = positions.get(row.slot, 0)
        positions[row.slot] = row.position + 1
    SlotPicture.objects.bulk_update(rows, ["position"])
    want_crops(draft, before)
    _touch(draft)


@transaction.atomic
def describe_picture(
    *, game: Game, slot_picture_id: int, alt: str | None = None, focus: tuple[int, int] | None = None
) -> SlotPicture:
    """Sets what a picture shows in words, and the point that its crop keeps (thousandths of width and height).

    Raises TooManyCrops, and sets neither, when the point of that picture was moved too often within a while.
    """
    draft = draft_of(locked(game))
    row = _row(game, draft, slot_picture_id)
    if alt is not None:
        row.alt = rules.clean_alt(alt)
    if focus is not None:
        row.focus_x, row.focus_y = _thousandths(focus[0]), _thousandths(focus[1])
        media.check_moves(picture=row.picture, focus_x=row.focus_x, focus_y=row.focus_y)
    row.save()
    want_crops(draft, {})
    _touch(draft)
    return row


@transaction.atomic
def remove_picture(*, game: Game, slot_picture_id: int) -> None:
    """Takes a picture out of the draft. What plays is untouched until the draft is published."""
    draft = draft_of(locked(game))
    before = ratios_of(draft)
    _row(game, draft, slot_picture_id).delete()
    for slot in {row.slot for row in draft.pictures.all()}:
        rows = list(draft.pictures.filter(slot=slot).order_by("position", "pk"))
        for position, row in enumerate(rows):
            row.position = position
        SlotPicture.objects.bulk_update(rows, ["position"])
    want_crops(draft, before)
    _touch(draft)


def _row(game: Game, draft: Revision, pk: int) -> SlotPicture:
    """A picture of the draft by its id, or by the id that it had in the revision of which the draft is a copy."""
    row = draft.pictures.select_related("picture").filter(pk=pk).first()
    if row is None:
        old = SlotPicture.objects.filter(pk=pk, revision__game_id=game.pk).first()
        row = old and draft.pictures.select_related("picture").filter(slot=old.slot, picture=old.picture_id).first()
    if row is None:
        raise NotFound("That picture is no longer in this game.")
    return row


def _end(draft: Revision, slot: str) -> int:
    last: int | None = draft.pictures.filter(slot=slot).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _pour(draft: Revision, template: Template) -> None:
    """Deals the pictures out to the slots of another template, in order; what is too much waits in the last slot."""
    rows = list(draft.pictures.order_by("slot", "position", "pk"))
    slots = [slot.name for slot in template.slots for _ in range(slot.most)]
    positions: dict[str, int] = {}
    for number, row in enumerate(rows):
        row.slot = slots[number] if number < len(slots) else slots[-1]
        row.position = positions.get(row.slot, 0)
        positions[row.slot] = row.position + 1
    SlotPicture.objects.bulk_update(rows, ["slot", "position"])


def _thousandths(value: int) -> int:
    return min(1000, max(0, value))


def _touch(draft: Revision) -> None:
    draft.save(update_fields=["changed_at"])

"""Games, and what there is to know about one."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from pictogame.accounts.models import User
from pictogame.bucket import keys
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.catalog.rules import advice_for, ratio_of
from pictogame.catalog.rules import frame_of as board_ratio
from pictogame.games.document import DescribedPicture, Description, Source
from pictogame.games.errors import NotFound, NotReady, PictureSetAside, PictureUnusable
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.jobs.prepared import ask
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Key, Sha256
from pictogame.media.models import Crop, Picture, Rendition

KeyOf = Callable[[Sha256, str], Key]
"""The key of a rendition, from its hash and media type."""

_CARD = Rendition.Role.CARD.value


def game_for_reading(game_id: str) -> Game:
    """The game of that id. Raises NotFound when there is none, or it was deleted."""
    game = Game.objects.select_related("wanted", "published").filter(id=game_id, deleted_at=None).first()
    if game is None:
        raise NotFound
    return game


def game_for_editing(game_id: str, secret: str) -> Game:
    """The game of that id, for somebody who knows its secret. A wrong secret is like no game at all: NotFound."""
    game = game_for_reading(game_id)
    _check_secret(game, secret)
    return game


def game_of_owner(game_id: str, owner: User | None) -> Game:
    """The game of that id, for the account that it is kept in. Anybody else's is like no game at all: NotFound."""
    game = game_for_reading(game_id)
    if owner is None or game.owner_id != owner.pk:
        raise NotFound
    return game


def deleted_game(game_id: str, secret: str | None = None) -> Game:
    """The tombstone of a deleted game: for whoever runs the installation, or, with `secret`, for its creator alone.

    Raises NotFound when there is none, the game was not deleted, or the secret is wrong.
    """
    game = Game.objects.filter(id=game_id, deleted_at__isnull=False).first()
    if game is None:
        raise NotFound
    if secret is not None:
        _check_secret(game, secret)
    return game


def deleted_game_of_owner(game_id: str, owner: User | None) -> Game:
    """The tombstone of a deleted game, for the account that it was kept in. Raises NotFound as `deleted_game` does."""
    game = deleted_game(game_id)
    if owner is None or game.owner_id != owner.pk:
        raise NotFound
    return game


def _check_secret(game: Game, secret: str) -> None:
    if not hmac.compare_digest(game.secret_hash, hash_of_secret(secret)):
        raise NotFound


def draft_of(game: Game) -> Revision | None:
    """The open revision; None when the newest one is frozen."""
    return game.revisions.filter(frozen_at=None).first()


def newest_of(game: Game) -> Revision:
    """The draft, or else the newest frozen revision: what its creator sees."""
    newest = game.revisions.order_by("-number").first()
    if newest is None:
        raise NotFound
    return newest


def pictures_of(revision: Revision) -> list[SlotPicture]:
    """The pictures of a revision in the order of the template's slots, then of position; with `picture` loaded.

    Those beyond what a slot takes are among them: they wait for a template that has room. `spares` tells which.
    """
    template = catalog.template(revision.template)
    order = {slot.name: number for number, slot in enumerate(template.slots)}
    rows = revision.pictures.select_related("picture")
    return sorted(rows, key=lambda row: (order.get(row.slot, len(order)), row.slot, row.position, row.pk))


def spares(revision: Revision) -> list[SlotPicture]:
    """Pictures that the template has no room for."""
    template = catalog.template(revision.template)
    pictures = pictures_of(revision)
    used = {row.pk for row in used_of(template, pictures)}
    return [row for row in pictures if row.pk not in used]


class Placed(Protocol):
    """A picture in a slot, as a row or as much of one as is needed."""

    @property
    def pk(self) -> int: ...
    @property
    def slot(self) -> str: ...
    @property
    def position(self) -> int: ...


_Placed = TypeVar("_Placed", bound=Placed)


def used_of(template: Template, pictures: Sequence[_Placed]) -> list[_Placed]:
    """Those of the pictures that play: in each slot the first that it takes."""
    used: list[_Placed] = []
    for slot in template.slots:
        rows = sorted((row for row in pictures if row.slot == slot.name), key=lambda row: (row.position, row.pk))
        used += rows[: slot.most]
    return used


class Form(NamedTuple):
    """A rendition, without the weight of a row of its model: a publisher reads hundreds at once."""

    role: str
    sha256: str
    media_type: str
    width: int
    height: int
    size: int


class Part(NamedTuple):
    """A picture of a game, with what was made of it."""

    slot: str
    alt: str
    colours: tuple[str, ...]
    """16 colours `rrggbb`."""
    sources: tuple[Form, ...]
    """What game.xml names: AVIF before JPEG, then widest first."""
    card: Form | None
    """The picture for links; game.xml does not name it."""


class Parts(NamedTuple):
    """Everything made from pictures that a revision plays with."""

    revision: Revision
    template: Template
    parts: tuple[Part, ...]

    @property
    def frame(self) -> tuple[int, int]:
        """The ratio of the board, as width and height."""
        return board_ratio(self.template, self.revision.options)

    @property
    def renditions(self) -> list[Form]:
        """Every rendition that game.xml names, each hash once."""
        return list({source.sha256: source for part in self.parts for source in part.sources}.values())

    @property
    def card(self) -> Form | None:
        """The picture for links, from the first picture."""
        return self.parts[0].card if self.parts else None


def parts_of(revision: Revision, *, ready_only: bool = False) -> Parts:
    """The revision's pictures with their renditions.

    Raises NotReady while crops are being made and PictureUnusable when one was refused; with `ready_only` such
    pictures are left out instead, which is what a preview wants.
    """
    found = parts_of_many([revision], ready_only=ready_only)[revision.pk]
    if isinstance(found, Problem):
        raise found
    return found


class _Row(NamedTuple):
    """A SlotPicture and its Picture."""

    revision: int
    pk: int
    slot: str
    position: int
    alt: str
    name: str
    picture: int
    focus_x: int
    focus_y: int
    state: str
    refusal: str


class _Crop(NamedTuple):
    state: str
    problem: str
    colours: str
    set_aside: bool
    forms: list[Form]


_CropName = tuple[int, str, int, int]


def parts_of_many(revisions: Sequence[Revision], *, ready_only: bool = False) -> dict[int, Parts | Problem]:
    """The parts of each revision by its primary key, or the problem why there are none.

    Two queries for any number.
    """
    rows: dict[int, list[_Row]] = {revision.pk: [] for revision in revisions}
    for values in ask(_slots, list(rows)):
        row = _Row._make(values)
        rows[row.revision].append(row)
    crops = _crops_of({row.picture for some in rows.values() for row in some})
    parts: dict[int, Parts | Problem] = {}
    template_of = cache(catalog.template)  # Each time it is asked, it looks whether the build is a newer one.
    for revision in revisions:
        try:
            template = template_of(revision.template)
            parts[revision.pk] = _parts(revision, template, rows[revision.pk], crops, ready_only=ready_only)
        except Problem as problem:
            parts[revision.pk] = problem
    return parts


def _slots(revisions: Any) -> QuerySet[SlotPicture, Any]:
    found = SlotPicture.objects.filter(revision__in=revisions).order_by("position", "pk")
    return found.values_list(
        "revision_id", "pk", "slot", "position", "alt", "name", "picture_id", "focus_x", "focus_y",
        "picture__state", "picture__refusal",
    )  # fmt: skip


def _crops(pictures: Any) -> QuerySet[Crop, Any]:
    return Crop.objects.filter(picture__in=pictures).values_list(
        "picture_id", "ratio", "focus_x", "focus_y", "state", "problem", "colours", "set_aside_at",
        "renditions__role", "renditions__sha256", "renditions__media_type",
        "renditions__width", "renditions__height", "renditions__size",
    )  # fmt: skip


def _crops_of(pictures: set[int]) -> dict[_CropName, _Crop]:
    """Every crop of the pictures with its renditions, those that have none yet included."""
    crops: dict[_CropName, _Crop] = {}
    rows = ask(_crops, pictures)
    for picture, ratio, focus_x, focus_y, state, problem, colours, set_aside_at, *form in rows:
        name = (picture, ratio, focus_x, focus_y)
        crop = crops.get(name)
        if crop is None:
            crop = crops[name] = _Crop(state, problem, colours, set_aside_at is not None, [])
        if form[0] is not None:
            crop.forms.append(Form._make(form))
    return crops


def _parts(
    revision: Revision,
    template: Template,
    rows: Sequence[_Row],
    crops: Mapping[_CropName, _Crop],
    *,
    ready_only: bool,
) -> Parts:
    parts: list[Part] = []
    for row in used_of(template, rows):
        ratio = ratio_of_row(template, revision, row)
        crop = crops.get((row.picture, ratio, row.focus_x, row.focus_y))
        if crop is not None and crop.state == Crop.State.READY and row.state != Picture.State.REFUSED:
            parts.append(_part(row, crop))
        elif not ready_only:
            reason = _refusal(row.name, row.refusal, *((crop.state, crop.problem) if crop else ("", "")))
            if reason:
                raise PictureUnusable(reason)
            if crop is not None and crop.set_aside:
                raise PictureSetAside(_set_aside(row.name, crop.problem))
            raise NotReady("The pictures are still being prepared.")
    return Parts(revision, template, tuple(parts))


def _part(row: _Row, crop: _Crop) -> Part:
    sources = [form for form in crop.forms if form.role != _CARD]
    sources.sort(key=lambda form: (form.media_type != "image/avif", -form.width))
    card = next((form for form in crop.forms if form.role == _CARD), None)
    return Part(row.slot, row.alt, tuple(crop.colours.split()), tuple(sources), card)


def _set_aside(name: str, problem: str) -> str:
    why = f" The last try met this: {problem}" if problem else ""
    return f"{name or 'A picture'} could not be prepared after many tries. Another picture helps.{why}"


def refusal_of(row: SlotPicture, crop: Crop | None) -> str:
    """Why a picture can't be used, naming its file; empty when nothing is known against it."""
    return _refusal(row.name, row.picture.refusal, *((crop.state, crop.problem) if crop else ("", "")))


def _refusal(name: str, refusal: str, crop_state: str, crop_problem: str) -> str:
    refused = crop_state == Crop.State.REFUSED
    reason = refusal or (refused and (crop_problem or "It can't be used.")) or ""
    return f"{name}: {reason}" if reason and name else reason


def ratio_of_row(template: Template, revision: Revision, row: Placed) -> str:
    """`w:h` of the crop that a picture of the revision needs."""
    slot = template.slot(row.slot) or template.slots[0]
    return ratio_of(template, slot, revision.options)


def title_of(revision: Revision) -> str:
    """What a game is called; by its template when its creator gave no title."""
    return revision.title or catalog.template(revision.template).title


def frame_of(revision: Revision) -> tuple[int, int]:
    """The ratio of the board of a revision, as width and height: (4, 3)."""
    return board_ratio(catalog.template(revision.template), revision.options)


def description_of(revision: Revision, *, key_of: KeyOf = keys.media_key, ready_only: bool = False) -> Description:
    """What game.xml says of a revision. Raises as `parts_of` does."""
    return describe(parts_of(revision, ready_only=ready_only), key_of=key_of)


def describe(parts: Parts, *, key_of: KeyOf = keys.media_key) -> Description:
    """What game.xml says of a revision whose parts are at hand; no query.

    A draft gets the runtime that is installed.
    """
    revision, template = parts.revision, parts.template
    runtime = revision.runtime or runtime_for(revision)
    return Description(
        id=revision.game_id,
        language=revision.language,
        seed=revision.seed,
        title=revision.title or template.title,
        message=revision.message,
        template=revision.template,
        template_src=f"../{runtime['template']}",
        skin=revision.skin,
        skin_src=f"../{runtime['skin']}",
        loader_src=f"../{runtime['loader']}",
        strings_src=f"../{runtime['strings']}" if "strings" in runtime else None,
        options=revision.options,
        pictures=tuple(_described(part, key_of) for part in parts.parts),
        measure=template.score.measure,
        better=template.score.better,
    )


def _described(part: Part, key_of: KeyOf) -> DescribedPicture:
    largest = max(part.sources, key=lambda form: form.width)
    return DescribedPicture(
        slot=part.slot,
        alt=part.alt,
        width=largest.width,
        height=largest.height,
        colours=part.colours,
        sources=tuple(
            Source(f"../{key_of(Sha256(form.sha256), form.media_type)}", form.media_type, form.width, form.height)
            for form in part.sources
        ),
    )


def runtime_for(revision: Revision) -> dict[str, str]:
    """Keys of the installed runtime's objects that a revision would be pinned to.

    Loader, finale, template, skin; strings but for English.
    """
    template = catalog.template(revision.template)
    runtime = {
        "loader": str(catalog.manifest().loader),
        "finale": str(catalog.manifest().finale),
        "template": str(template.script),
        "skin": str(catalog.skin(revision.skin).style),
    }
    if strings := template.strings.get(revision.language):
        runtime["strings"] = str(strings)
    return runtime


StateWord = Literal["draft", "resting", "processing", "queued", "publishing", "in_bucket", "failed"]


@dataclass(frozen=True, slots=True)
class PublishState:
    """Where a game is on its way into the bucket."""

    word: StateWord
    problem: str = ""
    """Why it failed, or what the last try met; empty otherwise."""
    changed: bool = False
    """A draft holds changes that are not wanted yet."""
    mendable: bool = False
    """No further try is made by itself: a picture can't be used, or the game was set aside after many tries. Its
    creator changes it, or publishes it once more."""


def publish_state(game: Game) -> PublishState:
    """The state as the database has it now; `game` itself may be older.

    `draft`: it was never published. `resting`: it was, and its creator took it off the web. `processing`: pictures are
    being made. `queued`: waits for the publisher. `publishing`: a publisher has it. `in_bucket`: what is wanted plays.
    `failed`: a try failed, `problem` says why; it is tried again.
    """
    row = Game.objects.select_related("wanted").annotate(leased=Q(lease_until__gt=Now())).filter(pk=game.pk).first()
    if row is None:
        raise NotFound
    changed = row.revisions.filter(frozen_at=None).exists()
    wanted = row.wanted
    if wanted is None:
        was_published = row.revisions.filter(frozen_at__isnull=False).exists()
        return PublishState("resting" if was_published else "draft", changed=changed)
    if row.published_id == wanted.pk and row.due_at is None and row.set_aside_at is None:
        return PublishState("in_bucket", changed=changed)
    match parts_of_many([wanted])[wanted.pk]:
        case NotReady() as waiting if not isinstance(waiting, PictureSetAside):
            return PublishState("processing", changed=changed)
        case Problem() as problem:
            return PublishState("failed", problem.sentence, changed=changed, mendable=True)
    if row.attempts and row.problem:
        return PublishState("failed", row.problem, changed=changed, mendable=row.set_aside_at is not None)
    return PublishState("publishing" if row.leased else "queued", changed=changed)


def recent_listed(limit: int) -> list[Game]:
    """Listed games that play, newest first, with `published` loaded."""
    games = Game.objects.select_related("published").filter(listed=True, deleted_at=None, published__isnull=False)
    return list(games.order_by("-created_at")[:limit])


def advice_of(revision: Revision) -> str:
    """A sentence when the options ask more of the first picture than it has; empty when it will do, or is not made yet.

    What is played has no more pixels than the original: it was cut to the ratio and never made larger.
    """
    found = parts_of_many([revision], ready_only=True)[revision.pk]
    if isinstance(found, Problem):
        return ""
    first = next((part for part in found.parts if part.slot == found.template.slots[0].name), None)
    if first is None:
        return ""
    pixels = max((form.width * form.height for form in first.sources), default=0)
    return advice_for(found.template, revision.options, pixels=pixels)

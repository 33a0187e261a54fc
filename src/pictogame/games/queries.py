"""Games, and what there is to know about one."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q
from django.db.models.functions import Now

from pictogame.bucket import keys
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.catalog.rules import frame_of as board_ratio
from pictogame.catalog.rules import ratio_of
from pictogame.games.document import DescribedPicture, Description, Source
from pictogame.games.errors import NotFound, NotReady, PictureUnusable
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Key, Sha256
from pictogame.media.models import Crop, Picture, Rendition

KeyOf = Callable[[Sha256, str], Key]
"""The key of a rendition, from its hash and media type."""


def game_for_reading(game_id: str) -> Game:
    """The game of that id. Raises NotFound when there is none, or it was deleted."""
    game = Game.objects.select_related("wanted", "published").filter(id=game_id, deleted_at=None).first()
    if game is None:
        raise NotFound
    return game


def game_for_editing(game_id: str, secret: str) -> Game:
    """The game of that id, for somebody who knows its secret. A wrong secret is like no game at all: NotFound."""
    game = game_for_reading(game_id)
    if not hmac.compare_digest(game.secret_hash, hash_of_secret(secret)):
        raise NotFound
    return game


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


def used_of(template: Template, pictures: Sequence[SlotPicture]) -> list[SlotPicture]:
    """Those of the pictures that play: in each slot the first that it takes."""
    used: list[SlotPicture] = []
    for slot in template.slots:
        rows = sorted((row for row in pictures if row.slot == slot.name), key=lambda row: (row.position, row.pk))
        used += rows[: slot.most]
    return used


@dataclass(frozen=True, slots=True)
class Part:
    """A picture of a game with the crop that was made for it, and the crop's renditions by role."""

    row: SlotPicture
    crop: Crop
    renditions: dict[str, Rendition]

    @property
    def sources(self) -> list[Rendition]:
        """What game.xml names: AVIF before JPEG, then widest first. The card is none of them."""
        wanted = [rendition for role, rendition in self.renditions.items() if role != Rendition.Role.CARD]
        return sorted(wanted, key=lambda rendition: (rendition.media_type != "image/avif", -rendition.width))


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything made from pictures that a revision plays with."""

    revision: Revision
    parts: tuple[Part, ...]

    @property
    def renditions(self) -> list[Rendition]:
        """Every rendition that game.xml names, each hash once."""
        return list({source.sha256: source for part in self.parts for source in part.sources}.values())

    @property
    def card(self) -> Rendition | None:
        """The picture for links, from the first picture."""
        return self.parts[0].renditions.get(Rendition.Role.CARD) if self.parts else None


def parts_of(revision: Revision, *, ready_only: bool = False) -> Parts:
    """The revision's pictures with their renditions.

    Raises NotReady while crops are being made and PictureUnusable when one was refused; with `ready_only` such
    pictures are left out instead, which is what a preview wants.
    """
    found = parts_of_many([revision], ready_only=ready_only)[revision.pk]
    if isinstance(found, Problem):
        raise found
    return found


def parts_of_many(revisions: Sequence[Revision], *, ready_only: bool = False) -> dict[int, Parts | Problem]:
    """The parts of each revision by its primary key, or the problem why there are none.

    Three queries for any number.
    """
    rows: dict[int, list[SlotPicture]] = {revision.pk: [] for revision in revisions}
    pictures: set[int] = set()
    for row in SlotPicture.objects.filter(revision__in=rows).select_related("picture").order_by("position", "pk"):
        rows[row.revision_id].append(row)
        pictures.add(row.picture_id)
    crops = {
        (crop.picture_id, crop.ratio, crop.focus_x, crop.focus_y): crop
        for crop in Crop.objects.filter(picture__in=pictures).prefetch_related("renditions")
    }
    found: dict[int, Parts | Problem] = {}
    for revision in revisions:
        try:
            found[revision.pk] = _parts(revision, rows[revision.pk], crops, ready_only=ready_only)
        except Problem as problem:
            found[revision.pk] = problem
    return found


def _parts(
    revision: Revision,
    rows: Sequence[SlotPicture],
    crops: dict[tuple[int, str, int, int], Crop],
    *,
    ready_only: bool,
) -> Parts:
    template = catalog.template(revision.template)
    parts: list[Part] = []
    for row in used_of(template, rows):
        ratio = ratio_of_row(template, revision, row)
        crop = crops.get((row.picture_id, ratio, row.focus_x, row.focus_y))
        if crop is not None and crop.state == Crop.State.READY and row.picture.state != Picture.State.REFUSED:
            renditions = {str(rendition.role): rendition for rendition in crop.renditions.all()}
            parts.append(Part(row, crop, renditions))
        elif not ready_only:
            if refusal := refusal_of(row, crop):
                raise PictureUnusable(refusal)
            raise NotReady("The pictures are still being prepared.")
    return Parts(revision, tuple(parts))


def refusal_of(row: SlotPicture, crop: Crop | None) -> str:
    """Why a picture can't be used, naming its file; empty when nothing is known against it."""
    reason = row.picture.refusal or (crop.problem if crop is not None and crop.state == Crop.State.REFUSED else "")
    if not reason and crop is not None and crop.state == Crop.State.REFUSED:
        reason = "It can't be used."
    return f"{row.name}: {reason}" if reason and row.name else reason


def ratio_of_row(template: Template, revision: Revision, row: SlotPicture) -> str:
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
    revision = parts.revision
    template = catalog.template(revision.template)
    runtime = revision.runtime or runtime_for(revision)
    return Description(
        id=revision.game_id,
        language=revision.language,
        seed=revision.seed,
        title=title_of(revision),
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
    sources = part.sources
    largest = max(sources, key=lambda rendition: rendition.width)
    return DescribedPicture(
        slot=part.row.slot,
        alt=part.row.alt,
        width=largest.width,
        height=largest.height,
        colours=tuple(part.crop.colours.split()),
        sources=tuple(
            Source(
                f"../{key_of(Sha256(source.sha256), source.media_type)}", source.media_type, source.width, source.height
            )
            for source in sources
        ),
    )


def runtime_for(revision: Revision) -> dict[str, str]:
    """Keys of the installed runtime's objects that a revision would be pinned to: loader, finale, template, skin, strings."""
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
    if row.published_id == wanted.pk and row.due_at is None:
        return PublishState("in_bucket", changed=changed)
    match parts_of_many([wanted])[wanted.pk]:
        case NotReady():
            return PublishState("processing", changed=changed)
        case Problem() as problem:
            return PublishState("failed", problem.sentence, changed=changed)
    if row.attempts and row.problem:
        return PublishState("failed", row.problem, changed=changed)
    return PublishState("publishing" if row.leased else "queued", changed=changed)


def recent_listed(limit: int) -> list[Game]:
    """Listed games that play, newest first, with `published` loaded."""
    games = Game.objects.select_related("published").filter(listed=True, deleted_at=None, published__isnull=False)
    return list(games.order_by("-created_at")[:limit])

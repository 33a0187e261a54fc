"""The pictures that a revision plays with, with what was made of them; for hundreds of revisions in two queries."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.catalog.rules import advice_for, ratio_of
from pictogame.catalog.rules import frame_of as board_ratio
from pictogame.games.errors import NotReady, PictureSetAside, PictureUnusable
from pictogame.games.models import Revision, SlotPicture
from pictogame.jobs.prepared import ask
from pictogame.lib.errors import Problem
from pictogame.media.errors import ORIGINAL_LOST
from pictogame.media.models import Crop, Picture, Rendition

_CARD = Rendition.Role.CARD.value


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
        "picture_id", "ratio", "focus_x", "focus_y", "state", "problem", "colours",
        Cast("set_aside_at", TextField()),  # Only whether there is one: nobody reads the time.
        "renditions__role", "renditions__sha256", "renditions__media_type",
        "renditions__width", "renditions__height", "renditions__size",
    )  # fmt: skip


def _crops_of(pictures: set[int]) -> dict[_CropName, _Crop]:
    """Every crop of the pictures with its renditions, those that have none yet included."""
    crops: dict[_CropName, _Crop] = {}
    for row in ask(_crops, pictures):
        name: _CropName = row[:4]
        crop = crops.get(name)
        if crop is None:
            state, problem, colours, set_aside_at = row[4:8]
            crop = crops[name] = _Crop(state, problem, colours, set_aside_at is not None, [])
        if row[8] is not None:
            crop.forms.append(Form._make(row[8:]))
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


def set_aside_of(row: SlotPicture, crop: Crop | None) -> str:
    """Why a picture is not being prepared any more, and what helps; empty when it is, or was."""
    return _set_aside(row.name, crop.problem) if crop is not None and crop.set_aside_at is not None else ""


def _set_aside(name: str, problem: str) -> str:
    if problem == ORIGINAL_LOST:
        return f"{name or 'A picture'}: {problem}"
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

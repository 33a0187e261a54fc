"""What the maker's page shows: pictures by slot, choices, the preview, and the one next thing to do."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from django.urls import reverse

from pictogame.bucket.keys import media_key
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Option, OptionValue, Skin, Slot, Template
from pictogame.catalog.rules import advice_for, fitting_options, frame_of, ratio_of, softness_of
from pictogame.games import describing, document, queries
from pictogame.games.document import Description
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.games.parts import refusal_of, set_aside_of
from pictogame.games.queries import PublishState
from pictogame.lib.types import Sha256
from pictogame.media.models import Crop, Rendition
from pictogame.studio.addresses import preview_base
from pictogame.studio.samples import is_sample, pictures_for, sample_game

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ar": "العربية"}
)
"""Each in its own words; one that is not here shows its code."""


@dataclass(frozen=True, slots=True)
class Row:
    """A picture in a slot."""

    picture: SlotPicture
    key: str
    """Names the row on the page; stays when a draft is copied from what is published."""
    state: Literal["ready", "processing", "refused", "spare"]
    thumbnail: str
    """Address of a small picture; empty while there is none."""
    notes: tuple[str, ...]
    problem: str

    @property
    def focus_percent(self) -> tuple[str, str]:
        """Where the focus point stands, in percent of width and height."""
        return f"{self.picture.focus_x / 10:g}", f"{self.picture.focus_y / 10:g}"


@dataclass(frozen=True, slots=True)
class SlotRows:
    """A slot and what lies in it."""

    slot: Slot
    rows: tuple[Row, ...]

    @property
    def missing(self) -> int:
        """How many pictures it still needs."""
        return max(0, self.slot.least - len(self.rows))

    @property
    def room(self) -> int:
        """How many more it takes."""
        return max(0, self.slot.most - len(self.rows))

    @property
    def takes(self) -> str:
        """How many it takes, in words."""
        if self.slot.most == 1:
            return "one picture"
        return f"{self.slot.least} to {self.slot.most} pictures"

    @property
    def invitation(self) -> str:
        """What stands on the button that chooses pictures."""
        if self.slot.most == 1:
            return "Choose another picture" if self.rows else "Choose a picture"
        if self.missing and self.rows:
            return f"Choose {self.missing} more picture{'s' if self.missing > 1 else ''}"
        return "Add more pictures" if self.rows else "Choose pictures"


@dataclass(frozen=True, slots=True)
class Field:
    """An option of the template with its value. Choices are (value, label, chosen)."""

    option: Option
    value: OptionValue | str
    problem: str

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The values of a choice as the page shows them."""
        return [(str(v), self.option.label_of(v), str(v) == str(self.value)) for v in self.option.values]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the frame plays. `example` when pictures of ours stand in for some of the creator's."""

    url: str
    example: bool
    waiting: bool
    """Pictures are still being made; the page asks again soon."""
    ratio: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Maker:
    """Everything on the page."""

    game: Game
    secret: str
    revision: Revision
    template: Template
    slots: tuple[SlotRows, ...]
    fields: tuple[Field, ...]
    skins: tuple[Skin, ...]
    languages: tuple[tuple[str, str], ...]
    preview: Preview
    state: PublishState
    problems: Mapping[str, str]
    words: Mapping[str, str]
    was_published: bool

    @property
    def first_slot(self) -> SlotRows:
        """The slot whose button is the next thing to do: the first that lacks pictures."""
        return next((one for one in self.slots if one.missing), self.slots[0])

    @property
    def word_problems(self) -> list[tuple[str, str]]:
        """A sentence, or none, for each field that every template has."""
        return [(name, self.problems.get(name, "")) for name in self.words]

    @property
    def refused(self) -> tuple[SlotRows, Row] | None:
        """The first picture that must go before the game can be published, after the slot in which it lies."""
        return next(((one, row) for one in self.slots for row in one.rows if row.state == "refused"), None)

    @property
    def again_ms(self) -> int:
        """Milliseconds after which the page asks how it stands; 0 while nothing is under way."""
        if self.preview.waiting:
            return 700
        return 2000 if self.next == "share" and self.state.word not in {"in_bucket", "failed"} else 0

    @property
    def next(self) -> Literal["choose", "mend", "publish", "update", "again", "share"]:
        """The one thing to do now."""
        if any(one.missing for one in self.slots):
            return "choose"
        if self.refused:
            return "mend"
        if self.state.word in {"draft", "resting"}:
            return "publish"
        if self.state.changed:
            return "update"
        return "again" if self.state.word == "failed" and self.state.mendable else "share"


def maker_of(
    game: Game, secret: str, *, problems: Mapping[str, str] | None = None, sent: Mapping[str, str] | None = None
) -> Maker:
    """The page of a game. `problems` are sentences by field, `sent` those fields as they were typed."""
    revision = queries.newest_of(game)
    template = catalog.template(revision.template)
    problems, sent = problems or {}, sent or {}
    slots = _slots(game, revision, template)
    words = {"title": revision.title, "message": revision.message, "language": revision.language, "skin": revision.skin}
    return Maker(
        game=game,
        secret=secret,
        revision=revision,
        template=template,
        slots=slots,
        fields=tuple(_field(option, revision, problems, sent) for option in template.options),
        skins=tuple(catalog.skins()),
        languages=tuple((code, LANGUAGES.get(code, code)) for code in catalog.manifest().languages),
        preview=_preview(game, revision, template, slots),
        state=queries.publish_state(game),
        problems=problems,
        was_published=revision.number > 1 or revision.frozen_at is not None,
        words={name: sent.get(name, word) for name, word in words.items()},
    )


def description_for_preview(revision: Revision) -> Description:
    """The game as far as it is there: pictures that are ready, examples where the template needs more."""
    template = catalog.template(revision.template)
    found = describing.description_of(revision, ready_only=True)
    options = fitting_options(template, revision.options)
    return found._replace(pictures=tuple(pictures_for(template, options, found.pictures)))


def new_preview(template: Template) -> Preview:
    """The example that plays before anything was chosen."""
    url = reverse("studio:sample-page", args=[template.name])
    return Preview(url, example=True, waiting=False, ratio=frame_of(template, sample_game(template).options))


def _preview(game: Game, revision: Revision, template: Template, slots: tuple[SlotRows, ...]) -> Preview:
    described = description_for_preview(revision)
    # The address changes when the game does, so that the frame is loaded again then and only then.
    version = zlib.crc32(document.write(described))
    return Preview(
        url=f"{preview_base(game.id)}g/{game.id}.html?v={version:08x}",
        example=any(is_sample(picture) for picture in described.pictures),
        waiting=any(row.state == "processing" for one in slots for row in one.rows),
        ratio=frame_of(template, revision.options),
    )


def _field(option: Option, revision: Revision, problems: Mapping[str, str], sent: Mapping[str, str]) -> Field:
    name = f"option-{option.name}"
    value: OptionValue | str = revision.options.get(option.name, option.default)
    if sent and option.type == "switch":
        value = name in sent
    elif name in sent:
        value = sent[name]
    return Field(option, value, problems.get(name, ""))


def _slots(game: Game, revision: Revision, template: Template) -> tuple[SlotRows, ...]:
    pictures = queries.pictures_of(revision)
    spares = {row.pk for row in queries.spares(revision)}
    crops = {
        (crop.picture_id, crop.ratio, crop.focus_x, crop.focus_y): crop
        for crop in Crop.objects.filter(picture__in={row.picture_id for row in pictures}).prefetch_related("renditions")
    }
    found: list[SlotRows] = []
    for slot in template.slots:
        ratio = ratio_of(template, slot, revision.options)
        rows = [
            _row(game, slot, row, crops.get((row.picture_id, ratio, row.focus_x, row.focus_y)), spare=row.pk in spares)
            for row in pictures
            if row.slot == slot.name
        ]
        found.append(SlotRows(slot, tuple(rows)))
    return tuple(found)


def _row(game: Game, slot: Slot, row: SlotPicture, crop: Crop | None, *, spare: bool) -> Row:
    problem = refusal_of(row, crop) or set_aside_of(row, crop)
    ready = crop is not None and crop.state == Crop.State.READY
    notes = [row.picture.note] if row.picture.note else []
    # One note of its size: the one that says what to do, where there is one.
    advice = _advice(row.revision, slot, crop) if crop is not None and ready and not spare else []
    soft = softness_of(slot, row.picture.width, row.picture.height)
    if soft and not problem and not advice:
        notes.append(soft)
    notes += advice
    if spare:
        notes.append("This template has no room for it, so it waits here and is not part of the game.")
    state: Literal["ready", "processing", "refused", "spare"] = "spare" if spare else "ready" if ready else "processing"
    return Row(
        picture=row,
        key=row_key(row),
        state="refused" if problem else state,
        thumbnail=_thumbnail(game, crop) if crop is not None and ready else "",
        notes=tuple(notes),
        problem=problem,
    )


def row_key(row: SlotPicture) -> str:
    """What a row is called on the page; the same in a draft that is a copy of what is published."""
    return f"{row.slot}-{row.picture.sha256[:12]}"


def _advice(revision: Revision, slot: Slot, crop: Crop) -> list[str]:
    """A sentence when the options ask more of the picture than it has."""
    template = catalog.template(revision.template)
    if slot != template.slots[0]:
        return []
    # What is played has no more pixels than the original: it was cut to the ratio and never made larger.
    played = [one.width * one.height for one in crop.renditions.all() if one.role != Rendition.Role.CARD]
    advice = advice_for(template, revision.options, pixels=max(played, default=0))
    return [advice] if advice else []


def _thumbnail(game: Game, crop: Crop) -> str:
    small = {str(one.role): one for one in crop.renditions.all()}
    chosen = small.get(Rendition.Role.SMALL) or small.get(Rendition.Role.LARGE)
    if chosen is None:
        return ""
    return f"{preview_base(game.id)}{media_key(Sha256(chosen.sha256), chosen.media_type)}"

"""The runtime's build manifest, read into frozen records. Pure; `docs/formats/runtime.md` is the format."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NoReturn

from pictogame.catalog.errors import RuntimeMissing
from pictogame.lib.types import Key, Sha256

VERSION = 1
RATIO = re.compile(r"[1-9]\d?:[1-9]\d?")

OptionType = Literal["choice", "switch", "number"]
OptionValue = bool | int | str
"""A value that a creator chose: a switch is bool, a number int, a choice int or str."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something a creator may choose.

    `values`, `labels` and `min_piece` belong to a choice; `least`, `most`, `step` to a number.
    """

    name: str
    label: str
    help: str
    type: OptionType
    default: OptionValue
    values: tuple[int | str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    min_piece: int = 0
    """Pixels across and down that each of so many pieces wants of the picture; 0 where the values count no pieces."""
    least: int = 0
    most: int = 0
    step: int = 1

    def label_of(self, value: OptionValue) -> str:
        """What a creator reads for a value of a choice."""
        return self.labels.get(str(value), str(value))


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for `least` to `most` pictures of one ratio."""

    name: str
    label: str
    least: int
    most: int
    ratio: str
    """`w:h`, or `option:NAME`."""
    min_side: int
    """Shortest side in pixels below which the creator is advised, not refused."""


@dataclass(frozen=True, slots=True)
class Score:
    """What is measured, and which is better."""

    measure: Literal["time", "moves", "points"]
    better: Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of game."""

    name: str
    title: str
    summary: str
    frame: str
    """Ratio of the board: `picture`, that of the first slot, or `w:h`."""
    slots: tuple[Slot, ...]
    options: tuple[Option, ...]
    score: Score
    script: Key
    strings: Mapping[str, Key]
    """The file of texts by language; English has none, the script carries it."""

    def slot(self, name: str) -> Slot | None:
        """The slot of that name."""
        return next((slot for slot in self.slots if slot.name == name), None)

    def option(self, name: str) -> Option | None:
        """The option of that name."""
        return next((option for option in self.options if option.name == name), None)


@dataclass(frozen=True, slots=True)
class Skin:
    """How a game looks."""

    name: str
    title: str
    summary: str
    light: tuple[str, str]
    """Ground and accent, `#RRGGBB`."""
    dark: tuple[str, str]
    style: Key


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """A file of the build. It lies in dist/ under its key."""

    key: Key
    sha256: Sha256
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a build of the runtime declares."""

    objects: tuple[BuiltObject, ...]
    loader: Key
    finale: Key
    """What the loader fetches while a game is played, for when it is won."""
    languages: tuple[str, ...]
    templates: Mapping[str, Template]
    skins: Mapping[str, Skin]


_STALE = "The runtime's manifest {what}: run `make runtime` to build it again."


def read(data: bytes) -> Manifest:
    """The manifest in `data`, the content of `dist/manifest.json`.

    Raises RuntimeMissing, with a sentence that says what to run, for anything that is not a manifest of this version.
    """
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RuntimeMissing(_STALE.format(what="is not JSON")) from error
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise RuntimeMissing(_STALE.format(what="is of another version"))
    try:
        manifest = _manifest(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RuntimeMissing(_STALE.format(what=f"does not say all that it should ({error})")) from error
    _check(manifest)
    return manifest


def _manifest(raw: dict[str, Any]) -> Manifest:
    return Manifest(
        objects=tuple(BuiltObject(Key(o["key"]), Sha256(o["sha256"]), int(o["size"])) for o in raw["objects"]),
        loader=Key(raw["loader"]),
        finale=Key(raw["finale"]),
        languages=tuple(raw["languages"]),
        templates=MappingProxyType({name: _template(name, entry) for name, entry in raw["templates"].items()}),
        skins=MappingProxyType({name: _skin(name, entry) for name, entry in raw["skins"].items()}),
    )


def _template(name: str, entry: dict[str, Any]) -> Template:
    said = entry["manifest"]
    return Template(
        name=name,
        title=said["title"],
        summary=said["summary"],
        frame=said["frame"],
        slots=tuple(
            Slot(s["name"], s["label"], int(s["min"]), int(s["max"]), s["ratio"], int(s["min_side"]))
            for s in said["slots"]
        ),
        options=tuple(_option(o) for o in said["options"]),
        score=Score(said["score"]["measure"], said["score"]["better"]),
        script=Key(entry["script"]),
        strings=MappingProxyType({language: Key(key) for language, key in entry["strings"].items()}),
    )


def _option(said: dict[str, Any]) -> Option:
    kind = said["type"]
    common = (said["name"], said["label"], said["help"])
    match kind:
        case "choice":
            labels = MappingProxyType(dict(said["labels"]))
            return Option(
                *common,
                type="choice",
                default=said["default"],
                values=tuple(said["values"]),
                labels=labels,
                min_piece=int(said.get("min_piece", 0)),
            )
        case "switch":
            return Option(*common, type="switch", default=bool(said["default"]))
        case "number":
            least, most, step = (int(said[name]) for name in ("min", "max", "step"))
            default = int(said["default"])
            return Option(*common, type="number", default=default, least=least, most=most, step=step)
    raise ValueError(f"option type {kind!r}")


def _skin(name: str, entry: dict[str, Any]) -> Skin:
    said = entry["manifest"]
    (light_ground, light_accent), (dark_ground, dark_accent) = said["swatch"]["light"], said["swatch"]["dark"]
    return Skin(
        name=name,
        title=said["title"],
        summary=said["summary"],
        light=(light_ground, light_accent),
        dark=(dark_ground, dark_accent),
        style=Key(entry["style"]),
    )


def _check(manifest: Manifest) -> None:
    """Refuses a manifest that contradicts itself: games made from it could not play."""

    def refuse(what: str) -> NoReturn:
        raise RuntimeMissing(_STALE.format(what=what))

    keys = {built.key for built in manifest.objects}
    named = [manifest.loader, manifest.finale, *(skin.style for skin in manifest.skins.values())]
    for template in manifest.templates.values():
        named += [template.script, *template.strings.values()]
        if not template.slots:
            refuse(f"gives {template.name} no slot for a picture")
        for slot in template.slots:
            option = template.option(slot.ratio.removeprefix("option:")) if slot.ratio.startswith("option:") else None
            ratios = [str(value) for value in option.values] if option else [slot.ratio]
            if not all(RATIO.fullmatch(ratio) for ratio in ratios):
                refuse(f"gives the slot {slot.name} of {template.name} no ratio")
        if template.frame != "picture" and not RATIO.fullmatch(template.frame):
            refuse(f"gives {template.name} no frame")
    for key in named:
        if key not in keys:
            refuse(f"names {key}, which the build does not hold")
    if not manifest.templates or not manifest.skins:
        refuse("holds no template or no skin")

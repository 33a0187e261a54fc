"""game.xml: a description of a game, and the bytes that say it. Pure; `docs/formats/game-xml.md` is the format."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from pictogame.catalog.manifest import OptionValue

NAMESPACE = "urn:pictogame:game:1"


# Named tuples: hundreds of games are described at once, and a frozen dataclass takes three times as long to make.
class Source(NamedTuple):
    """One encoded form of a picture. `src` is relative to game.xml; sizes in pixels."""

    src: str
    type: str
    width: int
    height: int


class DescribedPicture(NamedTuple):
    """A picture in a slot. Its size is that of the largest source."""

    slot: str
    alt: str
    width: int
    height: int
    colours: tuple[str, ...]
    """16 colours `rrggbb`, a 4 x 4 grid row by row."""
    sources: tuple[Source, ...]
    """Best kind first, then widest first."""


class Description(NamedTuple):
    """A published game: everything that is mixed to play it. References are relative to the game.xml."""

    id: str
    language: str
    seed: int
    title: str
    template: str
    template_src: str
    skin: str
    skin_src: str
    loader_src: str
    options: Mapping[str, OptionValue]
    pictures: tuple[DescribedPicture, ...]
    measure: str
    better: str
    message: str = ""
    strings_src: str | None = None
    """Texts of the game's language; none for English."""


_IN_TEXT = re.compile(r"[&<>\r]")
_IN_ATTRIBUTE = re.compile(r"[&<>\"\t\n\r]")
_REFERENCES = MappingProxyType(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def write(game: Description) -> bytes:
    """The bytes of game.xml. The same description gives the same bytes.

    Written as text rather than by lxml, which takes four times as long; the tests validate every shape against the
    schema.
    """
    message = f"  <message>{_text(game.message)}</message>\n" if game.message else ""
    strings = f'  <strings src="{_constant(game.strings_src)}"/>\n' if game.strings_src else ""
    options = "".join(
        f'  <option name="{_constant(name)}" value="{_constant(value_text(value))}"/>\n'
        for name, value in sorted(game.options.items())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<game xmlns="{NAMESPACE}" id="{_attribute(game.id)}" lang="{_constant(game.language)}" seed="{game.seed}">\n'
        f"  <title>{_text(game.title)}</title>\n"
        f"{message}"
        f'  <template name="{_constant(game.template)}" src="{_constant(game.template_src)}"/>\n'
        f'  <skin name="{_constant(game.skin)}" src="{_constant(game.skin_src)}"/>\n'
        f'  <loader src="{_constant(game.loader_src)}"/>\n'
        f"{strings}{options}{''.join(map(_picture, game.pictures))}"
        f'  <score measure="{_constant(game.measure)}" better="{_constant(game.better)}"/>\n'
        "</game>\n"
    ).encode()


def _picture(picture: DescribedPicture) -> str:
    sources = "".join(
        f'    <source src="{_attribute(source.src)}" type="{_constant(source.type)}" '
        f'width="{source.width}" height="{source.height}"/>\n'
        for source in picture.sources
    )
    return (
        f'  <picture slot="{_constant(picture.slot)}" alt="{_attribute(picture.alt)}" '
        f'width="{picture.width}" height="{picture.height}" colours="{" ".join(picture.colours)}">\n'
        f"{sources}  </picture>\n"
    )


def value_text(value: OptionValue) -> str:
    """An option's value as game.xml writes it: `true`, `24`, `4:3`."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def typed_value(text: str) -> OptionValue:
    """The value that `value_text` wrote."""
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"-?(0|[1-9][0-9]{0,9})", text) else text


def _text(text: str) -> str:
    return _IN_TEXT.sub(_reference, text)


def _attribute(text: str) -> str:
    return _IN_ATTRIBUTE.sub(_reference, text)


@lru_cache(maxsize=512)
def _constant(text: str) -> str:
    """For what stands in many games: names, options, types, objects of the runtime."""
    return _attribute(text)


def _reference(found: re.Match[str]) -> str:
    return _REFERENCES[found[0]]

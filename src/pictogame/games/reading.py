"""game.xml, read: as it is published, or as a person writes it. Pure. Nothing outside the bytes is ever looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import NoReturn

from lxml import etree

from pictogame.catalog.manifest import OptionValue
from pictogame.games.document import NAMESPACE, DescribedPicture, Description, Source, typed_value
from pictogame.games.errors import BadDocument
from pictogame.games.rules import clean_text

SIZE_LIMIT = 256 * 1024
"""Bytes. 500 pictures with their sources need less."""

_NS = f"{{{NAMESPACE}}}"


@dataclass(frozen=True, slots=True)
class RecipePicture:
    """A picture of a game.xml that a game is to be made of. `focus` in thousandths of width and height."""

    files: tuple[str, ...]
    """Names relative to game.xml: the file that was written there; of a published one its prepared forms, best first,
    each where the bucket has it (`../m/…`)."""
    slot: str | None
    alt: str
    focus: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a person wrote; None and absent options are left to the defaults."""

    template: str
    skin: str | None
    title: str
    message: str
    language: str
    options: Mapping[str, OptionValue]
    pictures: tuple[RecipePicture, ...]


def read(data: bytes) -> Description:
    """The game that published bytes describe: `write(read(data)) == data` for everything that `write` wrote.

    Raises BadDocument with one sentence for anything else, entity bombs included.
    """
    root = _parsed(data)
    game_id = root.get("id")
    template, skin, loader, score = (root.find(f"{_NS}{name}") for name in ("template", "skin", "loader", "score"))
    if game_id is None or root.get("seed") is None or loader is None or skin is None or score is None:
        _refuse("This game.xml is not a published one: it lacks its id, seed, skin, loader or score.")
    if template is None or not template.get("src") or not skin.get("src"):
        _refuse("This game.xml is not a published one: its template or skin does not say where it lies.")
    strings = root.find(f"{_NS}strings")
    return Description(
        id=game_id,
        language=root.get("lang", "en"),
        seed=int(root.get("seed", "0")),
        title=_published_title(root),
        message=root.findtext(f"{_NS}message", ""),
        template=template.get("name", ""),
        template_src=template.get("src", ""),
        skin=skin.get("name", ""),
        skin_src=skin.get("src", ""),
        loader_src=loader.get("src", ""),
        strings_src=strings.get("src") if strings is not None else None,
        options=_options(root),
        pictures=tuple(_picture(element) for element in root.iterfind(f"{_NS}picture")),
        measure=score.get("measure", ""),
        better=score.get("better", ""),
    )


def read_recipe(data: bytes) -> Recipe:
    """What a game.xml asks for, hand-written or published; its pictures are files beside it. Raises BadDocument."""
    root = _parsed(data)
    template = root.find(f"{_NS}template")
    skin = root.find(f"{_NS}skin")
    return Recipe(
        template=template.get("name", "") if template is not None else "",
        skin=skin.get("name") if skin is not None else None,
        title=root.findtext(f"{_NS}title", ""),
        message=root.findtext(f"{_NS}message", ""),
        language=root.get("lang", "en"),
        options=_options(root),
        pictures=tuple(_recipe_picture(element) for element in root.iterfind(f"{_NS}picture")),
    )


def _picture(element: etree._Element) -> DescribedPicture:
    sources = tuple(
        Source(one.get("src", ""), one.get("type", ""), int(one.get("width", "0")), int(one.get("height", "0")))
        for one in element.iterfind(f"{_NS}source")
    )
    if not sources or any(element.get(name) is None for name in ("slot", "width", "height", "colours")):
        _refuse(
            f"The picture in line {element.sourceline} is not a published one: slot, size, colours or sources lack."
        )
    return DescribedPicture(
        slot=element.get("slot", ""),
        alt=element.get("alt", ""),
        width=int(element.get("width", "0")),
        height=int(element.get("height", "0")),
        colours=tuple(element.get("colours", "").split(" ")),
        sources=sources,
    )


def _recipe_picture(element: etree._Element) -> RecipePicture:
    file = element.get("file")
    prepared = tuple(one.get("src", "") for one in element.iterfind(f"{_NS}source"))
    if file is None and prepared:
        return RecipePicture(files=prepared, slot=element.get("slot"), alt=element.get("alt", ""), focus=None)
    if file is None:
        _refuse(f'The picture in line {element.sourceline} names no file: write file="…", a picture beside game.xml.')
    parts = re.split(r"[/\\]", file)
    if ".." in parts or parts[0] == "" or ":" in file or "\0" in file:
        _refuse(
            f"“{clean_text(file)[:60]}” is not beside game.xml: name a file in the same folder, or in one within it."
        )
    focus = element.get("focus")
    return RecipePicture(
        files=(file,),
        slot=element.get("slot"),
        alt=element.get("alt", ""),
        focus=_focus(focus) if focus is not None else None,
    )


def _focus(text: str) -> tuple[int, int]:
    across, down = (round(float(part) * 1000) for part in text.split(" "))
    return across, down


def _options(root: etree._Element) -> Mapping[str, OptionValue]:
    return MappingProxyType(
        {one.get("name", ""): typed_value(one.get("value", "")) for one in root.iterfind(f"{_NS}option")}
    )


def _published_title(root: etree._Element) -> str:
    title = root.findtext(f"{_NS}title", "")
    if not title.strip():
        _refuse("This game.xml is not a published one: it has no title.")
    return title


def _parsed(data: bytes) -> etree._Element:
    if len(data) > SIZE_LIMIT:
        _refuse(f"This game.xml is too big: it may have {SIZE_LIMIT // 1024} KB, and has {len(data) // 1024:,} KB.")
    if not data.strip():
        _refuse("This game.xml is empty.")
    # Before anything is parsed: entities are the only way that a few bytes of XML become many.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        _refuse_entities()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f" in line {line}" if line else ""
        raise BadDocument(f"This game.xml can't be read: it is not well-formed XML{where}.") from error
    # Other encodings spell the words above differently.
    if root.getroottree().docinfo.doctype:
        _refuse_entities()
    if root.tag != f"{_NS}game":
        _refuse(f'This file is not a game.xml: it should begin with <game xmlns="{NAMESPACE}">.')
    schema = _schema()
    if not schema.validate(root):
        _refuse(_sentence(schema.error_log))
    return root


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(resources.files("pictogame.games").joinpath("game.xsd").read_bytes()))


_QUOTED = re.compile(r"'([^']*)'")
_TOO_LONG = re.compile(r"length of '(\d+)'.*maximum length of '(\d+)'", re.DOTALL)
_CALLED = MappingProxyType({"title": "the title", "message": "the message", "alt": "a picture's alt text"})


def _sentence(log: etree._ListErrorLog) -> str:
    """One sentence out of what libxml2 says of the first place that breaks the schema."""
    entry = next(iter(log))
    message = entry.message.replace(_NS, "")
    words = [*(clean_text(word)[:40] for word in _QUOTED.findall(message)), "", ""]
    element, attribute = f"<{words[0] or 'game'}>", words[1]
    if too_long := _TOO_LONG.search(message):
        length, limit = (int(number) for number in too_long.groups())
        what = _CALLED.get(words[1]) or _CALLED.get(words[0]) or f"what {element} holds"
        return f"Line {entry.line} of game.xml: {what} has room for {limit} characters, and has {length:,}: shorten it."
    meanings = (
        ("This element is not expected", f"{element} is not known there, or stands in the wrong place"),
        ("Missing child element", f"something is missing in {element}, such as its template or a picture"),
        ("is required but missing", f"{element} needs the attribute {attribute}"),
        ("is not allowed", f"{element} has no attribute called {attribute}"),
        ("Duplicate key-sequence", "an option stands there twice"),
        (", attribute '", f"the attribute {attribute} of {element} has a value that it can't take"),
        ("", f"{element} holds what it can't hold, or too much of it"),
    )
    meant = next(meaning for said, meaning in meanings if said in message)
    return f"Line {entry.line} of game.xml breaks the format: {meant}."


def _refuse_entities() -> NoReturn:
    _refuse("This game.xml has a DOCTYPE or entities, which a game needs not and which can do harm: take them out.")


def _refuse(sentence: str) -> NoReturn:
    raise BadDocument(sentence)

"""The games that play on the studio's own pages: a template with pictures that ship with the studio."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import OptionValue, Template
from pictogame.catalog.rules import clean_options, ratio_of
from pictogame.games.document import DescribedPicture, Description, Source
from pictogame.lib.hashing import sha256_of_file

FOLDER = Path(__file__).resolve().parent / "samples"
ID = "sample" + "a" * 8
"""Where game.xml wants an id; no game can have it, for ids are random."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture in the folder. Sizes in pixels."""

    subject: str
    ratio: str
    file: str
    alt: str
    width: int
    height: int
    colours: tuple[str, ...]


@cache
def samples() -> tuple[Sample, ...]:
    """All of them, in the order of the file."""
    said = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    return tuple(Sample(**{**one, "colours": tuple(one["colours"])}) for one in said)


@cache
def _by_name() -> Mapping[str, Sample]:
    """Samples by the name that game.xml gives them: that of any other rendition, the hash of the bytes."""
    return MappingProxyType({f"{sha256_of_file(FOLDER / one.file)}.avif": one for one in samples()})


def picture_of(name: str) -> Path | None:
    """The file of a sample, by its name in game.xml; None for anything else."""
    sample = _by_name().get(name)
    return FOLDER / sample.file if sample else None


def is_sample(picture: DescribedPicture) -> bool:
    """Whether it is one of ours, not the creator's."""
    return any(picture_of(source.src.rpartition("/")[2]) for source in picture.sources)


def sample_game(
    template: Template,
    *,
    skin: str = "paper",
    options: Mapping[str, object] | None = None,
    language: str = "en",
    title: str = "",
    message: str = "",
) -> Description:
    """A game of the template with sample pictures, as many as make a good example."""
    cleaned = clean_options(template, options or {})
    strings = template.strings.get(language)
    return Description(
        id=ID,
        language=language,
        seed=_seed_of(template.name),
        title=title or template.title,
        message=message,
        template=template.name,
        template_src=f"../{template.script}",
        skin=skin,
        skin_src=f"../{catalog.skin(skin).style}",
        loader_src=f"../{catalog.manifest().loader}",
        strings_src=f"../{strings}" if strings else None,
        options=cleaned,
        pictures=tuple(pictures_for(template, cleaned)),
        measure=template.score.measure,
        better=template.score.better,
    )


def pictures_for(
    template: Template, options: Mapping[str, OptionValue], own: Sequence[DescribedPicture] = ()
) -> list[DescribedPicture]:
    """The creator's own pictures, and samples in the slots that lack some."""
    found: list[DescribedPicture] = []
    for slot in template.slots:
        mine = [picture for picture in own if picture.slot == slot.name]
        example = min(slot.most, max(slot.least, 1 if slot.most == 1 else 6))
        wanted = 0 if len(mine) >= slot.least else example - len(mine)
        found += mine + [
            _described(slot.name, one) for one in _fitting(template, ratio_of(template, slot, options))[:wanted]
        ]
    return found


def _fitting(template: Template, ratio: str) -> list[Sample]:
    """Samples of the ratio (landscape when there are none), each template beginning with another one."""
    fitting = [one for one in samples() if one.ratio == ratio] or [one for one in samples() if one.ratio == "4:3"]
    number = sorted(catalog.manifest().templates).index(template.name)
    start = (number + number // len(fitting)) % len(fitting)
    return fitting[start:] + fitting[:start]


def _described(slot: str, one: Sample) -> DescribedPicture:
    name = next(name for name, sample in _by_name().items() if sample is one)
    source = Source(f"../m/{name}", "image/avif", one.width, one.height)
    return DescribedPicture(slot, one.alt, one.width, one.height, one.colours, (source,))


def _seed_of(name: str) -> int:
    return int.from_bytes(name.encode(), "big") % 2**31

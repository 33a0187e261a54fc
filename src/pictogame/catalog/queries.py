"""Templates and skins of the build that is installed."""

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from pictogame.catalog import manifest as manifests
from pictogame.catalog.errors import RuntimeMissing, UnknownSkin, UnknownTemplate
from pictogame.catalog.manifest import Manifest, Skin, Template
from pictogame.catalog.rules import unknown_name


def manifest() -> Manifest:
    """The build's manifest; read again only when the file changed. Raises RuntimeMissing with what to run."""
    # Asked several times for each game that is published: text and os.stat take a fifth of what pathlib takes.
    path = f"{settings.RUNTIME_DIST}/manifest.json"
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise RuntimeMissing("The runtime is not built yet: run `make runtime`.") from error
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: str, _mtime_ns: int, _size: int) -> Manifest:
    try:
        return manifests.read(Path(path).read_bytes())
    except OSError as error:
        raise RuntimeMissing("The runtime's manifest can't be read: run `make runtime`.") from error


def templates() -> list[Template]:
    """All templates, by name."""
    return [template for _, template in sorted(manifest().templates.items())]


def template(name: str) -> Template:
    """The template of that name. Raises UnknownTemplate, which suggests the nearest."""
    known = manifest().templates
    if name not in known:
        raise UnknownTemplate(unknown_name("template", name, known))
    return known[name]


def skins() -> list[Skin]:
    """All skins, by name; `paper` first, since it is where everybody begins."""
    return sorted(manifest().skins.values(), key=lambda skin: (skin.name != "paper", skin.name))


def skin(name: str) -> Skin:
    """The skin of that name. Raises UnknownSkin, which suggests the nearest."""
    known = manifest().skins
    if name not in known:
        raise UnknownSkin(unknown_name("skin", name, known))
    return known[name]

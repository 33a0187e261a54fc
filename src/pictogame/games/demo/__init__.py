"""Three games that greet everybody on a fresh installation.

The rights of their pictures stand in LICENCES.md beside them.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from django.conf import settings
from django.db import transaction

from pictogame.catalog import queries as catalog
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Secret
from pictogame.media import actions as media


@dataclass(frozen=True, slots=True)
class _Picture:
    file: str
    alt: str
    focus: tuple[int, int] = (500, 500)


@dataclass(frozen=True, slots=True)
class _Demo:
    name: str
    template: str
    skins: tuple[str, ...]
    """The first of them that is installed."""
    title: str
    message: str
    options: tuple[tuple[str, object], ...]
    pictures: tuple[_Picture, ...]


_DEMOS = (
    _Demo(
        name="blocks",
        template="sliding",
        skins=("wood", "paper"),
        title="Building blocks",
        message="Every block is where it belongs. Knock them down and build them up again?",
        options=(("size", 3), ("shape", "1:1")),
        pictures=(
            _Picture("building-blocks.jpg", "Wooden blocks stacked to a tower, with letters, a star and a heart"),
        ),
    ),
    _Demo(
        name="flowers",
        template="jigsaw",
        skins=("paper",),
        title="Flowers by the path",
        message="In full bloom!",
        options=(("pieces", 24), ("shape", "4:3")),
        pictures=(_Picture("flowers.jpg", "Violet scabious in the sun beside a path", (480, 560)),),
    ),
    _Demo(
        name="pairs",
        template="memory",
        skins=("arcade", "paper"),
        title="Six pairs",
        message="What a memory!",
        options=(),
        pictures=(
            _Picture("cat.jpg", "A tabby cat", (460, 450)),
            _Picture("coffee.jpg", "A cup of coffee on a saucer", (500, 480)),
            _Picture("berries.jpg", "A round yellow blossom", (670, 530)),
            _Picture("phone-box.jpg", "A red telephone box", (440, 430)),
            _Picture("car.jpg", "The bonnet and mirror of a red car", (330, 500)),
            _Picture("rocket.jpg", "A rocket at dusk", (500, 560)),
        ),
    ),
)


def is_installed() -> bool:
    """Whether all of them were made at some time; one that was deleted since does not come back."""
    return Game.objects.filter(secret_hash__in=_hashes()).count() == len(_DEMOS)


def installed() -> list[Game]:
    """Those that are there."""
    return list(Game.objects.filter(secret_hash__in=_hashes(), deleted_at=None).order_by("created_at", "pk"))


def install() -> list[Game]:
    """Makes those that were never made and wants them in the bucket; gives those that are there. Twice is like once."""
    catalog.manifest()
    for demo in _DEMOS:
        if not Game.objects.filter(secret_hash=hash_of_secret(_secret(demo))).exists():
            _make(demo)
    return installed()


def _make(demo: _Demo) -> None:
    pictures = [(said, media.receive(chunks=_chunks(said.file), name=said.file).picture) for said in demo.pictures]
    skins = catalog.manifest().skins
    with transaction.atomic():
        created = actions.create(
            template=demo.template,
            skin=next((skin for skin in demo.skins if skin in skins), catalog.skins()[0].name),
            title=demo.title,
            message=demo.message,
            options=dict(demo.options),
            listed=True,
            secret=_secret(demo),
        )
        for said, picture in pictures:
            actions.add_picture(game=created.game, picture=picture, name=said.file, alt=said.alt, focus=said.focus)
        actions.publish(game=created.game)


def _chunks(file: str) -> Iterable[bytes]:
    return [resources.files(__package__).joinpath(file).read_bytes()]


def _hashes() -> list[str]:
    return [hash_of_secret(_secret(demo)) for demo in _DEMOS]


def _secret(demo: _Demo) -> Secret:
    """Made from the installation's own key: by it the demo games are known again, and nobody else can make it."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"pictogame demo {demo.name}".encode(), hashlib.sha256)
    return Secret(base64.b32encode(digest[:20]).decode().lower())

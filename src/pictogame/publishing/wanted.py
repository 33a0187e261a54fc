"""What the bucket shall hold for a game: every object with its bytes, or where in the vault they lie."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pictogame.bucket import keys
from pictogame.games import describing, document, page
from pictogame.games.models import Game
from pictogame.games.parts import Parts
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Key, Sha256
from pictogame.publishing import notices
from pictogame.publishing.plan import Rank, Wanted, usable_media_key
from pictogame.publishing.rows import Rows

_NOT_INSTALLED = "This game needs a part of the player that is not here any more: publish it again to renew it."


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses that pages and oEmbed answers hold."""

    bucket_url: str
    site_url: str
    pointer_max_age: int


class RuntimeFile(NamedTuple):
    """A runtime object as it lies in the bucket, or shall: the same for all games."""

    item: Wanted
    plain: bytes = b""
    """The plain bytes of what pages hold inline: a language's strings. Empty for all else."""


def runtime_keys(games: Sequence[Game]) -> set[Key]:
    """Keys of the runtime objects that the games' wanted revisions are pinned to."""
    return {Key(key) for game in games if game.wanted for key in game.wanted.runtime.values()}


def playing(
    game: Game, parts: Parts, *, rows: Rows, runtime: Mapping[Key, RuntimeFile], addresses: Addresses
) -> list[Wanted]:
    """Everything that a game needs to play. Raises Problem when it is pinned to a runtime object that is nowhere."""
    revision = parts.revision
    items = [_runtime_item(Key(key), runtime) for key in revision.runtime.values()]
    media: dict[Sha256, Key] = {}
    for _, name, media_type, _, _, size in parts.renditions:
        sha256 = Sha256(name)
        media[sha256] = key = usable_media_key(sha256, media_type, rows.of_bytes(sha256))
        items.append(Wanted(key, sha256, Rank.LEAF, size, None, sha256))
    described = describing.describe(parts, key_of=lambda sha256, _type: media[sha256])
    xml = document.write(described)
    if card := parts.card:
        sha256 = Sha256(card.sha256)
        items.append(Wanted(keys.game_card_key(game.id), sha256, Rank.POINTER, card.size, None, sha256))
    oembed = page.oembed(described, frame=parts.frame, bucket_url=addresses.bucket_url, site_url=addresses.site_url)
    strings = revision.runtime.get("strings")
    html = page.page(
        described,
        bucket_url=addresses.bucket_url,
        site_url=addresses.site_url,
        xml=xml,
        strings=runtime[Key(strings)].plain if strings else b"",
        listed=game.listed,
    )
    items.append(_item(keys.game_xml_key(game.id), xml))
    items.append(_item(keys.game_oembed_key(game.id), oembed))
    items.append(_item(keys.game_page_key(game.id), html, Rank.PAGE))
    return items


def resting(game: Game, used: Container[Key]) -> list[Wanted]:
    """What stands for a game that was unpublished: a kind page, and nothing of the game at its other addresses.

    Only at addresses that were ever written. They are written over and not deleted, since the game may come back and a
    deleted key never does.
    """
    language = game.published.language if game.published else "en"
    notice = {
        keys.game_xml_key(game.id): notices.resting_xml(game.id),
        keys.game_oembed_key(game.id): notices.resting_oembed(language),
        keys.game_card_key(game.id): resting_card(),
        keys.game_page_key(game.id): notices.resting_page(language),
    }
    page_key = keys.game_page_key(game.id)
    return [
        _item(key, data, Rank.PAGE if key == page_key else Rank.POINTER) for key, data in notice.items() if key in used
    ]


def gone(game: Game, used: Container[Key]) -> list[Wanted]:
    """What stays of a game that was deleted: one page that says so, if there ever was a page."""
    page_key = keys.game_page_key(game.id)
    if page_key not in used:
        return []
    return [_item(page_key, notices.gone_page(), Rank.PAGE)]


@lru_cache(maxsize=1)
def resting_card() -> bytes:
    """A JPEG of 1200 x 630 px without anything of a game in it; drawn by `resting.svg` beside it."""
    return (Path(__file__).parent / "resting.jpg").read_bytes()


def _item(key: Key, data: bytes, rank: Rank = Rank.POINTER) -> Wanted:
    stored = keys.encode(key, data)
    return Wanted(key, sha256_of(stored), rank, len(stored), stored)


def _runtime_item(key: Key, runtime: Mapping[Key, RuntimeFile]) -> Wanted:
    file = runtime.get(key)
    if file is None:
        raise Problem(_NOT_INSTALLED) from LookupError(f"{key} is not installed.")
    return file.item

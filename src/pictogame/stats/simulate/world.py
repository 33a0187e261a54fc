"""What there is to play: games with their objects, as the database knows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.jobs.among import among
from pictogame.stats.errors import NothingToPlay


@dataclass(frozen=True, slots=True)
class Playable:
    """A game: keys with their bytes as stored."""

    id: str
    page: int
    xml: int
    oembed: int
    card: int
    template: str
    runtime: tuple[str, ...]
    """Skin and loader, which come with the page, then the finale, which comes with Play."""
    pictures: tuple[str, ...]
    """Of its own: no other game uses them."""
    shared: tuple[str, ...] = ()
    """That other games use, too."""


@dataclass(frozen=True, slots=True)
class World:
    """All games, and what each object weighs."""

    games: Sequence[Playable]
    sizes: dict[str, int]


def world(*, most: int = 10_000) -> World:
    """The published games of this installation, at most so many. Raises NothingToPlay."""
    # The runtime belongs to all games; which of it a game plays with is pinned in its revision.
    pinned = dict(Game.objects.exclude(published=None).order_by("pk").values_list("pk", "published__runtime")[:most])
    ids = list(pinned)
    sizes = dict(BucketObject.objects.filter(key__startswith="r/", state="stored").values_list("key", "size"))
    by_game: dict[str, list[str]] = {}
    users: dict[str, int] = {}
    for at in range(0, len(ids), 500):
        stored = BucketObject.objects.filter(uses__game__in=among(ids[at : at + 500]), state="stored")
        for game, key, size in stored.values_list("uses__game", "key", "size"):
            by_game.setdefault(game, []).append(key)
            sizes[key] = size
    for some in (list(sizes)[at : at + 500] for at in range(0, len(sizes), 500)):
        for key in BucketObject.objects.filter(key__in=among(some), uses__isnull=False).values_list("key", flat=True):
            users[key] = users.get(key, 0) + 1
    games = [
        _playable(game, by_game[game], pinned[game], sizes, users)
        for game in ids
        if keys.game_page_key(game) in sizes and pinned[game].get("template") in sizes
    ]
    if not games:
        raise NothingToPlay("There is no published game to play: `pictogame demo` makes three.")
    return World(games, sizes)


def _playable(
    game: str, held: Sequence[str], runtime: dict[str, str], sizes: dict[str, int], users: dict[str, int]
) -> Playable:
    pictures = sorted(key for key in held if key.startswith("m/"))
    return Playable(
        id=game,
        page=sizes[keys.game_page_key(game)],
        xml=sizes.get(keys.game_xml_key(game), 0),
        oembed=sizes.get(keys.game_oembed_key(game), 0),
        card=sizes.get(keys.game_card_key(game), 0),
        template=runtime["template"],
        runtime=tuple(runtime[name] for name in ("skin", "loader", "finale") if runtime.get(name) in sizes),
        pictures=tuple(key for key in pictures if users.get(key, 0) == 1),
        shared=tuple(key for key in pictures if users.get(key, 0) != 1),
    )

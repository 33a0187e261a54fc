"""Games to play in tests: rows alone, for numbers need no pictures."""

import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game, Revision
from pictogame.lib.hashing import sha256_of
from pictogame.publishing.models import Use
from pictogame.stats.simulate import world as worlds
from pictogame.stats.simulate.crowd import Crowd
from pictogame.stats.simulate.world import World

ADDRESS = "http://127.0.0.1:9000"
PINNED = {
    "loader": "r/111111111111/loader.js",
    "template": "r/222222222222/jigsaw.js",
    "finale": "r/333333333333/finale.js",
    "skin": "r/444444444444/skin-paper.css",
}
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def publish(count: int, *, seed: int = 7) -> World:
    """Makes so many games with rows for their objects; the first two share a picture."""
    chance = random.Random(seed)
    ids = ["".join(chance.choice(BASE32) for _ in range(14)) for _ in range(count)]
    games = Game.objects.bulk_create([Game(id=one, secret_hash="0" * 64) for one in ids])
    revisions = Revision.objects.bulk_create(
        [
            Revision(game_id=one, number=1, template="jigsaw", skin="paper", title="A cat", seed=1, runtime=PINNED)
            for one in ids
        ]
    )
    for game, revision in zip(games, revisions, strict=True):
        game.published = revision
    Game.objects.bulk_update(games, ["published"], batch_size=400)
    uses: list[tuple[str, str]] = []
    for number, one in enumerate(ids):
        own = [keys.media_key(sha256_of(f"{one}{at}".encode()), "image/avif") for at in range(2)]
        shared = [keys.media_key(sha256_of(b"shared"), "image/jpeg")] if number < 2 else []
        pointers = [
            name(one) for name in (keys.game_page_key, keys.game_xml_key, keys.game_oembed_key, keys.game_card_key)
        ]
        uses += [(one, key) for key in (*own, *shared, *pointers)]

    wanted = dict.fromkeys([*(key for _, key in uses), *PINNED.values()])
    objects = BucketObject.objects.bulk_create(
        [
            BucketObject(key=key, sha256=sha256_of(key.encode()), size=chance.randrange(300, 60_000), state="stored")
            for key in wanted
        ]
    )
    by_key = {one.key: one for one in objects}
    Use.objects.bulk_create([Use(game_id=one, object=by_key[key]) for one, key in uses])
    return worlds.world()


def crowd(world: World, *, plays: int = 400, seed: int = 1, days: int = 3, address: str = ADDRESS) -> Crowd:
    """A crowd of the last days."""
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days + 1)
    return Crowd(world, seed=seed, plays=plays, since=since, days=days, address=address)


def s3_line(
    key: str = "g/b5tq7nzk3xw2mc.html",
    *,
    number: int = 0,
    bucket: str = "pictogame",
    time: str = "06/Feb/2026:10:00:38 +0000",
    agent: str = "Mozilla/5.0 Firefox/140.0",
    referer: str = "https://blog.example/",
    status: str = "200",
    size: str = "1000",
    operation: str = "REST.GET.OBJECT",
) -> bytes:
    """One line of S3's format."""
    return (
        f'79a5 {bucket} [{time}] 192.0.2.3 - {number:016X} {operation} {key} "GET /{key} HTTP/1.1" {status} - '
        f'{size} {size} 7 6 "{referer}" "{agent}" - hostid= - - - - - - -\n'
    ).encode()


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that has the settings of an installation, and not those of the tests."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | more


def write(path: Path, lines: Sequence[bytes]) -> Path:
    """A log of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path

"""A game's whole life in a real bucket, read as browsers read: run by test_lanes.py, which starts the servers."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pytest_django import Settings
from tests.cast import a_picture
from tests.publishing.cast import a_game, change_picture, days_pass
from tests.servers.s3 import S3Server

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.publishing import bucket_check
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.sweep import sweep
from pictogame.storage import open_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> S3Server:
    name, port = os.environ["TESTS_S3_SERVER"].split()
    return S3Server(name, int(port))


@pytest.fixture
def address(server: S3Server, settings: Settings, data: Path) -> str:
    """A bucket of its own, made and opened to the public by our own command."""
    bucket = f"games-{os.urandom(6).hex()}"
    settings.BUCKET = f"s3://{bucket}"
    settings.VAULT = f"s3://vault-{bucket}"
    settings.BUCKET_URL = f"{server.endpoint}/{bucket}"
    server.client().create_bucket(Bucket=f"vault-{bucket}")
    assert [step for step in bucket_check.init() if not step.ok] == []
    return str(settings.BUCKET_URL)


@pytest.fixture
def publisher(address: str, runtime: Path) -> Iterator[Publisher]:
    with Publisher() as one:
        yield one


def ask(address: str, key: str) -> tuple[int, dict[str, str], bytes]:
    """What a sandboxed widget gets."""
    try:
        with urlopen(Request(f"{address}/{key}", headers={"Origin": "null"}), timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except HTTPError as error:
        with error:
            return error.code, {}, error.read()


def named(address: str, game: Game) -> set[str]:
    """What the game's description names, as it is served."""
    key = keys.game_xml_key(game.pk)
    return set(re.findall(r'src="\.\./([^"]+)"', keys.decode(key, ask(address, key)[2]).decode()))


def test_a_game_lives_is_edited_rests_and_goes(publisher: Publisher, address: str) -> None:
    game, shared = a_game(1), a_game(2)
    while publisher.step():
        pass
    assert {publish_state(one).word for one in (game, shared)} == {"in_bucket"}
    for one in (game, shared):
        for key in [*named(address, one), *(f"g/{one.pk}.{end}" for end in ("html", "xml", "json", "jpg"))]:
            status, headers, _ = ask(address, key)
            kind = keys.headers(key)
            assert status == 200, key
            assert headers["content-type"] == kind.content_type
            assert headers["cache-control"] == kind.cache_control
            assert headers.get("content-encoding") == kind.content_encoding
            # SeaweedFS repeats the origin, which serves a browser as well.
            assert headers["access-control-allow-origin"] in {"*", "null"}
    before = named(address, game)
    change_picture(game, a_picture(3))
    publisher.step()
    old = before - named(address, game)
    assert len(old) == 3
    assert all(ask(address, key)[0] == 200 for key in old)
    days_pass()
    sweep(bucket=publisher._bucket, pool=publisher._pool)
    assert all(ask(address, key)[0] in {403, 404} for key in old)
    actions.unpublish(game=shared)
    publisher.step()
    assert b"taking a rest" in ask(address, f"g/{shared.pk}.html")[2]
    actions.delete(game=game)
    publisher.step()
    assert b"This game is gone" in ask(address, f"g/{game.pk}.html")[2]
    assert ask(address, f"g/{game.pk}.xml")[0] in {403, 404}
    known = set(BucketObject.objects.filter(state="stored").values_list("key", flat=True))
    assert {stat.key for stat in open_store(f"s3://{address.rpartition('/')[2]}").list()} == known

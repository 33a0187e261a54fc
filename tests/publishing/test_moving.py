"""Games follow the bucket to another address."""

import threading
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.publishing.cast import Faulty, a_game

from pictogame.bucket.keys import decode
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.types import Key
from pictogame.publishing.publisher import Publisher

# The loop closes connections where it rests.
pytestmark = pytest.mark.django_db(transaction=True)


def _page(bucket: Faulty, game: Game) -> bytes:
    key = Key(f"g/{game.pk}.html")
    return decode(key, bucket.get(key))


def _run(bucket: Faulty, turns: int = 12) -> None:
    """A publisher from its start, for as long as it takes."""
    stop, left = threading.Event(), turns

    def turned() -> None:
        nonlocal left
        left -= 1
        if not left:
            stop.set()

    too_long = threading.Timer(20, stop.set)
    too_long.start()
    with Publisher(bucket=bucket, idle_seconds=0.0) as one:
        one.run(stop, turned=turned)
    too_long.cancel()
    assert left <= 0


def test_pages_are_written_once_more_when_the_bucket_has_another_address(
    db: None, runtime: Path, data: Path, bucket: Faulty, settings: Settings
) -> None:
    settings.BUCKET_URL = "https://old.example.org"
    plays, rests = a_game(1), a_game(2)
    _run(bucket)
    actions.unpublish(game=rests)
    _run(bucket)
    assert b"https://old.example.org" in _page(bucket, plays)
    before = _page(bucket, rests)
    settings.BUCKET_URL = "https://new.example.org/games"
    _run(bucket)
    page = _page(bucket, plays)
    assert b"https://new.example.org/games" in page
    assert b"old.example.org" not in page
    assert _page(bucket, rests) == before


def test_a_publisher_that_starts_where_it_was_writes_nothing(
    db: None, runtime: Path, data: Path, bucket: Faulty
) -> None:
    a_game()
    _run(bucket)
    written: list[str] = []
    bucket.before_put = written.append
    _run(bucket)
    assert written == []


def test_a_second_move_before_the_first_is_over_brings_every_game_along(
    db: None, runtime: Path, data: Path, bucket: Faulty, settings: Settings
) -> None:
    games = [a_game(number) for number in (1, 2)]
    _run(bucket)
    settings.BUCKET_URL = "https://second.example.org"
    _run(bucket, turns=1)
    settings.BUCKET_URL = "https://third.example.org"
    _run(bucket)
    for game in games:
        page = _page(bucket, game)
        assert b"https://third.example.org" in page
        assert b"second.example.org" not in page

"""Two publishers on one PostgreSQL: run by test_lanes.py, where there is one."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from tests.cast import a_picture
from tests.publishing.cast import Faulty, a_game, days_pass, keys_in, named_in

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.media.models import Picture
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.sweep import sweep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bucket() -> Faulty:
    return Faulty()


@pytest.fixture
def two(transactional_db: None, runtime: Path, data: Path, bucket: Faulty) -> Iterator[list[Publisher]]:
    # Small batches, so that one alone can't take all of the work.
    with Publisher(bucket=bucket, batch=32) as one, Publisher(bucket=bucket, batch=32) as other:
        one.install_runtime()
        yield [one, other]


def at_once(*acts: object) -> list[object]:
    """Runs them in threads that begin together, each with a connection of its own."""
    start = threading.Barrier(len(acts))

    def run(act: object) -> object:
        try:
            start.wait(10)
            return act()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(run, act) for act in acts]]


def test_this_is_postgresql() -> None:
    assert connection.vendor == "postgresql"


def test_a_row_is_claimed_once_however_many_ask(two: list[Publisher]) -> None:
    picture = a_picture()
    for number in range(30):
        a_game(picture=picture, title=f"Number {number}")
    claims = at_once(*[lambda: leases.claim(Game.objects.all, limit=7, seconds=60)] * 4)
    taken = [row.pk for rows in claims for row in rows]  # type: ignore[attr-defined]
    assert len(taken) == len(set(taken))
    assert len(taken) >= 7


def test_two_publishers_share_the_work_and_lose_nothing(two: list[Publisher], bucket: Faulty) -> None:
    pictures = [a_picture(number) for number in range(5)]
    games = [a_game(picture=pictures[number % 5], title=f"Number {number}") for number in range(90)]

    def work(publisher: Publisher) -> int:
        steps = 0
        while Game.objects.filter(due_at__isnull=False).exists():
            steps += publisher.step()
        return steps

    steps = at_once(lambda: work(two[0]), lambda: work(two[1]))
    assert all(steps)
    assert Game.objects.filter(published__isnull=False, due_at=None, attempts=0).count() == 90
    held = keys_in(bucket)
    assert all(named_in(bucket, game) <= held for game in games)


def test_a_picture_is_not_deleted_under_a_game_that_begins_to_use_it(two: list[Publisher], bucket: Faulty) -> None:
    for number in range(12):
        old = a_game(number, title="old")
        picture = Picture.objects.get(sha256=f"{number:064x}")
        two[0].step()
        actions.unpublish(game=old)
        two[0].step()
        days_pass()
        new = a_game(picture=picture, title="new")
        at_once(two[0].step, lambda: sweep(bucket=bucket, pool=two[1]._pool))
        new.refresh_from_db()
        while new.published_id is None:
            two[0].step()
            new.refresh_from_db()
        assert named_in(bucket, new) <= keys_in(bucket)

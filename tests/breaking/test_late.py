"""A write that nobody waits for any more is carried out after all: what came after it is written once more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db.models.functions import Now
from tests.breaking.end_state import days_pass
from tests.publishing.cast import a_game, keys_in, make_due, text_in

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.publishing.models import Doubt
from pictogame.publishing.publisher import Publisher
from pictogame.storage import StoreUnavailable
from pictogame.storage.remote import MemoryStore

pytestmark = pytest.mark.django_db


class Slow(MemoryStore):
    """A server that carries out some writes long after their client has given up."""

    def __init__(self) -> None:
        super().__init__()
        self.is_slow = False
        self._waiting: list[Callable[[], None]] = []

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_encoding: str | None = None,
    ) -> None:
        def carry_out() -> None:
            super(Slow, self).put(
                key, data, content_type=content_type, cache_control=cache_control, content_encoding=content_encoding
            )

        if not self.is_slow:
            carry_out()
            return
        self._waiting.append(carry_out)
        raise StoreUnavailable("The bucket does not answer as it should.")

    def wake(self) -> None:
        """What was asked long ago is done now."""
        self.is_slow = False
        for act in self._waiting:
            act()
        self._waiting.clear()


@pytest.fixture
def bucket() -> Slow:
    return Slow()


@pytest.fixture
def publisher(runtime: Path, data: Path, bucket: Slow) -> Iterator[Publisher]:
    with Publisher(bucket=bucket) as one:
        yield one


def edit_while_slow(publisher: Publisher, bucket: Slow) -> Game:
    """A published game whose edit the bucket takes and does not confirm."""
    game = a_game(title="the first")
    publisher.step()
    actions.change(game=game, title="the second")
    actions.publish(game=game)
    bucket.is_slow = True
    publisher.step()
    bucket.is_slow = False
    game.refresh_from_db()
    assert game.attempts == 1
    return game


def a_second_look(publisher: Publisher) -> None:
    """Time passes until the doubts are due, and the publisher works."""
    assert Doubt.objects.exists()
    Doubt.objects.update(at=Now())
    days_pass()
    for _ in range(4):
        publisher._chores.hurry()
        publisher.step()


def test_an_edit_is_not_undone_for_good_by_an_older_write(publisher: Publisher, bucket: Slow) -> None:
    game = edit_while_slow(publisher, bucket)
    actions.change(game=game, title="the third")
    actions.publish(game=game)
    publisher.step()
    assert "<title>the third</title>" in text_in(bucket, f"g/{game.pk}.xml")
    bucket.wake()
    assert "<title>the second</title>" in text_in(bucket, f"g/{game.pk}.xml")
    a_second_look(publisher)
    assert "<title>the third</title>" in text_in(bucket, f"g/{game.pk}.xml")


def test_a_deleted_game_does_not_come_back_for_good(publisher: Publisher, bucket: Slow) -> None:
    game = edit_while_slow(publisher, bucket)
    make_due(game)
    actions.delete(game=game)
    publisher.step()
    assert keys_in(bucket, "g") == {f"g/{game.pk}.html"}
    bucket.wake()
    assert f"g/{game.pk}.xml" in keys_in(bucket, "g")
    a_second_look(publisher)
    assert keys_in(bucket, "g") == {f"g/{game.pk}.html"}
    assert "This game is gone" in text_in(bucket, f"g/{game.pk}.html")

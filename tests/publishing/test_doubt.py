"""Writes of a process that slept through the end of its lease: somebody else's work stands in the end."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django import Settings
from tests.cast import a_picture
from tests.publishing.cast import Faulty, a_game, change_picture, keys_in, named_in, text_in

from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.jobs import leases
from pictogame.lib.types import Key
from pictogame.publishing import doubt
from pictogame.publishing.models import Doubt
from pictogame.publishing.publisher import Publisher

Sleep = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def other(publisher: Publisher, bucket: Faulty, tmp_path: Path, settings: Settings) -> Iterator[Publisher]:
    """A second publisher of the same bucket and rows, as PostgreSQL allows it: the lock is of another folder."""
    before, settings.DATA = settings.DATA, tmp_path / "elsewhere"
    with Publisher(bucket=bucket) as one:
        settings.DATA = before
        yield one


@pytest.fixture
def sleep_at(publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch) -> Sleep:
    """Stops the publisher just before it writes a key, until its lease is over and something else has happened."""
    awake = leases.clock

    def sleep_at(ending: str, meanwhile: Callable[[], object]) -> None:
        def before_put(key: str) -> None:
            if key.endswith(ending):
                bucket.before_put = lambda _key: None
                Game.objects.exclude(lease_token="").update(lease_until=Now() - timedelta(seconds=1))
                meanwhile()
                monkeypatch.setattr(leases, "clock", lambda: awake() + 3600)

        bucket.before_put = before_put

    return sleep_at


def look_again() -> None:
    """The time of the second look has come."""
    Doubt.objects.update(at=Now() - timedelta(seconds=1))
    doubt.look_again()


def test_a_page_that_a_sleeper_wrote_over_the_newer_one_is_written_again(
    publisher: Publisher, other: Publisher, bucket: Faulty, sleep_at: Sleep
) -> None:
    game = a_game(title="The old title")

    def newer() -> None:
        actions.open_draft(game=game)
        actions.change(game=game, title="The new title")
        actions.publish(game=game)
        other.step()
        assert "The new title" in text_in(bucket, f"g/{game.pk}.html")

    sleep_at(".html", newer)
    publisher.step()
    assert "The old title" in text_in(bucket, f"g/{game.pk}.html"), "the late write came through"
    assert publish_state(game).word == "queued"
    other.step()
    assert "The new title" in text_in(bucket, f"g/{game.pk}.html")
    assert publish_state(game).word == "in_bucket"


def test_the_page_of_a_deleted_game_that_a_sleeper_wrote_says_again_that_it_is_gone(
    publisher: Publisher, other: Publisher, bucket: Faulty, sleep_at: Sleep
) -> None:
    game = a_game()
    other.step()
    gone: list[str] = []

    def delete() -> None:
        actions.delete(game=game)
        while other.step():
            pass
        gone.append(text_in(bucket, f"g/{game.pk}.html"))

    change_picture(game, a_picture(2))
    sleep_at(".html", delete)
    publisher.step()
    assert text_in(bucket, f"g/{game.pk}.html") != gone[0], "the late write came through"
    while other.step():
        pass
    assert text_in(bucket, f"g/{game.pk}.html") == gone[0]
    assert {key for key in keys_in(bucket) if key.startswith(("m/", "g/"))} == {f"g/{game.pk}.html"}


def test_what_a_late_write_brought_back_is_deleted_again(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    leaf, description = Key(min(keys_in(bucket, "m"))), Key(f"g/{game.pk}.xml")
    actions.delete(game=game)
    while publisher.step():
        pass
    bucket.put(leaf, b"late")
    bucket.put(description, b"late")
    doubt.of_late_writes([leaf, description])
    while publisher.step():
        pass
    publisher._chores.hurry()
    publisher.step()
    assert {key for key in keys_in(bucket) if key.startswith(("m/", "g/"))} == {f"g/{game.pk}.html"}
    assert BucketObject.objects.filter(key__in=[leaf, description], state="gone").count() == 2


def test_a_doubt_that_the_database_does_not_take_is_not_forgotten(
    publisher: Publisher, other: Publisher, sleep_at: Sleep, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = a_game()
    sleep_at(".html", other.step)
    with monkeypatch.context() as away:
        away.setattr(doubt, "of_late_writes", _raise)
        with pytest.raises(ConnectionError):
            publisher.step()
        assert publish_state(game).word == "in_bucket"
    while publisher.step():
        pass
    assert BucketObject.objects.filter(key=f"g/{game.pk}.html", state="stored").exists()
    assert publisher._reconciler.late == []


def _raise(_keys: object) -> None:
    raise ConnectionError("The database is away.")


def test_what_is_doubted_while_it_is_published_is_not_called_stored(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()

    def doubted(key: str) -> None:
        if key.endswith(".html"):
            bucket.before_put = lambda _key: None
            doubt.of_late_writes([Key(key)])

    bucket.before_put = doubted
    publisher.step()
    assert BucketObject.objects.get(key=f"g/{game.pk}.html").state == "intended"
    assert publish_state(game).word == "queued"
    puts: list[str] = []
    bucket.before_put = puts.append
    publisher.step()
    assert puts == [f"g/{game.pk}.html"]
    assert publish_state(game).word == "in_bucket"


def test_a_takeover_looks_again_at_what_the_last_one_was_writing(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = a_game()
    with monkeypatch.context() as patch:
        patch.setattr("pictogame.publishing.reconcile.Reconciler._finish", _die)
        patch.setattr("pictogame.publishing.publisher.Publisher._fail", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            publisher.step()
    Game.objects.update(lease_until=Now() - timedelta(seconds=1))
    publisher.step()
    assert publish_state(game).word == "in_bucket"
    doubted = set(Doubt.objects.values_list("object__key", flat=True))
    assert {f"g/{game.pk}.{end}" for end in ("xml", "html", "json", "jpg")} <= doubted
    assert not Doubt.objects.filter(at__lt=Now() + timedelta(minutes=15)).exists(), "S3 may take it until then"
    bucket.put(f"g/{game.pk}.xml", b"what was signed long ago")
    look_again()
    puts: list[str] = []
    bucket.before_put = puts.append
    publisher.step()
    assert {key for key in puts if key.startswith("g/")} == {f"g/{game.pk}.{e}" for e in ("xml", "html", "json", "jpg")}
    assert not any(key.startswith("m/") for key in puts), "a leaf is the same whoever wrote it"
    assert named_in(bucket, game) <= keys_in(bucket)
    assert not Doubt.objects.exists()


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_leaf_that_comes_back_after_its_delete_is_deleted_at_the_second_look(
    publisher: Publisher, bucket: Faulty
) -> None:
    game = a_game()
    publisher.step()
    leaf = min(keys_in(bucket, "m"))
    doubt.of_takeover([game])
    actions.delete(game=game)
    while publisher.step():
        pass
    assert keys_in(bucket, "m") == set()
    bucket.put(leaf, b"late")
    look_again()
    publisher._chores.hurry()
    publisher.step()
    assert keys_in(bucket, "m") == set()


def test_a_game_that_was_given_back_is_not_doubted(publisher: Publisher) -> None:
    game = a_game()
    claimed = leases.claim(Game.objects.all, limit=1, seconds=60)
    leases.release(claimed)
    publisher.step()
    assert publish_state(game).word == "in_bucket"
    assert not Doubt.objects.exists()


def test_a_write_that_got_no_answer_and_comes_after_a_newer_one_is_written_over(
    publisher: Publisher, bucket: Faulty
) -> None:
    game = a_game(title="The old title")
    page = f"g/{game.pk}.html"
    bucket.refuses = lambda key: key == page
    publisher.step()
    bucket.refuses = lambda _key: False
    actions.open_draft(game=game)
    actions.change(game=game, title="The new title")
    actions.publish(game=game)
    publisher.step()
    assert set(Doubt.objects.values_list("object__key", flat=True)) == {page}
    bucket.put(page, b"<p>The old title, minutes later")
    look_again()
    publisher.step()
    assert "The new title" in text_in(bucket, page)
    assert publish_state(game).word == "in_bucket"

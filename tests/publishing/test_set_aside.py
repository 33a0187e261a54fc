"""Whose fault a failure is: a game is set aside for its own, and for nobody else's."""

from collections.abc import Sequence

import pytest
from django.db import OperationalError
from tests.publishing.cast import Faulty, a_game, keys_in, make_due

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.parts import Parts, parts_of_many
from pictogame.games.queries import publish_state
from pictogame.jobs import leases
from pictogame.media.models import Crop, Picture
from pictogame.publishing import reconcile
from pictogame.publishing.publisher import Publisher
from pictogame.storage import StoreFull, StoreProblem, StoreRefused, StoreUnavailable


def be_in_the_way(bucket: Faulty) -> None:
    """Something lies where the pictures of a game should go: a fault of this game alone."""

    def refuse(key: str) -> None:
        if key.endswith(".avif"):
            raise StoreProblem(f"Something else lies where {key} should be.")

    bucket.before_put = refuse


def try_often(publisher: Publisher, game: Game, *, times: int) -> None:
    """Every wait is over at once."""
    for _ in range(times):
        Game.objects.filter(pk=game.pk, due_at__isnull=False).update(due_at="2000-01-01T00:00:00Z")
        publisher.step()
    game.refresh_from_db()


def test_a_game_that_fails_by_its_own_fault_is_set_aside_and_told(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    be_in_the_way(bucket)
    try_often(publisher, game, times=leases.MAX_TRIES)
    assert game.set_aside_at is not None
    assert (game.due_at, game.lease_token) == (None, "")
    state = publish_state(game)
    assert (state.word, state.mendable) == ("failed", True)
    assert "does not take a file of this game" in state.problem
    assert "m/" in game.cause
    assert not publisher.step()


def test_a_game_that_plays_and_fails_with_an_edit_is_not_called_published(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    Game.objects.filter(pk=game.pk).update(**{**leases.due(), "due_at": None, "set_aside_at": "2000-01-01T00:00:00Z"})
    Game.objects.filter(pk=game.pk).update(attempts=3, problem="The page can't be written.")
    assert publish_state(game).word == "failed"


@pytest.mark.parametrize("fault", [StoreUnavailable, StoreRefused, StoreFull])
def test_a_bucket_that_is_away_sets_nothing_aside_however_long(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch, fault: type[StoreProblem]
) -> None:
    game = a_game()

    def refuse(key: str) -> None:
        raise fault(f"No way to write {key}.")

    bucket.before_put = refuse
    try_often(publisher, game, times=leases.MAX_TRIES + 5)
    assert (game.set_aside_at, game.faults, game.attempts) == (None, 0, leases.MAX_TRIES + 5)
    assert publish_state(game).word == "failed"
    bucket.before_put = lambda _key: None
    try_often(publisher, game, times=1)
    assert publish_state(game).word == "in_bucket"
    assert (game.attempts, game.cause) == (0, "")


def test_no_creator_reads_a_key_of_the_bucket(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    be_in_the_way(bucket)
    publisher.step()
    game.refresh_from_db()
    assert "m/" not in publish_state(game).problem
    assert "whoever runs this site can see why" in publish_state(game).problem
    assert "Something else lies where m/" in game.cause


def test_a_bucket_that_is_away_is_not_asked_for_every_object(publisher: Publisher, bucket: Faulty) -> None:
    for number in range(12):
        a_game(number)
    asked: list[str] = []

    def refuse(key: str) -> None:
        asked.append(key)
        raise StoreUnavailable("The bucket does not answer.")

    bucket.before_put = refuse
    publisher.step()
    assert len(asked) < 30, "36 renditions were to be written"
    assert Game.objects.filter(faults=0, attempts=1).count() == 12


def test_failures_that_are_alike_are_told_once(
    publisher: Publisher, bucket: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        a_game(number)
    bucket.refuses = lambda key: key.startswith("m/")
    publisher.step()
    told = [record for record in caplog.records if record.message == "not_written"]
    assert len(told) == 1
    assert told[0].exc_info is None


def test_a_mistake_that_one_game_meets_keeps_no_other_from_the_bucket(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    games = [a_game(number) for number in range(6)]
    bad = games[3]

    def stumble(revisions: Sequence[object]) -> dict[int, Parts]:
        if any(getattr(revision, "game_id", None) == bad.pk for revision in revisions):
            raise RuntimeError("a mistake of ours")
        return parts_of_many(revisions)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(reconcile, "parts_of_many", stumble)
    with pytest.raises(RuntimeError, match="a mistake"):
        publisher.step()
    assert Game.objects.filter(published__isnull=False).count() == 5
    bad.refresh_from_db()
    assert (bad.published, bad.attempts, bad.faults) == (None, 1, 1)
    assert "RuntimeError" in bad.cause


def test_a_database_that_is_away_is_no_games_fault(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    game = a_game()

    def away(_revisions: object) -> None:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "parts_of_many", away)
        with pytest.raises(OperationalError):
            publisher.step()
    game.refresh_from_db()
    assert (game.attempts, game.faults) == (1, 0)
    make_due(game)
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_a_refused_picture_is_tried_no_more_until_it_is_another(publisher: Publisher) -> None:
    game = a_game()
    Picture.objects.update(state="refused", refusal="Your picture is damaged.")
    publisher.step()
    game.refresh_from_db()
    assert game.set_aside_at is not None
    assert (publish_state(game).word, publish_state(game).mendable) == ("failed", True)


def test_a_takedown_is_never_set_aside(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)

    def refuse(key: str) -> None:
        raise StoreProblem(f"{key} can't be written.")

    bucket.before_put = refuse
    try_often(publisher, game, times=leases.MAX_TRIES + 2)
    assert game.set_aside_at is None
    assert game.due_at is not None
    bucket.before_put = lambda _key: None
    try_often(publisher, game, times=1)
    assert not Game.objects.filter(due_at__isnull=False).exists()
    assert keys_in(bucket, "m") == set()


def test_publishing_once_more_brings_a_game_back(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    be_in_the_way(bucket)
    try_often(publisher, game, times=leases.MAX_TRIES)
    actions.publish(game=game)
    again = Game.objects.get(pk=game.pk)
    assert (again.set_aside_at, again.attempts, again.faults, again.problem) == (None, 0, 0, "")
    assert publish_state(game).word == "queued"


def test_what_was_set_aside_can_be_tried_again(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    be_in_the_way(bucket)
    try_often(publisher, game, times=leases.MAX_TRIES)
    bucket.before_put = lambda _key: None
    assert leases.retry(Game.objects.all()) == 1
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_a_game_whose_picture_was_set_aside_says_so_and_goes_on_when_it_is_made(publisher: Publisher, db: None) -> None:
    game = a_game()
    Crop.objects.update(state="wanted", colours="", due_at=None, set_aside_at="2000-01-01T00:00:00Z", problem="Busy.")
    actions.publish(game=game)
    publisher.step()
    state = publish_state(game)
    assert (state.word, state.mendable) == ("failed", True)
    assert "cat.jpg could not be prepared" in state.problem
    game.refresh_from_db()
    assert (game.due_at is not None, game.attempts) == (True, 0)

"""The line as a whole: paused, and thousands of games on it."""

from collections.abc import Sequence

import pytest
from tests.cast import a_picture
from tests.publishing.cast import Faulty, a_game, keys_in, make_due, text_in

from pictogame.catalog import queries as catalog
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.jobs.leases import Hold
from pictogame.media.models import Picture
from pictogame.publishing import bulk, line
from pictogame.publishing.models import Run
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.reconcile import Outcome


def games_of_one_picture(count: int) -> list[Game]:
    picture = Picture.objects.first() or a_picture()
    return [a_game(picture=picture, title=f"Number {number}") for number in range(count)]


def finish(publisher: Publisher, run: Run) -> bulk.Progress:
    """Hands on and publishes until the run is over."""
    while not (now := bulk.progress(run)).is_over:
        bulk.hand_on(run)
        publisher.step()
    return now


def test_a_paused_line_lets_nothing_new_into_the_bucket(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    assert line.pause(by="the night shift").sentence.startswith("The line was paused by the night shift at ")
    assert not publisher.step()
    assert publish_state(game).word == "queued"
    assert keys_in(bucket, "g") == set()
    line.pause(by="somebody else")
    assert line.state().paused_by == "the night shift"
    line.resume()
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_a_paused_line_still_takes_down(publisher: Publisher, bucket: Faulty) -> None:
    deleted, resting = a_game(1), a_game(2)
    publisher.step()
    line.pause()
    actions.delete(game=deleted)
    actions.unpublish(game=resting)
    while publisher.step():
        pass
    assert f"g/{deleted.pk}.xml" not in keys_in(bucket)
    assert "rest" in text_in(bucket, f"g/{resting.pk}.xml")


def test_a_takedown_passes_everybody_and_a_new_game_passes_a_run(
    bucket: Faulty, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = games_of_one_picture(3)
    while publisher.step():
        pass
    run, _ = bulk.begin()
    bulk.hand_on(run)
    new = a_game(2)
    actions.delete(game=old[1])
    order: list[list[str]] = []
    publish = publisher._reconciler.publish

    def noting(games: Sequence[Game], hold: Hold) -> Outcome:
        order.append([one.pk for one in games])
        return publish(games, hold)

    monkeypatch.setattr(publisher, "_batch", 1)
    monkeypatch.setattr(publisher._reconciler, "publish", noting)
    while publisher.step():
        pass
    assert order[:2] == [[old[1].pk], [new.pk]]
    assert sorted(order[2:]) == sorted([[old[0].pk], [old[2].pk]])


def test_a_run_publishes_every_game_once_and_writes_only_what_differs(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 3)
    games = games_of_one_picture(8)
    while publisher.step():
        pass
    changed = games[5]
    draft = changed.wanted
    assert draft is not None
    type(draft).objects.filter(pk=draft.pk).update(title="As a newer program would say it")
    puts: list[str] = []
    bucket.before_put = puts.append
    run, resumed = bulk.begin()
    done = finish(publisher, run)
    assert (resumed, done.total, done.handed, done.published, done.due) == (False, 8, 8, 8, 0)
    assert {key.partition(".")[0] for key in puts} == {f"g/{changed.pk}"}
    assert not Game.objects.filter(in_bulk=True).exists()


def test_a_run_that_was_broken_off_goes_on_where_it_was(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 3)
    games_of_one_picture(7)
    while publisher.step():
        pass
    run, _ = bulk.begin()
    assert bulk.hand_on(run) == 3
    again, resumed = bulk.begin()
    assert (again.pk, resumed, again.handed) == (run.pk, True, 3)
    done = finish(publisher, again)
    assert (done.handed, done.published) == (7, 7)
    _, resumed = bulk.begin()
    assert not resumed


def test_a_run_keeps_few_games_due_at_a_time(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 3)
    games_of_one_picture(7)
    while publisher.step():
        pass
    run, _ = bulk.begin()
    while bulk.hand_on(run, most=4):
        pass
    assert Game.objects.filter(due_at__isnull=False).count() == 6


def test_a_run_leaves_alone_what_is_set_aside_deleted_or_at_rest(publisher: Publisher) -> None:
    aside, deleted, resting, plays = (a_game(number) for number in range(4))
    while publisher.step():
        pass
    actions.delete(game=deleted)
    actions.unpublish(game=resting)
    while publisher.step():
        pass
    Game.objects.filter(pk=aside.pk).update(set_aside_at="2000-01-01T00:00:00Z")
    run, _ = bulk.begin()
    done = finish(publisher, run)
    assert (done.total, done.published) == (1, 1)
    assert publish_state(plays).word == "in_bucket"


def test_a_run_of_one_template_leaves_the_others(publisher: Publisher) -> None:
    a_game()
    publisher.step()
    run, _ = bulk.begin(template="pairs")
    assert finish(publisher, run).total == 0


def test_games_are_upgraded_in_bulk_and_brought_back(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    games = games_of_one_picture(3)
    old = games[0].wanted
    assert old is not None
    for game in games:
        assert game.wanted is not None
        pinned = {**game.wanted.runtime, "loader": game.wanted.runtime["finale"]}  # As if an older build had it so.
        type(old).objects.filter(pk=game.wanted.pk).update(runtime=pinned)
    while publisher.step():
        pass
    before = text_in(bucket, f"g/{games[0].pk}.xml")
    run, _ = bulk.begin(kind=Run.Kind.UPGRADE)
    assert finish(publisher, run).published == 3
    after = text_in(bucket, f"g/{games[0].pk}.xml")
    assert before != after
    assert str(catalog.manifest().loader) in after
    run, _ = bulk.begin(kind=Run.Kind.BACK)
    assert finish(publisher, run).published == 3
    assert text_in(bucket, f"g/{games[0].pk}.xml") == before


def test_one_game_is_published_again_before_a_run(publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    assert bulk.publish_again(game)
    game.refresh_from_db()
    assert (game.in_bulk, game.due_at is not None) == (False, True)
    publisher.step()
    actions.unpublish(game=game)
    assert not bulk.publish_again(game)


def test_a_game_that_fails_in_a_run_is_counted_and_does_not_hold_it(publisher: Publisher, bucket: Faulty) -> None:
    good, bad = games_of_one_picture(2)
    while publisher.step():
        pass
    for game in (good, bad):
        assert game.wanted is not None
        type(game.wanted).objects.filter(pk=game.wanted.pk).update(title="New")
    bucket.refuses = lambda key: bad.pk in key
    run, _ = bulk.begin()
    done = finish(publisher, run)
    assert (done.published, done.failing, done.set_aside) == (1, 1, 0)
    bucket.refuses = lambda _key: False
    make_due(bad)
    publisher.step()
    assert bulk.progress(run).published == 2

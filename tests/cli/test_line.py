"""Games published once more, set-aside ones brought back, the line paused: by command."""

from pathlib import Path

import pytest
from django.conf import settings
from tests.cli.conftest import Command
from tests.publishing.cast import a_game

from pictogame.cli.exits import Exit
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.publishing import bulk
from pictogame.publishing.models import Run
from pictogame.publishing.publisher import Publisher


def a_published_game(number: int = 1) -> Game:
    game = a_game(number)
    with Publisher() as publisher:
        publisher.step()
    assert publish_state(game).word == "in_bucket"
    return game


def retitle(game: Game, title: str) -> None:
    """As a newer program would write the same game."""
    assert game.wanted is not None
    type(game.wanted).objects.filter(pk=game.wanted.pk).update(title=title)


def page_of(game: Game) -> str:
    return (Path(settings.DATA) / "bucket" / "g" / f"{game.pk}.html").read_text(encoding="utf-8")


def test_every_game_is_published_again_with_nothing_else_running(command: Command) -> None:
    one, other = a_published_game(1), a_published_game(2)
    retitle(one, "Said anew")
    ended = command("publish", "--all", "--json")
    assert ended.code == Exit.OK
    said = ended.said
    assert (said["games"], said["published"], said["failing"], said["resumed"]) == (2, 2, 0, False)
    assert "Said anew" in page_of(one)
    assert "Said anew" not in page_of(other)


def test_a_run_that_was_broken_off_is_taken_up(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 1)
    for number in range(3):
        a_published_game(number)
    run, _ = bulk.begin()
    bulk.hand_on(run)
    ended = command("publish", "--all")
    assert (ended.code, ended.out) == (Exit.OK, "3 games were published.\n")
    assert "1 of 3 games were handed on by then" in ended.err
    assert Run.objects.get().ended_at is not None


def test_one_game_is_published_again_by_its_id(command: Command) -> None:
    game = a_published_game()
    retitle(game, "Said anew")
    assert command("publish", game.pk).out == "1 game plays from the bucket.\n"
    assert "Said anew" in page_of(game)
    assert command("publish", game.pk, "nobodysgameid2").code == Exit.NOT_FOUND
    actions.unpublish(game=game)
    assert command("publish", game.pk).code == Exit.PROBLEM


def test_what_does_not_go_together_is_said(command: Command) -> None:
    for wrong in (
        ["publish"],
        ["publish", "x", "--all"],
        ["publish", "x", "--template", "jigsaw"],
        ["publish", "--all", "--upgrade", "--runtime-back"],
        ["retry"],
    ):
        assert command(*wrong).code == Exit.USAGE, wrong
    assert command("publish", "--all", "--template", "jigsw").code == Exit.PROBLEM


def test_a_paused_line_publishes_nothing_and_says_who_paused_it(command: Command) -> None:
    game = a_published_game()
    assert command("line", "pause", "--by", "the night shift", "--json").said["paused_by"] == "the night shift"
    ended = command("publish", "--all")
    assert ended.code == Exit.PROBLEM
    assert ended.sentence.startswith("The line was paused by the night shift at ")
    assert command("publish", game.pk, "--json").code == Exit.PROBLEM
    made = command("make", "cat.jpg", "--template", "jigsaw", "--json")
    assert made.code == Exit.WAITING
    assert "waits for the line. The line was paused by the night shift at " in made.out
    assert command("line", "resume", "--json").said == {"paused": False, "paused_at": None, "paused_by": ""}
    assert command("publish", game.pk).code == Exit.OK
    assert command("line", "status").out == "The line runs.\n"


def test_what_was_set_aside_is_tried_again(command: Command) -> None:
    one, other = a_published_game(1), a_published_game(2)
    Game.objects.update(set_aside_at="2000-01-01T00:00:00Z", attempts=32, problem="It did not work.")
    assert command("retry", one.pk, "--json").said == {"games": 1, "pictures": 0}
    assert publish_state(one).word == "queued"
    assert publish_state(other).word == "failed"
    assert command("retry", "--all").out == "1 game and 0 pictures will be tried again.\n"
    assert command("retry", "--all").out == "Nothing was set aside.\n"
    assert command("retry", "nobodysgameid2").code == Exit.NOT_FOUND


def test_builds_are_listed_and_pruned(command: Command) -> None:
    a_published_game()
    objects = command("runtime", "list", "--json").said["objects"]
    assert any(one["games"] == 1 and one["needed"] and one["state"] == "stored" for one in objects)
    assert command("runtime", "prune", "--now", "--json").said == {"removed": [], "waiting": [], "failed": []}

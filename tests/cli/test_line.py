"""Games published once more, set-aside ones brought back, the line paused: by command."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models.functions import Now
from tests.cli.conftest import Command
from tests.publishing.cast import a_game

from pictogame.cli.exits import Exit
from pictogame.games import actions
from pictogame.games.models import Game, SlotPicture
from pictogame.games.queries import publish_state
from pictogame.media.models import Crop
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
    told = "3 games were published; 1 of them was handed on before the run was broken off.\n"
    assert (ended.code, ended.out) == (Exit.OK, told)
    assert "A run that was broken off is taken up again: 1 of 3 games" in ended.err
    assert Run.objects.get().ended_at is not None


def test_a_run_begins_anew_where_that_is_asked_for(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 1)
    for number in range(3):
        a_published_game(number)
    run, _ = bulk.begin()
    bulk.hand_on(run)
    ended = command("publish", "--all", "--anew", "--json")
    assert (ended.code, ended.said["resumed"], ended.said["handed_before"]) == (Exit.OK, False, 0)
    assert ended.said["run"] != run.pk
    assert not Run.objects.filter(ended_at=None).exists()


def test_a_run_of_another_build_begins_anew_and_says_so(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 1)
    for number in range(3):
        a_published_game(number)
    run, _ = bulk.begin(kind=Run.Kind.UPGRADE)
    bulk.hand_on(run)
    Run.objects.update(build="0.0.1 0123456789abcdef")
    ended = command("publish", "--all", "--upgrade")
    assert (ended.code, ended.out) == (Exit.OK, "3 games were upgraded.\n")
    assert "it begins anew" in ended.err


def test_one_game_is_published_again_by_its_id(command: Command) -> None:
    game = a_published_game()
    retitle(game, "Said anew")
    assert command("publish", game.pk).out == "1 game is published, as far as the database knows.\n"
    assert "Said anew" in page_of(game)
    ended = command("publish", game.pk, "nobodysgameid2")
    assert (ended.code, ended.sentence) == (Exit.NOT_FOUND, "There is no game nobodysgameid2: nothing was done.")
    actions.unpublish(game=game)
    assert command("publish", game.pk).code == Exit.PROBLEM


def test_what_does_not_go_together_is_said(command: Command) -> None:
    for wrong in (
        ["publish"],
        ["publish", "x", "--all"],
        ["publish", "x", "--template", "jigsaw"],
        ["publish", "--all", "--upgrade", "--runtime-back"],
        ["publish", "x", "--anew"],
        ["publish", "x", "--pause"],
        ["publish", "--all", "--resume"],
        ["publish", "--pause", "--resume"],
        ["publish", "--all", "--by", "me"],
        ["retry"],
    ):
        assert command(*wrong).code == Exit.USAGE, wrong
    assert command("publish", "--all", "--template", "jigsw").code == Exit.USAGE


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


def test_the_line_is_paused_and_resumed_where_games_are_published(command: Command) -> None:
    assert command("publish", "--pause", "--by", "me", "--json").said["paused_by"] == "me"
    assert command("line", "status", "--json").said["paused"] is True
    assert command("publish", "--resume").out == "The line runs.\n"
    assert command("line", "status", "--json").said["paused"] is False


def test_what_was_set_aside_is_tried_again(command: Command) -> None:
    one, other = a_published_game(1), a_published_game(2)
    Game.objects.update(set_aside_at="2000-01-01T00:00:00Z", attempts=32, problem="It did not work.")
    said = command("retry", one.pk, "--json").said
    assert said == {"games": {"set_aside": 1, "resting": 0}, "pictures": {"set_aside": 0, "resting": 0}}
    assert publish_state(one).word == "queued"
    assert publish_state(other).word == "failed"
    assert command("retry", "--all").out == "Due now: 1 game and 0 pictures set aside.\n"
    assert command("retry", "--all").out == "Nothing was set aside, and nothing waits for its next try.\n"
    assert command("retry", "nobodysgameid2").code == Exit.NOT_FOUND


def test_what_waits_for_its_next_try_is_due_now(command: Command) -> None:
    one, aside, waits = (a_published_game(number) for number in (1, 2, 3))
    later = Now() + timedelta(minutes=5)
    Game.objects.filter(pk=one.pk).update(due_at=later, attempts=9, problem="The bucket does not accept our rights.")
    Game.objects.filter(pk=aside.pk).update(set_aside_at=Now(), attempts=32, problem="It did not work.")
    Game.objects.filter(pk=waits.pk).update(due_at=later)  # Nothing failed: it waits for its pictures.
    Crop.objects.filter(picture__in=SlotPicture.objects.filter(revision__game=one).values("picture")).update(
        state="wanted", due_at=later, attempts=1
    )
    said = command("retry", one.pk, "--json").said
    assert said == {"games": {"set_aside": 0, "resting": 1}, "pictures": {"set_aside": 0, "resting": 1}}
    for rows in (Game.objects.filter(pk=one.pk), Crop.objects.filter(state="wanted")):
        assert list(rows.filter(due_at__lte=Now()).values_list("attempts", flat=True)) == [0]
    Game.objects.filter(pk=one.pk).update(due_at=later, attempts=9)
    told = "Due now: 1 game and 0 pictures set aside; 1 game and 0 pictures waiting for the next try.\n"
    assert command("retry", "--all").out == told
    assert not Game.objects.filter(pk=waits.pk, due_at__lte=Now()).exists()


def test_the_status_of_a_game_that_nobody_tries_again_is_a_problem(command: Command) -> None:
    game = a_published_game()
    Game.objects.update(set_aside_at=Now(), attempts=32, problem="It did not work.")
    ended = command("status", game.pk)
    assert (ended.code, ended.err) == (Exit.PROBLEM, "")
    assert "could not be published, and nobody tries it again" in ended.out
    assert f"It did not work.\n`pictogame retry {game.pk}` tries it again.\n" in ended.out
    said = command("status", game.pk, "--json").said
    assert (said["code"], said["error"], said["set_aside"]) == (1, "It did not work.", True)
    Game.objects.update(set_aside_at=None, due_at=Now())
    ended = command("status", game.pk)
    assert ended.code == Exit.OK
    assert "is tried again by itself" in ended.out


def test_builds_are_listed_and_pruned(command: Command) -> None:
    a_published_game()
    objects = command("runtime", "list", "--json").said["objects"]
    assert any(one["games"] == 1 and one["needed"] and one["state"] == "stored" for one in objects)
    assert command("runtime", "prune", "--now", "--json").said == {"removed": [], "waiting": [], "failed": []}

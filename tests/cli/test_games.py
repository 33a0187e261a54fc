"""Commands about games that are there, and about those that are not any more."""

import shutil
from pathlib import Path

from PIL import Image
from tests.cli.conftest import Command

from pictogame.bucket.keys import decode
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.types import Key
from pictogame.media.models import Picture


def _made(command: Command, *more: str) -> str:
    said = command("make", "cat.jpg", "-t", "jigsaw", "--json", *more).said
    assert said.get("state") == "in_bucket", said
    return str(said["id"])


def _xml(data: Path, game_id: str) -> str:
    key = Key(f"g/{game_id}.xml")
    return decode(key, (data / "bucket" / key).read_bytes()).decode()


def test_delete_prints_a_receipt_that_can_be_read_again(command: Command, data: Path) -> None:
    game_id = _made(command)
    held = {str(path.relative_to(data / "bucket")) for path in (data / "bucket").glob("[gm]/*")}
    ended = command("delete", game_id, "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert "every line below is confirmed" in ended.out
    assert all(key in ended.out for key in held)
    assert "with a command" in ended.out
    said = command("receipt", game_id, "--json").said
    assert {line["key"] for line in said["lines"] if line["kind"] in {"object", "page"}} == held
    assert all(line["confirmed_at"] for line in said["lines"])
    assert (said["by"], said["waits_for"], said["cdn"]["state"]) == ("command", "", "none")
    assert command("receipt", game_id).out in ended.out
    assert not list((data / "vault" / "v").glob("*/*.jpg"))
    assert not Picture.objects.exists()


def test_a_receipt_that_is_not_finished_says_so_and_what_it_waits_for(command: Command) -> None:
    game_id = _made(command)
    ended = command("delete", game_id, "--yes", "--wait", "0", "--json")
    assert ended.code == ended.said["code"] == 4
    assert ended.said["receipt"]["finished_at"] is None
    assert ended.said["in_bucket"] is True
    ended = command("receipt", game_id)
    assert ended.code == 4
    assert "Not finished" in ended.out
    assert "The publisher has not come to it yet." in ended.err


def test_there_is_no_receipt_of_a_game_that_is_there(command: Command) -> None:
    game_id = _made(command)
    ended = command("receipt", game_id)
    assert (ended.code, ended.err.strip()) == (5, "There is no receipt: this game is not deleted.")
    assert command("receipt", "a" * 14).code == 5


def test_a_game_is_taken_off_the_web_by_command(command: Command, data: Path) -> None:
    game_id = _made(command, "--title", "Our cat")
    ended = command("unpublish", game_id)
    assert ended.code == 0
    assert ended.out.startswith("“Our cat” is taking a rest")
    assert "<rest " in _xml(data, game_id)
    assert command("status", game_id, "--json").said["state"] == "resting"
    assert command("unpublish", "a" * 14).code == 5


def test_an_earlier_version_is_brought_back_by_command(command: Command, data: Path) -> None:
    game_id = _made(command, "--title", "First")
    first = _xml(data, game_id)
    game = Game.objects.get(pk=game_id)
    actions.change(game=game, title="Second", options={"pieces": "6"})
    actions.publish(game=game)
    said = command("rollback", game_id, "1", "--json").said
    assert (said["state"], said["number"], said["brought_back"], said["title"]) == ("in_bucket", 3, 1, "First")
    assert _xml(data, game_id) == first
    listed = command("revisions", game_id, "--json").said["revisions"]
    assert [(one["number"], one["title"], one["origin"], one["copy_of"], one["plays"]) for one in listed] == [
        (3, "First", "rollback", 1, True),
        (2, "Second", "edit", None, False),
        (1, "First", "edit", None, False),
    ]
    lines = command("revisions", game_id).out.splitlines()
    assert "plays now, version 1 brought back" in lines[0]
    assert "“Second”" in lines[1]
    assert command("rollback", game_id, "9").sentence == "There is no version 9 of this game."


def test_make_gives_the_advice_that_the_studio_gives(command: Command) -> None:
    Image.new("RGB", (640, 480), "teal").save("large.png")
    notes = command("make", "large.png", "-t", "jigsaw", "--set", "pieces=24", "--json").said["notes"]
    assert notes == []
    Image.new("RGB", (170, 160), "teal").save("small.png")
    notes = command("make", "small.png", "-t", "jigsaw", "--set", "pieces=24", "--json").said["notes"]
    assert notes == ["Your picture is too small for 24 pieces: try 12."]


def test_a_published_game_xml_with_its_pictures_makes_a_game_again(command: Command, data: Path) -> None:
    game_id = _made(command, "--title", "Our cat", "--set", "pieces=6")
    again = command("make", f"bucket/g/{game_id}.xml", "--json").said
    assert (again["title"], again["state"]) == ("Our cat", "in_bucket")
    assert '<option name="pieces" value="6"/>' in _xml(data, again["id"])
    alone = data / "alone"
    alone.mkdir()
    shutil.copy(data / "bucket" / "g" / f"{game_id}.xml", alone / "game.xml")
    ended = command("make", "alone/game.xml")
    assert ended.code == 2
    assert ended.sentence.startswith("alone/game.xml is the game.xml of a published game, whose pictures lie in its")
    for picture in (data / "bucket" / "m").iterdir():
        shutil.copy(picture, alone)
    assert command("make", "alone/game.xml", "--json").said["title"] == "Our cat"
    (alone / "game.xml").write_bytes(b"\x1f\x8b damaged")
    assert command("make", "alone/game.xml").sentence == "alone/game.xml can't be read: it is damaged."

"""What can be seen to be wrong is said in one sentence, before anything is made."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.cli.conftest import Command
from tests.story.installation import Installation

from pictogame.games.models import Game
from pictogame.media.models import Picture


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("make", "Name the pictures: pictogame make cat.jpg --template jigsaw."),
        ("make cat.jpg", "Say which game it shall be: --template jigsaw. `pictogame templates` lists them."),
        (
            "make cat.jpg -t jigsaw --set pieces",
            "--set takes a name and a value, such as --set pieces=24, not “pieces”.",
        ),
        ("make . -t jigsaw", ". is a folder: name the pictures in it, such as ./*.jpg."),
        ("make mouse.jpg -t jigsaw", "mouse.jpg is not there."),
        ("make game.xml", "game.xml is not there."),
        ("make cat.jpg car.jpg -t jigsaw", "Jigsaw takes one picture, and you gave 2."),
        ("make cat.jpg -t pairs", "Pairs needs 3 pictures, and you gave 1."),
        (f"make {'cat.jpg ' * 500} -t pairs", "Pairs takes at most 13 pictures, and you gave 500."),
        (
            "make cat.jpg -t jigsaw --alt a --alt b",
            "There are more --alt than pictures: give one for each picture, in their order.",
        ),
        ("delete b5tq7nzk3xw2mc", "Deleting can't be undone: add --yes to say that you mean it."),
        ("tempaltes", "No such command 'tempaltes'. Did you mean 'templates'?"),
        ("make cat.jpg --nonsense", "No such option: --nonsense. `pictogame --help` lists what there is."),
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2(command: Command, arguments: str, sentence: str) -> None:
    ended = command(*arguments.split())
    assert ended.sentence == sentence
    assert ended.code == 2
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-t", "jigsav"], "There is no template called “jigsav”. Did you mean jigsaw?"),
        (["-t", "jigsaw", "--skin", "papier"], "There is no skin called “papier”. Did you mean paper?"),
        (
            ["-t", "jigsaw", "--set", "piece=24"],
            "Jigsaw has no option “piece”. Did you mean pieces? It has pieces, turned, shape and frame_rate.",
        ),
        (["-t", "jigsaw", "--set", "pieces=7"], "Pieces (pieces) can be 6, 12 or 24, not “7”."),
        (
            ["-t", "jigsaw", "--title", "x" * 10_000],
            "A title has room for 120 characters, and yours has 10,000: shorten it.",
        ),
        (
            ["-t", "jigsaw", "--title", "\u202e\u202e"],
            "A title needs something that can be seen; yours holds only invisible characters.",
        ),
        (
            ["-t", "jigsaw", "--alt", "x" * 10_000],
            "A picture's description has room for 240 characters, and yours has 10,000: shorten it.",
        ),
        (["-t", "jigsaw", "--lang", "tlh"], "Games speak en, de, ar, and “tlh” is none of them."),
    ],
)
def test_what_a_game_can_not_have_ends_with_2(command: Command, arguments: list[str], sentence: str) -> None:
    ended = command("make", "cat.jpg", *arguments)
    assert ended.sentence == sentence
    assert ended.code == 2
    assert not Picture.objects.exists()
    assert not Game.objects.exists()


@pytest.mark.parametrize(
    ("inside", "part"),
    [
        ('<template name="chess"/><picture file="cat.jpg"/>', "no template called “chess”"),
        ('<template name="jigsaw"/><picture file="../cat.jpg"/>', "is not beside game.xml"),
        ('<template name="jigsaw"/><option name="pieces" value="7"/><picture file="cat.jpg"/>', "not “7”"),
        ('<template name="jigsaw"/><option name="x" value="7"/><picture file="cat.jpg"/>', "no option “x”"),
        ('<template name="jigsaw"/>', "something is missing in <game>"),
    ],
)
def test_a_bad_game_xml_is_said(command: Command, tmp_path: Path, inside: str, part: str) -> None:
    (tmp_path / "game.xml").write_text(f'<game xmlns="urn:pictogame:game:1">{inside}</game>')
    ended = command("make", "game.xml")
    assert part in ended.sentence
    assert ended.code == 2


@pytest.mark.parametrize(
    ("content", "part"), [("", "is empty"), ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "has a DOCTYPE")]
)
def test_what_is_no_game_xml_is_said(command: Command, tmp_path: Path, content: str, part: str) -> None:
    (tmp_path / "game.xml").write_text(content)
    ended = command("make", "game.xml")
    assert part in ended.sentence
    assert ended.code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("make", 2),
        ("make cat.jpg --nonsense", 2),
        ("make cat.jpg -t chess", 2),
        ("status b5tq7nzk3xw2mc", 5),
        ("delete b5tq7nzk3xw2mc --yes", 5),
    ],
)
def test_machines_get_one_document_whatever_happens(command: Command, arguments: str, code: int) -> None:
    ended = command(*arguments.split(), "--json")
    assert ended.said["code"] == ended.code == code
    assert ended.said["error"].endswith((".", "?"))


@pytest.mark.parametrize("arguments", ["templates", "make cat.jpg -t jigsaw", "up", "demo"])
def test_without_a_build_it_is_said_what_to_run(
    command: Command, settings: Settings, tmp_path: Path, arguments: str
) -> None:
    settings.RUNTIME_DIST = tmp_path
    ended = command(*arguments.split())
    assert ended.sentence == "The runtime is not built yet: run `make runtime`."
    assert ended.code == 1


def test_templates_are_listed_for_people_and_for_machines(command: Command) -> None:
    lines = command("templates").out.splitlines()
    assert "jigsaw: Put the pieces back." in lines
    assert "    --set pieces=…      Pieces: 6, 12*, 24" in lines
    said = command("templates", "--json").said
    assert [one["name"] for one in said["templates"]] == ["jigsaw", "pairs"]
    assert said["templates"][0]["options"][3] == {
        "name": "frame_rate",
        "label": "Speed",
        "type": "number",
        "default": 4,
        "min": 2,
        "max": 10,
        "step": 2,
    }


def test_without_a_command_there_is_help(command: Command) -> None:
    for arguments in ([], ["--help"], ["bucket"], ["make", "--help"]):
        ended = command(*arguments)
        assert ended.code == 0
        assert "Usage: pictogame" in ended.out


# --- The process itself ---


def _line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


def test_a_cdn_is_told_in_one_way(here: Installation) -> None:
    here.environment["PICTOGAME_PURGE_URL"] = "https://cdn.example.org/purge"
    here.environment["PICTOGAME_PURGE_COMMAND"] = "purge"
    done = here.run("templates")
    assert done.returncode == 1
    assert _line(done) == "Both PICTOGAME_PURGE_URL and PICTOGAME_PURGE_COMMAND are set: keep one of them."


def test_a_command_with_half_a_quote_is_refused_before_anything_runs(here: Installation) -> None:
    here.environment["PICTOGAME_PURGE_COMMAND"] = "curl 'x"
    done = here.run("templates")
    assert done.returncode == 1
    assert _line(done).startswith("PICTOGAME_PURGE_COMMAND is ")


def test_a_bad_variable_is_named(here: Installation) -> None:
    here.environment["PICTOGAME_SITE_PORT"] = "eighty"
    done = here.run("templates")
    assert _line(done) == "PICTOGAME_SITE_PORT is 'eighty'; it must be a whole number from 1 to 65535."
    assert done.returncode == 1


def test_a_data_folder_that_can_not_be_used_is_named(here: Installation) -> None:
    (here.folder / "file").write_text("")
    here.environment["PICTOGAME_DATA"] = str(here.folder / "file" / "data")
    done = here.run("templates")
    assert str(here.folder / "file" / "data") in _line(done)
    assert done.returncode == 1


def test_a_database_that_does_not_answer_is_said(here: Installation) -> None:
    here.environment["PICTOGAME_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    done = here.run("status", "b5tq7nzk3xw2mc")
    assert _line(done).startswith("The database does not answer as it should: ")
    assert done.returncode == 1


def test_ctrl_c_is_said_with_its_code(here: Installation) -> None:
    started = here.folder / "data" / "migrate.lock"
    command = here.command("make", "cat.jpg", "-t", "jigsaw", "--json")
    with subprocess.Popen(
        command, env=here.environment, cwd=here.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while not started.exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out) == {"error": "Stopped.", "code": 130}

"""Who may enter the office, by command; and whether everything works."""

import io
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from pytest_django import Settings
from tests.cli.conftest import Command

from pictogame.accounts.models import User

GOOD = "correct horse battery"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password comes through a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))


def test_an_operator_is_added_named_and_removed(command: Command, piped: None) -> None:
    assert "anna may enter the office now: http://localhost:8000/office/" in command("operator", "add", "anna").out
    assert authenticate(username="anna", password=GOOD) is not None
    [listed] = command("operator", "list", "--json").said["operators"]
    assert listed["name"] == "anna"
    assert command("operator", "remove", "anna", "--json").said == {"name": "anna"}
    assert command("operator", "list", "--json").said == {"operators": []}


def test_a_password_comes_from_a_variable_or_its_file(command: Command, settings: Settings) -> None:
    settings.OPERATOR_PASSWORD = GOOD
    assert command("operator", "add", "anna").code == 0
    assert authenticate(username="anna", password=GOOD) is not None


def test_a_password_that_would_be_guessed_makes_no_account(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    ended = command("operator", "add", "anna")
    assert ended.code == 1
    assert "too short" in ended.sentence
    assert not User.objects.exists()


def test_without_a_password_nothing_happens(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ended = command("operator", "add", "anna")
    assert (ended.code, ended.sentence) == (
        2,
        "No password came: pipe one in, or set PICTOGAME_OPERATOR_PASSWORD_FILE.",
    )


@pytest.mark.parametrize("deed", ["password", "remove"])
def test_who_is_not_there_is_said(command: Command, piped: None, deed: str) -> None:
    ended = command("operator", deed, "nobody")
    assert ended.code == 1
    assert ended.sentence == "There is no operator nobody: `pictogame operator list` names them."


def test_the_password_is_never_shown(command: Command, piped: None) -> None:
    ended = command("operator", "add", "anna", "--json")
    assert GOOD not in ended.out + ended.err


def test_health_names_what_does_not_work_and_ends_so(command: Command, data: Path) -> None:
    ended = command("health", "--json")
    assert ended.code == 1
    assert ended.said["error"] == "Not well: publisher, worker."
    assert {part["name"]: part["ok"] for part in ended.said["parts"]} == {
        "database": True,
        "line": True,
        "publisher": False,
        "worker": False,
        "bucket": True,
        "vault": True,
        "disk": True,
    }

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_django import Settings
from tests.story.installation import Installation

from pictogame.cli.__main__ import run

DEMO = Path(__file__).resolve().parents[2] / "src" / "pictogame" / "games" / "demo"
PICTURES = ("cat.jpg", "coffee.jpg", "car.jpg")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """An installation with an empty data folder; commands are processes that run in its folder, where pictures lie."""
    with Installation(tmp_path) as installation:
        _pictures(tmp_path)
        yield installation


class Ending(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr, with nothing on stdout."""
        assert self.out == ""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]

    @property
    def said(self) -> Any:
        """The one document on stdout, with nothing on stderr."""
        assert self.err == ""
        return json.loads(self.out)


Command = Callable[..., Ending]


@pytest.fixture
def command(
    db: None, data: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Command]:
    """Runs a command within this process, in a folder where pictures lie, with the templates of the tests."""
    settings: Settings = request.getfixturevalue("settings")
    capsys: pytest.CaptureFixture[str] = request.getfixturevalue("capsys")
    monkeypatch.chdir(data)
    # What `run` says to a process of its own, whose settings are not read yet.
    monkeypatch.setitem(settings.LOGGING["loggers"]["pictogame"], "level", "ERROR")
    monkeypatch.setenv("PICTOGAME_LOG_LEVEL", "error")
    house = logging.getLogger("pictogame")
    level = house.level
    _pictures(data)

    def ended(*arguments: str) -> Ending:
        code = run(list(arguments))
        return Ending(code, *capsys.readouterr())

    yield ended
    # A command sets logging up for its process, which here is that of other tests too.
    house.setLevel(level)


def _pictures(folder: Path) -> None:
    for name in PICTURES:
        (folder / name).write_bytes((DEMO / name).read_bytes())

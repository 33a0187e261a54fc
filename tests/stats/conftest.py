"""A world to play in, and a data folder of its own."""

from functools import partial
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.stats.cast import ADDRESS, publish

from pictogame.games.models import Game
from pictogame.stats import feed
from pictogame.stats.reading import Blocks
from pictogame.stats.simulate.world import World


@pytest.fixture
def place(data: Path, db: None, settings: Settings) -> Path:
    """A folder for logs beside a data folder of the test's own."""
    settings.BUCKET_URL = ADDRESS
    settings.BUCKET_NAME = "pictogame"
    folder = data / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def world(place: Path) -> World:
    """Thirty games."""
    return publish(30)


@pytest.fixture
def cat(place: Path) -> Game:
    """The game that single lines tell of."""
    return Game.objects.create(id="b5tq7nzk3xw2mc", secret_hash="0" * 64)


@pytest.fixture(params=["held", "in their file"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Large logs are read by the megabyte: gives whether the lines are held by us, or stay in their file."""
    monkeypatch.setattr(feed, "Blocks", partial(Blocks, size=1 << 20))
    monkeypatch.setattr(feed, "_LEAST", 1 << 20)
    monkeypatch.setattr(feed, "_MOST", 1 << 20)
    if request.param == "held":
        monkeypatch.setattr(feed, "CAN_PIPE", False)
    return str(request.param)

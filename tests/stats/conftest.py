"""A world to play in, and a data folder of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings
from tests.stats.cast import ADDRESS, publish

from pictogame.games.models import Game
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

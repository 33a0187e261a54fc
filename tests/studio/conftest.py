"""Visitors of the studio: a creator with her game, and a stranger."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from tests.studio.people import Person

from pictogame.games.actions import Created
from pictogame.games.models import Game
from pictogame.lib.types import Secret


@dataclass(frozen=True)
class Mine:
    """A game and its addresses, for whoever knows the secret."""

    game: Game
    secret: Secret

    def at(self, name: str, *more: object) -> str:
        """The address of a page about the game."""
        return reverse(f"studio:{name}", args=[self.game.id, self.secret, *more])

    def as_a_stranger(self, name: str, *more: object) -> str:
        """The same with a secret that is not the game's."""
        return reverse(f"studio:{name}", args=[self.game.id, "a" * 32, *more])


@pytest.fixture
def mine(jigsaw: Created) -> Mine:
    """A jigsaw with one picture, not yet processed."""
    return Mine(jigsaw.game, jigsaw.secret)


@pytest.fixture
def cards(pairs: Created) -> Mine:
    """A game of pairs without pictures."""
    return Mine(pairs.game, pairs.secret)


@pytest.fixture
def mia(runtime: object) -> Person:
    """A creator with an account, signed in."""
    return Person("mia@example.org").signs_up()


@pytest.fixture
def put(client: Client) -> Callable[..., object]:
    """Sends one picture as the island does."""

    def sent(mine: Mine, data: bytes, name: str = "cat.jpg", slot: str = "") -> object:
        return client.put(
            mine.at("pictures") + (f"?slot={slot}" if slot else ""),
            data,
            content_type="application/octet-stream",
            headers={"X-File-Name": name, "HX-Request": "true"},
        )

    return sent

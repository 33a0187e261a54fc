"""Claimed games as the publisher needs them: as much of a game and of what it wants as is composed, and no more."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from pictogame.games.models import Game, Revision

_GAME = ("id", "due_at", "lease_token", "attempts", "faults", "listed", "wanted_id", "published_id", "deleted_at")
_WANTED = ("id", "game_id", "template", "skin", "title", "message", "language", "options", "seed", "runtime")
_COLUMNS = (*_GAME, *(f"wanted__{name}" for name in _WANTED))

_Model = TypeVar("_Model", bound=Model)


def read(games: QuerySet[Game]) -> Iterator[Game]:
    """The games with what they want. Every other column is fetched when it is asked for, one query each.

    Instances are made as unpickling makes them: building hundreds of them through Django's constructor takes as long as
    all the rest of a claim.
    """
    split = len(_GAME)
    for values in games.values_list(*_COLUMNS):
        game = _instance(Game, _GAME, values[:split])
        wanted = None if game.wanted_id is None else _instance(Revision, _WANTED, values[split:])
        game._state.fields_cache["wanted"] = wanted  # noqa: SLF001  Django's own public name.
        yield game


def _instance(model: type[_Model], names: tuple[str, ...], values: tuple[object, ...]) -> _Model:
    one = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, "default"
    one.__dict__.update(zip(names, values, strict=True), _state=state)
    return one

"""Claimed games as the publisher needs them: as much of a game and of what it wants as is composed, and no more."""

import json
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db.models import Case, IntegerField, Model, QuerySet, TextField, When
from django.db.models.base import ModelState
from django.db.models.functions import Cast

from pictogame.games.models import Game, Revision
from pictogame.jobs.prepared import ask

FIRST = (Case(When(wanted=None, then=0), default=1, output_field=IntegerField()), "in_bulk", "due_at")
"""A takedown waits for nobody, and who made one game doesn't wait for the thousands that a command made due."""
_GAME = ("id", "due_at", "lease_token", "attempts", "faults", "listed", "wanted_id", "published_id", "deleted_at")
_WANTED = ("id", "game_id", "template", "skin", "title", "message", "language", "seed")
_ALIKE = ("options", "runtime")
"""Columns of JSON that many games have alike: taken as text, of which each is read once."""
_COLUMNS: tuple[str | Cast, ...] = (
    *_GAME,
    *(f"wanted__{name}" for name in _WANTED),
    *(Cast(f"wanted__{name}", TextField()) for name in _ALIKE),
)

_Model = TypeVar("_Model", bound=Model)


def due() -> QuerySet[Game]:
    """Games that are to be brought to what they want."""
    return Game.objects.filter(due_at__isnull=False)


def leaving() -> QuerySet[Game]:
    """Those of them that want nothing any more: what a paused line still does."""
    return due().filter(wanted=None)


def read(tokens: Collection[str]) -> Iterator[Game]:
    """The games that have one of these tokens, with what they want.

    Every other column is fetched when it is asked for, one query each.

    Instances are made as unpickling makes them: building hundreds of them through Django's constructor takes as long as
    all the rest of a claim.
    """
    split, read_once = len(_GAME), cache(json.loads)
    for *values, options, runtime in ask(_claimed, tokens):
        game = _instance(Game, _GAME, values[:split])
        wanted = None
        if game.wanted_id is not None:
            wanted = _instance(Revision, (*_WANTED, *_ALIKE), (*values[split:], read_once(options), read_once(runtime)))
        game._state.fields_cache["wanted"] = wanted  # noqa: SLF001  Django's own public name.
        yield game


def _claimed(tokens: Any) -> QuerySet[Game, Any]:
    return Game.objects.filter(lease_token__in=tokens).order_by(*FIRST, "pk").values_list(*_COLUMNS)


def _instance(model: type[_Model], names: Sequence[str], values: Sequence[object]) -> _Model:
    one = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, "default"
    one.__dict__.update(zip(names, values, strict=True), _state=state)
    return one

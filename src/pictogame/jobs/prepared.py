"""Statements that are carried out again and again with other values: Django compiles each of them once.

It takes Django up to a millisecond to write such a statement, longer than it takes a database to answer it for hundreds
of rows. The words stay Django's own, so they fit the models and every database.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, cast

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql import UpdateQuery

Query = Callable[..., QuerySet[Any, Any]]
"""A function that takes what stands for a list of values, for a filter's `__in`, as often as there are lists, and gives
what is to be asked: a `values_list`, always the same."""
Change = Callable[..., tuple[QuerySet[Any, Any], Mapping[str, object]]]
"""A function like that, which gives the rows that are to be changed, of a single table, and their new values; a list of
one value may be one."""
_Lists = Sequence[Collection[int] | Collection[str]]

_MARK = re.compile(r"(?<!%)%s")


class _Place(NamedTuple):
    """Stands for the list of that number."""

    number: int


class _Prepared(NamedTuple):
    pieces: list[str]
    """The statement, cut at its marks for parameters."""
    parameters: list[object]
    """What stands at each mark: a value, or the place of a list."""
    convert: Callable[[Iterable[Any]], Iterable[Any]] | None = None
    """None where the values are as the database gives them."""

    def filled(self, lists: _Lists) -> tuple[str, list[Any]]:
        """The statement and its parameters for these lists."""
        text: list[str] = [self.pieces[0]]
        parameters: list[Any] = []
        for piece, parameter in zip(self.pieces[1:], self.parameters, strict=True):
            if isinstance(parameter, _Place):
                values = lists[parameter.number]
                text += (", ".join(["%s"] * len(values)), piece)
                parameters += values
            else:
                text += ("%s", piece)
                parameters.append(parameter)
        return "".join(text), parameters


def ask(query: Query, *lists: Collection[int] | Collection[str]) -> list[tuple[Any, ...]]:
    """The rows that `query` gives for these lists, as `values_list` would; none when a list is empty.

    The values must be as the database has them: keys, hashes, numbers.
    """
    if not all(lists):
        return []
    prepared = _prepare(query, len(lists))
    with connection.cursor() as cursor:
        cursor.execute(*prepared.filled(lists))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows if prepared.convert is None else list(map(tuple, prepared.convert(rows)))


def change(update: Change, *lists: Collection[int] | Collection[str]) -> int:
    """Changes what `update` says for these lists, as `update` of a queryset would; gives the number of rows.

    When a list is empty, nothing. The values must be as the database has them: keys, hashes, numbers.
    """
    if not all(lists):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*_prepare_change(update, len(lists)).filled(lists))
        changed: int = cursor.rowcount
    return changed


@lru_cache(maxsize=128)
def _prepare(query: Query, lists: int) -> _Prepared:
    compiler = query(*_places(lists)).query.get_compiler(DEFAULT_DB_ALIAS)
    text, parameters = compiler.as_sql()
    converters = compiler.get_converters([one for one, _, _ in compiler.select[: compiler.col_count]])
    convert = partial(compiler.apply_converters, converters=converters) if converters else None
    return _Prepared(_MARK.split(text), list(parameters), convert)


@lru_cache(maxsize=128)
def _prepare_change(update: Change, lists: int) -> _Prepared:
    rows, values = update(*_places(lists))
    query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
    query.add_update_values(dict(values))
    text, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return _Prepared(_MARK.split(text), list(parameters))


def _places(lists: int) -> list[RawSQL]:
    # Marks for parameters alone: no value becomes part of the text.
    return [RawSQL("%s", (_Place(number),)) for number in range(lists)]

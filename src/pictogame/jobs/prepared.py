"""Queries that are asked again and again about other values: Django compiles each of them once.

It takes Django up to a millisecond to write such a query, longer than it takes a database to answer it for hundreds of
rows. The words stay Django's own, so they fit the models and every database.
"""

import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

Query = Callable[..., QuerySet[Any, Any]]
"""A function of a module that takes what stands for a list of values, for a filter's `__in`, as often as there are
lists, and gives what is to be asked: a `values_list`, always the same."""

_MARK = re.compile(r"(?<!%)%s")


class _Place(NamedTuple):
    """Stands for the list of that number."""

    number: int


class _Prepared(NamedTuple):
    pieces: list[str]
    """The statement, cut at its marks for parameters."""
    parameters: list[object]
    """What stands at each mark: a value, or the place of a list."""
    convert: Callable[[Iterable[Any]], Iterable[Any]]


def ask(query: Query, *lists: Collection[int] | Collection[str]) -> list[tuple[Any, ...]]:
    """The rows that `query` gives for these lists, as `values_list` would; none when a list is empty.

    The values must be as the database has them: keys, hashes, numbers.
    """
    if not all(lists):
        return []
    prepared = _prepare(query, len(lists))
    text: list[str] = [prepared.pieces[0]]
    parameters: list[Any] = []
    for piece, parameter in zip(prepared.pieces[1:], prepared.parameters, strict=True):
        if isinstance(parameter, _Place):
            values = lists[parameter.number]
            text += (", ".join(["%s"] * len(values)), piece)
            parameters += values
        else:
            text += ("%s", piece)
            parameters.append(parameter)
    with connection.cursor() as cursor:
        cursor.execute("".join(text), parameters)
        return list(map(tuple, prepared.convert(cursor.fetchall())))


@lru_cache(maxsize=64)
def _prepare(query: Query, lists: int) -> _Prepared:
    # Marks for parameters alone: no value becomes part of the text.
    places = [RawSQL("%s", (_Place(number),)) for number in range(lists)]
    compiler = query(*places).query.get_compiler(DEFAULT_DB_ALIAS)
    text, parameters = compiler.as_sql()
    converters = compiler.get_converters([one for one, _, _ in compiler.select[: compiler.col_count]])

    def convert(rows: Iterable[Any]) -> Iterable[Any]:
        return compiler.apply_converters(rows, converters) if converters else rows

    return _Prepared(_MARK.split(text), list(parameters), convert)

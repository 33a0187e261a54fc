"""Numbers that were counted in some time: added up, day by day, by the week, as lines of a table. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple, TypeVar


class Counts(NamedTuple):
    """What was counted of a game, or of several."""

    widgets: int = 0
    first_plays: int = 0
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    errors: int = 0


class SiteCounts(NamedTuple):
    """What was counted of the whole bucket."""

    widgets: int = 0
    first_plays: int = 0
    requests: int = 0
    """Of people, as are all that are not told otherwise."""
    bytes: int = 0
    not_modified: int = 0
    errors: int = 0
    edge_requests: int = 0
    edge_hits: int = 0
    bot_requests: int = 0
    own_requests: int = 0
    all_requests: int = 0
    all_bytes: int = 0
    writes: int = 0
    status_4xx: int = 0
    status_5xx: int = 0


Some = TypeVar("Some", Counts, SiteCounts)


def added(nothing: Some, counts: Iterable[Some]) -> Some:
    """All of them together; `nothing` where there are none.

    >>> added(Counts(), [Counts(1, 2), Counts(3)])
    Counts(widgets=4, first_plays=2, requests=0, bytes=0, not_modified=0, errors=0)
    """
    return type(nothing)(*map(sum, zip(*counts, strict=True)))


def every_day(since: date, until: date) -> Iterator[date]:
    """The days from one to another, both included."""
    return (since + timedelta(days=number) for number in range((until - since).days + 1))


def weeks(nothing: Some, days: Mapping[date, Some]) -> dict[date, Some]:
    """Days, which come in their order, by the Monday with which each week began."""
    by_week = groupby(days.items(), key=lambda one: one[0] - timedelta(days=one[0].weekday()))
    return {monday: added(nothing, (one for _, one in some)) for monday, some in by_week}


def lines(nothing: Some, days: Mapping[date, Some]) -> Iterator[tuple[object, ...]]:
    """For a spreadsheet: a heading, then a line for each day."""
    yield "day", *nothing._fields
    for day in days:
        numbers: tuple[int, ...] = days[day]
        yield day.isoformat(), *numbers


def told(nothing: Some, days: Mapping[date, Some]) -> list[dict[str, Any]]:
    """The same for machines."""
    found = []
    for day, one in days.items():
        named: dict[str, Any] = dict(zip(nothing._fields, one, strict=True))
        found.append({"day": day.isoformat(), **named})
    return found

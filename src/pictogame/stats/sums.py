"""From facts to rows: sums are added to what is there, in the caller's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.jobs.among import among
from pictogame.stats import models
from pictogame.stats.classify import KINDS, STATUSES
from pictogame.stats.engine import Engine

HOSTS_OF_GAME = 100
"""Hosts that are named for a game in a month; the widgets of others are summed under ''."""
HOSTS_OF_SITE = 2000
"""The same for the site."""
_AT_ONCE = 500

_PEOPLE = "who = 0"
_KINDS = ("page", "xml", "picture", "card", "oembed", "runtime")
_SUMS = {
    "widgets": "sum(n) FILTER (widget)",
    "first_plays": "sum(n) FILTER (play)",
    "requests": f"sum(n) FILTER ({_PEOPLE})",
    "bytes": f"sum(size) FILTER ({_PEOPLE})",
    "not_modified": f"sum(n) FILTER ({_PEOPLE} AND status = 1)",
    "errors": f"sum(n) FILTER ({_PEOPLE} AND status IN (2, 3))",
    "edge_requests": f"sum(n) FILTER ({_PEOPLE} AND edge)",
    "edge_hits": f"sum(n) FILTER ({_PEOPLE} AND hit)",
    "bot_requests": "sum(n) FILTER (who = 1)",
    "bot_bytes": "sum(size) FILTER (who = 1)",
    **{
        f"{name}_{what}": f"sum({column}) FILTER ({_PEOPLE} AND kind = {KINDS.index(name)})"
        for name in _KINDS
        for what, column in (("requests", "n"), ("bytes", "size"))
    },
    "other_requests": f"sum(n) FILTER ({_PEOPLE} AND kind >= {KINDS.index('other')})",
    "other_bytes": f"sum(size) FILTER ({_PEOPLE} AND kind >= {KINDS.index('other')})",
}
_HOURLY = {name: _SUMS[name] for name in ("widgets", "first_plays", "requests", "bytes", "errors")}
_SITE = {
    **_SUMS,
    "all_requests": "sum(n)",
    "all_bytes": "sum(size)",
    "own_requests": "sum(n) FILTER (who = 2)",
    "own_bytes": "sum(size) FILTER (who = 2)",
    "fill_requests": "sum(n) FILTER (who = 3)",
    "fill_bytes": "sum(size) FILTER (who = 3)",
    **{
        name: f"sum(n) FILTER (method = {at})"
        for at, name in enumerate(("gets", "heads", "writes", "lists", "deletes", "others"))
    },
    **{f"status_{name}": f"sum(n) FILTER (status = {at})" for at, name in enumerate(STATUSES)},
    "unknown_games": f"sum(n) FILTER ({_PEOPLE} AND unknown)",
    "untold_requests": f"sum(n) FILTER ({_PEOPLE} AND told IS NULL AND kind IN (2, 5))",
    "untold_bytes": f"sum(size) FILTER ({_PEOPLE} AND told IS NULL AND kind IN (2, 5))",
    "stray_requests": f"sum(n) FILTER ({_PEOPLE} AND kind = 7)",
}
_HOST = {"widgets": "sum(n) FILTER (widget)"}
_COUNTRY = {name: _SUMS[name] for name in ("widgets", "requests", "bytes")}
_PLACE = "CASE WHEN edge THEN 'edge' ELSE 'origin' END"
_DAY = "CAST(hour AS DATE)"
_MONTH = "CAST(date_trunc('month', hour) AS DATE)"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to be added to a table: their keys first, then their sums."""

    model: type[Model]
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    """In the order of their keys, so that the pages of an index are touched one after another; times as texts."""


def of(engine: Engine, *, hours_since: datetime) -> list[Rows]:
    """The rows that the facts of the engine make. Asks the database for games and pictures that facts name.

    Hours before `hours_since` are left out.
    """
    engine.compact()
    engine.keep("known", "game VARCHAR", [(game,) for game in _known(engine)])
    engine.keep("owners", "picture VARCHAR, owner VARCHAR", _owners(engine))
    engine.rows(
        "CREATE OR REPLACE TABLE told AS SELECT facts.*, coalesce(known.game, owners.owner) AS told, "
        "facts.game IS NOT NULL AND known.game IS NULL AND facts.kind IN (0, 1, 3, 4, 6) AS unknown "
        "FROM facts LEFT JOIN known ON facts.game = known.game LEFT JOIN owners ON facts.picture = owners.picture"
    )
    game = "told IS NOT NULL AND who < 2"
    people = "told IS NOT NULL AND who = 0"
    recent = f"hour >= TIMESTAMP '{hours_since.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
    return [
        _rows(engine, models.GameDay, {"game_id": "told", "day": _DAY}, _SUMS, game),
        _rows(engine, models.GameMonth, {"game_id": "told", "month": _MONTH}, _SUMS, game),
        _rows(engine, models.GameHour, {"game_id": "told", "hour": "hour"}, _HOURLY, f"{people} AND {recent}"),
        _rows(engine, models.SiteDay, {"day": _DAY, "place": _PLACE}, _SITE, "true"),
        _rows(engine, models.SiteHour, {"hour": "hour", "place": _PLACE}, _HOURLY, f"who = 0 AND {recent}"),
        _bounded(
            _rows(
                engine,
                models.GameHost,
                {"game_id": "told", "month": _MONTH, "host": "host"},
                _HOST,
                f"{game} AND widget AND host IS NOT NULL",
            ),
            most=HOSTS_OF_GAME,
        ),
        _bounded(
            _rows(engine, models.SiteHost, {"month": _MONTH, "host": "host"}, _HOST, "widget AND host IS NOT NULL"),
            most=HOSTS_OF_SITE,
        ),
        _rows(
            engine,
            models.GameCountry,
            {"game_id": "told", "month": _MONTH, "country": "country"},
            _HOST,
            f"{game} AND widget AND country IS NOT NULL",
        ),
        _rows(
            engine,
            models.SiteCountry,
            {"day": _DAY, "country": "country"},
            _COUNTRY,
            "who = 0 AND country IS NOT NULL",
        ),
    ]


def add(rows: Rows) -> None:
    """Adds the sums to the rows of the same keys, and makes those that are missing."""
    if not rows.rows:
        return
    table = rows.model._meta.db_table  # noqa: SLF001  Django's own public name.
    names = (*rows.keys, *rows.sums)
    sums = ", ".join(f'"{name}" = "{table}"."{name}" + excluded."{name}"' for name in rows.sums)
    columns = ", ".join(f'"{name}"' for name in names)
    on_conflict = f"ON CONFLICT ({', '.join(rows.keys)}) DO UPDATE SET {sums}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [_postgresql_type(rows.model, name) for name in names]
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
            statement = f'INSERT INTO "{table}" ({columns}) SELECT * FROM unnest({arrays}) {on_conflict}'
            for some in _pieces(rows.rows, 20_000):
                cursor.execute(statement, [list(column) for column in zip(*some, strict=True)])
            return
        marks = ", ".join(["%s"] * len(names))
        statement = f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) {on_conflict}'
        cursor.executemany(statement, rows.rows)


def forget_hours(before: datetime) -> int:
    """Deletes what is kept by the hour from before that time; gives how many rows."""
    return sum(model.objects.filter(hour__lt=before).delete()[0] for model in (models.GameHour, models.SiteHour))


def _rows(engine: Engine, model: type[Model], keys: dict[str, str], sums: dict[str, str], where: str) -> Rows:
    named = ", ".join(
        [*(f"{_said(name, sql)} AS {name}" for name, sql in keys.items())]
        + [f"CAST(coalesce({sql}, 0) AS BIGINT) AS {name}" for name, sql in sums.items()]
    )
    places = ", ".join(str(at + 1) for at in range(len(keys)))
    found = engine.rows(f"SELECT {named} FROM told WHERE {where} GROUP BY {places} ORDER BY {places}")
    return Rows(model, tuple(keys), tuple(sums), found)


def _said(name: str, sql: str) -> str:
    """SQL for a key as databases take it in: a day or hour, of UTC, as a text."""
    if name not in {"day", "month", "hour"}:
        return sql
    zone = " || '+00'" if name == "hour" and connection.vendor == "postgresql" else ""
    return f"CAST({sql} AS VARCHAR){zone}"


def _known(engine: Engine) -> list[str]:
    named = [game for (game,) in engine.rows("SELECT DISTINCT game FROM facts WHERE game IS NOT NULL")]
    known: list[str] = []
    for some in _pieces(sorted(named), _AT_ONCE):
        known += Game.objects.filter(pk__in=among(some)).values_list("pk", flat=True)
    return known


def _owners(engine: Engine) -> list[tuple[str, str]]:
    """Pictures that exactly one game uses, with the game, of those whose requests name no game that we know."""
    named = [
        picture
        for (picture,) in engine.rows(
            "SELECT DISTINCT picture FROM facts LEFT JOIN known ON facts.game = known.game "
            "WHERE picture IS NOT NULL AND known.game IS NULL"
        )
    ]
    owners: list[tuple[str, str]] = []
    for some in _pieces(sorted(named), _AT_ONCE):
        users: dict[str, set[str]] = {}
        for key, game in BucketObject.objects.filter(key__in=among(some), uses__isnull=False).values_list(
            "key", "uses__game"
        ):
            users.setdefault(key, set()).add(game)
        owners += [(key, next(iter(games))) for key, games in users.items() if len(games) == 1]
    return owners


def _bounded(rows: Rows, *, most: int) -> Rows:
    """The rows with no more than `most` hosts for each of their other keys, those included that the table has."""
    if not rows.rows:
        return rows
    groups: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for row in rows.rows:
        groups.setdefault(row[:-2], []).append((row[-2], row[-1]))
    there = _hosts(rows, groups)
    kept: dict[tuple[Any, ...], int] = {}
    for group, hosts in groups.items():
        named = there.get(group, set())
        for host, widgets in sorted(hosts, key=lambda one: (-one[1], one[0])):
            if host and host not in named and len(named) >= most:
                host = ""  # noqa: PLW2901
            elif host:
                named.add(host)
            kept[(*group, host)] = kept.get((*group, host), 0) + widgets
    return Rows(rows.model, rows.keys, rows.sums, sorted((*key, widgets) for key, widgets in kept.items()))


def _hosts(rows: Rows, groups: dict[tuple[Any, ...], Any]) -> dict[tuple[Any, ...], set[str]]:
    """The hosts that the table has already."""
    there: dict[tuple[Any, ...], set[str]] = {}
    if rows.keys[0] == "game_id":
        months: list[str] = [group[1] for group in groups]
        for some in _pieces(sorted({group[0] for group in groups}), _AT_ONCE):
            found = models.GameHost.objects.filter(
                game__in=among(some), month__gte=min(months), month__lte=max(months)
            ).values_list("game_id", "month", "host")
            for game, month, host in found:
                if host:
                    there.setdefault((game, str(month)), set()).add(host)
        return there
    for month, host in models.SiteHost.objects.filter(month__in={group[0] for group in groups}).values_list(
        "month", "host"
    ):
        if host:
            there.setdefault((str(month),), set()).add(host)
    return there


def _postgresql_type(model: type[Model], name: str) -> str:
    kind = model._meta.get_field(name.removesuffix("_id")).get_internal_type()  # noqa: SLF001
    return {"DateField": "date", "DateTimeField": "timestamptz", "CharField": "text", "ForeignKey": "text"}.get(
        kind, "bigint"
    )


def _pieces(values: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for at in range(0, len(values), size):
        yield list(values[at : at + size])

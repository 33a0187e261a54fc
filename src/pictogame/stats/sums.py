"""From facts to rows: sums are added to what is there, in the caller's transaction."""

from collections.abc import Collection, Iterator, Sequence
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
    "untold_requests": f"sum(n) FILTER ({_PEOPLE} AND untold AND kind IN (2, 5))",
    "untold_bytes": f"sum(size) FILTER ({_PEOPLE} AND untold AND kind IN (2, 5))",
    "stray_requests": f"sum(n) FILTER ({_PEOPLE} AND kind = 7)",
}
_HOST = {"widgets": "sum(n) FILTER (widget)"}
_COUNTRY = {name: _SUMS[name] for name in ("widgets", "requests", "bytes")}
_PLACE = "CASE WHEN edge THEN 'edge' ELSE 'origin' END"
_DAY = "CAST(hour AS DATE)"


def _month(time: str) -> str:
    return f"CAST(date_trunc('month', {time}) AS DATE)"


_MONTH = _month("hour")
_AGAIN = {name: f"sum({name})" for name in _SUMS}
_TOLD = """
CREATE OR REPLACE TABLE games AS
  SELECT number, word FROM words JOIN known ON word = game
  UNION ALL
  SELECT -row_number() OVER (), owner FROM (SELECT DISTINCT owner FROM owners ANTI JOIN known ON owner = game);
CREATE OR REPLACE TABLE told AS SELECT counts.* EXCLUDE (game, picture), coalesce(named.number, owned.number) AS told,
    game IS NOT NULL AND named.number IS NULL AND kind IN (0, 1, 3, 4, 6) AS unknown
  FROM counts LEFT JOIN games named ON game = named.number
    LEFT JOIN (SELECT words.number AS picture, games.number FROM owners JOIN words ON owners.picture = words.word
      JOIN games ON owner = games.word) owned ON counts.picture = owned.picture
"""
"""SQL for the table `told`: facts with the game that they are told to, by its number in the table `games`. An owner
whom no line names has no number among the words, and gets one below nothing.
"""
_SITE_FACTS = f"""(
SELECT {_DAY} AS day, edge, who, kind, method, status, hit, widget, play, unknown, told IS NULL AS untold,
  sum(n) AS n, sum(size) AS size
FROM told GROUP BY ALL)"""
"""SQL for what the site's days are made of: far fewer rows than `told`."""
_JOINS = {
    "game_id": " JOIN games ON game_id = games.number",
    "host": " JOIN words hosts ON host = hosts.number",
}


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
    engine.rows(_TOLD)
    game, people = "told IS NOT NULL AND who < 2", f"told IS NOT NULL AND {_PEOPLE}"
    recent = f"hour >= TIMESTAMP '{hours_since.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"
    engine.rows(f"CREATE OR REPLACE TABLE days AS {_sums('told', {'game_id': 'told', 'day': _DAY}, _SUMS, game)}")
    host = "widget AND host IS NOT NULL"
    monthly = {"game_id": "told", "month": _MONTH}
    site = f"{_PEOPLE} AND country IS NOT NULL"
    return [
        _rows(engine, models.GameDay, "FROM days", keys=("game_id", "day"), sums=_SUMS),
        # What a day's sums hold is not added up of facts once more.
        _of(engine, models.GameMonth, "days", keys={"game_id": "game_id", "month": _month("day")}, sums=_AGAIN),
        _of(
            engine,
            models.GameHour,
            "told",
            keys={"game_id": "told", "hour": "hour"},
            sums=_HOURLY,
            where=f"{people} AND {recent}",
        ),
        _of(engine, models.SiteDay, _SITE_FACTS, keys={"day": "day", "place": _PLACE}, sums=_SITE),
        _of(
            engine,
            models.SiteHour,
            "told",
            keys={"hour": "hour", "place": _PLACE},
            sums=_HOURLY,
            where=f"{_PEOPLE} AND {recent}",
        ),
        _bounded(
            _of(
                engine, models.GameHost, "told", keys=monthly | {"host": "host"}, sums=_HOST, where=f"{game} AND {host}"
            ),
            most=HOSTS_OF_GAME,
        ),
        _bounded(
            _of(engine, models.SiteHost, "told", keys={"month": _MONTH, "host": "host"}, sums=_HOST, where=host),
            most=HOSTS_OF_SITE,
        ),
        _of(
            engine,
            models.GameCountry,
            "told",
            keys=monthly | {"country": "country"},
            sums=_HOST,
            where=f"{game} AND widget AND country IS NOT NULL",
        ),
        _of(engine, models.SiteCountry, "told", keys={"day": _DAY, "country": "country"}, sums=_COUNTRY, where=site),
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


def _of(
    engine: Engine,
    model: type[Model],
    source: str,
    *,
    keys: dict[str, str],
    sums: dict[str, str],
    where: str = "true",
) -> Rows:
    """Sums by keys, SQL over the relation `source`, for a table."""
    return _rows(engine, model, _sums(source, keys, sums, where), keys=tuple(keys), sums=sums)


def _sums(source: str, keys: dict[str, str], sums: dict[str, str], where: str) -> str:
    named = ", ".join(
        [*(f"{sql} AS {name}" for name, sql in keys.items())]
        + [f"CAST(coalesce({sql}, 0) AS BIGINT) AS {name}" for name, sql in sums.items()]
    )
    places = ", ".join(str(at + 1) for at in range(len(keys)))
    return f"SELECT {named} FROM {source} WHERE {where} GROUP BY {places}"


def _rows(engine: Engine, model: type[Model], sums_sql: str, *, keys: Sequence[str], sums: Collection[str]) -> Rows:
    """The rows that SQL gives, with words for their numbers, in the order of their keys."""
    said = ", ".join([*map(_said, keys), *sums])
    joins = "".join(_JOINS.get(name, "") for name in keys)
    places = ", ".join(str(at + 1) for at in range(len(keys)))
    found = engine.rows(f"SELECT {said} FROM ({sums_sql}) sums{joins} ORDER BY {places}")
    return Rows(model, tuple(keys), tuple(sums), found)


def _said(name: str) -> str:
    """SQL for a key as databases take it in: a game or host as its word, a day or hour, of UTC, as a text."""
    if name == "game_id":
        return "games.word"
    if name == "host":
        return "hosts.word"
    if name not in {"day", "month", "hour"}:
        return name
    zone = " || '+00'" if name == "hour" and connection.vendor == "postgresql" else ""
    return f"CAST({name} AS VARCHAR){zone}"


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

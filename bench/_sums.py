"""A year of sums for many games, made up by the database itself: for the bench of the pages, and to look at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, models, transaction

from pictogame.games.models import Game, Revision
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Secret
from pictogame.stats.models import GameDay, GameHost, GameHour, GameMonth, SiteDay, SiteHost, SiteHour, Source

SECRET = Secret("k" * 32)
"""What opens every game that is made here."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_HOSTS = 40
_HOURS = 35 * 24


@dataclass(frozen=True, slots=True)
class Made:
    """What there is."""

    games: list[str]
    rows: int


def game_id(number: int) -> str:
    """The id of the game of that number."""
    letters = []
    for _ in range(14):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def make(*, games: int, days: int, days_each: int, today: date) -> Made:
    """Sums of the `days` days until today: each game has `days_each` of them, the first game all of them.

    The first game is embedded on 40 hosts a day, every other one on one. SQLite alone.
    """
    ids = [game_id(number) for number in range(games)]
    with transaction.atomic():
        secret_hash = hash_of_secret(SECRET)
        Game.objects.bulk_create([Game(id=one, secret_hash=secret_hash) for one in ids], batch_size=2000)
        Revision.objects.bulk_create(
            [
                Revision(game_id=one, number=1, template="jigsaw", skin="paper", title=f"Game {place + 1}", seed=1)
                for place, one in enumerate(ids)
            ],
            batch_size=2000,
        )
    first = today - timedelta(days=days - 1)
    every = max(days // max(days_each, 1), 1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE n (n INTEGER PRIMARY KEY)")
        cursor.executemany("INSERT INTO n VALUES (%s)", [(number,) for number in range(max(days, _HOURS))])
        cursor.execute("CREATE TEMP TABLE g (place INTEGER PRIMARY KEY, id TEXT)")
        cursor.executemany("INSERT INTO g VALUES (%s, %s)", list(enumerate(ids)))
        for statement in _statements(first=first, today=today, days=days, every=every, favourite=ids[0]):
            cursor.execute(statement)
        cursor.execute("DROP TABLE n")
        cursor.execute("DROP TABLE g")
    Source.objects.create(
        head_sha256="0" * 64, tail_sha256="0" * 64, tail_size=1, format="s3", place="origin", name="access.log",
        state="read",
    )  # fmt: skip
    tables: tuple[type[models.Model], ...] = (GameDay, GameMonth, GameHour, GameHost, SiteDay, SiteHour, SiteHost)
    return Made(ids, sum(table.objects.count() for table in tables))  # type: ignore[attr-defined]


def _statements(*, first: date, today: date, days: int, every: int, favourite: str) -> Iterator[str]:
    """One for each table, in their order. A few games are played much, most a little; it grows over the year."""
    many = (
        "(1 + (CASE WHEN place = 0 THEN 4000 ELSE 400 / (1 + place % 997) END)"
        f" * (6 + abs(n % 7 - 3)) * ({days} + n) / {8 * days} + (place * 7 + n * 13) % 5)"
    )
    of_game, of_site = _names(GameDay), _names(SiteDay)
    yield (
        f"INSERT INTO stats_gameday (game_id, day, {', '.join(of_game)}) "
        f"SELECT id, date('{first}', '+' || n || ' days'), {_numbers(of_game, many)} FROM g, n "
        f"WHERE n < {days} AND (place = 0 OR (n + place) % {every} = 0)"
    )
    yield (
        f"INSERT INTO stats_gamemonth (game_id, month, {', '.join(of_game)}) "
        f"SELECT game_id, date(day, 'start of month'), {', '.join(f'sum({name})' for name in of_game)} "
        "FROM stats_gameday GROUP BY 1, 2"
    )
    yield (
        "INSERT INTO stats_gamehost (game_id, day, host, widgets) "
        f"SELECT game_id, day, 'blog-' || n || '.example.org', 1 + widgets / {_HOSTS} FROM stats_gameday, n "
        f"WHERE n < CASE WHEN game_id = '{favourite}' THEN {_HOSTS} ELSE 1 END"
    )
    at = "(24 - abs((23 - n % 24) - 19))"
    names = "widgets, first_plays, requests, bytes, errors"
    yield (
        f"INSERT INTO stats_gamehour (game_id, hour, {names}) "
        "SELECT id, hour, many, many / 2, many * 6, many * 49800, 0 FROM g, "
        f"(SELECT datetime('{today}', '+1 day', '-' || (n + 1) || ' hours') AS hour, (10 + {at} * {at} / 4) AS many "
        f"FROM n WHERE n < {_HOURS}) WHERE place < 50"
    )
    yield (
        f"INSERT INTO stats_sitehour (hour, place, {names}) SELECT hour, 'origin', sum(widgets), sum(first_plays), "
        "sum(requests), sum(bytes), 0 FROM stats_gamehour GROUP BY hour"
    )
    sums = {name: f"sum({name})" for name in of_game}
    sums |= {
        "all_requests": "sum(requests + bot_requests)",
        "all_bytes": "sum(bytes + bot_bytes)",
        "gets": "sum(requests + bot_requests)",
        "status_2xx": "sum(requests + bot_requests - not_modified - errors)",
        "status_304": "sum(not_modified)",
        "status_4xx": "sum(errors)",
    }
    yield (
        f"INSERT INTO stats_siteday (day, place, {', '.join(of_site)}) SELECT day, 'origin', "
        f"{', '.join(sums.get(name, '0') for name in of_site)} FROM stats_gameday GROUP BY day"
    )
    yield (
        "INSERT INTO stats_sitehost (month, host, widgets) SELECT date(day, 'start of month'), host, sum(widgets) "
        "FROM stats_gamehost GROUP BY 1, 2"
    )


def _names(model: type[models.Model]) -> list[str]:
    """Every column that counts something."""
    columns = model._meta.concrete_fields  # noqa: SLF001  Django's own way to ask.
    return [field.name for field in columns if isinstance(field, models.PositiveBigIntegerField)]


def _numbers(names: list[str], many: str) -> str:
    """An expression for each column, from the number of widgets."""
    known = {
        "widgets": many,
        "first_plays": f"{many} / 2",
        "requests": f"{many} * 6",
        "bytes": f"{many} * 49800",
        "not_modified": f"{many} / 3",
        "errors": f"{many} / 200",
        "bot_requests": f"{many} / 10",
        "bot_bytes": f"{many} * 700",
        "page_requests": many,
        "page_bytes": f"{many} * 4100",
        "picture_requests": f"{many} * 2",
        "picture_bytes": f"{many} * 33000",
        "runtime_requests": f"{many} * 3",
        "runtime_bytes": f"{many} * 12700",
    }
    return ", ".join(known.get(name, "0") for name in names)

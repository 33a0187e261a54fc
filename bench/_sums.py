"""A year of sums for many games, made up by the database itself: for the bench of the pages, and to look at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db import connection, models, transaction

from pictogame.games.models import Game, Revision
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Secret
from pictogame.stats.models import GameDay, GameHost, GameHour, GameMonth, SiteDay, SiteHost, SiteHour, Source

SECRET = Secret("k" * 32)
"""What opens every game that is made here."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CREATORS = 200
"""So many games belong to one creator; they lie far apart. They have sums by the hour, at three hours of a day."""
_PLAYED_MUCH = 4
"""One of so many of them is played in every hour."""
_HOSTED_MUCH = 20
"""One of so many of them is embedded on `_HOSTS` hosts, every other game on one."""
_HOSTS = 40
_HOURLY_DAYS = 35
_HOURS = "widgets, first_plays, requests, bytes, errors"
_TABLES: tuple[type[models.Model], ...] = (GameDay, GameMonth, GameHour, GameHost, SiteDay, SiteHour, SiteHost)

_TIMES = {
    "widgets": 20,
    "first_plays": 10,
    "requests": 120,
    "bytes": 996_000,
    "not_modified": 6,
    "errors": 1,
    "bot_requests": 2,
    "bot_bytes": 14_000,
    "page_requests": 20,
    "page_bytes": 82_000,
    "picture_requests": 40,
    "picture_bytes": 660_000,
    "runtime_requests": 60,
    "runtime_bytes": 254_000,
}
"""Each sum of a game as so many times one number: so a month's are exactly those of its days."""


@dataclass(frozen=True, slots=True)
class Made:
    """What there is."""

    games: list[str]
    """Those of one creator."""
    rows: int


def game_id(number: int) -> str:
    """The id of the game of that number."""
    letters = []
    for _ in range(14):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def make(*, games: int, days: int, days_each: int, today: date) -> Made:
    """Sums of the `days` days until today: each game has `days_each` of them, the creator's have all of them.

    Rows come day after day, as logs bring them. On SQLite and PostgreSQL.
    Where the games are there already, nothing is made.
    """
    ids = sorted(game_id(number) for number in range(games))
    if not Game.objects.filter(pk=ids[-1]).exists():
        with _in_haste(), transaction.atomic(), connection.cursor() as cursor:
            _make_games(ids)
            for statement in _statements(games=games, days=days, days_each=days_each, today=today):
                cursor.execute(statement)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # As its autovacuum would have done by and by.
    return Made(ids[:: _apart(games)][:CREATORS], sum(table.objects.count() for table in _TABLES))  # type: ignore[attr-defined]


@contextmanager
def _in_haste() -> Iterator[None]:
    """SQLite without journal and with much memory, PostgreSQL (as its superuser) without looking for each row's game:
    what is made can be made again.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -3000000", "foreign_keys = OFF"):
                cursor.execute(f"PRAGMA {setting}")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
    yield
    connection.close()


def _make_games(ids: list[str]) -> None:
    secret_hash = hash_of_secret(SECRET)
    Game.objects.bulk_create([Game(id=one, secret_hash=secret_hash) for one in ids], batch_size=2000)
    Revision.objects.bulk_create(
        [
            Revision(game_id=one, number=1, template="jigsaw", skin="paper", title=f"Game {place + 1}", seed=1)
            for place, one in enumerate(ids)
        ],
        batch_size=2000,
    )
    Source.objects.create(
        head_sha256="0" * 64, tail_sha256="0" * 64, tail_size=1, format="s3", place="origin", name="access.log",
        state="read",
    )  # fmt: skip


def _apart(games: int) -> int:
    """One game of so many is the creator's."""
    return max(games // CREATORS, 1)


def _statements(*, games: int, days: int, days_each: int, today: date) -> Iterator[str]:
    """All rows, day after day. A few games are played much, most a little; it grows over the year."""
    first, every, apart = today - timedelta(days=days - 1), max(days // max(days_each, 1), 1), _apart(games)
    yield "CREATE TEMP TABLE g AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM games_game ORDER BY id"

    def played(of_days: str) -> str:
        """Games with their number of a day `n`, of each day or all together."""
        return (
            "WITH played AS MATERIALIZED (SELECT id, place, n, 1 + (CASE WHEN place = 0 THEN 4000 ELSE 400 END)"
            f" / (1 + place % 997) * (6 + abs(n % 7 - 3)) * ({days} + n) / {160 * days} + (place * 7 + n * 13) % 5 AS u"
            f" FROM g, ({of_days}) AS days WHERE place % {apart} = 0 OR (n + place) % {every} = 0)"
        )

    game, site = _names(GameDay), _names(SiteDay)
    per_day, per_month = _columns(game, "u"), _columns(game, "sum(u)")
    all_sums = {
        **_TIMES,
        "all_requests": 122,
        "all_bytes": 1_010_000,
        "gets": 122,
        "status_2xx": 115,
        "status_304": 6,
        "status_4xx": 1,
    }
    per_site = ", ".join(f"{all_sums.get(name, 0)} * sum(u)" for name in site)
    numbers = range(days)
    for month, some in groupby(numbers, key=lambda n: (first + timedelta(days=n)).replace(day=1)):
        of_month = list(some)
        for n in of_month:
            when = f"{_date(first + timedelta(days=n))}"
            one = played(f"SELECT {n} AS n")
            yield (
                f"INSERT INTO stats_gameday (game_id, day, {', '.join(game)}) {one} "
                f"SELECT id, {when}, {per_day} FROM played ORDER BY id"
            )
            yield (
                f"INSERT INTO stats_siteday (day, place, {', '.join(site)}) {one} "
                f"SELECT {when}, 'origin', {per_site} FROM played"
            )
        yield (
            f"INSERT INTO stats_gamemonth (game_id, month, {', '.join(game)}) "
            f"{played(' UNION ALL '.join(f'SELECT {n} AS n' for n in of_month))} "
            f"SELECT id, {_date(month)}, {per_month} FROM played GROUP BY id ORDER BY id"
        )
        yield (
            "INSERT INTO stats_gamehost (game_id, month, host, widgets) "
            f"SELECT game_id, month, 'blog-' || h || '.example.org', 1 + widgets / {_HOSTS} FROM stats_gamemonth "
            f"JOIN g ON id = game_id, ({_series(_HOSTS)}) AS hosts "
            f"WHERE month = {_date(month)} AND (h = 0 OR place % {apart * _HOSTED_MUCH} = 0) ORDER BY game_id"
        )
    for back in reversed(range(_HOURLY_DAYS)):
        yield (
            f"INSERT INTO stats_gamehour (game_id, hour, {_HOURS}) "
            f"SELECT id, {_hour(today - timedelta(days=back))}, u, u / 2, u * 6, u * 49800, 0 FROM "
            "(SELECT id, h, 10 + (24 - abs((23 - h) - 19)) * (24 - abs((23 - h) - 19)) / 4 AS u "
            f"FROM ({_series(24)}) AS hours, g "
            f"WHERE place % {apart * _PLAYED_MUCH} = 0 OR (place % {apart} = 0 AND h % 8 = 7)) AS played ORDER BY h, id"
        )
    yield (
        f"INSERT INTO stats_sitehour (hour, place, {_HOURS}) SELECT hour, 'origin', sum(widgets), sum(first_plays), "
        "sum(requests), sum(bytes), 0 FROM stats_gamehour GROUP BY hour"
    )
    yield (
        "INSERT INTO stats_sitehost (month, host, widgets) SELECT month, host, sum(widgets) FROM stats_gamehost "
        "GROUP BY 1, 2"
    )
    yield "DROP TABLE g"


def _date(when: date) -> str:
    return f"'{when}'" if connection.vendor == "sqlite" else f"DATE '{when}'"


def _hour(day: date) -> str:
    """The hour `h` of a day."""
    if connection.vendor == "sqlite":
        return f"datetime('{day}', '+' || h || ' hours')"
    return f"TIMESTAMPTZ '{day} 00:00+00' + h * INTERVAL '1 hour'"


def _series(many: int) -> str:
    """Rows `h` from 0."""
    if connection.vendor == "sqlite":
        return (
            f"WITH RECURSIVE up (h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM up WHERE h < {many - 1}) SELECT h FROM up"
        )
    return f"SELECT h FROM generate_series(0, {many - 1}) AS h"


def _names(model: type[models.Model]) -> list[str]:
    """Every column that counts something."""
    columns = model._meta.concrete_fields  # noqa: SLF001  Django's own way to ask.
    return [field.name for field in columns if isinstance(field, models.PositiveBigIntegerField)]


def _columns(names: list[str], number: str) -> str:
    """An expression for each column."""
    return ", ".join(f"{_TIMES.get(name, 0)} * {number}" for name in names)

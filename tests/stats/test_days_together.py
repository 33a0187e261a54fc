"""Days of many games are read from a place for each game, on both databases, and a migration loses none of them."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from tests.stats.test_hosts_by_month import migrated, newest

from pictogame.games.models import Game
from pictogame.stats import numbers
from pictogame.stats.models import GameDay

IDS = ("b5tq7nzk3xw2mc", "c5tq7nzk3xw2mc")
DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(20)]


def _fill() -> None:
    """As logs bring them: day after day, each with all games."""
    for name in IDS:
        Game.objects.create(id=name, secret_hash="")
    GameDay.objects.bulk_create(
        [GameDay(game_id=name, day=day, widgets=day.day, bytes=at) for day in DAYS for at, name in enumerate(IDS)]
    )


def _kept() -> list[tuple[str, date, int, int]]:
    return list(GameDay.objects.order_by("game_id", "day").values_list("game_id", "day", "widgets", "bytes"))


@pytest.fixture
def before(transactional_db: None) -> Iterator[None]:
    """A database from before; afterwards it is as new as the others."""
    migrated("0003_hosts_by_month")
    yield
    migrated(newest())


def test_a_year_of_many_games_is_read_without_a_place_for_each_day(db: None) -> None:
    _fill()
    rows = numbers._days(IDS, DAYS[0], DAYS[-1]).values_list("day").annotate(**numbers._SUMS)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A table of so few rows would be read as a whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        assert "Index Only Scan using stats_gameday_pkey" in rows.explain()
    else:
        assert "SEARCH stats_gameday USING PRIMARY KEY (game_id=? AND day>? AND day<?)" in rows.explain()
    assert dict(rows.values_list("day", "widgets")) == {day: 2 * day.day for day in DAYS}


def test_days_from_before_are_all_there_and_go_on(before: None) -> None:
    _fill()
    there = _kept()
    assert len(there) == 40
    migrated("0004_days_of_a_game_together")
    assert _kept() == there
    with pytest.raises(IntegrityError):
        GameDay.objects.create(game_id=IDS[0], day=DAYS[0])
    migrated("0003_hosts_by_month")
    assert _kept() == there

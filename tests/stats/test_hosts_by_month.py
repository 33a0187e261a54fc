"""Hosts that were kept by the day are by the month after the migration, and no widget of them is lost."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from pictogame.games.models import Game
from pictogame.stats.models import GameHost


def migrated(name: str) -> Any:
    """The models as they are after that migration."""
    executor = MigrationExecutor(connection)
    executor.migrate([("stats", name)])
    return executor.loader.project_state([("stats", name)]).apps


def newest() -> str:
    """The name of the last migration."""
    found: str = max(name for app, name in MigrationExecutor(connection).loader.graph.nodes if app == "stats")
    return found


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models of a database from before."""
    yield migrated("0002_stored_day").get_model("stats", "GameHost")
    migrated(newest())


def test_days_add_up_to_months_and_too_many_hosts_to_one_without_a_name(before: Any) -> None:
    Game.objects.create(id="b5tq7nzk3xw2mc", secret_hash="")
    Game.objects.create(id="c5tq7nzk3xw2mc", secret_hash="")
    days = [
        before(game_id="b5tq7nzk3xw2mc", day=date(2026, 10, day), host="blog.example", widgets=day)
        for day in (1, 30, 31)
    ]
    days.append(before(game_id="b5tq7nzk3xw2mc", day=date(2026, 11, 1), host="blog.example", widgets=7))
    days.append(before(game_id="c5tq7nzk3xw2mc", day=date(2026, 11, 1), host="", widgets=3))
    days += [
        before(game_id="c5tq7nzk3xw2mc", day=date(2026, 11, 1 + n % 28), host=f"{n:03}.example", widgets=n)
        for n in range(1, 131)
    ]
    before.objects.bulk_create(days)
    migrated("0003_hosts_by_month")
    blog = GameHost.objects.filter(game="b5tq7nzk3xw2mc").order_by("month")
    assert list(blog.values_list("month", "host", "widgets")) == [
        (date(2026, 10, 1), "blog.example", 62),
        (date(2026, 11, 1), "blog.example", 7),
    ]
    many = dict(GameHost.objects.filter(game="c5tq7nzk3xw2mc").values_list("host", "widgets"))
    assert many.pop("") == 3 + sum(range(1, 31))
    assert many == {f"{n:03}.example": n for n in range(31, 131)}

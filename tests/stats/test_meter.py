"""The meter: what was counted and what lies in the bucket, joined into a month's bill."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from pictogame.bucket.models import BucketObject
from pictogame.games.actions import Created
from pictogame.publishing import weight
from pictogame.publishing.models import Use
from pictogame.stats import meter, site, storing
from pictogame.stats.cost import BudgetState, Usage
from pictogame.stats.models import GameMonth, SiteDay, StoredDay
from pictogame.stats.pricing import prices

GIB = 1024**3
TODAY = date(2026, 11, 10)
NOW = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


def day(number: int, place: str = "origin", month: int = 11, **counts: int) -> SiteDay:
    return SiteDay.objects.create(day=date(2026, month, number), place=place, **counts)


def stored(number: int, gib: int, month: int = 11, written: int = 0) -> None:
    StoredDay.objects.create(
        day=date(2026, month, number), count=1, bytes=gib * GIB, written=written, written_bytes=0, taken_at=NOW
    )


def this_month() -> meter.Month:
    return meter.month(TODAY.replace(day=1), today=TODAY)


@pytest.mark.django_db
def test_what_reads_and_what_writes_are_charged_apart() -> None:
    day(3, gets=10, heads=2, others=1, writes=4, lists=3, deletes=5, all_bytes=1000)
    assert this_month().bucket[date(2026, 11, 3)] == Usage(reads=13, writes=7, bytes_out=1000)


@pytest.mark.django_db
def test_the_month_before_counts_for_the_forecast_and_not_for_the_bill() -> None:
    for number in range(25, 32):
        day(number, month=10, gets=1000)
    day(1, gets=100)
    first = meter.month(date(2026, 11, 1), today=date(2026, 11, 1))
    paid = meter.costs(first, prices("s3"))
    assert paid.usage.reads == 100
    assert paid.forecast_days == 7
    assert paid.expected.lines[2].amount == 30_000


@pytest.mark.django_db
def test_a_day_without_a_reading_counts_as_the_day_before_and_that_is_told() -> None:
    stored(28, 1, month=10)
    stored(4, 3)
    month = this_month()
    assert month.counted(prices("s3")).byte_days == (3 * 1 + 7 * 3) * GIB
    assert (month.stored_read, month.stored_carried, month.stored_unknown) == (1, 9, 0)


@pytest.mark.django_db
def test_days_before_the_first_reading_of_all_are_told_as_unknown() -> None:
    stored(9, 5)
    month = this_month()
    assert month.counted(prices("s3")).byte_days == 10 * GIB
    assert (month.stored_read, month.stored_carried, month.stored_unknown) == (1, 1, 8)


@pytest.mark.django_db
def test_writes_come_from_rows_where_no_log_tells_them() -> None:
    stored(2, 1, written=70)
    day(3, writes=9)
    stored(3, 1, written=5)
    assert this_month().counted(prices("s3")).writes == 79


@pytest.mark.django_db
def test_behind_a_cdn_readers_are_paid_by_what_its_edge_gave() -> None:
    day(5, gets=10, all_bytes=500)
    day(5, "edge", gets=100, all_bytes=9000, edge_requests=100, edge_hits=90)
    month = this_month()
    assert month.edge_share == Decimal("0.9")
    assert month.counted(prices("s3-cloudfront")).reads == 100
    assert month.counted(prices("s3")).reads == 10
    behind = {line.what: line.amount for line in meter.costs(month, prices("s3-cloudfront")).so_far.lines}
    assert behind["reads behind the CDN"] == 10


@pytest.mark.django_db
def test_a_month_that_is_over_expects_nothing_more() -> None:
    day(3, month=10, gets=1_000_000)
    month = meter.month(date(2026, 10, 1), today=TODAY)
    paid = meter.costs(month, prices("s3"))
    assert paid.so_far.total == paid.expected.total == Decimal("0.40")
    assert paid.forecast_days == 0


@pytest.mark.django_db
def test_a_budget_warns_of_the_month_that_is_coming(settings: Settings) -> None:
    settings.BUDGET = Decimal("1.00")
    for number in range(1, 10):
        day(number, gets=100_000)
    budget = meter.budget(meter.costs(this_month(), prices("s3")))
    assert (budget.spent, budget.expected, budget.state) == (
        Decimal("0.36"),
        Decimal("1.20"),
        BudgetState.WILL_EXCEED,
    )


def test_the_list_follows_the_bucket_unless_it_is_set(settings: Settings) -> None:
    settings.PRICES, settings.BUCKET = "", "file:///srv/bucket"
    assert meter.own_prices().name == "own-server"
    settings.BUCKET = "s3://games"
    assert meter.own_prices().name == "s3"
    settings.PRICES = "r2"
    assert meter.own_prices().name == "r2"


@pytest.mark.parametrize("text", ["2026-13", "november", "2026-11-03", "2027-01", "0001-01", "2006-02"])
def test_what_is_no_month_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(meter.BadMonth):
        meter.month_named(text, today=TODAY)


def test_games_pay_their_part_of_the_bill(jigsaw: Created, pairs: Created) -> None:
    day(3, gets=900, all_bytes=9 * GIB)
    for created, requests, size in ((jigsaw, 600, 6 * GIB), (pairs, 300, 3 * GIB)):
        GameMonth.objects.create(game=created.game, month=date(2026, 11, 1), widgets=100, requests=requests, bytes=size)
    stored(1, 2)
    paid = meter.costs(this_month(), prices("s3"))
    mine, other = meter.games(
        paid, [jigsaw.game.id, pairs.game.id], stored={jigsaw.game.id: (2 * GIB, datetime(2026, 1, 1, tzinfo=UTC))}
    )
    assert abs(mine.exact + other.exact - paid.so_far.exact) < Decimal("0.000001")
    assert mine.exact > 2 * other.exact
    assert other.million == Decimal("2602.40")


@pytest.mark.django_db
def test_a_machine_that_has_shown_two_widgets_is_not_told_to_cost_millions() -> None:
    day(3, gets=50, all_bytes=300_000, widgets=2)
    assert meter.costs(this_month(), prices("own-server")).million == Decimal("7.55")
    assert meter.costs(this_month(), prices("r2")).million == Decimal("9.00")


# --- What lies in the bucket -------------------------------------------------------------------------------------


def an_object(key: str, size: int, state: str = "stored", at: datetime | None = NOW) -> BucketObject:
    return BucketObject.objects.create(key=key, sha256="a" * 64, size=size, state=state, stored_at=at)


@pytest.mark.django_db
def test_a_reading_sums_what_lies_there_and_nothing_else() -> None:
    an_object("m/1.avif", 100)
    an_object("m/2.avif", 50, "deleting", NOW - timedelta(days=40))
    an_object("m/3.avif", 7, "intended", None)
    an_object("m/4.avif", 9, "gone")
    reading = storing.take_reading(now=NOW)
    assert (reading.count, reading.bytes) == (2, 150)
    assert (reading.written, reading.written_bytes) == (2, 109)


@pytest.mark.django_db
def test_the_most_of_a_day_is_what_counts() -> None:
    big = an_object("m/1.avif", 100)
    storing.take_reading(now=NOW)
    BucketObject.objects.filter(pk=big.pk).update(state="gone")
    later = storing.take_reading(now=NOW + timedelta(hours=2))
    assert (later.bytes, later.count) == (100, 0)
    assert storing.take_reading(now=NOW + timedelta(days=1)).bytes == 0


@pytest.mark.django_db
def test_a_young_reading_is_not_taken_again() -> None:
    an_object("m/1.avif", 100)
    storing.take_reading(now=NOW)
    an_object("m/2.avif", 100)
    assert storing.take_reading(now=NOW + timedelta(minutes=5)).bytes == 100
    assert storing.take_reading(now=NOW + timedelta(minutes=31)).bytes == 200


@pytest.mark.django_db
def test_what_was_written_after_the_last_reading_of_a_day_is_added_the_day_after() -> None:
    storing.take_reading(now=NOW)
    an_object("m/1.avif", 100, at=NOW + timedelta(hours=8))
    storing.take_reading(now=NOW + timedelta(days=1))
    assert StoredDay.objects.get(day=TODAY).written == 1


def test_a_game_weighs_what_it_uses_and_not_the_runtime(jigsaw: Created) -> None:
    for key, size in (("m/1.avif", 100), ("g/x.html", 20), ("r/0/loader.js", 5000)):
        Use.objects.create(game=jigsaw.game, object=an_object(key, size))
    Use.objects.create(game=jigsaw.game, object=an_object("m/2.avif", 999), until=NOW)
    assert weight.of_games([jigsaw.game.id, "nobody"]) == {jigsaw.game.id: (120, NOW)}


@pytest.mark.django_db
def test_every_day_has_the_same_part_of_a_machines_price() -> None:
    day(3, gets=10, all_bytes=1000)
    paid = meter.costs(this_month(), prices("own-server"))
    chart = site.money(paid)
    each = int(prices("own-server").fixed * 1000 / TODAY.day)
    assert [row.cells[0].value for row in chart.rows] == [each] * TODAY.day
    assert chart.text == f"${paid.so_far.total} so far this month."


@pytest.mark.django_db
def test_the_day_that_cost_most_is_named_where_there_is_one() -> None:
    day(3, gets=2_000_000)
    day(7, gets=1_000_000)
    assert site.money(meter.costs(this_month(), prices("s3"))).text.endswith("most on 3 Nov ($0.800).")

"""What a bucket costs: to the cent, by the vendors' own examples, and what it cost in 2007."""

import doctest
import json
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.stats import cost, pricing, words
from pictogame.stats.cost import Budget, BudgetState, Usage, bill, forecast, million, share

GIB = 1024**3
GB = 10**9
MILLION = 1_000_000


def total(usage: Usage, name: str, *, days: int = 30, allowances: bool = False, edge: str = "0") -> Decimal:
    prices = pricing.prices(name)
    return bill(usage, prices, days_in_month=days, allowances=allowances, edge_share=Decimal(edge)).total


def stored(gb: float, *, days: int = 30, gb_bytes: int = GIB) -> Decimal:
    return Decimal(gb) * gb_bytes * days


def test_the_examples_in_the_module_hold() -> None:
    assert doctest.testmod(cost).failed == 0
    assert doctest.testmod(words).failed == 0


# --- The arithmetic of 2007 --------------------------------------------------------------------------------------

# Three weeks, one million widgets, 75 GB out. What was told besides: a widget weighs 150 KB, so caches carried half of
# the bytes. What was not told is assumed, each on the dear side:
OLD_GAMES_GB = 5
"""Pictures of the creators, brought in during these weeks and stored from their first day on."""
OLD_PUTS = 100_000
"""Objects written: 50 KB each make those 5 GB."""
OLD_GETS = 3 * MILLION
"""Requests: a widget is a page, a script and four pictures and files, and caches carried half of them too."""


def old_month() -> Usage:
    return Usage(
        byte_days=stored(OLD_GAMES_GB, days=21),
        writes=OLD_PUTS,
        reads=OLD_GETS,
        bytes_out=75 * GIB,
        bytes_in=OLD_GAMES_GB * GIB,
    )


def test_a_million_widgets_cost_less_than_20_dollars_in_2007() -> None:
    lines = {line.what: line.usd for line in bill(old_month(), pricing.prices("s3-2007"), days_in_month=30).lines}
    assert lines == {
        "storage": Decimal("0.53"),  # 5 GB for 21 of 30 days at 0.15
        "writes": Decimal("1.00"),  # 100,000 at 0.01 for each 1,000
        "reads": Decimal("3.00"),  # 3 million at 0.01 for each 10,000
        "bytes out": Decimal("13.50"),  # 75 GB at 0.18
        "bytes in": Decimal("0.50"),  # 5 GB at 0.10
    }
    assert total(old_month(), "s3-2007") == Decimal("18.53") < 20


def test_the_20_dollars_of_2007_leave_room_for_the_assumptions_to_be_wrong() -> None:
    more = Usage(byte_days=stored(10, days=21), writes=100_000, reads=4 * MILLION, bytes_out=75 * GIB)
    assert total(more, "s3-2007") == Decimal("19.55") < 20


def test_the_weight_of_a_widget_is_what_made_it_dear() -> None:
    without_caches = Usage(byte_days=old_month().byte_days, writes=OLD_PUTS, reads=6 * MILLION, bytes_out=150 * GIB)
    assert total(without_caches, "s3-2007") > 30


# --- A million of ours -------------------------------------------------------------------------------------------


def test_a_million_of_ours_costs_less_than_8_dollars_with_every_cache_cold() -> None:
    """50,000 bytes and 6 requests are what a first play may take; 1,000 games of 250 KB in 7 objects are stored."""
    cold = Usage(byte_days=stored(0.25), writes=7000, reads=6 * MILLION, bytes_out=50 * GB)
    assert total(cold, "s3") == Decimal("6.64") < 8


def test_a_million_of_ours_costs_less_than_5_dollars_where_caches_carry_half_as_in_2007() -> None:
    half = Usage(byte_days=stored(0.25), writes=7000, reads=3 * MILLION + 500_000, bytes_out=25 * GB)
    assert total(half, "s3") < 5


# --- Vendors' own examples ---------------------------------------------------------------------------------------


def test_cloudflares_examples_give_cloudflares_sums() -> None:
    storing = Usage(byte_days=stored(1000, gb_bytes=GB), writes=1000, reads=MILLION)
    hosting = Usage(byte_days=stored(10, gb_bytes=GB), writes=100_000, reads=300 * MILLION)
    assert total(storing, "r2", allowances=True) == Decimal("14.85")
    assert total(hosting, "r2", allowances=True) == Decimal("104.40")


def test_cloudflare_rounds_up_to_whole_units() -> None:
    assert total(Usage(reads=10 * MILLION + 1), "r2", allowances=True) == Decimal("0.36")
    assert total(Usage(byte_days=stored(1.1, gb_bytes=GB)), "r2") == Decimal("0.03")


def test_amazons_terabytes_get_cheaper_tier_by_tier() -> None:
    assert total(Usage(bytes_out=10240 * GIB), "s3") == Decimal("921.60")
    assert total(Usage(bytes_out=10241 * GIB), "s3") == Decimal("921.69")  # 0.085 for the next one
    assert total(Usage(bytes_out=200 * 1024 * GIB), "s3") == Decimal("921.60") + Decimal("3481.60") + Decimal(
        "7168.00"
    ) + Decimal("2560.00")


def test_free_gigabytes_are_the_first_ones_and_not_taken_off_a_list_price() -> None:
    usage = Usage(bytes_out=100 * GIB)
    assert (total(usage, "s3"), total(usage, "s3", allowances=True)) == (Decimal("9.00"), Decimal("0.00"))


def test_backblaze_lets_three_times_out_what_is_stored() -> None:
    usage = Usage(byte_days=stored(10, gb_bytes=GB), bytes_out=40 * GB)
    assert total(usage, "b2", allowances=True) == Decimal("0.10")  # 40 less 30 at 0.01; the 10 stored are free
    assert total(usage, "b2") == Decimal("0.47")


def test_a_machine_costs_the_same_until_its_traffic_is_used_up() -> None:
    assert total(Usage(), "own-server") == total(Usage(bytes_out=20_000 * GB), "own-server") == Decimal("7.55")
    assert total(Usage(bytes_out=30_000 * GB), "own-server") == Decimal("7.55") + Decimal("11.64")


def test_behind_cloudfront_every_request_reaches_s3_until_a_share_is_told() -> None:
    usage = Usage(reads=100 * MILLION)
    assert total(usage, "s3-cloudfront") == Decimal("100.00") + Decimal("40.00")
    assert total(usage, "s3-cloudfront", edge="0.95") == Decimal("102.00")
    with pytest.raises(cost.BadEdgeShare, match="between 0 and 1"):
        total(usage, "s3-cloudfront", edge="1.5")


def test_a_stored_byte_costs_by_its_days() -> None:
    one_day = Usage(byte_days=stored(1000, days=1))
    assert total(one_day, "s3", days=31) == Decimal("0.74")
    assert total(one_day, "s3", days=28) == Decimal("0.82")


# --- The lists ---------------------------------------------------------------------------------------------------


def test_every_price_list_says_when_and_where_it_was_read() -> None:
    assert set(pricing.names()) == {"s3", "s3-cloudfront", "r2", "b2", "own-server", "s3-2007"}
    for name in pricing.names():
        prices = pricing.prices(name)
        assert prices.name == name
        assert date(2007, 6, 1) <= prices.date <= date(2026, 11, 23)
        assert prices.sources
        assert all(what and urlsplit(url).scheme in {"http", "https"} for what, url in prices.sources)
        assert prices.notes
        assert prices.gb_bytes in {GB, GIB}


def test_money_in_the_files_is_text_since_a_float_loses_digits() -> None:
    said = json.loads((resources.files("pictogame.stats") / "prices" / "s3.json").read_text())
    said["reads"]["usd"] = 0.0004
    with pytest.raises(TypeError, match="string"):
        pricing.read(said)


def test_tiers_rise_and_the_last_one_has_no_end() -> None:
    for name in pricing.names():
        prices = pricing.prices(name)
        for part in (prices.storage, prices.out, prices.bytes_in):
            ends = [tier.up_to_gb for tier in part.tiers]
            assert ends[-1] is None
            assert [end for end in ends if end is not None] == sorted(end for end in ends[:-1] if end is not None)


def test_an_unknown_price_list_is_said_with_those_that_there_are() -> None:
    with pytest.raises(pricing.UnknownPrices, match="s3, b2, own-server, r2, s3-2007, s3-cloudfront"):
        pricing.prices("azure")


# --- Properties --------------------------------------------------------------------------------------------------

usages = st.builds(
    Usage,
    byte_days=st.integers(0, 10**17).map(Decimal),
    writes=st.integers(0, 10**10),
    reads=st.integers(0, 10**11),
    bytes_out=st.integers(0, 10**16),
    bytes_in=st.integers(0, 10**15),
)
lists = st.sampled_from(pricing.names())


@given(one=usages, other=usages, name=lists)
def test_more_never_costs_less(one: Usage, other: Usage, name: str) -> None:
    assert total(one + other, name) >= total(one, name)


@given(usage=usages, name=lists)
def test_allowances_never_make_it_dearer(usage: Usage, name: str) -> None:
    assert total(usage, name, allowances=True) <= total(usage, name)


@given(parts=st.lists(usages, min_size=1, max_size=5), name=lists)
def test_games_share_the_whole_bill_and_no_more(parts: list[Usage], name: str) -> None:
    whole = sum(parts, Usage())
    paid = bill(whole, pricing.prices(name), days_in_month=30)
    shared = sum((share(part, whole, paid) for part in parts), Decimal(0))
    owned = paid.exact if whole.bytes_out else paid.exact - paid.prices.fixed
    assert abs(shared - owned) < Decimal("0.000001") * max(owned, Decimal(1))


@given(usage=usages, name=lists)
def test_a_bill_adds_up_as_it_is_printed(usage: Usage, name: str) -> None:
    paid = bill(usage, pricing.prices(name), days_in_month=31)
    assert paid.total == sum(line.usd for line in paid.lines)
    assert abs(paid.total - paid.exact) <= Decimal("0.005") * len(paid.lines)


# --- Forecast, budget --------------------------------------------------------------------------------------------


def counted(*bytes_out: int, until: date) -> dict[date, Usage]:
    days = [until - timedelta(days=back) for back in reversed(range(len(bytes_out)))]
    return {day: Usage(bytes_out=many, byte_days=Decimal(10)) for day, many in zip(days, bytes_out, strict=True)}


def test_a_steady_month_is_forecast_as_it_is() -> None:
    said = forecast(counted(*[100] * 12, until=date(2026, 11, 10)), today=date(2026, 11, 10))
    assert said.usage == Usage(byte_days=Decimal(300), bytes_out=3000)  # 9 days counted, 21 at 100
    assert (said.days, said.left) == (7, 21)


def test_the_mean_is_of_the_last_seven_whole_days() -> None:
    said = forecast(counted(*[1000] * 5, *[70] * 7, 10, until=date(2026, 11, 13)), today=date(2026, 11, 13))
    assert said.usage.bytes_out == 5 * 1000 + 7 * 70 + 18 * 70  # today's 10 are a day that has only begun


def test_a_day_that_is_already_above_the_mean_counts_as_it_is() -> None:
    said = forecast(counted(10, 10, 500, until=date(2026, 11, 3)), today=date(2026, 11, 3))
    assert said.usage.bytes_out == 20 + 500 + 27 * 10


def test_days_without_a_visit_weigh_down_the_mean() -> None:
    days = counted(70, until=date(2026, 11, 1))
    assert forecast(days, today=date(2026, 11, 8)).usage.bytes_out == 70 + 23 * 10


def test_last_month_tells_what_the_first_day_will_bring() -> None:
    said = forecast(counted(*[100] * 7, until=date(2026, 10, 31)), today=date(2026, 11, 1))
    assert said.usage.bytes_out == 3000
    assert said.usage.byte_days == 300


def test_nothing_counted_is_nothing_forecast() -> None:
    said = forecast({}, today=date(2026, 11, 20))
    assert (said.usage, said.days, said.left) == (Usage(), 0, 11)


@pytest.mark.parametrize(
    ("usd", "spent", "expected", "state"),
    [
        (None, "5", "9", BudgetState.NONE),
        ("10", "5", "10", BudgetState.WITHIN),
        ("10", "5", "10.01", BudgetState.WILL_EXCEED),
        ("10", "10.01", "30", BudgetState.EXCEEDED),
    ],
)
def test_a_budget_warns_before_it_is_spent_and_after(
    usd: str | None, spent: str, expected: str, state: BudgetState
) -> None:
    budget = Budget(Decimal(usd) if usd else None, Decimal(spent), Decimal(expected))
    assert budget.state == state
    assert budget.warns == (state in {BudgetState.WILL_EXCEED, BudgetState.EXCEEDED})
    assert budget.sentence.endswith(".")


@pytest.mark.parametrize("usd", ["10", "20", "30"])
def test_a_month_that_is_over_is_told_in_the_past(usd: str) -> None:
    sentence = Budget(Decimal(usd), Decimal(20), Decimal(20), is_over=True).sentence
    assert sentence.startswith("The month cost $20.00, ")
    assert sentence.endswith(f"the budget of ${usd}.00.")


def test_a_million_widgets_read_more_and_neither_store_nor_write_more() -> None:
    month = Usage(byte_days=stored(10), writes=1000, reads=60_000, bytes_out=GIB)
    s3 = pricing.prices("s3")
    # 0.23 stored, 0.005 written; 3 million reads for 1.20, 50 GB out for 4.50.
    assert million(month, s3, 20_000, days_in_month=30) == Decimal("5.94")
    assert million(month, s3, 0, days_in_month=30) is None


@pytest.mark.parametrize("name", pricing.names())
def test_a_month_that_had_a_million_widgets_cost_what_a_million_costs(name: str) -> None:
    month = Usage(byte_days=stored(10), writes=1000, reads=6 * MILLION, bytes_out=150 * GIB)
    exact = bill(month, pricing.prices(name), days_in_month=30).exact
    assert million(month, pricing.prices(name), MILLION, days_in_month=30) == cost.cents(exact)

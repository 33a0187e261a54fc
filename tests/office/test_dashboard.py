"""The dashboard of plays and money: what operators are told, and that nobody else is."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pictogame.games import actions
from pictogame.games.actions import Created
from pictogame.office.figures import figures
from pictogame.office.metrics import exposition
from pictogame.stats import words
from pictogame.stats.models import GameMonth, SiteDay, SiteHost, StoredDay

GIB = 1024**3


@pytest.fixture(autouse=True)
def s3(settings: Settings) -> None:
    """Paid by the list of Amazon S3, without a budget."""
    settings.PRICES, settings.BUDGET = "s3", None


def counted(requests: int = 1000, *, gib: int = 1, widgets: int = 200, **more: int) -> None:
    """A site's day, today."""
    SiteDay.objects.create(
        day=timezone.now().date(), place="origin", widgets=widgets, first_plays=widgets // 2, requests=requests,
        all_requests=requests, gets=requests, all_bytes=gib * GIB, bytes=gib * GIB, page_requests=widgets,
        page_bytes=5000, **more,
    )  # fmt: skip


def text_of(answer: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.decode()))


@pytest.mark.parametrize("page", ["", "days.csv", "numbers.json"])
def test_a_stranger_is_led_to_the_door(db: None, page: str) -> None:
    answer = Client().get(f"/office/money/{page}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/office/login/")


def test_before_the_first_log_it_says_how_to_read_one(office: Client) -> None:
    said = text_of(office.get("/office/money/").content)
    assert "No visits counted yet" in said
    assert "pictogame stats ingest" in said
    assert "No budget is set" in said


def test_before_the_first_widget_it_says_why_a_million_have_no_price(office: Client) -> None:
    assert "A million widgets not yet none was shown" in text_of(office.get("/office/money/").content)


def test_what_is_spent_stands_beside_its_lines(office: Client) -> None:
    counted(1_000_000, gib=100)
    said = text_of(office.get("/office/money/").content)
    assert "reads 1,000,000 requests $0.40" in said
    assert "bytes out 100.000 GB $9.00" in said
    assert "Sum $9.40" in said
    assert "With the account's free amounts it would be $0.40." in said


def test_a_month_that_will_cost_too_much_is_marked(office: Client, settings: Settings) -> None:
    settings.BUDGET = Decimal("0.50")
    counted(1_000_000, gib=0)
    html = office.get("/office/money/").content.decode()
    today = timezone.now().date()
    last = (today + timedelta(days=1)).month != today.month
    assert ('class="verdict wait"' in html) != last
    assert "more than the budget of $0.50" in html or last


def test_a_spent_budget_is_marked_red(office: Client, settings: Settings) -> None:
    settings.BUDGET = Decimal("0.10")
    counted(1_000_000, gib=0)
    html = office.get("/office/money/").content.decode()
    assert 'class="verdict bad"' in html
    assert "The budget of $0.10 is spent: $0.40 so far." in html


def test_a_within_budget_is_calm(office: Client, settings: Settings) -> None:
    settings.BUDGET = Decimal(100)
    counted(1_000_000, gib=0)
    html = office.get("/office/money/").content.decode()
    assert 'class="verdict "' in html
    assert "of $100.00 are spent" in html


def test_the_most_shown_games_are_told_with_what_they_cost(office: Client, jigsaw: Created) -> None:
    counted(1_000_000, gib=100)
    GameMonth.objects.create(
        game=jigsaw.game, month=timezone.now().date().replace(day=1), widgets=90, requests=500_000, bytes=50 * GIB
    )
    said = text_of(office.get("/office/money/").content)
    assert "A cat, in pieces 90 53.7 GB $4.70" in said


def test_hosts_errors_and_caches_are_told(office: Client) -> None:
    counted(1000, not_modified=250, errors=30, status_4xx=30)
    SiteHost.objects.create(month=timezone.now().date().replace(day=1), host="blog.example.org", widgets=77)
    said = text_of(office.get("/office/money/").content)
    assert "blog.example.org 77" in said
    assert "From caches 25 % not modified, or from the edge" in said
    assert "Errors 3 % 30 answers" in said
    assert "30 answers 400 to 499, most on" in said


def test_it_says_how_storage_is_known(office: Client) -> None:
    counted()
    assert "was not read this month" in office.get("/office/money/").content.decode()
    StoredDay.objects.create(
        day=timezone.now().date(), count=1, bytes=GIB, written=0, written_bytes=0, taken_at=timezone.now()
    )
    assert "Storage was read on 1 of its days" in office.get("/office/money/").content.decode()


def test_the_publishers_health_is_there(office: Client, jigsaw: Created) -> None:
    jigsaw.game.due_at = timezone.now() - timedelta(minutes=10)
    jigsaw.game.save()
    said = text_of(office.get("/office/money/").content)
    assert "Publisher None runs" in said
    assert "Games that wait for the publisher 1" in said


def test_games_in_bulk_may_wait(office: Client, jigsaw: Created) -> None:
    jigsaw.game.due_at, jigsaw.game.in_bulk = timezone.now() - timedelta(hours=10), True
    jigsaw.game.save()
    said = text_of(office.get("/office/money/").content)
    assert "Games that wait for the publisher 0 The one that waits longest 0 s" in said


def test_a_line_for_each_day_can_be_saved(office: Client) -> None:
    counted(1000)
    answer = office.get("/office/money/days.csv?days=90")
    lines = list(csv.DictReader(StringIO(answer.content.decode())))
    assert len(lines) == 90
    assert (lines[-1]["requests"], lines[-1]["all_bytes"]) == ("1000", str(GIB))
    assert 'filename="pictogame-site.csv"' in answer.headers["Content-Disposition"]


def test_everything_can_be_saved_for_a_program(office: Client) -> None:
    counted(1_000_000, gib=100)
    said = office.get("/office/money/numbers.json").json()
    assert said["cost"]["usd"] == "9.40"
    assert said["cost"]["prices"]["name"] == "s3"
    assert said["budget"] == {"usd": None, "state": "none"}
    assert said["total"]["widgets"] == 200


def test_another_month_has_its_own_bill_games_and_hosts(office: Client, jigsaw: Created) -> None:
    today = timezone.now().date()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    SiteDay.objects.create(day=before, place="origin", widgets=7, gets=1_000_000, all_bytes=GIB)
    GameMonth.objects.create(game=jigsaw.game, month=before, widgets=7, requests=900, bytes=GIB)
    SiteHost.objects.create(month=before, host="blog.example.org", widgets=7)
    said = text_of(office.get(f"/office/money/?month={before:%Y-%m}").content)
    assert f"{before:%B %Y} $0.49" in said
    assert f"Most shown in {before:%B %Y}" in said
    assert "Game Widgets Bytes Dollars" in said
    assert "blog.example.org 7" in said
    now = text_of(office.get("/office/money/").content)
    assert "This month $0.00" in now
    assert "blog.example.org" not in now
    assert f"Another month: {before:%B %Y}" in now


def test_a_month_that_is_over_is_not_told_as_if_it_went_on(office: Client) -> None:
    today = timezone.now().date()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    SiteDay.objects.create(day=before, place="origin", widgets=7, gets=1_000_000, all_bytes=GIB)
    counted()
    said = text_of(office.get(f"/office/money/?month={before:%Y-%m}").content)
    assert f"$0.49 in {before:%B %Y}, most on" in said
    assert f"The bill of {before:%B %Y} What" in said
    assert "so far" not in said.split("The bill of")[0].replace(f"{words.day(today)}, so far", "")
    assert "Where, prices of Cost With free amounts Amazon" in said
    assert "xpected" not in said
    now = text_of(office.get("/office/money/").content)
    assert "so far this month" in now
    assert f"The bill of {today:%B %Y} so far What" in now


def test_a_budget_of_a_month_that_is_over_is_told_in_the_past(office: Client, settings: Settings) -> None:
    before = (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    SiteDay.objects.create(day=before, place="origin", widgets=7, gets=1_000_000, all_bytes=0)
    for usd, sentence in (("1", "within the budget of $1.00."), ("0.10", "more than the budget of $0.10.")):
        settings.BUDGET = Decimal(usd)
        said = text_of(office.get(f"/office/money/?month={before:%Y-%m}").content)
        assert f"The month cost $0.40, {sentence}" in said


def test_the_list_that_is_paid_by_is_told_from_the_others(office: Client) -> None:
    counted(1_000_000, gib=100)
    said = text_of(office.get("/office/money/").content)
    assert said.count("your list") == 1
    assert re.search(r"Amazon S3 Standard [\d-]+ your list \$9\.40", said)


def test_it_says_of_which_days_its_numbers_are(office: Client) -> None:
    counted()
    today = timezone.now().date()
    for days in (30, 365):
        said = text_of(office.get(f"/office/money/?days={days}").content)
        assert f"{words.days(today - timedelta(days=days - 1), today)} (UTC)" in said
        assert f"Money, games and hosts: {today:%B %Y}." in said


def test_thousands_of_dollars_are_parted_everywhere(office: Client) -> None:
    counted(10_000_000_000, gib=0)
    said = text_of(office.get("/office/money/").content)
    assert "Sum $4,000.00" in said
    assert "it would be $4,000.00." in said


@pytest.mark.parametrize(
    ("month", "sentence"),
    [("soon", "is no month"), ("2026-13", "is no month"), ("9999-01", "has not begun"), ("1999-01", "was before")],
)
def test_a_month_that_is_none_is_told_so_above_this_one(office: Client, month: str, sentence: str) -> None:
    counted(1_000_000, gib=0)
    answer = office.get(f"/office/money/?month={month}&days=soon")
    assert answer.status_code == 200
    said = text_of(answer.content)
    assert sentence in said
    assert f"This is {timezone.now():%B %Y}." in said
    assert "This month $0.40" in said


def test_a_program_is_given_no_other_month_than_it_asks_for(office: Client) -> None:
    answer = office.get("/office/money/numbers.json?month=2026-13")
    assert answer.status_code == 400
    assert "is no month" in answer.json()["error"]


def test_prometheus_is_told_of_the_money(office: Client, settings: Settings) -> None:
    counted(1_000_000, gib=0)
    settings.BUDGET = Decimal("0.10")
    metrics = exposition(figures())
    assert b'pictogame_month_dollars{what="so_far"} 0.4\n' in metrics
    assert b"pictogame_budget_dollars 0.1\n" in metrics
    assert b"pictogame_over_budget 1.0\n" in metrics


def test_the_number_of_queries_does_not_grow_with_the_games(
    office: Client, runtime: object, django_assert_max_num_queries: Any
) -> None:
    counted()
    month = timezone.now().date().replace(day=1)
    for number in range(30):
        game = actions.create(template="pairs").game
        GameMonth.objects.create(game=game, month=month, widgets=number, requests=number, bytes=number)
    with django_assert_max_num_queries(32):
        assert office.get("/office/money/").status_code == 200

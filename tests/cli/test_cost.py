"""`pictogame stats cost`: what it prints, and how it ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.cli.conftest import Command

from pictogame.cli.exits import Exit
from pictogame.games.actions import Created
from pictogame.stats.models import GameMonth, SiteDay

GIB = 1024**3


@pytest.fixture
def counted(settings: Settings, db: None) -> None:
    """A million requests and 100 GB today, paid by the list of Amazon S3."""
    settings.PRICES, settings.BUDGET = "s3", None
    SiteDay.objects.create(
        day=timezone.now().date(), place="origin", gets=1_000_000, all_bytes=100 * GIB, widgets=200_000
    )


@pytest.mark.usefixtures("counted")
def test_a_bill_is_printed_that_adds_up(command: Command) -> None:
    ended = command("stats", "cost")
    assert ended.code == Exit.OK
    lines = [line.split() for line in ended.out.splitlines()]
    amounts = [Decimal(words[-1]) for words in lines if words[:1] in (["storage"], ["writes"], ["reads"], ["bytes"])]
    assert sum(amounts) == Decimal("9.40")
    assert ["so", "far", "dollars", "9.40"] in lines
    assert "a month with a million at this mix: $47.00" in ended.out


@pytest.mark.usefixtures("db")
def test_one_is_told_in_the_singular(command: Command, settings: Settings) -> None:
    settings.PRICES, settings.BUDGET = "s3", None
    SiteDay.objects.create(day=timezone.now().date() - timedelta(days=1), place="origin", gets=1)
    SiteDay.objects.create(day=timezone.now().date(), place="origin", gets=1, widgets=1)
    said = command("stats", "cost").out
    assert "\n1 widget; a month" in said
    assert "the mean of the last 1 whole day." in said


@pytest.mark.usefixtures("counted")
def test_a_month_that_is_over_is_told_in_the_past(command: Command, settings: Settings) -> None:
    settings.BUDGET = Decimal(5)
    before = (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    SiteDay.objects.create(day=before, place="origin", gets=1_000_000)
    said = command("stats", "cost", "--month", f"{before:%Y-%m}", "--what-if", "r2").out
    assert "The month cost $0.40, within the budget of $5.00." in said
    assert "Cloudflare R2 Standard: $0.36, $0.00 with free amounts" in said
    assert "so far" not in said
    assert "expected" not in said


@pytest.mark.usefixtures("counted")
def test_machines_get_text_for_money(command: Command) -> None:
    said = command("stats", "cost", "--json", "--what-if", "r2", "--what-if", "b2").said
    assert said["usd"] == "9.40"
    assert said["usd_after_allowances"] == "0.40"
    assert [other["prices"]["name"] for other in said["what_if"]] == ["r2", "b2"]
    assert said["budget"] == {
        "usd": None,
        "state": "none",
        "warns": False,
        "sentence": "No budget is set (PICTOGAME_BUDGET, in dollars a month).",
    }


@pytest.mark.usefixtures("counted")
def test_a_spent_budget_has_an_exit_code_of_its_own(command: Command, settings: Settings) -> None:
    settings.BUDGET = Decimal(5)
    assert command("stats", "cost").code == Exit.OVER_BUDGET
    ended = command("stats", "cost", "--json")
    assert ended.code == Exit.OVER_BUDGET
    assert ended.said["budget"]["state"] == "exceeded"
    settings.BUDGET = Decimal(5000)
    assert command("stats", "cost").code == Exit.OK


@pytest.mark.usefixtures("counted")
def test_a_game_pays_its_part(command: Command, jigsaw: Created) -> None:
    month = timezone.now().date().replace(day=1)
    GameMonth.objects.create(game=jigsaw.game, month=month, widgets=50_000, requests=250_000, bytes=25 * GIB)
    said = command("stats", "cost", "--json", "--game", jigsaw.game.id).said["game"]
    assert (said["widgets"], said["usd"]) == (50_000, "2.350000")
    assert said["usd_per_million_widgets"] == "47.00"


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--prices", "azure"), Exit.USAGE, "There are no prices of 'azure'"),
        (("--month", "soon"), Exit.USAGE, "is no month"),
        (("--game", "nobody"), Exit.NOT_FOUND, "There is no game here."),
        (("--edge-share", "1.5"), Exit.USAGE, "between 0 and 1"),
        (("--edge-share", "much"), Exit.USAGE, "is no share"),
        (("--edge-share", "nan"), Exit.USAGE, "is no share"),
    ],
)
def test_what_makes_no_sense_is_refused(
    command: Command, arguments: tuple[str, ...], code: Exit, sentence: str
) -> None:
    ended = command("stats", "cost", *arguments)
    assert ended.code == code
    assert sentence in ended.sentence


@pytest.mark.usefixtures("counted")
def test_a_share_of_the_edge_is_taken(command: Command) -> None:
    said = command("stats", "cost", "--json", "--prices", "s3-cloudfront", "--edge-share", "0.95").said
    behind = next(line for line in said["lines"] if line["what"] == "reads behind the CDN")
    assert (behind["amount"], behind["usd"]) == ("50000.000000", "0.02")

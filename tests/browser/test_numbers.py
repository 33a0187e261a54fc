"""Pages of numbers in a browser: drawn with a script, whole without one, readable by everybody."""

import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import SIZES, Visit
from tests.browser.test_studio import photographs
from tests.browser.test_studio_pages import find_nothing_wrong
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

LOOKS = [("phone", "dark", 30), ("desktop", "light", 365)]
PASSWORD = "a-table-of-wood-and-paper-17"


@pytest.fixture(scope="module")
def counted(house: Installation) -> dict[str, Any]:
    """A game that was played for forty days."""
    game: dict[str, Any] = house.run_json("make", str(photographs(1)[0]), "--template", "jigsaw", "--title", "Berries")
    today = datetime.now(tz=UTC).date()
    database = sqlite3.connect(house.folder / "data" / "pictogame.sqlite3", timeout=20)
    numbers = "widgets, first_plays, requests, bytes"
    with database:
        for back in range(40):
            many = 100 + 37 * (back % 7)
            row = (str(today - timedelta(days=back)), many, many // 2, many * 6, many * 49_000)
            fill(database, "stats_gameday", {"game_id": game["id"]}, numbers, row)
            fill(database, "stats_siteday", {"place": "origin"}, f"{numbers}, all_requests, all_bytes, gets", (
                *row, many * 6, many * 49_000, many * 6))  # fmt: skip
        database.execute(
            "INSERT INTO stats_gamehost (game_id, month, host, widgets) VALUES (?, ?, 'blog.example.org', 60)",
            (game["id"], str(today.replace(day=1))),
        )
    database.close()
    return game


def fill(database: sqlite3.Connection, table: str, known: dict[str, str], numbers: str, row: tuple[Any, ...]) -> None:
    """Inserts a row; every column that is not told counts nothing."""
    columns = [one[1] for one in database.execute(f"PRAGMA table_info({table})")]
    told = {**known, **dict(zip(("day", *numbers.split(", ")), row, strict=True))}
    values = [told.get(column, 0) for column in columns]
    places = ", ".join("?" * len(columns))
    database.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({places})", values)


def enter(page: Page) -> None:
    """Into the office, by its door."""
    page.goto("/office/money/")
    page.locator("#id_username").fill("olga")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Plays and money", level=1)).to_be_visible()


@pytest.fixture(scope="module")
def operator(house: Installation) -> None:
    """Olga may enter the office."""
    subprocess.run(
        house.command("operator", "add", "olga"), env=house.environment, input=f"{PASSWORD}\n", text=True, check=True
    )


@pytest.mark.parametrize(("size", "scheme", "days"), LOOKS)
def test_a_creators_numbers_are_drawn_and_axe_finds_nothing(
    visit: Visit, counted: dict[str, Any], size: str, scheme: str, days: int
) -> None:
    with visit(size, scheme, motion="reduce") as page:
        page.goto(f"{counted['edit']}numbers/?days={days}")
        pictures = page.locator(".chart-picture canvas")
        expect(pictures).to_have_count(2)  # No hour is known, so the third has nothing to draw.
        width = pictures.first.bounding_box()
        assert width
        assert 200 < width["width"] <= SIZES[size][0]
        find_nothing_wrong(page, size)


def test_the_ink_of_a_chart_is_of_its_numbers(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("desktop", "light") as page:
        page.goto(f"{counted['edit']}numbers/")
        canvas = page.locator(".chart-picture canvas").first
        violet = canvas.evaluate(
            "(one) => { const data = one.getContext('2d').getImageData(0, 0, one.width, one.height).data;"
            " let many = 0; for (let at = 0; at < data.length; at += 4)"
            " if (data[at] === 0x5b && data[at + 1] === 0x3f && data[at + 2] === 0xd6) many += 1; return many; }"
        )
        assert violet > 5000
        page.emulate_media(color_scheme="dark")
        expect(page.locator(".chart-picture canvas").first).to_be_visible()


def test_numbers_are_whole_without_a_script(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("phone", "light", script=False) as page:
        page.goto(f"{counted['edit']}numbers/")
        assert page.locator("canvas").count() == 0
        rows = page.locator("#chart-plays-table tbody tr")
        expect(rows).to_have_count(30)
        expect(rows.last).to_be_visible()
        expect(page.get_by_text("blog.example.org")).to_be_visible()


def test_all_games_of_this_browser_are_added_up(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("phone") as page:
        page.goto("/mine/")
        expect(page.get_by_role("button", name="The numbers of all of them")).to_be_hidden()
        page.goto(f"{counted['edit']}share/")
        page.goto("/mine/")
        page.get_by_role("button", name="The numbers of all of them").click()
        expect(page.get_by_role("heading", name="All your games, in numbers")).to_be_visible()
        assert page.url.endswith("/mine/numbers/")
        expect(page.locator(".chart-picture canvas").first).to_be_visible()
        find_nothing_wrong(page, "phone")
        page.get_by_role("button", name="A year").click()
        page.get_by_role("link", name="Berries").click()
        expect(page.get_by_role("heading", name="Berries, in numbers")).to_be_visible()


@pytest.mark.usefixtures("counted", "operator")
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_amounts_of_money_stand_whole_on_every_screen(house: Installation, visit: Visit, size: str) -> None:
    long = house.run_json("make", str(photographs(1)[0]), "--template", "jigsaw", "--title", "Donaudampfschiff" * 7)
    today = datetime.now(tz=UTC).date()
    database = sqlite3.connect(house.folder / "data" / "pictogame.sqlite3", timeout=20)
    with database:
        known = {"game_id": long["id"], "month": str(today.replace(day=1))}
        fill(database, "stats_gamemonth", known, "widgets, requests, bytes", (str(today), 5000, 30_000, 190_000_000))
    database.close()
    with visit(size) as page:
        enter(page)
        tables = page.locator(".wide")
        expect(tables.nth(2)).to_contain_text("Donaudampfschiff")
        for at in range(tables.count()):
            inside, all_of_it = tables.nth(at).evaluate("(one) => [one.clientWidth, one.scrollWidth]")
            assert all_of_it <= inside, tables.nth(at).get_attribute("aria-labelledby")


def test_the_chosen_time_and_the_lines_are_told_apart_in_forced_colours(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("desktop") as page:
        page.emulate_media(forced_colors="active")
        page.goto(f"{counted['edit']}numbers/")
        grounds = page.locator(".span a").evaluate_all(
            "(links) => links.map((link) => getComputedStyle(link).backgroundColor)"
        )
        assert grounds[0] not in grounds[1:]
        expect(page.locator(".u-marker").nth(1)).to_have_css("background-color", "rgb(91, 63, 214)")


@pytest.mark.usefixtures("counted", "operator")
@pytest.mark.parametrize(("size", "scheme", "days"), LOOKS)
def test_the_dashboard_is_drawn_and_axe_finds_nothing(visit: Visit, size: str, scheme: str, days: int) -> None:
    with visit(size, scheme, motion="reduce") as page:
        enter(page)
        page.goto(f"/office/money/?days={days}")
        expect(page.locator(".chart-picture canvas").first).to_be_visible()
        find_nothing_wrong(page, size)

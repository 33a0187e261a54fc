"""Pages of numbers in a browser: drawn with a script, whole without one, readable by everybody."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import SIZES, Visit, enter
from tests.browser.test_studio import photographs
from tests.browser.test_studio_pages import find_nothing_wrong
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

LOOKS = [("phone", "dark", 30), ("desktop", "light", 365)]
NARROW: ViewportSize = {"width": 360, "height": 800}
DRAWN = """
    window.drawn = [];
    const fillText = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.drawn.push(text);
        return fillText.call(this, text, ...rest);
    };
"""
"""Keeps what is written on a canvas."""
PLACES = """(canvas, colours) => {
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return colours.map((colour) => {
        const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
        const found = [];
        for (let at = 0; at < data.length; at += 4)
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found.push((at / 4) % width);
        return found;
    });
}"""
"""Where colours stand on a canvas: how far from its left edge."""


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


@pytest.fixture(scope="module")
def vast(house: Installation) -> dict[str, Any]:
    """A game that was played thousands of millions of times, at every hour of the day before."""
    game: dict[str, Any] = house.run_json("make", str(photographs(1)[0]), "--template", "jigsaw", "--title", "Apples")
    today = datetime.now(tz=UTC).date()
    database = sqlite3.connect(house.folder / "data" / "pictogame.sqlite3", timeout=20)
    with database:
        for back in range(3):
            row = (str(today - timedelta(days=back)), 4_368_000_000, 2_184_000_000, 9_000_000_000, 10**15)
            fill(database, "stats_gameday", {"game_id": game["id"]}, "widgets, first_plays, requests, bytes", row)
        for hour in range(24):
            known = {"game_id": game["id"], "hour": f"{today - timedelta(days=1)} {hour:02}:00:00"}
            fill(database, "stats_gamehour", known, "widgets", ("", 180_000_000))
    database.close()
    return game


def fill(database: sqlite3.Connection, table: str, known: dict[str, str], numbers: str, row: tuple[Any, ...]) -> None:
    """Inserts a row; every column that is not told counts nothing."""
    columns = [one[1] for one in database.execute(f"PRAGMA table_info({table})")]
    told = {**known, **dict(zip(("day", *numbers.split(", ")), row, strict=True))}
    values = [told.get(column, 0) for column in columns]
    places = ", ".join("?" * len(columns))
    database.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({places})", values)


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_line_stands_out_from_all_that_lies_behind_it(visit: Visit, counted: dict[str, Any], scheme: str) -> None:
    with visit("desktop", scheme) as page:
        page.goto(f"{counted['edit']}numbers/")
        card, bars, line, rim = (token(page, name) for name in ("card", "violet", "sun", "on-sun"))
        for ground in (card, bars):
            assert max(contrast(line, ground), contrast(rim, ground)) >= 3
        assert contrast(line, rim) >= 3
        found = page.locator(".chart-picture canvas").first.evaluate(PLACES, [line, rim])
        assert min(map(len, found)) > 100


def test_a_day_that_still_goes_on_has_a_paler_bar_and_pulls_no_line_down(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("desktop") as page:
        page.goto(f"{counted['edit']}numbers/")
        canvas = page.locator(".chart-picture canvas").first
        line, paler = canvas.evaluate(PLACES, [token(page, "sun"), token(page, "control")])
        assert max(line) < min(paler)


def token(page: Page, name: str) -> str:
    """A colour of the house, as #rrggbb."""
    value: str = page.evaluate(
        "(name) => getComputedStyle(document.documentElement).getPropertyValue(name)", f"--{name}"
    )
    return value.strip()


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 counts it."""

    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05

    return max(light(one), light(other)) / min(light(one), light(other))


def test_axes_speak_as_the_tables_do(visit: Visit, counted: dict[str, Any], vast: dict[str, Any]) -> None:
    with visit("desktop") as page:
        page.add_init_script(DRAWN)
        page.goto(f"{counted['edit']}numbers/?days=365")
        days = [text for text in drawn(page) if re.search(" [A-Z][a-z]", text)]
        months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
        assert len({text.split()[1][:3] for text in days}) >= 5
        assert [text for text in days if not re.fullmatch(rf"\d+ ({months})", text)] == []
    with visit("phone") as page:
        page.add_init_script(DRAWN)
        page.set_viewport_size(NARROW)
        page.goto(f"{vast['edit']}numbers/")
        said = drawn(page)
        assert [text for text in said if text.isdigit() and text != "0"] == ["6", "12", "18"]
        assert "100 M" in said
        assert "2 bn" in said


def drawn(page: Page) -> list[str]:
    """What is written on the canvases of a page, drawn to their end."""
    expect(page.locator(".chart-picture canvas").last).to_be_visible()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    said: list[str] = page.evaluate("drawn")
    return said


def test_a_legend_has_numbers_while_a_place_is_pointed_at_and_is_not_read_out(
    visit: Visit, counted: dict[str, Any]
) -> None:
    with visit("desktop") as page:
        page.goto(f"{counted['edit']}numbers/?days=365")
        picture, legend = page.locator(".chart-picture").first, page.locator(".u-legend").first
        assert "\n" not in picture.aria_snapshot()
        assert re.sub(r"\s", "", legend.inner_text()) == "WidgetsshownFirstplays"
        picture.locator(".u-over").hover()
        expect(legend).to_contain_text(
            re.compile(r"Week\s*\d+ [A-Z][a-z]{2}\s*Widgets shown\s*\d+\s*First plays\s*\d+")
        )
        expect(legend.get_by_text("Week")).to_be_visible()


def test_a_number_in_a_card_never_breaks(visit: Visit, vast: dict[str, Any]) -> None:
    with visit("phone") as page:
        page.set_viewport_size(NARROW)
        page.goto(f"{vast['edit']}numbers/")
        expect(page.locator(".figures")).to_contain_text("13,104,000,000")
        lines = page.locator(".figures dd").evaluate_all(
            """(all) => all.map((one) => {
                const number = document.createRange();
                number.selectNode(one.firstChild);
                return number.getClientRects().length;
            })"""
        )
        assert lines == [1, 1, 1, 1]
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


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
        page.emulate_media(forced_colors="active")
        grounds = page.locator("button[name=days]").evaluate_all(
            "(buttons) => buttons.map((button) => getComputedStyle(button).backgroundColor)"
        )
        assert grounds[0] not in grounds[1:]
        page.emulate_media(forced_colors="none")
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
        assert max(tables.nth(2).locator("tbody tr").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")) < 75
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
        bars, line = (system(page, name) for name in ("LinkText", "Canvas"))
        assert bars != line
        for place, ink in ((1, bars), (2, line)):
            expect(page.locator(".u-marker").nth(place)).to_have_css("background-color", ink)


def test_charts_have_the_colours_of_the_system_where_it_forces_them(visit: Visit, counted: dict[str, Any]) -> None:
    with visit("desktop") as page:
        page.goto(f"{counted['edit']}numbers/")
        house = [token(page, name) for name in ("violet", "sun", "control")]
        canvas = page.locator(".chart-picture canvas").first
        assert all(canvas.evaluate(PLACES, house))
        page.emulate_media(forced_colors="active")
        forced = [as_hex(system(page, name)) for name in ("LinkText", "CanvasText", "GrayText")]
        # Charts are drawn anew with one of the next pictures of the screen.
        for _ in range(300):
            if all(canvas.evaluate(PLACES, forced)):
                break
            page.wait_for_timeout(100)
        assert all(canvas.evaluate(PLACES, forced))
        assert not any(canvas.evaluate(PLACES, house))


def system(page: Page, name: str) -> str:
    """A colour of the system, as `rgb(…)`."""
    colour: str = page.evaluate(
        """(name) => {
            const one = document.body.appendChild(document.createElement("i"));
            one.style.cssText = `forced-color-adjust: none; color: ${name}`;
            const { color } = getComputedStyle(one);
            one.remove();
            return color;
        }""",
        name,
    )
    return colour


def as_hex(colour: str) -> str:
    """`rgb(0, 0, 159)` as `#00009f`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


@pytest.mark.usefixtures("counted", "operator")
@pytest.mark.parametrize(("size", "scheme", "days"), LOOKS)
def test_the_dashboard_is_drawn_and_axe_finds_nothing(visit: Visit, size: str, scheme: str, days: int) -> None:
    with visit(size, scheme, motion="reduce") as page:
        enter(page)
        page.goto(f"/office/money/?days={days}")
        expect(page.locator(".chart-picture canvas").first).to_be_visible()
        find_nothing_wrong(page, size)


@pytest.mark.usefixtures("counted", "operator")
def test_sums_of_millions_are_whole_on_a_desktop(house: Installation, visit: Visit) -> None:
    database = sqlite3.connect(house.folder / "data" / "pictogame.sqlite3", timeout=20)
    more = "UPDATE stats_siteday SET all_bytes = all_bytes + ? WHERE day = ?"
    today = str(datetime.now(tz=UTC).date())
    try:
        with database:
            database.execute(more, (8 * 10**18, today))
        with visit("desktop") as page:
            page.set_viewport_size({"width": 1100, "height": 800})
            page.add_init_script(DRAWN)
            enter(page)
            table = page.locator(".wide[aria-labelledby='else']")
            assert any(re.fullmatch(r"\$\d+ M", text) for text in drawn(page))
            expect(table).to_contain_text(re.compile(r"\$\d+,\d{3},\d{3}\.\d\d"))
            inside, all_of_it = table.evaluate("(one) => [one.clientWidth, one.scrollWidth]")
            assert all_of_it <= inside
    finally:
        with database:
            database.execute(more, (-8 * 10**18, today))
        database.close()

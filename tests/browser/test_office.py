"""The rooms of the office on a phone and on a desk: nothing is cut off, nothing is out of sight."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import SIZES, Visit, enter
from tests.browser.test_studio import photographs
from tests.browser.test_studio_pages import find_nothing_wrong
from tests.story.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("operator")]

LISTS = ("games/game", "media/picture", "media/crop", "bucket/bucketobject")
ROOMS = ("", "money/", *(f"{one}/" for one in LISTS), "publishing/receipt/", "admin/logentry/")


@pytest.fixture(scope="module")
def long(house: Installation) -> dict[str, Any]:
    """A game with a title of one long word."""
    game: dict[str, Any] = house.run_json(
        "make", str(photographs(1)[0]), "--template", "jigsaw", "--title", "Donaudampfschiff" * 7
    )
    return game


def cut(page: Page, selector: str) -> list[str]:
    """Boxes that hold more than they show, by their class."""
    found: list[str] = page.locator(selector).evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1)"
        ".map((one) => one.className || one.id)"
    )
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_is_wider_than_a_phone_and_all_rooms_are_in_sight(
    visit: Visit, long: dict[str, Any], room: str
) -> None:
    with visit("phone") as page:
        enter(page)
        page.goto(f"/office/{room}")
        width = SIZES["phone"][0]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        right = page.locator(".rooms a").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().right)")
        assert len(right) == len(ROOMS)
        assert max(right) <= width
        assert cut(page, "#changelist-filter, .sheet .scroll") == []


def test_a_games_own_page_is_whole_on_a_phone(visit: Visit, long: dict[str, Any]) -> None:
    with visit("phone") as page:
        enter(page)
        page.goto(f"/office/games/game/{long['id']}/change/")
        assert cut(page, ".form-row") == []
        assert page.locator(".form-row .scroll").last.evaluate("(one) => getComputedStyle(one).overflowX") == "auto"
        expect(page.locator(".field-waiting .readonly")).to_have_text("-")


@pytest.mark.parametrize("room", LISTS)
def test_a_list_shows_all_its_columns_on_a_desk(visit: Visit, long: dict[str, Any], room: str) -> None:
    with visit("desktop") as page:
        enter(page)
        page.goto(f"/office/{room}/")
        assert page.locator("#result_list tbody tr").count()
        assert cut(page, ".results") == []


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_search_has_a_name_and_room_and_counts_what_it_found(visit: Visit, long: dict[str, Any], size: str) -> None:
    with visit(size) as page:
        enter(page)
        page.goto("/office/games/game/")
        search = page.get_by_role("textbox", name="Search")
        box = search.bounding_box()
        assert box
        assert box["width"] > 240
        expect(page.get_by_role("link", name="Show all")).to_have_count(0)
        find_nothing_wrong(page, size)
        search.fill(long["id"])
        page.keyboard.press("Enter")
        expect(page.locator("#changelist-search")).to_contain_text(re.compile(r"1 result \("))
        expect(page.get_by_role("link", name="Show all")).to_be_visible()

"""Every page of the studio, on a phone and on a desk, by day and by night: readable by everybody."""

import re
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import SIZES, Visit
from tests.browser.test_studio import begin, photographs, ready

pytestmark = pytest.mark.browser

SCHEMES: Final = ("light", "dark")


def find_nothing_by_day_and_night(page: Page, size: str) -> None:
    """Nothing wrong in light colours nor in dark ones."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        # Colours pass into each other, within a picture of the screen or two.
        page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
        )
        find_nothing_wrong(page, size)


def find_nothing_wrong(page: Page, size: str) -> None:
    """Nothing that axe-core knows of, and nothing beyond the edge of the screen."""
    found = [
        (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]
    ]
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], page.url


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_axe_finds_nothing_on_pages_that_anybody_may_see(visit: Visit, size: str) -> None:
    with visit(size, motion="reduce") as page:
        for address in ("/", "/templates/", "/mine/", "/make/jigsaw/", "/make/memory/", "/nowhere/"):
            page.goto(address)
            find_nothing_by_day_and_night(page, size)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_axe_finds_nothing_on_the_pages_of_a_game(visit: Visit, size: str) -> None:
    with visit(size, motion="reduce") as page:
        begin(page, "memory", photographs(3))
        ready(page)
        edit = page.url
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        find_nothing_by_day_and_night(page, size)
        page.get_by_label("Title").fill("x" * 121)
        page.get_by_label("When it is won").focus()
        expect(page.locator("#problem-title")).to_contain_text("has room for 120")
        expect(page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
        find_nothing_by_day_and_night(page, size)
        page.get_by_label("Title").fill("Three")
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(re.compile("/share/"))
        page.get_by_text("As a QR code").click()
        find_nothing_by_day_and_night(page, size)
        page.goto(f"{edit}delete/")
        find_nothing_by_day_and_night(page, size)
        page.goto("/mine/")
        find_nothing_by_day_and_night(page, size)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_next_thing_to_do_is_in_sight_wherever_the_page_is_scrolled(visit: Visit, size: str) -> None:
    with visit(size) as page:
        begin(page, "jigsaw", photographs(1))
        for share in (0, 0.3, 0.6, 1):
            page.evaluate("share => window.scrollTo(0, share * document.body.scrollHeight)", share)
            expect(page.get_by_role("button", name="Publish")).to_be_in_viewport(ratio=1)
            if size == "phone":
                expect(page.locator("[data-stage]")).to_be_in_viewport(ratio=0.5)


def test_the_templates_play_by_themselves_and_take_no_focus(visit: Visit) -> None:
    with visit() as page:
        page.goto("/templates/")
        assert page.locator(".mini iframe").count() >= 4
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.tagName") != "IFRAME"
        frame = page.frame_locator(".mini iframe").first
        expect(frame.locator("#play")).not_to_be_empty()


def test_a_page_is_whole_at_320_pixels(visit: Visit) -> None:
    with visit() as page:
        page.set_viewport_size({"width": 320, "height": 640})
        for address in ("/", "/templates/", "/make/jigsaw/", "/mine/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_the_longest_title_is_whole_in_the_smallest_frame(visit: Visit) -> None:
    title = ("Grandmother's allotment garden in the late summer of nineteen eighty-four " * 2)[:120]
    with visit() as page:
        page.set_viewport_size({"width": 300, "height": 249})
        page.goto("/samples/swap/g/sample.html")
        heading = page.locator(".pg-ticket h1")
        heading.evaluate("(heading, title) => { heading.textContent = title }", title)
        expect(page.get_by_role("button", name="Play")).to_be_in_viewport(ratio=1)
        cut = heading.evaluate("heading => heading.scrollHeight - heading.clientHeight")
        assert cut <= 0

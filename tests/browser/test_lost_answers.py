"""Pages that ask how things stand until they are done go on by themselves when an answer is lost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.test_studio import SOON, begin, photographs, ready
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

#: What the maker, the share page and a receipt ask.
ASKED = re.compile(r"/(progress|share/state|receipt/state)/(\?|$)")


class Line:
    """The line between a page and the studio: it loses so many answers of those that are asked for again and again."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.asked = 0
        self.lose = 0
        self.status = 0
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.route(ASKED, self._answer)

    def _answer(self, route: Route) -> None:
        self.asked += 1
        if self.lose <= 0:
            route.continue_()
            return
        self.lose -= 1
        if self.status:
            route.fulfill(status=self.status, body="<p>Bad gateway</p>", content_type="text/html")
        else:
            route.abort()

    def asked_within(self, milliseconds: int) -> int:
        """How often the page asks in that time."""
        before = self.asked
        self.page.wait_for_timeout(milliseconds)
        return self.asked - before


@pytest.fixture
def line(visit: Visit) -> Iterator[Line]:
    """A page whose line to the studio is bad; an error of a script on it fails the test."""
    with visit() as page:
        bad = Line(page.context)
        yield bad
        assert bad.wrong == []


@contextmanager
def without(house: Installation, part: str) -> Iterator[None]:
    """The house while nobody does the work of this part, so that a page has something to wait for."""
    house.stop(part)
    try:
        yield
    finally:
        house.start(part)


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url(re.compile("/share/"))


@pytest.mark.parametrize("status", [0, 503])
def test_pictures_become_ready_although_answers_were_lost(
    line: Line, house: Installation, tmp_path: Path, status: int
) -> None:
    # One that nobody has brought before: it has yet to be made.
    Image.effect_noise((640, 480), 90).save(tmp_path / "noise.jpg")
    with without(house, "worker"):
        line.lose, line.status = 1, status
        begin(line.page, "jigsaw", [tmp_path / "noise.jpg"])
        line.page.wait_for_timeout(1500)
        assert line.lose == 0
    ready(line.page)
    # The server's trouble is not told to somebody who only waits.
    expect(line.page.locator("#said")).to_be_empty()
    assert line.asked_within(2500) == 0


@pytest.mark.parametrize("status", [0, 503])
def test_a_game_is_told_to_be_on_the_web_and_its_receipt_to_be_whole_although_answers_were_lost(
    line: Line, house: Installation, status: int
) -> None:
    page = line.page
    begin(page, "jigsaw", photographs(1))
    ready(page)
    edit, line.status = page.url, status
    with without(house, "publisher"):
        line.lose = 1
        publish(page)
        page.wait_for_timeout(5000)
        assert line.lose == 0
        # A question each second: what went on is one chain, not two.
        assert 2 <= line.asked_within(5000) <= 6
    expect(page.get_by_role("status").first).to_contain_text("It is on the web", timeout=SOON)
    with without(house, "publisher"):
        page.goto(f"{edit}delete/")
        line.lose = 1
        page.get_by_role("button", name="Delete it for good").click()
        page.wait_for_url(re.compile("/receipt/"))
        page.wait_for_timeout(2500)
        assert line.lose == 0
    expect(page.get_by_text("the stores that held them have confirmed each")).to_be_visible(timeout=SOON)


def test_a_page_without_a_line_asks_ever_less_and_at_once_when_it_has_one_again(
    line: Line, house: Installation
) -> None:
    page = line.page
    begin(page, "jigsaw", photographs(1))
    ready(page)
    with without(house, "publisher"):
        line.lose = 1000
        publish(page)
        page.wait_for_timeout(1500)
        # The pauses are of 2, 4 and 8 seconds.
        assert line.asked_within(9000) == 2
        line.lose = 0
        page.evaluate("window.dispatchEvent(new Event('online'))")
        assert line.asked_within(1500) >= 1
        page.context.set_offline(True)
        page.wait_for_timeout(6000)
        page.context.set_offline(False)
    expect(page.get_by_role("status").first).to_contain_text("It is on the web", timeout=SOON)

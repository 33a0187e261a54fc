"""Pages that ask how things stand until they are done go on by themselves when an answer is lost."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.browser.conftest import Visit
from tests.browser.test_studio import begin, photographs, ready
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

PATIENCE = 30_000
"""In milliseconds."""
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

    def lost(self) -> None:
        """Waits until it has lost as many answers as it should."""
        self._until(lambda: self.lose == 0)

    def asked_again(self, times: int) -> None:
        """Waits until the page has asked so many times more."""
        wanted = self.asked + times
        self._until(lambda: self.asked >= wanted)

    def _until(self, done: Callable[[], bool]) -> None:
        for _ in range(PATIENCE // 50):
            if done():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"It did not come to that: {self.asked} questions, {self.lose} answers to be lost yet.")

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
        line.lost()
    ready(line.page)
    # The server's trouble is not told to somebody who only waits.
    expect(line.page.locator("#said")).to_be_empty()
    assert line.asked_within(2500) == 0


def test_a_game_is_told_to_be_on_the_web_and_its_receipt_to_be_whole_although_answers_were_lost(
    line: Line, house: Installation
) -> None:
    page = line.page
    begin(page, "jigsaw", photographs(1))
    ready(page)
    edit = page.url
    with without(house, "publisher"):
        line.lose = 1
        publish(page)
        line.lost()
        line.asked_again(2)
        # A question each second: what went on is one chain, not two.
        assert line.asked_within(3000) <= 4
    expect(page.get_by_role("status").first).to_contain_text("It is on the web")
    with without(house, "publisher"):
        page.goto(f"{edit}delete/")
        line.lose, line.status = 1, 503
        page.get_by_role("button", name="Delete it for good").click()
        page.wait_for_url(re.compile("/receipt/"))
        line.lost()
    expect(page.get_by_text("the stores that held them have confirmed each")).to_be_visible()


def test_a_page_without_a_line_asks_ever_less_and_at_once_when_it_has_one_again(
    line: Line, house: Installation
) -> None:
    page = line.page
    begin(page, "jigsaw", photographs(1))
    ready(page)
    with without(house, "publisher"):
        page.clock.install()
        line.lose = 1000
        publish(page)
        line.asked_again(1)
        # From here on it is said how late it is.
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.1)
        for pause in (2000, 4000, 8000):
            before, passed = line.asked, 0
            while line.asked == before and passed < 2 * pause:
                page.clock.run_for(100)
                passed += 100
                page.wait_for_timeout(10)
            # Some of it may have passed before, and it takes the page a moment to notice that an answer was lost.
            assert pause / 2 < passed < 2 * pause
        line.lose = 0
        page.clock.resume()
        page.evaluate("window.dispatchEvent(new Event('online'))")
        line.asked_again(1)
        page.context.set_offline(True)
        page.wait_for_timeout(2500)
        page.context.set_offline(False)
    expect(page.get_by_role("status").first).to_contain_text("It is on the web")

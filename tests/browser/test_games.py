"""Published games on their own pages: readable by everybody from start to win, and whole in the smallest frames."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.browser.robot import WON, finish_by_mouse
from tests.browser.test_studio import photographs
from tests.story.installation import Installation
from tests.story.worlds import SHORTEST, TEMPLATES

pytestmark = pytest.mark.browser

STRINGS = Path(__file__).parents[2] / "runtime" / "templates" / "jigsaw" / "strings"
SKINS = ("arcade", "paper", "wood")
#: Every skin is worn by a template at least.
WORN = dict(zip(TEMPLATES, (*SKINS, "paper"), strict=True))
WORDS = ("edges", "peek", "tidy")

#: Of the buttons in the bar of tools, those that stick out of it, whose words stick out of them, or that meet.
CRAMPED = """(words) => {
  const bar = document.querySelector(".jigsaw-tools");
  const buttons = [...bar.querySelectorAll("button")];
  words.forEach((word, at) => { buttons.at(at - words.length).textContent = word; });
  const edge = bar.getBoundingClientRect();
  const ranges = buttons.map((button) => {
    const range = document.createRange();
    range.selectNodeContents(button);
    return [button.textContent, range.getBoundingClientRect(), button.getBoundingClientRect()];
  });
  return ranges.filter(([, text, box], at) => {
    const next = ranges[at + 1]?.[2];
    const meets = next && next.left < box.right - 0.5 && box.left < next.right - 0.5 && next.top < box.bottom - 0.5;
    return meets || text.left < box.left - 0.5 || text.right > box.right + 0.5
      || box.left < edge.left - 0.5 || box.right > edge.right + 0.5 || box.bottom > innerHeight + 0.5;
  }).map(([name]) => name);
}"""


def published(house: Installation, template: str, skin: str, **options: str) -> str:
    """Makes a game, and gives the address of its page in the bucket."""
    pictures = [str(path) for path in photographs(3 if template == "memory" else 1)]
    chosen = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    made = house.run_json("make", *pictures, "--template", template, "--skin", skin, *chosen)
    return str(made["page"])


@pytest.fixture
def table(chromium: Browser) -> Iterator[Page]:
    """A page on which axe may run: games forbid every script but their own."""
    context = chromium.new_context(viewport={"width": 640, "height": 560}, reduced_motion="reduce", bypass_csp=True)
    yield context.new_page()
    context.close()


def find_nothing_wrong(page: Page) -> None:
    """Nothing that axe-core knows of, by day and by night."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        expect(page.locator(".pg")).to_have_attribute("data-theme", scheme)
        violations = Axe().run(page).response["violations"]
        found = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations]
        assert found == [], scheme


@pytest.mark.parametrize("template", TEMPLATES)
def test_axe_finds_nothing_in_a_game_from_its_start_to_its_win_and_the_next_round(
    house: Installation, table: Page, template: str
) -> None:
    table.goto(published(house, template, WORN[template], **SHORTEST[template]), wait_until="networkidle")
    expect(table.get_by_role("button", name="Play", exact=True)).to_be_visible()
    find_nothing_wrong(table)
    finish_by_mouse(table, table.main_frame, template)
    find_nothing_wrong(table)
    table.get_by_role("button", name="Play again").click()
    expect(table.get_by_role("heading", name=WON)).to_have_count(0)
    find_nothing_wrong(table)


@pytest.mark.parametrize("skin", SKINS)
def test_the_tools_of_a_jigsaw_have_room_for_their_words_in_small_frames(
    house: Installation, table: Page, skin: str
) -> None:
    table.goto(published(house, "jigsaw", skin, turned="yes"), wait_until="networkidle")
    table.get_by_role("button", name="Play", exact=True).click()
    for language in sorted(STRINGS.glob("*.json")):
        told = json.loads(language.read_text())
        for width, height in ((300, 249), (320, 266), (360, 299), (640, 532)):
            table.set_viewport_size({"width": width, "height": height})
            assert table.evaluate(CRAMPED, [told[word] for word in WORDS]) == [], (language.stem, width)

"""Somebody at the maker with a keyboard sees where they are."""

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Visit
from tests.browser.test_studio import begin, photographs, ready

pytestmark = pytest.mark.browser

#: The name of what has the focus, when none of it can be seen. Of some fields the label is what is seen.
HIDDEN = """async () => {
  // Scrolling is over with the next frame.
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
  const focused = document.activeElement;
  const shown = focused.classList.contains("unseen") || focused.matches("[type=radio], [type=checkbox]")
    ? focused.labels[0] : focused;
  const { left, top, width, height } = shown.getBoundingClientRect();
  for (const across of [0.1, 0.3, 0.5, 0.7, 0.9]) for (const down of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    const there = document.elementFromPoint(left + across * width, top + down * height);
    if (there && (shown.contains(there) || there.closest("label")?.contains(shown))) return "";
  }
  const name = focused.id || focused.name || focused.textContent.trim();
  return `${name}: ${top} to ${top + height}, scrolled by ${scrollY}`;
}"""


def hidden_stops(page: Page, key: str) -> list[str]:
    """Goes through the whole page with one key; what had the focus and could not be seen."""
    hidden: list[str] = []
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            return hidden
        # A step into the game itself shows the game.
        if page.evaluate("document.activeElement.tagName") != "IFRAME" and (name := page.evaluate(HIDDEN)):
            hidden.append(name)
    raise LookupError("The Tab key does not lead through the page.")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (375, 667), (800, 900), (1280, 800)])
def test_what_has_the_focus_is_never_hidden_by_the_preview_or_the_bar(visit: Visit, width: int, height: int) -> None:
    with visit(motion="reduce") as page:
        page.set_viewport_size({"width": width, "height": height})
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate("document.activeElement.blur()")
        page.evaluate("window.scrollTo(0, 0)")
        assert hidden_stops(page, "Tab") == []
        assert hidden_stops(page, "Shift+Tab") == []

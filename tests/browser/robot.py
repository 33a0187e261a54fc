"""Finishes a game in a real browser: as somebody with a keyboard and a screen reader, with a mouse, or with a finger.

The keyboard player knows the accessibility tree alone and sends keys alone. Mouse and finger may look where things are.
All three press Play first and come back when the win is there. The game must be in English and in its first round.
"""

from collections.abc import Callable

from playwright.sync_api import Frame, Page, expect
from tests.browser.jigsaw import win_by_keyboard, win_by_pointer
from tests.browser.pointer import Finger, Mouse, Pointer, PointerHand
from tests.browser.screen_reader import ScreenReader
from tests.browser.ways import Hand, arrow_towards, in_reading_order, place_of, win_memory, win_sliding, win_swap

WON = "You did it!"
GRIDS: dict[str, Callable[[Hand], None]] = {"swap": win_swap, "sliding": win_sliding, "memory": win_memory}
#: Stops of the Tab key on a host page before a widget's Play, at the most.
TABS = 60


class KeyboardHand:
    """Somebody who hears the names of cells and walks from one to another with the arrow keys."""

    def __init__(self, page: Page, reader: ScreenReader) -> None:
        self._keys = page.keyboard
        self._reader = reader

    def told(self) -> list[str]:
        """The names of the buttons in the grid: those that say where they are."""
        return in_reading_order(self._reader.named("button"))

    def choose(self, cell: int) -> None:
        """Walks there and presses Enter; on a tile that is turned, R turns it."""
        self._walk(cell)
        self._keys.press("r" if "turned by" in self._here() else "Enter")

    def slide(self, gap: int, cell: int) -> None:
        """On the gap, an arrow key takes the gap along."""
        names = self.told()
        if not self._here().startswith("Gap"):
            raise LookupError(f"The keyboard should be on the gap, but it is on “{self._here()}”.")
        self._keys.press(arrow_towards(place_of(names[cell]), place_of(names[gap])))

    def carry(self, start: int, end: int) -> None:
        """Picks up with Enter and puts down with Enter."""
        for cell in (start, end):
            self._walk(cell)
            self._keys.press("Enter")

    def _here(self) -> str:
        focused = self._reader.focused()
        return focused.name if focused else ""

    def _walk(self, cell: int) -> None:
        goal = place_of(self.told()[cell])
        for _ in range(100):
            here = place_of(self._here())
            if here == goal:
                return
            self._keys.press(arrow_towards(goal, here))
        raise LookupError(f"The arrow keys do not lead to row {goal[0]}, column {goal[1]}.")


def finish_by_keyboard(page: Page, frame: Frame, template: str) -> None:
    """Tabs to Play in this frame and wins, knowing only what a screen reader is told."""
    reader = ScreenReader(page, frame)
    for _ in range(TABS):
        focused = reader.focused()
        if focused and (focused.role, focused.name) == ("button", "Play"):
            break
        page.keyboard.press("Tab")
    else:
        raise LookupError("The Tab key does not lead to Play.")
    page.keyboard.press("Enter")
    if template == "jigsaw":
        win_by_keyboard(page, reader)
    else:
        GRIDS[template](KeyboardHand(page, reader))
    for _ in range(100):
        if WON in reader.named("heading"):
            return
        page.wait_for_timeout(100)
    raise LookupError("The screen reader is not told of a win.")


def finish_by_mouse(page: Page, frame: Frame, template: str) -> None:
    """Clicks Play and wins with clicks and drags of the mouse."""
    _finish_by_pointer(Mouse(page), page, frame, template)


def finish_by_touch(page: Page, frame: Frame, template: str) -> None:
    """Taps Play and wins with a finger: real touch events, with drags wherever the game knows them."""
    _finish_by_pointer(Finger(page), page, frame, template)


def _finish_by_pointer(pointer: Pointer, page: Page, frame: Frame, template: str) -> None:
    play = frame.get_by_role("button", name="Play", exact=True)
    play.scroll_into_view_if_needed()
    hand = PointerHand(pointer, frame)
    pointer.tap(*hand.middle_of(play))
    expect(play).to_have_count(0)
    if template == "jigsaw":
        win_by_pointer(page, frame, pointer)
    else:
        GRIDS[template](hand)
    expect(frame.get_by_role("heading", name=WON)).to_be_visible()

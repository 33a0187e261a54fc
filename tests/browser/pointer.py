"""A mouse and a finger, and somebody who moves them over the board of a game that is a grid of buttons."""

from typing import Protocol

from playwright.sync_api import CDPSession, Frame, Locator, Page
from tests.browser.ways import in_reading_order

#: Steps of a drag: enough for the page to see a way and not a jump.
STEPS = 6


class Pointer(Protocol):
    """Points are CSS pixels of the page's viewport."""

    def tap(self, x: float, y: float) -> None:
        """Down and up at one point."""

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Down at one point, along a line, up at the other."""


class Mouse:
    """The mouse of the page."""

    def __init__(self, page: Page) -> None:
        self._mouse = page.mouse

    def tap(self, x: float, y: float) -> None:
        """A click of the left button."""
        self._mouse.click(x, y)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """With the left button down."""
        self._mouse.move(*start)
        self._mouse.down()
        self._mouse.move(*end, steps=STEPS)
        self._mouse.up()


class Finger:
    """One finger: touch events as a screen makes them; pointer events and clicks follow by themselves."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)

    def tap(self, x: float, y: float) -> None:
        """Down and up at once."""
        self._send("touchStart", (x, y))
        self._send("touchEnd")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Along a line, step by step, and a rest: browsers take a tap at once for the end of a flick."""
        self._send("touchStart", start)
        for step in range(1, STEPS + 1):
            share = step / STEPS
            self._send("touchMove", (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
        self._send("touchEnd")
        self._page.wait_for_timeout(300)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        self._session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )


class PointerHand:
    """Somebody who reads the names of the cells and points at them."""

    def __init__(self, pointer: Pointer, frame: Frame) -> None:
        self._pointer = pointer
        self._frame = frame
        self._dragged = False

    def told(self) -> list[str]:
        """The names of the grid's buttons."""
        return in_reading_order(
            self._frame.locator("[role=gridcell] > button").evaluate_all("cells => cells.map(cell => cell.ariaLabel)")
        )

    def choose(self, cell: int) -> None:
        """A click or a tap in the middle."""
        self._pointer.tap(*self._middle(cell))

    def slide(self, gap: int, cell: int) -> None:
        """The first tile is dragged into the gap, the others are tapped."""
        if self._dragged:
            self.choose(cell)
        else:
            self._pointer.drag(self._middle(cell), self._middle(gap))
            self._dragged = True

    def carry(self, start: int, end: int) -> None:
        """By drag and by two taps in turn: each must do."""
        self._dragged = not self._dragged
        if self._dragged:
            self._pointer.drag(self._middle(start), self._middle(end))
        else:
            self.choose(start)
            self.choose(end)

    def middle_of(self, place: Locator) -> tuple[float, float]:
        """The middle of an element, in pixels of the page's viewport."""
        box = place.bounding_box()
        if box is None:
            raise LookupError(f"{place} is not to be seen.")
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _middle(self, cell: int) -> tuple[float, float]:
        return self.middle_of(self._frame.locator("[role=gridcell] > button").nth(cell))

"""How the jigsaw is won: by its two lists with a keyboard, and on its felt with mouse or finger."""

from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Frame, Page
from tests.browser.pointer import Pointer
from tests.browser.screen_reader import Heard, ScreenReader
from tests.browser.ways import arrow_towards, place_of

#: Where every loose piece lies and belongs, in pixels of the frame's viewport. The template's own rules deal the game
#: of the page once more; tray and felt are laid out as the view does it.
PIECES = """async () => {
  const xml = document.getElementById("game").textContent;
  const game = new DOMParser().parseFromString(xml, "application/xml").documentElement;
  const [template] = game.getElementsByTagName("template");
  const { rules } = (await import(new URL(template.getAttribute("src"), document.baseURI).href)).default;
  const options = Object.fromEntries([...game.getElementsByTagName("option")].map((option) => {
    const value = option.getAttribute("value");
    const plain = { true: true, false: false }[value] ?? (Number.isNaN(+value) ? value : +value);
    return [option.getAttribute("name"), plain];
  }));
  const [picture] = game.getElementsByTagName("picture");
  const ratio = picture.getAttribute("width") / picture.getAttribute("height");
  const felt = document.querySelector(".jigsaw-felt");
  const { left, top } = felt.getBoundingClientRect();
  const [wide, high] = [felt.clientWidth, felt.clientHeight];
  const tray = Math.max(20, Math.min(500, Math.round((100 * wide) / high)));
  const dealt = rules.start(options, +game.getAttribute("seed"), { count: 1, ratio });
  const { cols, rows, width, height, spots } = rules.play(dealt, { tray });
  const [margin, shape] = [200, tray / 100];
  const down = Math.max(Math.sqrt(2.5 * cols * width * rows * height / shape), rows * height + 2 * margin,
    (cols * width + 2 * margin) / shape);
  const [across, depth] = [Math.round(down * shape), Math.round(down)];
  const scale = Math.min(wide / across, high / depth);
  const onScreen = (x, y) => [
    left + margin * scale + (wide - across * scale) / 2 + x * scale,
    top + margin * scale + (high - depth * scale) / 2 + y * scale,
  ];
  return spots.map(([x, y, turn], piece) => {
    const home = [(piece % cols + 0.5) * width, (Math.floor(piece / cols) + 0.5) * height];
    let [overX, overY] = home;
    for (let quarter = turn; quarter > 0; quarter--) [overX, overY] = [-overY, overX];
    return { turn, from: onScreen(x + overX, y + overY), home: onScreen(...home) };
  });
}"""


def win_by_keyboard(page: Page, reader: ScreenReader) -> None:
    """Chooses the piece that the list of pieces offers, asks the list of places where it fits, and puts it there."""
    for _ in range(10):
        if _focused_list(reader) == "Pieces":
            break
        page.keyboard.press("Tab")
    while _names(reader, "Pieces"):
        _wait(page, lambda: _focused_list(reader) == "Pieces")
        filled = _filled(reader)
        page.keyboard.press("Enter")
        _wait(page, lambda: _focused_list(reader) == "Places")
        while not _ending(reader, "fits here"):
            # One turn of several tells nothing new; the next one has to wait until the piece has landed.
            page.keyboard.press("r")
            page.wait_for_timeout(400)
        _walk(page, reader)
        page.keyboard.press("Enter")
        _wait(page, partial(_has_more_filled, reader, filled))


def _filled(reader: ScreenReader) -> int:
    return sum(", filled" in name for name in _names(reader, "Places"))


def _has_more_filled(reader: ScreenReader, filled: int) -> bool:
    return _filled(reader) > filled or not _names(reader, "Places")


def _names(reader: ScreenReader, label: str) -> list[str]:
    return [option.name for option in _options(reader, label)]


def _ending(reader: ScreenReader, words: str) -> list[str]:
    """The places of which these words are told."""
    return [name for name in _names(reader, "Places") if name.endswith(words)]


def _options(reader: ScreenReader, label: str) -> list[Heard]:
    """The options of one list, as they are told beneath it."""
    found: list[Heard] = []
    inside = False
    for thing in reader.heard():
        if thing.role == "listbox":
            inside = thing.name == label
        elif inside and thing.role == "option":
            found.append(thing)
    return found


def _focused_list(reader: ScreenReader) -> str:
    """The list that has the keyboard: itself, or one of its options."""
    label = ""
    for thing in reader.heard():
        if thing.role == "listbox":
            label = thing.name
        if thing.is_focused and thing.role in {"listbox", "option"}:
            return label
    return ""


def _walk(page: Page, reader: ScreenReader) -> None:
    """Arrow keys lead to the place where the chosen piece fits."""
    for _ in range(100):
        here = next(place_of(place.name) for place in _options(reader, "Places") if place.is_selected)
        goal = place_of(_ending(reader, "fits here")[0])
        if here == goal:
            return
        page.keyboard.press(arrow_towards(goal, here))
    raise LookupError("The arrow keys do not lead to the place where the piece fits.")


def win_by_pointer(page: Page, frame: Frame, pointer: Pointer) -> None:
    """Drags pieces home, every second one by two taps; a piece that lies turned is tapped and turned by the button."""
    owner = frame.frame_element().bounding_box() if frame.parent_frame else None
    left, top = (owner["x"], owner["y"]) if owner else (0.0, 0.0)
    pieces: list[dict[str, Any]] = frame.evaluate(PIECES)
    for number, piece in enumerate(pieces):
        start = piece["from"][0] + left, piece["from"][1] + top
        end = piece["home"][0] + left, piece["home"][1] + top
        if piece["turn"] or number % 2:
            pointer.tap(*start)
            turn = frame.get_by_role("button", name="Turn")
            for _ in range((4 - piece["turn"]) % 4):
                page.wait_for_timeout(300)
                box = turn.bounding_box()
                if box is None:
                    raise LookupError("There is no button that turns a piece.")
                pointer.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(300)
            pointer.tap(*end)
        else:
            pointer.drag(start, end)
        _wait(page, partial(_has_placed, frame, number + 1))


def _has_placed(frame: Frame, count: int) -> bool:
    """Whether so many places are filled, as the list beside the felt says; all are once the win is there."""
    filled: int = frame.evaluate(
        "() => document.querySelector('.pg-won') ? 1e6 : "
        "[...document.querySelectorAll('.jigsaw-felt option')].filter((o) => o.text.includes(', filled')).length"
    )
    return filled >= count


def _wait(page: Page, done: Callable[[], bool]) -> None:
    for _ in range(100):
        if done():
            return
        page.wait_for_timeout(50)
    raise LookupError("The jigsaw does not answer.")

"""How each game on a grid is won by somebody who is told what lies where: one way for keyboard, mouse and finger alike.

What is told is the names of the cells, row by row, in English.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

PLACE = re.compile(r"row (\d+), column (\d+)", re.IGNORECASE)


class Hand(Protocol):
    """Somebody at the board of a game. Cells are numbered row by row."""

    def told(self) -> list[str]:
        """The names of the cells as they are now."""

    def choose(self, cell: int) -> None:
        """Enter, a click or a tap."""

    def slide(self, gap: int, cell: int) -> None:
        """The tile in the cell beside the gap goes into the gap."""

    def carry(self, start: int, end: int) -> None:
        """What lies in one cell is brought to another: by a drag, or by choosing both."""


def place_of(name: str) -> tuple[int, int]:
    """The row and the column, from 1, that a name begins with."""
    found = PLACE.search(name)
    if found is None:
        raise LookupError(f"“{name}” does not say where it is.")
    return int(found[1]), int(found[2])


def arrow_towards(goal: tuple[int, int], here: tuple[int, int]) -> str:
    """The arrow key that leads nearer: up, across, down, since a short last row has no cell beneath every other."""
    if goal[0] < here[0]:
        return "ArrowUp"
    if goal[1] != here[1]:
        return "ArrowLeft" if goal[1] < here[1] else "ArrowRight"
    return "ArrowDown"


def in_reading_order(names: Iterable[str]) -> list[str]:
    """The names that tell of a place, row by row."""
    return sorted((name for name in names if PLACE.search(name)), key=place_of)


def _belongs(name: str, columns: int) -> int | None:
    """The cell that a tile belongs in, as its name says; none for a tile in its place."""
    if "belongs in" not in name:
        return None
    row, column = place_of(name.partition("belongs in")[2])
    return (row - 1) * columns + column - 1


def win_swap(hand: Hand) -> None:
    """Each swap brings one tile home; then every tile that lies on its side is turned upright."""
    columns = max(place_of(name)[1] for name in hand.told())
    cells = range(len(hand.told()))
    for cell in cells:
        while (home := _belongs(hand.told()[cell], columns)) is not None:
            hand.carry(cell, home)
    for cell in cells:
        if "turned by" in hand.told()[cell]:
            hand.choose(cell)
        while "turned by" in hand.told()[cell]:
            hand.choose(cell)


def win_memory(hand: Hand) -> None:
    """A perfect memory: it knows what it has seen, and no more."""
    seen: dict[int, str] = {}

    def turn(cell: int) -> str:
        hand.choose(cell)
        seen[cell] = PLACE.split(hand.told()[cell])[0]
        return seen[cell]

    def mate(cell: int) -> int | None:
        return next((other for other, shown in seen.items() if other != cell and shown == seen[cell]), None)

    found: set[int] = set()
    while len(found) < len(hand.told()):
        unseen = [cell for cell in range(len(hand.told())) if cell not in seen]
        known = next((cell for cell in seen if cell not in found and mate(cell) is not None), None)
        first = known if known is not None else unseen.pop(0)
        turn(first)
        second = mate(first)
        if second is None:
            second = unseen.pop(0)
        turn(second)
        if "pair found" in hand.told()[second]:
            found |= {first, second}


def win_sliding(hand: Hand) -> None:
    """Plans the whole way from what is told at the start, then slides tile after tile."""
    names = hand.told()
    columns = max(place_of(name)[1] for name in names)
    last = len(names) - 1
    tiles = [last if name.startswith("Gap") else _home_or(cell, name, columns) for cell, name in enumerate(names)]
    gap = tiles.index(last)
    for cell in sliding_way(tiles, columns):
        hand.slide(gap, cell)
        gap = cell


def _home_or(cell: int, name: str, columns: int) -> int:
    home = _belongs(name, columns)
    return cell if home is None else home


def sliding_way(tiles: list[int], columns: int) -> list[int]:
    """The cells that the gap comes to, one after the other, until every tile lies in the cell of its number.

    Rows are filled from above, their last two tiles at once; then columns of the two lowest rows; then three tiles.
    """
    tiles = list(tiles)
    filled: set[int] = set()
    way: list[int] = []
    for goal in _goals(columns, len(tiles) // columns):
        for cell in _shortest(tiles, columns, goal, filled):
            gap = tiles.index(len(tiles) - 1)
            tiles[gap], tiles[cell] = tiles[cell], tiles[gap]
            way.append(cell)
        filled.update(goal)
    return way


def _goals(columns: int, rows: int) -> Iterator[tuple[int, ...]]:
    for row in range(rows - 2):
        start = row * columns
        yield from ((start + column,) for column in range(columns - 2))
        yield start + columns - 2, start + columns - 1
    start = (rows - 2) * columns
    for column in range(columns - 2):
        yield start + column, start + column + columns
    yield start + columns - 2, start + columns - 1, start + 2 * columns - 2


def _shortest(tiles: list[int], columns: int, goal: tuple[int, ...], filled: set[int]) -> list[int]:
    """The fewest steps of the gap that bring the tiles of the goal home and leave filled cells alone."""
    start = tuple(tiles.index(tile) for tile in (len(tiles) - 1, *goal))
    came_from: dict[tuple[int, ...], tuple[int, ...] | None] = {start: None}
    queue = [start]
    for places in queue:
        if places[1:] == goal:
            steps: list[int] = []
            back: tuple[int, ...] | None = places
            while back is not None and back != start:
                steps.append(back[0])
                back = came_from[back]
            return steps[::-1]
        gap = places[0]
        column = gap % columns
        beside = [gap - columns, gap + columns, gap - 1 if column else -1, gap + 1 if column < columns - 1 else -1]
        for cell in beside:
            if not 0 <= cell < len(tiles) or cell in filled:
                continue
            after = (cell, *(gap if place == cell else place for place in places[1:]))
            if after not in came_from:
                came_from[after] = places
                queue.append(after)
    raise LookupError(f"These tiles cannot be put in order: {tiles}.")

"""The robot's own wits, without a browser: what it is told, and the way that it finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.browser.ways import arrow_towards, in_reading_order, place_of, sliding_way


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[int], int]:
    """Tiles that can be put in order, and how many lie in a row: the gap at the end, an even permutation before it."""
    columns = draw(st.sampled_from([3, 4]))
    tiles = draw(st.permutations(range(columns * columns - 1)))
    inversions = sum(tiles[one] > tiles[two] for two in range(len(tiles)) for one in range(two))
    if inversions % 2:
        tiles[0], tiles[1] = tiles[1], tiles[0]
    return [*tiles, len(tiles)], columns


@settings(max_examples=25, deadline=None)
@given(shuffled())
def test_the_way_of_the_gap_puts_every_tile_in_order(board: tuple[list[int], int]) -> None:
    tiles, columns = list(board[0]), board[1]
    gap = tiles.index(len(tiles) - 1)
    for cell in sliding_way(tiles, columns):
        assert abs(cell - gap) in {1, columns}
        tiles[gap], tiles[cell], gap = tiles[cell], tiles[gap], cell
    assert tiles == sorted(tiles)


def test_tiles_that_cannot_be_put_in_order_are_said_to_be_so() -> None:
    with pytest.raises(LookupError, match="cannot be put in order"):
        sliding_way([1, 0, 2, 3, 4, 5, 6, 7, 8], 3)


def test_names_are_read_row_by_row_whatever_order_they_come_in_and_buttons_without_a_place_are_left_out() -> None:
    names = ["Card, row 2, column 1, face down", "Hint", "Card, row 1, column 10, face down", "Row 1, column 2: tile 3"]
    assert in_reading_order(names) == [names[3], names[2], names[0]]
    with pytest.raises(LookupError, match="“Hint” does not say where it is"):
        place_of("Hint")


@pytest.mark.parametrize(
    ("goal", "here", "key"),
    [
        ((1, 1), (2, 3), "ArrowUp"),
        ((2, 1), (1, 3), "ArrowLeft"),
        ((2, 3), (2, 1), "ArrowRight"),
        ((3, 2), (1, 2), "ArrowDown"),
    ],
)
def test_the_robot_walks_up_then_across_then_down(goal: tuple[int, int], here: tuple[int, int], key: str) -> None:
    assert arrow_towards(goal, here) == key

"""Which part of a picture is taken, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.media.pipeline import Crop, Role, crop_box, plan

SIDES = st.integers(8, 10_000)
SHARES = st.floats(0, 1)
CROPS = st.builds(Crop, st.integers(1, 32), st.integers(1, 32), SHARES, SHARES)


@given(width=SIDES, height=SIDES, crop=CROPS)
def test_a_crop_lies_within_keeps_its_focus_and_its_ratio_and_is_as_large_as_can_be(
    width: int, height: int, crop: Crop
) -> None:
    box = crop_box(width, height, crop)
    assert 0 <= box.left <= box.left + box.width <= width
    assert 0 <= box.top <= box.top + box.height <= height
    assert box.left - 1 <= width * crop.focus_x <= box.left + box.width + 1
    assert box.top - 1 <= height * crop.focus_y <= box.top + box.height + 1
    assert box.width == width or box.height == height
    assert box.width >= 1
    assert box.height >= 1
    wide, high = box.width * crop.ratio_h, box.height * crop.ratio_w
    assert abs(wide - high) <= max(crop.ratio_w, crop.ratio_h) or 1 in (box.width, box.height)


@given(width=SIDES, height=SIDES, crop=CROPS)
def test_nothing_is_enlarged_but_the_card(width: int, height: int, crop: Crop) -> None:
    box = crop_box(width, height, crop)
    for spec in plan(width, height, crop):
        if spec.role == Role.CARD:
            assert (spec.width, spec.height) == (1200, 630)
        else:
            assert 1 <= spec.width <= box.width
            assert 1 <= spec.height <= box.height


@pytest.mark.parametrize(
    ("size", "crop", "expected"),
    [
        ((4000, 3000), Crop(4, 3), {"large": (1280, 960), "small": (640, 480), "fallback": (960, 720)}),
        ((4000, 3000), Crop(1, 1), {"large": (1280, 1280), "small": (640, 640), "fallback": (960, 960)}),
        ((3000, 4000), Crop(3, 4), {"large": (1200, 1600), "small": (600, 800), "fallback": (900, 1200)}),
        ((900, 675), Crop(4, 3), {"large": (900, 675), "small": (640, 480), "fallback": (900, 675)}),
        ((700, 525), Crop(4, 3), {"large": (700, 525), "fallback": (700, 525)}),
        ((64, 64), Crop(4, 3), {"large": (64, 48), "fallback": (64, 48)}),
    ],
)
def test_a_plan_has_the_sizes_that_are_worth_their_bytes(
    size: tuple[int, int], crop: Crop, expected: dict[str, tuple[int, int]]
) -> None:
    specs = plan(*size, crop)
    assert {spec.role.value: (spec.width, spec.height) for spec in specs if spec.role != Role.CARD} == expected
    assert specs[0].role == Role.LARGE


def test_the_focus_point_moves_the_crop() -> None:
    assert crop_box(4000, 1000, Crop(1, 1, 0.0, 0.5)).left == 0
    assert crop_box(4000, 1000, Crop(1, 1, 0.5, 0.5)).left == 1500
    assert crop_box(4000, 1000, Crop(1, 1, 1.0, 0.5)).left == 3000
    assert crop_box(1000, 4000, Crop(1, 1, 0.5, 0.25)).top == 500


@pytest.mark.parametrize(
    "values", [(0, 1), (1, 0), (-4, 3), (4, 3, 1.1, 0.5), (4, 3, 0.5, -0.1), (4, 3, float("nan"), 0.5)]
)
def test_a_crop_that_makes_no_sense_can_not_be_built(values: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="No crop"):
        Crop(*values)

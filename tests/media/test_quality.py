"""The table that chooses AVIF qualities: what it promises, checked on the photographs that it was made from."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.media import quality, quality_models
from pictogame.media.quality import Measures

ROOT = Path(__file__).parents[2]
SAMPLES = [json.loads(line) for line in (ROOT / "bench" / "quality-training.jsonl").read_text().splitlines()]
HELD_OUT = set((ROOT / "bench" / "quality-held-out.txt").read_text().splitlines())

NUMBERS = st.floats(0, 1e6)
MEASURES = st.builds(Measures, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


def chosen(sample: dict[str, object], width: int) -> int:
    model = quality_models.SMALL if width == 640 else quality_models.LARGE
    return quality.predict(model, *(Measures(**each) for each in sample["measures"]))  # type: ignore[attr-defined]


def score_at(points: list[tuple[int, float, int]], wanted: int) -> float:
    """SSIMULACRA2 at a quality, between the two measured ones around it."""
    for (below, low, _), (above, high, _) in pairwise(points):
        if wanted <= above:
            return low + (high - low) * (wanted - below) / (above - below)
    return points[-1][1]


@pytest.mark.parametrize(("width", "target", "off"), [(640, 71, 4), (1280, 62, 9)])
def test_photographs_that_it_never_saw_come_out_alike(width: int, target: float, off: float) -> None:
    unseen = [sample for sample in SAMPLES if sample["width"] == width and sample["name"] in HELD_OUT]
    scores = [score_at(sample["points"], chosen(sample, width)) for sample in unseen]
    assert len(scores) == 25
    assert min(scores) > target - off
    assert abs(sum(scores) / len(scores) - target) < 1.5


def test_what_hides_an_error_worse_gets_a_higher_quality() -> None:
    sample = SAMPLES[0]
    plain = Measures(**sample["measures"][0])
    worse = replace(plain, error_fine=plain.error_fine * 3, loss_coarse=plain.loss_coarse * 2)
    assert quality.predict(quality_models.SMALL, worse) > quality.predict(quality_models.SMALL, plain)


@given(whole=MEASURES, detail=MEASURES)
def test_whatever_is_measured_the_quality_stays_within_what_was_trained(whole: Measures, detail: Measures) -> None:
    for found in (
        quality.predict(quality_models.SMALL, whole),
        quality.predict(quality_models.LARGE, whole, detail),
    ):
        assert quality.LEAST_QUALITY <= found <= quality.MOST_QUALITY


def test_a_large_rendition_that_is_no_larger_than_the_small_one_is_seen_as_near() -> None:
    def between(width: int) -> int:
        return quality.between(60, 40, width=width, small_width=640, large_width=1280)

    assert [between(width) for width in (300, 640, 960, 1280, 2000)] == [60, 60, 50, 40, 40]

"""The table that chooses AVIF qualities: what it promises, checked on the photographs that it was made from."""

from dataclasses import replace
from statistics import mean

import pytest
from bench import train_quality
from bench.train_quality import Sample
from hypothesis import given
from hypothesis import strategies as st

from pictogame.media import quality
from pictogame.media.quality import Aim, Measures
from pictogame.media.quality_models import AIMS

SAMPLES = train_quality.read_table()
HELD_OUT = set(train_quality.HELD_OUT.read_text().splitlines())
AIM_AT = {640: AIMS.small, 1280: AIMS.large}

NUMBERS = st.floats(0, 1e6)
MEASURES = st.builds(Measures, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


def unseen_at(width: int) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.width == width and sample.name in HELD_OUT]


def scores(samples: list[Sample], chosen: list[int]) -> list[float]:
    return [train_quality.outcome(sample, one)[0] for sample, one in zip(samples, chosen, strict=True)]


@pytest.mark.parametrize(("width", "off"), [(640, 2), (1280, 4)])
def test_photographs_that_it_never_saw_come_out_alike(width: int, off: float) -> None:
    samples, aim = unseen_at(width), AIM_AT[width]
    found = scores(samples, [train_quality.choose(aim, sample)[0] for sample in samples])
    assert len(found) == 25
    assert min(found) > aim.score - off
    assert abs(mean(found) - aim.score) < 1.5


@pytest.mark.parametrize("width", [640, 1280])
def test_they_weigh_less_than_at_the_fixed_quality_that_is_nowhere_worse(width: int) -> None:
    samples, aim = unseen_at(width), AIM_AT[width]
    reached = train_quality.reached(samples, [train_quality.choose(aim, sample)[0] for sample in samples])
    # What even the true score would save of these at 640 px is 12 %: none of them is hard.
    assert reached.saved > {640: 0.05, 1280: 0.15}[width]


@pytest.mark.parametrize("width", [640, 1280])
def test_the_second_look_mends_what_the_first_one_got_wrong(width: int) -> None:
    samples, aim = unseen_at(width), AIM_AT[width]
    begun = [quality.begin(quality.Aims(aim, aim), 0, sample.trial) for sample in samples]
    ended = [train_quality.choose(aim, sample)[0] for sample in samples]
    assert min(scores(samples, ended)) >= min(scores(samples, begun))
    assert sum(one != other for one, other in zip(begun, ended, strict=True)) <= len(samples) / 3


def test_what_loses_more_gets_a_higher_quality() -> None:
    plain = unseen_at(640)[0].trial
    worse = Measures(plain.lost_fine * 1.5, plain.lost_middle * 1.5, plain.lost_coarse * 1.5, plain.faded * 1.5)
    assert quality.begin(AIMS, 0, worse) > quality.begin(AIMS, 0, plain)
    assert quality.mend(AIMS, 0, 50, replace(worse, faded=0.05)) > 50


def test_what_is_good_enough_is_kept_what_is_too_poor_or_too_fat_is_not() -> None:
    aim = AIMS.small
    within = [quality.mended(AIMS, 0, 55, missing) for missing in (aim.below, 0, -aim.above)]
    assert within == [55, 55, 55]
    assert quality.mended(AIMS, 0, 55, aim.below + 3) > 57
    assert quality.mended(AIMS, 0, 55, -aim.above - 3) < 52


@given(trial=MEASURES, seen=MEASURES, share=st.floats(0, 1), begun=st.integers(30, 82))
def test_whatever_is_measured_the_quality_stays_within_what_was_trained(
    trial: Measures, seen: Measures, share: float, begun: int
) -> None:
    for found in (quality.begin(AIMS, share, trial), quality.mend(AIMS, share, begun, seen)):
        assert quality.LEAST_QUALITY <= found <= quality.MOST_QUALITY


def test_a_large_rendition_that_is_no_larger_than_the_small_one_is_seen_as_near() -> None:
    def share(width: int) -> float:
        return quality.share_of(width, small_width=640, large_width=1280)

    assert [share(width) for width in (300, 640, 960, 1280, 2000)] == [0, 0, 0.5, 1, 1]
    trial = unseen_at(640)[0].trial
    small, large = quality.begin(AIMS, 0, trial), quality.begin(AIMS, 1, trial)
    assert small > quality.begin(AIMS, 0.5, trial) > large


def test_each_width_has_the_target_that_the_training_says() -> None:
    def told(aim: Aim) -> tuple[float, float, float]:
        return aim.score, aim.below, aim.above

    for width, aim in AIM_AT.items():
        assert told(aim) == (train_quality.TARGETS[width], train_quality.BELOW[width], train_quality.ABOVE[width])

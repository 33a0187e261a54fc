"""Which AVIF quality makes a photograph look right, found by cheap measures of how an encoding changed it.

A fixed quality is too much for some photographs and too little for others. SSIMULACRA2 would tell, but takes longer
than all the rest of the pipeline. So a few measures that resemble its own (how much of the structure is lost, from
fine to coarse, and how badly detail fades where it fades most) predict it: of a trial encode, which costs a tenth of
the real one, they say what quality to begin with; of the real one, how it will look, and the few that went wrong are
encoded once more. `bench/train_quality.py` made the tables from measured photographs. Pure.
"""

import math
from dataclasses import dataclass

EFFORT = 2
"""Of libaom through libheif. 3 takes twice the time for 6 % fewer bytes at one score; above 3 nothing is gained."""

TRIAL_QUALITY = 60
TRIAL_EFFORT = 0

LEAST_QUALITY = 30
MOST_QUALITY = 82
"""The range that the training saw. Beyond it a prediction is a guess."""

SUMMAND = 1e-5
"""Added before a logarithm is taken: it keeps a blank picture finite and is far below what a photograph shows."""


@dataclass(frozen=True)
class Measures:
    """How an encoding changed a picture, over blocks of 4 x 4 pixels of lightness."""

    lost_fine: float
    """Share of a block's structure that is lost (0 to 1), at full size. The mean over all blocks."""
    lost_middle: float
    """The same at a quarter of the size each way."""
    lost_coarse: float
    """The same at a sixteenth."""
    faded: float
    """What a block's detail (its standard deviation, 0 to 1) lost, at full size. The fourth root of the mean of
    the fourth powers, in which the worst blocks count most."""


@dataclass(frozen=True)
class Model:
    """A quadratic in the logarithms of the measures, each centred and scaled."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    linear: tuple[float, ...]
    square: tuple[float, ...]
    base: float

    def __call__(self, measures: Measures) -> float:
        """What it was trained to tell, for these measures."""
        found = self.base
        for value, centre, scale, linear, square in zip(
            logarithms(measures), self.centre, self.scale, self.linear, self.square, strict=True
        ):
            z = max(-3.0, min(3.0, (value - centre) / scale))
            found += linear * z + square * z * z
        return found


@dataclass(frozen=True)
class Aim:
    """What a rendition of one width is made for."""

    score: float
    """The SSIMULACRA2 wanted."""
    below: float
    above: float
    """So far from it may the estimate of a finished encoding lie before it is made once more."""
    slope: float
    """How much the score rises with each step of the quality."""
    first: Model
    """The quality to begin with, from a trial at the small width."""
    seen: Model
    """The score, from a finished encoding."""


@dataclass(frozen=True)
class Aims:
    """Those of both widths; a width between them lies between in all."""

    small: Aim
    large: Aim


def share_of(width: int, *, small_width: int, large_width: int) -> float:
    """How near to the large width: 0 up to the small one, as that is seen as near, 1 from the large one on."""
    return max(0.0, min(1.0, (width - small_width) / (large_width - small_width)))


def begin(aims: Aims, share: float, trial: Measures) -> int:
    """The quality of the first encoding."""
    return _within(_mixed(aims.small.first(trial), aims.large.first(trial), share))


def mend(aims: Aims, share: float, chosen: int, seen: Measures) -> int:
    """The quality that `chosen` should have been, judged by what it made; the same where that is good enough."""
    small, large = aims.small, aims.large
    return mended(aims, share, chosen, _mixed(small.score - small.seen(seen), large.score - large.seen(seen), share))


def mended(aims: Aims, share: float, chosen: int, missing: float) -> int:
    """The same, when so much is missing from the score wanted."""
    small, large = aims.small, aims.large
    if -_mixed(small.above, large.above, share) <= missing <= _mixed(small.below, large.below, share):
        return chosen
    return _within(chosen + missing / _mixed(small.slope, large.slope, share))


def logarithms(measures: Measures) -> tuple[float, ...]:
    """What a model is a quadratic in."""
    return tuple(
        math.log(max(0.0, value) + SUMMAND)
        for value in (measures.lost_fine, measures.lost_middle, measures.lost_coarse, measures.faded)
    )


def _mixed(small: float, large: float, share: float) -> float:
    return small + (large - small) * share


def _within(value: float) -> int:
    return round(max(LEAST_QUALITY, min(MOST_QUALITY, value)))

"""Which AVIF quality makes a photograph look right, predicted from a trial encode that costs a tenth of the real one.

A fixed quality is too much for some photographs and too little for others. SSIMULACRA2 would tell, but takes longer
than all the rest of the pipeline; so a few measures of a trial (how much of the error stays visible beside the detail
it hides in, how much detail there is, how many bits it took) predict it. `bench/train_quality.py` made the table from
measured photographs. Pure.
"""

import math
from dataclasses import astuple, dataclass

EFFORT = 2
"""Of libaom through libheif. 3 takes twice the time for 2 % fewer bytes; above 3 nothing is gained."""

TRIAL_QUALITY = 60
TRIAL_EFFORT = 0

LEAST_QUALITY = 30
MOST_QUALITY = 82
"""The range that the training saw. Beyond it a prediction is a guess."""


@dataclass(frozen=True)
class Measures:
    """What a trial encode shows, over blocks of 4 x 4 pixels of lightness (0 to 100). The mean over all blocks of
    each."""

    error_fine: float
    """Variance of the error within a block, at full size."""
    error_coarse: float
    """The same at a quarter of the size."""
    loss_fine: float
    """Share of a block's structure that is lost (0 to 1), at full size."""
    loss_coarse: float
    detail: float
    """Standard deviation within a block, at half size."""
    bits: float
    """Bits that the trial took for each pixel."""


@dataclass(frozen=True)
class Model:
    """A quadratic in the logarithms of the measures, each centred and scaled."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    linear: tuple[float, ...]
    square: tuple[float, ...]
    base: float


def predict(model: Model, *measures: Measures) -> int:
    """What one model says of the measures that it was trained on, kept within the range that it knows."""
    quality = model.base
    for value, centre, scale, linear, square in zip(
        logarithms(*measures), model.centre, model.scale, model.linear, model.square, strict=True
    ):
        z = max(-3.0, min(3.0, (value - centre) / scale))
        quality += linear * z + square * z * z
    return round(max(LEAST_QUALITY, min(MOST_QUALITY, quality)))


def between(small: int, large: int, *, width: int, small_width: int, large_width: int) -> int:
    """The quality of a large rendition of `width`: that of the small one where it is no larger, as it is then seen as
    near."""
    share = max(0.0, min(1.0, (width - small_width) / (large_width - small_width)))
    return round(small + (large - small) * share)


def logarithms(*measures: Measures) -> tuple[float, ...]:
    """What a model is a quadratic in; the small summand keeps a blank picture finite."""
    return tuple(math.log(max(0.0, value) + 1e-4) for each in measures for value in astuple(each))

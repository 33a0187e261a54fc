"""The table that `python -m bench.train_quality fit` writes. Do not edit."""

from pictogame.media.quality import Aim, Aims, Model

AIMS = Aims(
    small=Aim(
        score=70.0,
        below=1.0,
        above=2.0,
        slope=0.934,
        first=Model(
            centre=(-3.291, -5.885, -8.783, -5.202),
            scale=(0.528, 0.299, 0.417, 0.32),
            linear=(1.83, 2.34, 0.797, 2.203),
            square=(-0.15, -0.072, 0.217, -0.075),
            base=52.988,
        ),
        seen=Model(
            centre=(-3.262, -5.713, -8.526, -5.059),
            scale=(0.664, 0.784, 0.809, 0.561),
            linear=(-0.795, -4.877, -1.568, -3.793),
            square=(-0.15, -1.223, -0.417, -0.451),
            base=73.175,
        ),
    ),
    large=Aim(
        score=62.0,
        below=1.5,
        above=4.0,
        slope=1.19,
        first=Model(
            centre=(-3.259, -5.877, -8.795, -5.192),
            scale=(0.509, 0.297, 0.404, 0.322),
            linear=(4.142, 1.756, 0.342, 0.787),
            square=(0.063, -0.201, 0.376, 0.078),
            base=44.859,
        ),
        seen=Model(
            centre=(-3.226, -5.377, -8.103, -5.035),
            scale=(0.621, 0.629, 0.744, 0.515),
            linear=(-0.511, -5.614, -1.52, -3.178),
            square=(-0.131, -1.087, -0.398, -0.156),
            base=69.473,
        ),
    ),
)

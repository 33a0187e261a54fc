"""What is made of a picture: which part of it, in which sizes and kinds. Pure: no decoder and no Django."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LARGE_WIDTH = 1280
SMALL_WIDTH = 640
FALLBACK_WIDTH = 960
CARD_SIZE = (1200, 630)
"""What the sites that show links ask for in an Open Graph picture."""

TALLEST = 1.25
"""A rendition is at most this many times as high as its nominal width: a board that tall is bound by the height of the
screen, so a portrait picture of the full width would carry pixels that nobody sees."""

WORTH_A_SMALL_ONE = 1.25
"""The small AVIF is made when the large one is at least this many times as wide: nearer sizes save nothing."""


class Role(StrEnum):
    """What a rendition is for."""

    LARGE = "large"
    SMALL = "small"
    FALLBACK = "fallback"
    CARD = "card"


@dataclass(frozen=True)
class Crop:
    """A part of a picture: its ratio, and the point that should stay in its middle, as shares (0 to 1) of width and
    height."""

    ratio_w: int
    ratio_h: int
    focus_x: float = 0.5
    focus_y: float = 0.5

    def __post_init__(self) -> None:
        if self.ratio_w < 1 or self.ratio_h < 1 or not (0 <= self.focus_x <= 1 and 0 <= self.focus_y <= 1):
            raise ValueError(f"No crop: {self}")


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels within a picture that stands upright."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class RenditionSpec:
    """One file that is to be made: for what, of which kind, how large."""

    role: Role
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendition:
    """One file that was made."""

    role: Role
    media_type: str
    width: int
    height: int
    path: Path


@dataclass(frozen=True)
class Derived:
    """All that was made of one crop of one picture."""

    renditions: tuple[Rendition, ...]
    colours: tuple[str, ...]
    """16 colours `rrggbb`, a 4 x 4 grid, row by row."""


def crop_box(width: int, height: int, crop: Crop) -> Box:
    """The largest box of the crop's ratio within the picture, as near to the focus point as the edges let it.

    The focus point lies within the box, at least one pixel is kept each way, and the ratio is exact to the nearest
    pixel.
    """
    if width * crop.ratio_h >= height * crop.ratio_w:
        box_width, box_height = min(width, max(1, round(height * crop.ratio_w / crop.ratio_h))), height
    else:
        box_width, box_height = width, min(height, max(1, round(width * crop.ratio_h / crop.ratio_w)))
    left = min(max(0, round(width * crop.focus_x - box_width / 2)), width - box_width)
    top = min(max(0, round(height * crop.focus_y - box_height / 2)), height - box_height)
    return Box(left, top, box_width, box_height)


def plan(width: int, height: int, crop: Crop) -> tuple[RenditionSpec, ...]:
    """The renditions of a picture of `width` x `height` pixels, upright, cropped: AVIF first, then JPEG, then the card.

    Nothing is larger than the crop itself, except the card, which always has its full size.
    """
    box = crop_box(width, height, crop)
    large = _fit(box, crop, LARGE_WIDTH)
    small = _fit(box, crop, SMALL_WIDTH)
    specs = [RenditionSpec(Role.LARGE, "image/avif", *large)]
    if large[0] >= small[0] * WORTH_A_SMALL_ONE:
        specs.append(RenditionSpec(Role.SMALL, "image/avif", *small))
    specs.append(RenditionSpec(Role.FALLBACK, "image/jpeg", *_fit(box, crop, FALLBACK_WIDTH)))
    specs.append(RenditionSpec(Role.CARD, "image/jpeg", *CARD_SIZE))
    return tuple(specs)


def _fit(box: Box, crop: Crop, nominal: int) -> tuple[int, int]:
    """Width and height of the crop, not wider than `nominal` nor higher than `TALLEST` times that, nor enlarged."""
    width = min(nominal, box.width, max(1, round(nominal * TALLEST * crop.ratio_w / crop.ratio_h)))
    height = min(box.height, max(1, round(width * crop.ratio_h / crop.ratio_w)))
    return width, height

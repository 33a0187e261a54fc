"""Draws "Building blocks", the picture of the sliding puzzle that greets everybody: wooden toys on a table, in the
brand's colours.

Drawn with Pillow at twice its size and then reduced. `python -m pictogame.games.artwork` draws
demo/building-blocks.jpg anew; the same version of Pillow draws the same bytes.
"""

import io
import math
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIDE = 1280
"""Pixels of the finished picture, which is square."""

_SCALE = 2
_FULL = SIDE * _SCALE

Colour = tuple[int, int, int]
Point = tuple[float, float]

PAPER: Colour = (255, 246, 230)
INK: Colour = (35, 25, 66)
VIOLET: Colour = (91, 63, 214)
LILAC: Colour = (169, 155, 255)
TOMATO: Colour = (226, 62, 78)
TEAL: Colour = (15, 140, 134)
SUN: Colour = (255, 182, 39)
SKY: Colour = (94, 170, 226)
WOOD: Colour = (233, 196, 142)
TABLE: Colour = (196, 140, 88)

_LEAN = 0.26
"""How far the side of a block goes back, as a share of its width; it goes up by the same times 0.62."""
_RISE = 0.62


def building_blocks() -> bytes:
    """The picture as a JPEG of 1280 x 1280 px."""
    canvas = _wall()
    canvas.paste(_table(), (0, _y(1010)))
    _edge_of_table(canvas)
    _shadow_on_table(canvas)
    scene = _Scene(canvas)
    # From the back to the front, from below to above.
    scene.cube(150, 1040, 250, VIOLET, "A")
    scene.cube(430, 1040, 250, SUN, "star")
    scene.cube(710, 1040, 250, TEAL, "B")
    scene.contact(555, 782, 240, 26)
    scene.cube(290, 790, 250, TOMATO, "heart")
    scene.cube(570, 790, 250, SKY, "C")
    scene.contact(432, 522, 84, 20)
    scene.column(368, 522, 52, 150, SUN)
    scene.contact(752, 522, 84, 20)
    scene.column(688, 522, 52, 150, VIOLET)
    scene.plank(300, 392, 505, 56, TEAL)
    scene.contact(462, 326, 150, 18)
    scene.arch(340, 332, 210, 122, TOMATO)
    scene.contact(700, 326, 130, 18)
    scene.roof(584, 332, 200, 150, VIOLET)
    scene.contact(474, 195, 60, 13)
    scene.ball(474, 78, 60, SUN)
    scene.cube(1000, 1120, 160, LILAC, "moon")
    scene.contact(1106, 950, 62, 13)
    scene.ball(1102, 826, 62, TOMATO)
    scene.ball(150, 1096, 74, TEAL)
    scene.roof(300, 1216, 190, 120, SUN)
    scene.cylinder_lying(600, 1186, 220, 56, SKY)
    finished = scene.canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    finished.save(buffer, "JPEG", quality=88, subsampling=0, optimize=True)
    return buffer.getvalue()


def _y(value: float) -> int:
    return round(value * _SCALE)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _lit(colour: Colour, light: float) -> Colour:
    """Lighter above 0, darker, and a little more violet, below."""
    return _mixed(colour, (255, 250, 240), light) if light >= 0 else _mixed(colour, (52, 20, 62), -light)


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _grain(size: tuple[int, int], seed: int, *, along: int = 48, across: int = 5, depth: float = 0.5) -> Image.Image:
    """Streaks of wood, grey around 128, as long as `along` and as broad as `across` pixels."""
    small = (max(2, size[0] // along), max(2, size[1] // across))
    noise = Image.frombytes("L", small, random.Random(seed).randbytes(small[0] * small[1]))
    streaks = noise.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1.5))
    return Image.blend(Image.new("L", size, 128), streaks, depth)


def _wooden(picture: Image.Image, seed: int, *, depth: float = 0.3, along: int = 90, across: int = 9) -> Image.Image:
    grain = _grain(picture.size, seed, depth=depth, along=along, across=across)
    return ImageChops.soft_light(picture, Image.merge("RGB", (grain, grain, grain)))


def _wall() -> Image.Image:
    wall = _gradient((_FULL, _FULL), (255, 241, 214), (255, 221, 178))
    light = Image.new("L", (_FULL, _FULL), 0)
    draw = ImageDraw.Draw(light)
    draw.ellipse((_y(200), _y(-60), _y(1160), _y(900)), fill=150)
    light = light.filter(ImageFilter.GaussianBlur(_y(110)))
    wall.paste(Image.new("RGB", wall.size, (255, 253, 246)), (0, 0), light)
    # Paper bunting: small flags on a string, far behind and out of focus a little.
    flags = Image.new("RGBA", wall.size, (255, 236, 206, 0))
    pen = ImageDraw.Draw(flags)
    string = [(x, 74 + 96 * math.sin(math.pi * x / SIDE)) for x in range(-20, SIDE + 40, 20)]
    pen.line([(_y(x), _y(y)) for x, y in string], fill=(*_mixed(INK, PAPER, 0.55), 255), width=_y(3))
    for number, colour in enumerate([VIOLET, SUN, TEAL, TOMATO, SKY] * 2):
        x = 34 + number * 132
        y = 74 + 96 * math.sin(math.pi * (x + 44) / SIDE)
        tip = (_y(x + 44), _y(y + 98))
        pen.polygon([(_y(x), _y(y - 6)), (_y(x + 88), _y(y - 2)), tip], fill=(*_mixed(colour, PAPER, 0.3), 255))
    flags = flags.filter(ImageFilter.GaussianBlur(_y(1.2)))
    wall.paste(flags, (0, 0), flags)
    return wall


def _table() -> Image.Image:
    height = _FULL - _y(1010)
    table = _gradient((_FULL, height), _lit(TABLE, 0.25), _lit(TABLE, -0.12))
    table = _wooden(table, 7, depth=0.3, along=300, across=9)
    draw = ImageDraw.Draw(table, "RGBA")
    for line in (70, 168):
        draw.line((0, _y(line), _FULL, _y(line)), fill=(92, 52, 24, 120), width=_y(3))
        draw.line((0, _y(line) + _y(3), _FULL, _y(line) + _y(3)), fill=(255, 226, 180, 70), width=_y(2))
    return table


def _edge_of_table(canvas: Image.Image) -> None:
    draw = ImageDraw.Draw(canvas, "RGBA")
    draw.rectangle((0, _y(1004), _FULL, _y(1012)), fill=(*_lit(TABLE, 0.5), 255))


def _shadow_on_table(canvas: Image.Image) -> None:
    mask = Image.new("L", canvas.size, 0)
    draw = ImageDraw.Draw(mask)
    for x, y, width, depth in (
        (150, 1042, 900, 62),
        (990, 1122, 220, 44),
        (92, 1244, 150, 20),
        (310, 1214, 230, 30),
        (590, 1244, 250, 24),
    ):
        draw.rounded_rectangle((_y(x), _y(y - depth), _y(x + width + 36), _y(y + 16)), _y(24), fill=150)
    mask = mask.filter(ImageFilter.GaussianBlur(_y(15)))
    canvas.paste(Image.new("RGB", canvas.size, (70, 30, 40)), (0, 0), mask)


class _Scene:
    """Puts wooden shapes on a canvas. Places in pixels of the finished picture; `bottom` is where a shape stands."""

    def __init__(self, canvas: Image.Image) -> None:
        self.canvas = canvas
        self._seed = 100

    def cube(self, left: float, bottom: float, side: float, colour: Colour, sign: str) -> None:
        """A block whose front shows a sign on bare wood within a painted frame."""
        back, up = side * _LEAN, side * _LEAN * _RISE
        top = bottom - side
        right = left + side
        self._fill([(left, top), (left + back, top - up), (right + back, top - up), (right, top)], _lit(colour, 0.34))
        self._fill(
            [(right, top), (right + back, top - up), (right + back, bottom - up), (right, bottom)], _lit(colour, -0.36)
        )
        self._face((left, top, right, bottom), _lit(colour, 0.04), radius=side * 0.05)
        margin = side * 0.12
        inner = (left + margin, top + margin, right - margin, bottom - margin)
        self._panel(inner, side)
        self._sign(sign, inner, colour)
        self._line([(left, top), (right, top), (right + back, top - up)], _lit(colour, 0.6), side * 0.014)
        self._line([(right, top), (right, bottom)], _lit(colour, 0.3), side * 0.012)

    def column(self, left: float, bottom: float, radius: float, height: float, colour: Colour) -> None:
        """A round pillar."""
        width, flat = radius * 1.0, radius * 0.26
        box = (left, bottom - height, left + width * 2, bottom)
        self._rounded_side(box, colour)
        self._oval((left, bottom - flat, left + width * 2, bottom + flat), _lit(colour, -0.22), clip_above=bottom)
        self._oval((left, bottom - height - flat, left + width * 2, bottom - height + flat), _lit(colour, 0.4))

    def plank(self, left: float, bottom: float, width: float, height: float, colour: Colour) -> None:
        """A flat board."""
        back, up = 66, 66 * _RISE
        top, right = bottom - height, left + width
        self._fill([(left, top), (left + back, top - up), (right + back, top - up), (right, top)], _lit(colour, 0.34))
        self._fill(
            [(right, top), (right + back, top - up), (right + back, bottom - up), (right, bottom)], _lit(colour, -0.36)
        )
        self._face((left, top, right, bottom), colour, radius=6)
        self._line([(left, top), (right, top), (right + back, top - up)], _lit(colour, 0.6), 3)

    def arch(self, left: float, bottom: float, width: float, height: float, colour: Colour) -> None:
        """A bridge with a round way through."""
        back, up = 58, 58 * _RISE
        top, right = bottom - height, left + width
        self._fill([(left, top), (left + back, top - up), (right + back, top - up), (right, top)], _lit(colour, 0.34))
        self._fill(
            [(right, top), (right + back, top - up), (right + back, bottom - up), (right, bottom)], _lit(colour, -0.36)
        )
        radius = width * 0.29
        middle = left + width / 2
        around = [
            (middle + radius * math.cos(angle), bottom - radius * math.sin(angle))
            for angle in (math.pi * step / 40 for step in range(41))
        ]
        # What is seen through it: the far edge of the way, then the wall.
        hole = Image.new("L", self.canvas.size, 0)
        ImageDraw.Draw(hole).polygon([(_y(x), _y(y)) for x, y in around], fill=255)
        self._fill(around, _lit(colour, -0.5))
        through = ImageChops.multiply(hole, ImageChops.offset(hole, _y(back * 0.62), -_y(up * 0.4)))
        self.canvas.paste(Image.new("RGB", self.canvas.size, (255, 238, 208)), (0, 0), through)
        outline = [(left, top), (right, top), (right, bottom), *around, (left, bottom)]
        self._fill(outline, colour, depth=0.24)
        self._line([(left, top), (right, top), (right + back, top - up)], _lit(colour, 0.6), 3)
        self._line(around, _lit(colour, -0.25), 3)

    def roof(self, left: float, bottom: float, width: float, height: float, colour: Colour) -> None:
        """A block of three sides."""
        back, up = width * 0.25, width * 0.25 * _RISE
        peak = (left + width / 2, bottom - height)
        right = left + width
        self._fill(
            [peak, (peak[0] + back, peak[1] - up), (right + back, bottom - up), (right, bottom)], _lit(colour, -0.32)
        )
        self._fill([(left, bottom), peak, (right, bottom)], _lit(colour, 0.08), depth=0.24)
        self._line([(left, bottom), peak, (peak[0] + back, peak[1] - up)], _lit(colour, 0.55), 4)
        self._line([peak, (right, bottom)], _lit(colour, 0.3), 3)

    def ball(self, middle: float, top: float, radius: float, colour: Colour) -> None:
        """A ball that catches the light from above left."""
        size = _y(radius * 2)
        ball = Image.new("RGB", (size, size), _lit(colour, -0.38))
        for step in range(60):
            share = step / 60
            inset = size * 0.5 * share
            shift = size * 0.13 * share
            box = (inset - shift, inset - shift * 1.2, size - inset - shift, size - inset - shift * 1.2)
            ImageDraw.Draw(ball).ellipse(box, fill=_lit(colour, -0.38 + 0.78 * share**0.85))
        ball = _wooden(ball, self._next_seed(), depth=0.22, along=200, across=12)
        mask = Image.new("L", (size, size), 0)
        ImageDraw.Draw(mask).ellipse((0, 0, size - 1, size - 1), fill=255)
        glint = Image.new("L", (size, size), 0)
        ImageDraw.Draw(glint).ellipse((size * 0.26, size * 0.18, size * 0.44, size * 0.3), fill=190)
        ball.paste(
            Image.new("RGB", ball.size, (255, 255, 250)), (0, 0), glint.filter(ImageFilter.GaussianBlur(size / 34))
        )
        self.canvas.paste(ball, (_y(middle - radius), _y(top)), mask)

    def cylinder_lying(self, left: float, bottom: float, length: float, radius: float, colour: Colour) -> None:
        """A roll on its side: its end is seen at the left."""
        top = bottom - radius * 2 + 60
        base = bottom + 60
        box = (left, top, left + length, base)
        width, height = _y(length), _y(base - top)
        body = Image.new("RGB", (width, height))
        draw = ImageDraw.Draw(body)
        for row in range(height):
            light = math.sin(math.pi * (0.16 + 0.84 * row / height))
            draw.line((0, row, width, row), fill=_lit(colour, -0.45 + 0.75 * light))
        body = _wooden(body, self._next_seed())
        mask = Image.new("L", (width, height), 0)
        ImageDraw.Draw(mask).rounded_rectangle((-_y(60), 0, width - 1, height - 1), _y(radius * 0.42), fill=255)
        self.canvas.paste(body, (_y(box[0]), _y(box[1])), mask)
        self._oval((left - radius * 0.42, top, left + radius * 0.42, base), _lit(colour, 0.42))

    def contact(self, middle: float, y: float, across: float, down: float) -> None:
        """The soft shade where something will stand; `across` and `down` are half its size."""
        margin = 30
        size = (_y((across + margin) * 2), _y((down + margin) * 2))
        mask = Image.new("L", size, 0)
        box = (_y(margin), _y(margin), size[0] - _y(margin), size[1] - _y(margin))
        ImageDraw.Draw(mask).ellipse(box, fill=120)
        mask = mask.filter(ImageFilter.GaussianBlur(_y(8)))
        place = (_y(middle - across - margin), _y(y - down - margin))
        self.canvas.paste(Image.new("RGB", size, (48, 20, 56)), place, mask)

    def _next_seed(self) -> int:
        self._seed += 1
        return self._seed

    def _fill(self, points: Sequence[Point], colour: Colour, *, depth: float = 0.2) -> None:
        """A polygon of painted wood, its grain lying across."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, top = _y(min(xs)), _y(min(ys))
        size = (max(1, _y(max(xs)) - left), max(1, _y(max(ys)) - top))
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon([(_y(x) - left, _y(y) - top) for x, y in points], fill=255)
        body = _gradient(size, _lit(colour, 0.08), _lit(colour, -0.07))
        self.canvas.paste(_wooden(body, self._next_seed(), depth=depth), (left, top), mask)

    def _face(self, box: tuple[float, float, float, float], colour: Colour, *, radius: float) -> None:
        left, top, right, bottom = (_y(value) for value in box)
        size = (right - left, bottom - top)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), _y(radius), fill=255)
        body = _wooden(_gradient(size, _lit(colour, 0.1), _lit(colour, -0.1)), self._next_seed(), depth=0.24)
        self.canvas.paste(body, (left, top), mask)

    def _panel(self, box: tuple[float, float, float, float], side: float) -> None:
        """Bare wood, sunk a little: dark above, light below."""
        left, top, right, bottom = box
        depth = side * 0.016
        self._face((left - depth, top - depth, right + depth, bottom + depth), _lit(WOOD, -0.42), radius=side * 0.06)
        self._face((left, top + depth, right + depth, bottom + depth), _lit(WOOD, 0.55), radius=side * 0.055)
        left, top, right, bottom = (_y(value) for value in (left, top + depth * 0.4, right, bottom))
        size = (right - left, bottom - top)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), _y(side * 0.05), fill=255)
        wood = _gradient(size, _lit(WOOD, 0.3), _lit(WOOD, 0.02))
        self.canvas.paste(_wooden(wood, self._next_seed(), depth=0.62, along=150, across=6), (left, top), mask)

    def _rounded_side(self, box: tuple[float, float, float, float], colour: Colour) -> None:
        left, top, right, bottom = (_y(value) for value in box)
        body = Image.new("RGB", (right - left, bottom - top))
        draw = ImageDraw.Draw(body)
        for column in range(body.width):
            light = math.sin(math.pi * (0.2 + 0.8 * column / body.width))
            draw.line((column, 0, column, body.height), fill=_lit(colour, -0.5 + 0.78 * light))
        self.canvas.paste(_wooden(body, self._next_seed(), along=7, across=120), (left, top))

    def _oval(self, box: tuple[float, float, float, float], colour: Colour, *, clip_above: float | None = None) -> None:
        left, top, right, bottom = (_y(value) for value in box)
        size = (right - left, bottom - top)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
        if clip_above is not None:
            ImageDraw.Draw(mask).rectangle((0, 0, size[0], _y(clip_above) - top), fill=0)
        body = _wooden(_gradient(size, _lit(colour, 0.1), _lit(colour, -0.05)), self._next_seed(), depth=0.24)
        self.canvas.paste(body, (left, top), mask)

    def _line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        ImageDraw.Draw(self.canvas).line(
            [(_y(x), _y(y)) for x, y in points], fill=colour, width=max(1, _y(width)), joint="curve"
        )

    def _sign(self, sign: str, box: tuple[float, float, float, float], colour: Colour) -> None:
        """Paints a sign with a soft edge of shade, as paint that lies on wood."""
        left, top, right, _ = box
        side = _y(right - left)
        mask = Image.new("L", (side, side), 0)
        _SIGNS[sign](ImageDraw.Draw(mask), side)
        place = (_y(left), _y(top))
        shade = mask.filter(ImageFilter.GaussianBlur(side / 60)).point(lambda value: value * 0.55)
        shaded = (place[0] + side // 70, place[1] + side // 55)
        self.canvas.paste(Image.new("RGB", mask.size, _lit(WOOD, -0.6)), shaded, shade)
        paint = _wooden(_gradient((side, side), _lit(colour, 0.1), _lit(colour, -0.16)), self._next_seed(), depth=0.3)
        self.canvas.paste(paint, place, mask)


def _stroke(draw: ImageDraw.ImageDraw, side: int, points: Sequence[Point], width: float = 0.145) -> None:
    """A line with round ends and joints; points as shares of the side."""
    thick = side * width
    places = [(x * side, y * side) for x, y in points]
    draw.line(places, fill=255, width=round(thick), joint="curve")
    for x, y in places:
        draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)


def _bow(middle: Point, radius: Point, start: float, end: float) -> list[Point]:
    angles = [math.radians(start + (end - start) * step / 48) for step in range(49)]
    return [(middle[0] + radius[0] * math.cos(angle), middle[1] + radius[1] * math.sin(angle)) for angle in angles]


def _letter_a(draw: ImageDraw.ImageDraw, side: int) -> None:
    _stroke(draw, side, [(0.22, 0.82), (0.5, 0.18), (0.78, 0.82)])
    _stroke(draw, side, [(0.33, 0.62), (0.67, 0.62)], 0.12)


def _letter_b(draw: ImageDraw.ImageDraw, side: int) -> None:
    _stroke(draw, side, [(0.3, 0.19), (0.3, 0.81)])
    _stroke(draw, side, [(0.3, 0.19), (0.52, 0.19), *_bow((0.52, 0.34), (0.15, 0.15), -90, 90), (0.3, 0.49)])
    _stroke(draw, side, [(0.3, 0.49), (0.55, 0.49), *_bow((0.55, 0.65), (0.17, 0.16), -90, 90), (0.3, 0.81)])


def _letter_c(draw: ImageDraw.ImageDraw, side: int) -> None:
    _stroke(draw, side, _bow((0.53, 0.5), (0.28, 0.31), -48, -312))


def _star(draw: ImageDraw.ImageDraw, side: int) -> None:
    points = [
        (0.5 + radius * math.cos(angle), 0.53 + radius * math.sin(angle))
        for number in range(10)
        for radius, angle in [((0.4, 0.19)[number % 2], math.pi * (number / 5 - 0.5))]
    ]
    draw.polygon([(x * side, y * side) for x, y in points], fill=255)
    _stroke(draw, side, [*points, points[0]], 0.05)


def _heart(draw: ImageDraw.ImageDraw, side: int) -> None:
    turns = [2 * math.pi * step / 120 for step in range(120)]
    points = [
        (
            0.5 + 0.0225 * 16 * math.sin(turn) ** 3,
            0.47
            - 0.0225 * (13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn)),
        )
        for turn in turns
    ]
    draw.polygon([(x * side, y * side) for x, y in points], fill=255)


def _moon(draw: ImageDraw.ImageDraw, side: int) -> None:
    draw.ellipse((side * 0.17, side * 0.16, side * 0.85, side * 0.84), fill=255)
    draw.ellipse((side * 0.38, side * 0.06, side * 0.98, side * 0.66), fill=0)


_SIGNS = {"A": _letter_a, "B": _letter_b, "C": _letter_c, "star": _star, "heart": _heart, "moon": _moon}


if __name__ == "__main__":
    (Path(__file__).parent / "demo" / "building-blocks.jpg").write_bytes(building_blocks())

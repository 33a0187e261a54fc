"""Decoding and encoding with libvips: the only module that knows it. Meant to run in a child process (`child.py`)."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from io import BytesIO
from pathlib import Path

import pi_heif
import pyvips
from PIL import Image

from pictogame.media import errors, quality, quality_models, sniff
from pictogame.media.pipeline import (
    CARD_SIZE,
    LARGE_WIDTH,
    SMALL_WIDTH,
    Box,
    Crop,
    Derived,
    Rendition,
    RenditionSpec,
    Role,
    crop_box,
    plan,
)
from pictogame.media.sniff import Kind

ALLOWED_LOADERS = (
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadWebp",
    "VipsForeignLoadHeif",
)
"""Every other loader (SVG, TIFF, MATLAB, raw, CSV, gain-map JPEG …) is off: what is never run can't be attacked."""

PAPER = [255.0, 255.0, 255.0]
"""Behind transparent pixels."""

INK = (0x23, 0x19, 0x42)
SUN = (0xFF, 0xB6, 0x27)
"""The colours of play; the same as in the widget."""

CARD_MARGIN = 32
CARD_CORNER = 14
SIGN_SIDE = 112
MOST_ENLARGED = 2.0
"""A small picture is enlarged to twice its size on the card; more would show its pixels."""

SHRINK_ON_LOAD = (8, 4, 2)
"""Fractions of its size at which libjpeg decodes by itself, for less time and memory."""

SHRINK_MARGIN = 1.25
"""What was decoded smaller must still be so many times as large as what is wanted: the filter that takes it to its
size then removes what decoding by halves leaves of stripes too fine to be shown. Against decoding whole, SSIMULACRA2
of photographs is 94 to 96, which nobody tells apart."""

LEAST_MEASURED = 64
"""Pixels each way that the blocks of the coarsest measure need to mean something; a smaller picture is mirrored."""

LUMINANCE = (0.265, 0.657, 0.078)
"""The share of red, green and blue in the light that SSIMULACRA2 looks at (its two kinds of cones together)."""

DARK = 0.0038
"""What it adds to light (0 to 1) before it takes the cube root, which is lightness."""

STEADY = 0.0009
"""Variance of lightness below which it counts a block as even."""

JPEG_QUALITY = 78
CARD_QUALITY = 80

TRUNCATION_WORDS = ("premature end", "truncated", "unexpected end", "not enough", "eof", "end of file", "end of stream")


def prepare() -> None:
    """Blocks all loaders but the allowed ones, and the operation cache, which would only hold memory. Once a
    process."""
    pyvips.operation_block_set("VipsForeignLoad", state=True)
    for loader in ALLOWED_LOADERS:
        pyvips.operation_block_set(loader, state=False)
    pyvips.cache_set_max(0)
    pi_heif.options.DECODE_THREADS = 2
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def derive(path: Path, kind: Kind, crop: Crop, folder: Path, *, qualities: tuple[int, int] | None = None) -> Derived:
    """Makes all renditions of the part of the picture that `crop` names, as files in `folder`, and the placeholder.

    The picture stands upright, is sRGB, and no metadata is kept. `qualities` are those of the small and the large AVIF;
    by default those that the picture needs are found. Raises `Refused` for what can't be decoded.
    """
    base, specs = open_cropped(path, kind, crop)
    return Derived(tuple(_encode_all(base, specs, folder, qualities)), colours_of(base))


def open_cropped(path: Path, kind: Kind, crop: Crop) -> tuple[pyvips.Image, tuple[RenditionSpec, ...]]:
    """The crop at the size of its largest rendition, in memory, upright, sRGB, 8 bit, three bands; and what is to be
    made of it."""
    try:
        source = _open(path, kind)
        width, height = _upright(source)
        if width * height > sniff.MOST_PIXELS:
            raise errors.too_many_pixels(width, height, sniff.MOST_PIXELS)
        box = crop_box(width, height, crop)
        specs = plan(width, height, crop)
        return _shrink(path, kind, source, box, specs[0]), specs
    except pyvips.Error as error:
        raise _refusal(str(error)) from error


def encode_avif(image: pyvips.Image, chosen: int) -> bytes:
    """The AVIF of `image`. Colour is not subsampled: at the same score this takes 3 % fewer bytes, and red edges stay
    sharp."""
    return _encode_av1(image, chosen, quality.EFFORT)


def encode_jpeg(image: pyvips.Image) -> bytes:
    """The progressive JPEG of `image`, with the tables and the trellis search of mozjpeg."""
    data: bytes = image.jpegsave_buffer(
        Q=JPEG_QUALITY, interlace=True, optimize_coding=True, trellis_quant=True, quant_table=3, keep="none"
    )
    return data


def encode_card(image: pyvips.Image) -> bytes:
    """The Open Graph card. Sites encode it again anyway, so it is made fast."""
    data: bytes = card_of(image).jpegsave_buffer(Q=CARD_QUALITY, optimize_coding=True, interlace=True, keep="none")
    return data


def encode_looking_right(image: pyvips.Image, begun: int) -> tuple[bytes, int]:
    """The AVIF of `image` at the quality that it needs, and that quality: `begun`, or, where what it made is seen to be
    too poor or too fat, a better one."""
    data = encode_avif(image, begun)
    chosen = quality.mend(quality_models.AIMS, _share(image), begun, measure(image, data))
    return (data if chosen == begun else encode_avif(image, chosen)), chosen


def measure(image: pyvips.Image, data: bytes) -> quality.Measures:
    """How the encoding `data` changed `image`."""
    before, after = _luminance(image), _luminance(_own_avif(data))
    fine, faded = _compare(before, after)
    before, after = _blocks(before), _blocks(after)
    middle, _ = _compare(before, after)
    coarse, _ = _compare(_blocks(before), _blocks(after))
    return quality.Measures(fine, middle, coarse, faded)


def _own_avif(data: bytes) -> pyvips.Image:
    """An AVIF of ours, decoded by dav1d, which Pillow has: libaom, which libvips has, takes more than three times as
    long. Files of strangers never come here."""
    with Image.open(BytesIO(data), formats=["AVIF"]) as opened:
        pixels = opened.tobytes()
    return pyvips.Image.new_from_memory(pixels, opened.width, opened.height, len(opened.mode), "uchar")


def measure_trial(base: pyvips.Image) -> quality.Measures:
    """What a fast trial encode at the size of the small rendition does to `base`."""
    scale = min(1.0, SMALL_WIDTH / base.width)
    image = resize(base, round(base.width * scale), max(1, round(base.height * scale)))
    if min(image.width, image.height) < LEAST_MEASURED:
        wide, high = max(image.width, LEAST_MEASURED), max(image.height, LEAST_MEASURED)
        image = image.embed(0, 0, wide, high, extend="mirror")
    return measure(image, _encode_av1(image, quality.TRIAL_QUALITY, quality.TRIAL_EFFORT))


def begin_qualities(base: pyvips.Image) -> tuple[int, int]:
    """The AVIF qualities with which the small and the large rendition of `base` begin; it has the size of the large
    one."""
    trial = measure_trial(base)
    return (
        quality.begin(quality_models.AIMS, 0, trial),
        quality.begin(quality_models.AIMS, _share(base), trial),
    )


def colours_of(image: pyvips.Image) -> tuple[str, ...]:
    """The placeholder: the mean colour of each of 4 x 4 fields, row by row."""
    # Reduced by averaging alone at the end: a sharper filter would mix a field with its neighbours.
    pixels = image.thumbnail_image(32, height=32, size="force").shrink(8, 8).cast("uchar").write_to_memory()
    return tuple(bytes(pixels[at : at + 3]).hex() for at in range(0, 48, 3))


def card_of(image: pyvips.Image) -> pyvips.Image:
    """The picture of a link: the whole crop on a blurred ground of itself, and a small sign that it can be played."""
    width, height = CARD_SIZE
    scale = min((width - 2 * CARD_MARGIN) / image.width, (height - 2 * CARD_MARGIN) / image.height, MOST_ENLARGED)
    inner_width, inner_height = round(image.width * scale), round(image.height * scale)
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    inner = image.thumbnail_image(inner_width, height=inner_height, size="force")
    # Ground and shadow are blurred at a fraction of the size and enlarged: nobody sees the difference.
    ground = image.thumbnail_image(width // 8, height=height // 8, crop="centre").gaussblur(5)
    ground = ground.thumbnail_image(width // 4, height=height // 4, size="force").linear([0.62] * 3, [12, 9, 22])
    shape = pyvips.Image.black(inner_width // 4, inner_height // 4) + 255
    shadow = shape.embed(left // 4, top // 4 + 2, width // 4, height // 4).gaussblur(4)
    ground = (ground * (1 - shadow * (0.55 / 255))).cast("uchar").copy(interpretation="srgb")
    ground = ground.thumbnail_image(width, height=height, size="force").copy_memory()
    together = _with_round_corners(ground, inner, left, top)
    side = min(SIGN_SIDE, inner_width // 2, inner_height // 2)
    sign, outline = _play_sign(side)
    at_left, at_top = left + inner_width - side - side // 4, top + inner_height - side - side // 4
    under = together.crop(at_left, at_top, side, side)
    return together.insert(outline.ifthenelse(sign, under, blend=True), at_left, at_top).cast("uchar")


def _with_round_corners(ground: pyvips.Image, image: pyvips.Image, left: int, top: int) -> pyvips.Image:
    """`ground` with `image` on it, whose corners are round and smooth."""
    image = image.copy_memory()
    together = ground.insert(image, left, top)
    radius = min(CARD_CORNER, image.width // 2, image.height // 2)
    if radius < 1:
        return together
    place = pyvips.Image.xyz(radius, radius)
    x, y = radius - 0.5 - place[0], radius - 0.5 - place[1]
    corner = _edge(radius - 0.5 - (x * x + y * y) ** 0.5)
    for at_right in (False, True):
        for at_bottom in (False, True):
            mask = corner.fliphor() if at_right else corner
            mask = mask.flipver() if at_bottom else mask
            x_at, y_at = at_right * (image.width - radius), at_bottom * (image.height - radius)
            over = image.crop(x_at, y_at, radius, radius)
            under = ground.crop(left + x_at, top + y_at, radius, radius)
            together = together.insert(mask.ifthenelse(over, under, blend=True), left + x_at, top + y_at)
    return together


def _play_sign(side: int) -> tuple[pyvips.Image, pyvips.Image]:
    """A disc with a triangle, and the mask of the disc."""
    place = pyvips.Image.xyz(side, side)
    x, y = place[0] - (side - 1) / 2, place[1] - (side - 1) / 2
    disc = _edge(side / 2 - 1 - (x * x + y * y) ** 0.5)
    # Inside a triangle that points right: right of its back, and under both of its slopes. It stands a little right
    # of the middle, where the eye expects its weight.
    back, tip = -side * 0.15, side * 0.25
    slope = (tip - x) * 0.5 - y.abs() * 0.866
    over = x - back
    triangle = _edge((over < slope).ifthenelse(over, slope))
    return triangle.ifthenelse(list(INK), list(SUN), blend=True), disc


def _at_least_zero(image: pyvips.Image) -> pyvips.Image:
    return (image > 0).ifthenelse(image, 0)


def _edge(inside: pyvips.Image) -> pyvips.Image:
    """A mask out of the distance (pixels) to the inside of a shape."""
    level = (inside + 0.5) * 255
    return (level > 255).ifthenelse(255, _at_least_zero(level)).cast("uchar")


def _encode_all(
    base: pyvips.Image, specs: tuple[RenditionSpec, ...], folder: Path, qualities: tuple[int, int] | None
) -> list[Rendition]:
    """Encodes every spec, two at a time: what needs no quality while it is looked for, and then the large AVIF, which
    is half of the work, beside the small one."""
    begun: Future[tuple[int, int]] = Future()

    def avif(spec: RenditionSpec) -> bytes:
        image, one = resize(base, spec.width, spec.height), begun.result()[spec.role == Role.LARGE]
        if qualities or min(image.width, image.height) < LEAST_MEASURED:
            return encode_avif(image, one)
        return encode_looking_right(image, one)[0]

    encoders: dict[Role, Callable[[RenditionSpec], bytes]] = {
        Role.FALLBACK: lambda spec: encode_jpeg(resize(base, spec.width, spec.height)),
        Role.CARD: lambda _: encode_card(base),
        Role.LARGE: avif,
        Role.SMALL: avif,
    }
    with ThreadPoolExecutor(max_workers=2) as pool:
        by_role = {spec.role: spec for spec in specs}
        jobs = {role: pool.submit(encode, by_role[role]) for role, encode in encoders.items() if role in by_role}
        try:
            begun.set_result(qualities or begin_qualities(base))
        except BaseException as error:
            begun.set_exception(error)  # Those who wait for it must hear of it, or they wait for ever.
            raise
        made = []
        for spec in specs:
            path = folder / f"{spec.role}.{spec.media_type.removeprefix('image/')}"
            path.write_bytes(jobs[spec.role].result())
            made.append(Rendition(spec.role, spec.media_type, spec.width, spec.height, path))
        return made


def resize(base: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """`base` at another size, in memory."""
    if (base.width, base.height) == (width, height):
        return base
    return base.thumbnail_image(width, height=height, size="force").copy_memory()


def _open(path: Path, kind: Kind) -> pyvips.Image:
    """The picture, its header read and (HEIC alone) its pixels decoded."""
    if kind != Kind.HEIC:
        return pyvips.Image.new_from_file(str(path), access="sequential", fail_on="error")
    try:
        heif = pi_heif.open_heif(str(path), convert_hdr_to_8bit=True)
        bands = len(heif.mode)
        # A copy: libheif's own memory goes with `heif`, before libvips has read it.
        data, stride = bytes(heif.data), heif.stride
    except (EOFError, ValueError, RuntimeError, SyntaxError, OSError) as error:
        raise _refusal(str(error)) from error
    width, height = heif.size
    # Rows may be padded: the picture is opened as wide as its rows and cut to what is seen.
    image = pyvips.Image.new_from_memory(data, stride // bands, height, bands, "uchar").crop(0, 0, width, height)
    image = image.copy(interpretation="b-w" if bands < 3 else "srgb")
    if profile := heif.info.get("icc_profile"):
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def _upright(image: pyvips.Image) -> tuple[int, int]:
    """Width and height after the orientation of EXIF is applied."""
    turned = image.get_typeof("orientation") != 0 and image.get("orientation") >= 5
    return (image.height, image.width) if turned else (image.width, image.height)


def _shrink(path: Path, kind: Kind, source: pyvips.Image, box: Box, spec: RenditionSpec) -> pyvips.Image:
    """Decodes at the smallest size that will do, turns, converts and cuts."""
    width, height = _upright(source)
    scale_x, scale_y = spec.width / box.width, spec.height / box.height
    whole: dict[str, object] = {"height": max(spec.height, round(height * scale_y)), "size": "force"}
    if _needs_conversion(source):
        whole["export_profile"] = "srgb"
    whole_width = max(spec.width, round(width * scale_x))
    if kind == Kind.JPEG:
        image = _at_fraction(path, source, max(scale_x, scale_y)).thumbnail_image(whole_width, **whole)
    elif kind in {Kind.AVIF, Kind.HEIC}:
        # Through the file libvips might take the thumbnail that lies inside, which need not show the same picture.
        image = source.thumbnail_image(whole_width, **whole)
    else:
        image = pyvips.Image.thumbnail(str(path), whole_width, **whole, fail_on="error")
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=PAPER)
    left = min(round(box.left * scale_x), image.width - spec.width)
    top = min(round(box.top * scale_y), image.height - spec.height)
    return image.crop(left, top, spec.width, spec.height).cast("uchar").copy_memory()


def _at_fraction(path: Path, source: pyvips.Image, scale: float) -> pyvips.Image:
    """The JPEG opened at the smallest fraction from which it can be brought to `scale` of its size with care."""
    for fraction in SHRINK_ON_LOAD:
        if fraction * SHRINK_MARGIN * scale <= 1:
            return pyvips.Image.jpegload(str(path), shrink=fraction, access="sequential", fail_on="error")
    return source


def _needs_conversion(image: pyvips.Image) -> bool:
    """False where the numbers are sRGB already: to convert them takes longer than to decode, and changes nothing."""
    if image.interpretation == "cmyk":
        return True
    return image.get_typeof("icc-profile-data") != 0 and b"sRGB IEC61966-2.1" not in image.get("icc-profile-data")


def _encode_av1(image: pyvips.Image, chosen: int, effort: int) -> bytes:
    data: bytes = image.heifsave_buffer(compression="av1", Q=chosen, effort=effort, subsample_mode="off", keep="none")
    return data


def _share(image: pyvips.Image) -> float:
    return quality.share_of(image.width, small_width=SMALL_WIDTH, large_width=LARGE_WIDTH)


def _luminance(image: pyvips.Image) -> pyvips.Image:
    """The light of each pixel, linear, 0 to 65535, in memory. Smaller sizes are averaged of this: of lightness they
    would come out darker than the eye sees them."""
    return image.maplut(_linear_of_srgb()).recomb([list(LUMINANCE)]).cast("ushort").copy_memory()


@cache
def _linear_of_srgb() -> pyvips.Image:
    level = pyvips.Image.identity() / 255
    linear = (level <= 0.04045).ifthenelse(level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return (linear * 65535).cast("float").copy_memory()


@cache
def _lightness_of_linear() -> pyvips.Image:
    """A table: a power for each pixel takes ten times as long."""
    return ((pyvips.Image.identity(ushort=True) / 65535 + DARK) ** (1 / 3)).cast("float").copy_memory()


def _compare(before: pyvips.Image, after: pyvips.Image) -> tuple[float, float]:
    """Over blocks of 4 x 4 of the lightness of two pictures: the mean share of structure lost, and how much detail
    faded. Band by band, as libvips is slow with several."""
    before, after = (image.maplut(_lightness_of_linear()).copy_memory() for image in (before, after))
    error = before - after
    mean_before, mean_after = _blocks(before), _blocks(after)
    shift = mean_before - mean_after
    varied_before = (_blocks(before * before) - mean_before * mean_before).copy_memory()
    varied_after = (_blocks(after * after) - mean_after * mean_after).copy_memory()
    lost = (_blocks(error * error) - shift * shift) / (varied_before + varied_after + STEADY)
    faded = _at_least_zero(_at_least_zero(varied_before) ** 0.5 - _at_least_zero(varied_after) ** 0.5)
    squared = (faded * faded).copy_memory()
    return float(lost.avg()), float((squared * squared).avg() ** 0.25)


def _blocks(image: pyvips.Image) -> pyvips.Image:
    """The means of blocks of 4 x 4, in memory."""
    return image.shrink(4, 4).copy_memory()


def _refusal(message: str) -> errors.Refused:
    text = message.lower()
    if any(words in text for words in TRUNCATION_WORDS):
        return errors.cut_short()
    if "out of memory" in text:
        return errors.too_hard()
    return errors.damaged()

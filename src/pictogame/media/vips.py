"""Decoding and encoding with libvips: the only module that knows it. Meant to run in a child process (`child.py`)."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pi_heif
import pyvips

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

LEAST_MEASURED = 64
"""Pixels each way that the blocks of the coarsest measure need to mean something; a smaller picture is mirrored."""

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


def derive(path: Path, kind: Kind, crop: Crop, folder: Path) -> Derived:
    """Makes all renditions of the part of the picture that `crop` names, as files in `folder`, and the placeholder.

    The picture stands upright, is sRGB, and no metadata is kept. Raises `Refused` for what can't be decoded.
    """
    base, specs = open_cropped(path, kind, crop)
    return Derived(tuple(_encode_all(base, specs, folder)), colours_of(base))


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
    data: bytes = image.heifsave_buffer(
        compression="av1", Q=chosen, effort=quality.EFFORT, subsample_mode="off", keep="none"
    )
    return data


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


def measure(image: pyvips.Image) -> quality.Measures:
    """What a fast trial encode shows of how `image` takes compression."""
    if min(image.width, image.height) < LEAST_MEASURED:
        wide, high = max(image.width, LEAST_MEASURED), max(image.height, LEAST_MEASURED)
        image = image.embed(0, 0, wide, high, extend="mirror")
    data = image.heifsave_buffer(
        compression="av1", Q=quality.TRIAL_QUALITY, effort=quality.TRIAL_EFFORT, subsample_mode="off", keep="none"
    )
    before = image.colourspace("lab")[0].copy_memory()
    after = pyvips.Image.heifload_buffer(data).colourspace("lab")[0].copy_memory()
    error_fine, loss_fine, means = _compare(before, after)
    error_coarse, loss_coarse, _ = _compare(means[0], means[1])
    return quality.Measures(
        error_fine,
        error_coarse,
        loss_fine,
        loss_coarse,
        _detail(before.shrink(2, 2)),
        8 * len(data) / (image.width * image.height),
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


def _encode_all(base: pyvips.Image, specs: tuple[RenditionSpec, ...], folder: Path) -> list[Rendition]:
    """Encodes every spec, two at a time: what needs no quality while it is looked for, and then the large AVIF, which
    is half of the work, beside the small one."""
    qualities: Future[tuple[int, int]] = Future()
    encoders: dict[Role, Callable[[RenditionSpec], bytes]] = {
        Role.FALLBACK: lambda spec: encode_jpeg(resize(base, spec.width, spec.height)),
        Role.CARD: lambda _: encode_card(base),
        Role.LARGE: lambda _: encode_avif(base, qualities.result()[1]),
        Role.SMALL: lambda spec: encode_avif(resize(base, spec.width, spec.height), qualities.result()[0]),
    }
    with ThreadPoolExecutor(max_workers=2) as pool:
        by_role = {spec.role: spec for spec in specs}
        jobs = {role: pool.submit(encode, by_role[role]) for role, encode in encoders.items() if role in by_role}
        try:
            qualities.set_result(choose_qualities(base))
        except BaseException as error:
            qualities.set_exception(error)  # Those who wait for it must hear of it, or they wait for ever.
            raise
        made = []
        for spec in specs:
            path = folder / f"{spec.role}.{spec.media_type.removeprefix('image/')}"
            path.write_bytes(jobs[spec.role].result())
            made.append(Rendition(spec.role, spec.media_type, spec.width, spec.height, path))
        return made


def choose_qualities(base: pyvips.Image) -> tuple[int, int]:
    """The AVIF qualities of the small and of the large rendition of `base`, which has the size of the large one."""
    whole = measure_whole(base)
    small = quality.predict(quality_models.SMALL, whole)
    if base.width <= SMALL_WIDTH:
        return small, small
    large = quality.predict(quality_models.LARGE, whole, measure_detail(base))
    return small, quality.between(small, large, width=base.width, small_width=SMALL_WIDTH, large_width=LARGE_WIDTH)


def measure_whole(base: pyvips.Image) -> quality.Measures:
    """The measures of `base` at the size of its small rendition."""
    scale = min(1.0, SMALL_WIDTH / base.width)
    return measure(resize(base, round(base.width * scale), max(1, round(base.height * scale))))


def measure_detail(base: pyvips.Image) -> quality.Measures:
    """The measures of `base` at its full size, of a quarter of it alone: the middles of its four quarters."""
    width, height = base.width // 4, max(1, base.height // 4)
    places = ((left, top) for top in (height // 2, height * 5 // 2) for left in (width // 2, width * 5 // 2))
    parts = [base.crop(left, min(top, base.height - height), width, height) for left, top in places]
    return measure(pyvips.Image.arrayjoin(parts, across=2).copy_memory())


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
    if kind in {Kind.AVIF, Kind.HEIC}:
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


def _needs_conversion(image: pyvips.Image) -> bool:
    """False where the numbers are sRGB already: to convert them takes longer than to decode, and changes nothing."""
    if image.interpretation == "cmyk":
        return True
    return image.get_typeof("icc-profile-data") != 0 and b"sRGB IEC61966-2.1" not in image.get("icc-profile-data")


def _compare(before: pyvips.Image, after: pyvips.Image) -> tuple[float, float, pyvips.Image]:
    """Over blocks of 4 x 4: mean variance of the error, mean share of structure lost; and the means of the blocks,
    `before` and `after`, in two bands."""
    error = before - after
    sums = before.bandjoin([after, before * before, after * after, error * error]).shrink(4, 4).copy_memory()
    mean_before, mean_after = sums[0], sums[1]
    mean_error = mean_before - mean_after
    noise = (sums[4] - mean_error * mean_error).copy_memory()
    variances = sums[2] - mean_before * mean_before + sums[3] - mean_after * mean_after
    lost = noise / (variances + 2)
    return float(noise.avg()), float(lost.avg()), sums.extract_band(0, n=2)


def _detail(image: pyvips.Image) -> float:
    """Mean standard deviation over blocks of 4 x 4."""
    sums = image.bandjoin(image * image).shrink(4, 4)
    variance = sums[1] - sums[0] * sums[0]
    return float(((variance > 0).ifthenelse(variance, 0) ** 0.5).avg())


def _refusal(message: str) -> errors.Refused:
    text = message.lower()
    if any(words in text for words in TRUNCATION_WORDS):
        return errors.cut_short()
    if "out of memory" in text:
        return errors.too_hard()
    return errors.damaged()

"""What comes out of a picture: seen as a browser sees it, by another decoder than the one that made it."""

import io
from pathlib import Path
from typing import Any

import pi_heif
import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from tests.media.conftest import Derive
from tests.media.pictures import FIXTURES, drawn, moving, png_of, saved

from pictogame.media.child import Children
from pictogame.media.errors import Refused
from pictogame.media.pipeline import Crop, Derived, Role
from pictogame.media.sniff import Kind

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 180, 30), (30, 30, 220), (128, 128, 128)


TRACES = (b"Exif", b"EXIF", b"GPS", b"ns.adobe", b"xmpmeta", b"ICC_PROFILE", b"Photoshop", b"Apple", b"Leica")


def seen(made: Derived, role: Role = Role.LARGE) -> Image.Image:
    return opened(next(rendition.path for rendition in made.renditions if rendition.role == role))


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def fields_of(picture: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middles of the four quarters."""
    small = picture.convert("RGB").resize((4, 4), Image.Resampling.BOX)
    return [small.getpixel((x, y)) for y in (0, 3) for x in (0, 3)]  # type: ignore[misc]


def assert_alike(colours: list[tuple[int, ...]], expected: list[tuple[int, ...]], most: int = 14) -> None:
    for colour, wanted in zip(colours, expected, strict=True):
        assert max(abs(a - b) for a, b in zip(colour, wanted, strict=True)) <= most, (colours, expected)


@pytest.mark.parametrize(
    ("saved_as", "how"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 95}),
        ("GIF", {}),
    ],
)
def test_every_kind_keeps_its_colours(saved_as: str, how: dict[str, Any], derive: Derive) -> None:
    made = derive(saved(drawn(), saved_as, **how))
    assert_alike(fields_of(seen(made)), [RED, GREEN, BLUE, GREY])
    assert_alike(fields_of(seen(made, Role.FALLBACK)), [RED, GREEN, BLUE, GREY])


def test_a_large_picture_gives_four_files_of_the_planned_sizes(derive: Derive) -> None:
    made = derive(saved(drawn(2000, 1500), "JPEG"))
    assert {
        rendition.role.value: (rendition.media_type, *seen(made, rendition.role).size) for rendition in made.renditions
    } == {
        "large": ("image/avif", 1280, 960),
        "small": ("image/avif", 640, 480),
        "fallback": ("image/jpeg", 960, 720),
        "card": ("image/jpeg", 1200, 630),
    }
    assert seen(made).format == "AVIF"
    assert seen(made, Role.FALLBACK).format == "JPEG"
    assert seen(made, Role.FALLBACK).info.get("progressive")


def test_all_eight_orientations_look_the_same(derive: Derive) -> None:
    def upright(number: int) -> Image.Image:
        picture = seen(derive(FIXTURES / "orientation" / f"landscape-{number}.jpg"))
        return picture.convert("RGB").resize((40, 30), Image.Resampling.BOX)

    first = upright(1)
    for number in range(2, 9):
        difference = ImageStat.Stat(ImageChops.difference(first, upright(number)))
        assert max(difference.mean) < 4, number


def test_the_focus_is_that_of_the_upright_picture(derive: Derive) -> None:
    tall = drawn(300, 400).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x112] = 6
    data = saved(tall, "JPEG", exif=exif.tobytes(), quality=95)
    made = derive(data, Crop(2, 1, 0.5, 0.0))
    left, right = fields_of(seen(made))[0], fields_of(seen(made))[1]
    assert_alike([left, right], [RED, GREEN])


@pytest.mark.parametrize("name", ["iphone-5-flowers.jpg", "leica-t-chain.jpg", "phone.heic"])
def test_nothing_is_told_of_who_took_it_where_and_when(name: str, derive: Derive) -> None:
    original = (FIXTURES / "cameras" / name).read_bytes()
    assert b"Exif" in original
    made = derive(FIXTURES / "cameras" / name)
    assert len(made.renditions) == 4
    for rendition in made.renditions:
        data = rendition.path.read_bytes()
        for trace in TRACES:
            assert trace not in data, (rendition.role, trace)
        picture = Image.open(io.BytesIO(data))
        assert not picture.getexif()
        assert "icc_profile" not in picture.info


def test_metadata_of_every_kind_stays_behind(derive: Derive) -> None:
    exif = Image.Exif()
    exif[0x010E] = "my home address"
    exif.get_ifd(0x8825)[1] = "N"
    for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
        data = saved(drawn(), kind, exif=exif.tobytes(), xmp=b"<x:xmpmeta>my home address</x:xmpmeta>")
        assert b"my home address" in data or kind == "PNG"
        for rendition in derive(data).renditions:
            assert b"my home address" not in rendition.path.read_bytes()


def test_a_print_picture_becomes_one_for_screens(derive: Derive) -> None:
    made = derive(saved(drawn().convert("CMYK"), "JPEG", quality=95))
    red, green, blue, grey = fields_of(seen(made))
    assert seen(made).mode == "RGB"
    assert red[0] > 150
    assert red[1] < 100
    assert green[1] > 100
    assert green[0] < 60
    assert blue[2] > 90
    assert blue[0] < 90
    assert max(grey) - min(grey) < 40


def test_a_wide_colour_space_is_converted_not_only_dropped(derive: Derive) -> None:
    profile = pi_heif.open_heif(FIXTURES / "cameras" / "phone.heic").info["icc_profile"]
    original = Image.new("RGB", (400, 300), (200, 80, 60))
    as_p3 = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    wanted = ImageCms.profileToProfile(original, as_p3, ImageCms.createProfile("sRGB"))
    assert isinstance(wanted, Image.Image)
    made = derive(saved(original, "JPEG", quality=95, icc_profile=profile))
    assert_alike(fields_of(seen(made)), fields_of(wanted), most=5)
    assert fields_of(wanted)[0][0] > 212


def test_sixteen_bit_grey_palette_and_transparent_pictures_come_out_right(derive: Derive) -> None:
    sixteen = derive(png_of(400, 300, depth=16, row=b"\xdc\x00\x1e\x00\x1e\x00" * 400))
    assert_alike(fields_of(seen(sixteen)), [RED] * 4)
    grey = seen(derive(saved(Image.new("L", (400, 300), 90), "PNG")))
    assert_alike(fields_of(grey), [(90, 90, 90)] * 4)
    assert grey.mode == "RGB"
    palette = derive(saved(drawn().quantize(8), "PNG"))
    assert_alike(fields_of(seen(palette)), [RED, GREEN, BLUE, GREY])
    clear = drawn()
    clear.putalpha(0)
    assert_alike(fields_of(seen(derive(saved(clear, "PNG")))), [(255, 255, 255)] * 4)
    grey_and_clear = Image.new("LA", (400, 300), (90, 255))
    assert_alike(fields_of(seen(derive(saved(grey_and_clear, "PNG")))), [(90, 90, 90)] * 4)


@pytest.mark.parametrize("saved_as", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_is_used(saved_as: str, derive: Derive) -> None:
    assert_alike(fields_of(seen(derive(moving(saved_as)))), [RED, GREEN, BLUE, GREY])


def test_the_smallest_picture_that_is_accepted_makes_a_game(derive: Derive) -> None:
    made = derive(FIXTURES / "no_time_for_that_tiny.gif", Crop(1, 1))
    assert [(rendition.role, rendition.width, rendition.height) for rendition in made.renditions] == [
        (Role.LARGE, 14, 14),
        (Role.FALLBACK, 14, 14),
        (Role.CARD, 1200, 630),
    ]
    assert seen(made).size == (14, 14)
    assert seen(made, Role.CARD).size == (1200, 630)


@pytest.mark.parametrize(
    ("size", "crop"), [((3000, 40), Crop(16, 9)), ((40, 3000), Crop(4, 3)), ((3000, 40), Crop(1, 9))]
)
def test_a_very_long_picture_gives_what_was_planned(size: tuple[int, int], crop: Crop, derive: Derive) -> None:
    made = derive(saved(drawn(*size), "PNG"), crop)
    for rendition in made.renditions:
        assert opened(rendition.path).size == (rendition.width, rendition.height)


def test_the_placeholder_has_sixteen_colours_in_reading_order(derive: Derive) -> None:
    colours = derive(saved(drawn(), "PNG")).colours
    assert len(colours) == 16
    triples = [tuple(bytes.fromhex(colour)) for colour in colours]
    assert_alike([triples[0], triples[3], triples[12], triples[15]], [RED, GREEN, BLUE, GREY])


def test_the_card_shows_the_whole_crop_and_a_sign_to_play(derive: Derive) -> None:
    card = seen(derive(saved(drawn(1200, 900), "PNG")), Role.CARD).convert("RGB")
    left, right = (1200 - 755) // 2, (1200 + 755) // 2
    places = ((left + 60, 92), (right - 60, 92), (left + 60, 538), (right - 300, 538))
    corners = [card.getpixel(place) for place in places]
    assert_alike(corners, [RED, GREEN, BLUE, GREY], most=24)  # type: ignore[arg-type]
    sun = card.getpixel((right - 28 - 100, 598 - 28 - 56))
    assert_alike([sun], [(255, 182, 39)], most=30)  # type: ignore[list-item]


def test_the_same_picture_gives_the_same_bytes(derive: Derive) -> None:
    picture = FIXTURES / "cameras" / "htc-one-m8-berries.jpg"
    first = {rendition.role: rendition.path.read_bytes() for rendition in derive(picture).renditions}
    second = {rendition.role: rendition.path.read_bytes() for rendition in derive(picture).renditions}
    assert first == second


def test_photographs_differ_in_quality_so_that_they_look_alike(derive: Derive) -> None:
    """A chain before a plain wall hides nothing and needs few bytes; roses in leaves need many times that."""

    def small_bytes(name: str) -> int:
        made = derive(FIXTURES / "cameras" / name)
        return next(rendition.path.stat().st_size for rendition in made.renditions if rendition.role == Role.SMALL)

    assert small_bytes("leica-t-chain.jpg") < 8_000
    assert 20_000 < small_bytes("kodak-az521-roses.jpg") < 70_000


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC"])
def test_a_picture_that_was_cut_off_is_refused_in_one_sentence(kind: str, share: float, derive: Derive) -> None:
    if kind == "HEIC":
        data = (FIXTURES / "cameras" / "phone.heic").read_bytes()
    else:
        photograph = Image.open(FIXTURES / "cameras" / "htc-one-m8-berries.jpg").resize((400, 300))
        data = saved(photograph, kind)
    with pytest.raises(Refused) as caught:
        derive(data[: int(len(data) * share)])
    assert "cut off" in caught.value.sentence or "damaged" in caught.value.sentence


def test_a_picture_with_rubbish_inside_is_refused(derive: Derive) -> None:
    data = bytearray(saved(drawn(), "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(Refused, match="damaged"):
        derive(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="9" height="9"/></svg>',
        b"MATLAB 5.0 MAT-file, Platform: GLNX86" + bytes(200),
        b"1,2,3\n4,5,6\n",
        b"P6 20 20 255\n" + bytes(1200),
        b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 20 +X 20\n" + bytes(1600),
        b"\x08\xf2\xa6\xb6" + bytes(500),
    ],
    ids=["svg", "mat", "csv", "ppm", "hdr", "vips"],
)
def test_no_other_decoder_runs_even_when_the_kind_is_claimed(data: bytes, children: Children, tmp_path: Path) -> None:
    path = tmp_path / "claimed.png"
    path.write_bytes(data)
    with pytest.raises(Refused, match="damaged"):
        children.derive(path, Kind.PNG, Crop(4, 3), tmp_path)

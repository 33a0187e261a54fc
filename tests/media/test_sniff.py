"""What a file is, read from its bytes."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.media.pictures import FIXTURES, drawn, moving, png_of, saved

from pictogame.media.errors import Refused
from pictogame.media.sniff import MOST_PIXELS, Header, Kind, read_header


def header_of(data: bytes) -> Header:
    return read_header(io.BytesIO(data))


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        header_of(data)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("kind", "saved_as", "how"),
    [
        (Kind.JPEG, "JPEG", {}),
        (Kind.JPEG, "JPEG", {"progressive": True}),
        (Kind.PNG, "PNG", {}),
        (Kind.GIF, "GIF", {}),
        (Kind.WEBP, "WEBP", {}),
        (Kind.WEBP, "WEBP", {"lossless": True}),
        (Kind.AVIF, "AVIF", {}),
    ],
)
def test_each_kind_is_known_by_its_bytes_with_its_size(kind: Kind, saved_as: str, how: dict[str, object]) -> None:
    assert header_of(saved(drawn(), saved_as, **how)) == Header(kind, 400, 300, moves=False)


@pytest.mark.parametrize("saved_as", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_told(saved_as: str) -> None:
    header = header_of(moving(saved_as))
    assert header.moves
    assert (header.width, header.height) == (400, 300)


def test_a_photograph_from_a_phone_is_read() -> None:
    with (FIXTURES / "cameras" / "phone.heic").open("rb") as file:
        assert read_header(file) == Header(Kind.HEIC, 3024, 4032, moves=False)
    with (FIXTURES / "cameras" / "iphone-5-flowers.jpg").open("rb") as file:
        assert read_header(file) == Header(Kind.JPEG, 1440, 1080, moves=False)


def test_a_jpeg_with_a_megabyte_of_metadata_is_read() -> None:
    data = saved(drawn(), "JPEG")
    stuffing = (b"\xff\xe1" + struct.pack(">H", 65_535) + bytes(65_533)) * 16
    assert header_of(data[:2] + stuffing + data[2:]).width == 400


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "SVG"),
        (b"<!DOCTYPE html><title>x</title>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x20ftypisom\0\0\0\0isomavc1", "video"),
        (b"\x1a\x45\xdf\xa3" + bytes(60), "video"),
        (b"II*\0" + bytes(60), "TIFF"),
        (b"PK\x03\x04" + bytes(60), "archive"),
        (b"hello, this is a letter", "not a picture"),
        (b"\0" * 64, "not a picture"),
        (b"\x89PNG", "not a picture"),
    ],
)
def test_what_is_no_picture_is_named_in_one_sentence(data: bytes, word: str) -> None:
    sentence = refusal_of(data)
    assert word in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_bomb_is_refused_by_what_its_header_says() -> None:
    assert "60 megapixels" in refusal_of(png_of(30_000, 2_001, rows=2))
    small = saved(drawn(64, 64), "AVIF")
    size = small.index(b"ispe") + 8
    assert "10,000 x 10,000" in refusal_of(small[:size] + struct.pack(">II", 10_000, 10_000) + small[size + 8 :])


def test_the_most_pixels_are_accepted() -> None:
    data = saved(drawn(64, 64), "GIF")
    frame = data.index(b",", 13)
    width, height = 10_000, MOST_PIXELS // 10_000
    grown = (
        data[:6]
        + struct.pack("<HH", width, height)
        + data[10 : frame + 5]
        + struct.pack("<HH", 64, 64)
        + data[frame + 9 :]
    )
    assert header_of(grown).height == 6_000


def test_a_frame_larger_than_its_gif_is_counted() -> None:
    data = saved(drawn(64, 64), "GIF")
    frame = data.index(b",", 13)
    assert "60,000 x 60,000" in refusal_of(data[: frame + 5] + struct.pack("<HH", 60_000, 60_000) + data[frame + 9 :])


def test_one_pixel_is_too_small() -> None:
    assert "one pixel" in refusal_of(saved(Image.new("RGB", (1, 1)), "PNG"))
    assert "400 x 3 pixels" in refusal_of(saved(drawn(400, 3), "PNG"))


def size_or_refusal(data: bytes) -> tuple[int, int] | str:
    """Width and height, or the sentence: whatever the bytes are, it must be one of them."""
    try:
        header = header_of(data)
    except Refused as refused:
        return refused.sentence
    return header.width, header.height


def is_sound(answer: tuple[int, int] | str) -> bool:
    return answer != "" if isinstance(answer, str) else 0 < answer[0] * answer[1] <= MOST_PIXELS


@pytest.mark.parametrize("saved_as", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_beginning_of_a_picture_is_a_picture_or_a_refusal(saved_as: str) -> None:
    data = saved(drawn(64, 48), saved_as)
    for length in range(min(len(data), 600)):
        answer = size_or_refusal(data[:length])
        assert answer == (64, 48) or (isinstance(answer, str) and answer)


MAGICS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBP",
    b"\0\0\0\x18ftypavif\0\0\0\0",
    b"\0\0\0\x14ftypheic",
]


@given(magic=st.sampled_from(MAGICS), rest=st.binary(max_size=400))
def test_any_bytes_are_a_picture_or_a_refusal(magic: bytes, rest: bytes) -> None:
    assert is_sound(size_or_refusal(magic + rest))


@given(
    kind=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "AVIF"]),
    changes=st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_picture_with_wrong_bytes_is_a_picture_or_a_refusal(kind: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(saved(drawn(64, 48), kind))
    for place, value in changes:
        data[place % len(data)] = value
    assert is_sound(size_or_refusal(bytes(data)))

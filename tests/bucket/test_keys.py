"""What every key means to caches, browsers and crawlers."""

import doctest
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.bucket import keys
from pictogame.lib.types import Key, Sha256
from pictogame.storage.store import checked

ID = "b5tq7nzk3xw2mc"
HASH = Sha256("0f" * 32)

TABLE = [
    # key, content type, cache rule, stored gzipped
    ("r/0a1b2c3d4e5f/loader.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", True),
    ("r/0a1b2c3d4e5f/skin-paper.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable", True),
    ("r/0a1b2c3d4e5f/jigsaw.de.json", "application/json", "public, max-age=31536000, immutable", True),
    (f"m/{HASH}.avif", "image/avif", "public, max-age=31536000, s-maxage=86400, immutable", False),
    (f"m/{HASH}-2.jpg", "image/jpeg", "public, max-age=31536000, s-maxage=86400, immutable", False),
    (f"g/{ID}.xml", "application/xml; charset=utf-8", "public, max-age=60", True),
    (f"g/{ID}.html", "text/html; charset=utf-8", "public, max-age=60", False),
    (f"g/{ID}.json", "application/json", "public, max-age=60", False),
    (f"g/{ID}.jpg", "image/jpeg", "public, max-age=60", False),
    (f"s/{ID}.json", "application/json", "public, max-age=60", False),
    (f"live/{ID}/head.json", "application/json", "public, max-age=2", False),
    (f"live/{ID}/000017.json", "application/json", "public, max-age=31536000, immutable", False),
    ("embed.js", "text/javascript; charset=utf-8", "public, max-age=60", True),
]


@pytest.mark.parametrize(("key", "content_type", "cache", "zipped"), TABLE)
def test_headers_follow_from_the_key(key: str, content_type: str, cache: str, zipped: bool) -> None:
    assert keys.headers(key) == (content_type, cache, "gzip" if zipped else None)


def test_only_pointers_follow_the_setting() -> None:
    changed = {key for key, *_ in TABLE if keys.headers(key, pointer_max_age=5) != keys.headers(key)}
    assert changed == {f"g/{ID}.{end}" for end in ("xml", "html", "json", "jpg")} | {f"s/{ID}.json", "embed.js"}


def test_every_key_is_one_that_stores_take() -> None:
    made = [
        keys.media_key(HASH, "image/avif"),
        keys.media_key(HASH, "image/jpeg", 12),
        keys.game_xml_key(ID),
        keys.game_page_key(ID),
        keys.game_oembed_key(ID),
        keys.game_card_key(ID),
        keys.scores_key(ID),
        keys.live_key(ID, "head.json"),
        keys.embed_key(),
    ]
    assert [checked(key) for key in made] == made
    assert {key.split("/")[0] for key in made} <= {*keys.PREFIXES, "embed.js"}
    assert len(set(made)) == len(made)


def test_a_key_of_no_known_kind_has_no_headers() -> None:
    with pytest.raises(ValueError, match="no kind"):
        keys.headers("m/a.svg")
    with pytest.raises(KeyError):
        keys.media_key(HASH, "image/svg+xml")


@given(st.binary(max_size=400), st.sampled_from([key for key, *_ in TABLE]))
def test_what_is_encoded_is_decoded_and_the_same_each_time(data: bytes, key: str) -> None:
    stored = keys.encode(key, data)
    assert stored == keys.encode(key, data)
    assert keys.decode(key, stored) == data
    if keys.is_gzipped(key):
        assert gzip.decompress(stored) == data


@given(st.integers(0, 10**6))
def test_generations_have_keys_of_their_own(generation: int) -> None:
    key = keys.media_key(HASH, "image/avif", generation)
    assert keys.generation_of(key) == generation
    assert key != keys.media_key(HASH, "image/avif", generation + 1)


def test_a_key_that_is_no_rendition_has_no_generation() -> None:
    with pytest.raises(ValueError, match="no media key"):
        keys.generation_of(Key(f"g/{ID}.jpg"))


def test_the_examples_in_the_module_are_true() -> None:
    assert doctest.testmod(keys).failed == 0


@given(st.lists(st.sampled_from([b"<picture slot=", b"0a1b2c", b'"/>\n', b"\x00\xff", b"m/", b"width"]), max_size=900))
def test_what_is_small_is_compressed_to_the_very_bytes_of_the_large_window(words: list[bytes]) -> None:
    data = b"".join(words)
    large = zlib.compressobj(level=9, wbits=31)
    assert keys.encode("g/a.xml", data) == large.compress(data) + large.flush()

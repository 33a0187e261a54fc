import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
from hypothesis import given
from tests.games.examples import a_game, a_picture, games

from pictogame.games import document, reading
from pictogame.games.document import Description
from pictogame.games.errors import BadDocument

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "fixtures" / "game-xml"
GOOD = sorted(path for path in GOLDEN.glob("*.xml") if not path.name.startswith("bad-"))
BAD = sorted(GOLDEN.glob("bad-*.xml"))
NAMESPACE = b'xmlns="urn:pictogame:game:1"'


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_golden_bytes_come_back_as_they_were(path: Path) -> None:
    data = path.read_bytes()
    assert document.write(reading.read(data)) == data


def test_the_example_that_people_read_is_what_is_written() -> None:
    page = (ROOT / "docs" / "formats" / "game-xml.md").read_text(encoding="utf-8")
    example = page.partition("```xml\n")[2].partition("```")[0].replace("….", f"{62 * '0'}.").encode()
    game = reading.read(example)
    assert document.write(game) == example
    template = json.loads((ROOT / "runtime" / "templates" / game.template / "template.json").read_bytes())
    assert list(game.options) == sorted(option["name"] for option in template["options"])
    assert game.strings_src is not None
    assert game.strings_src.endswith(f"/{game.template}.{game.language}.json")


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_both_languages_find_the_same_in_golden_files(path: Path) -> None:
    said = json.loads(path.with_suffix(".json").read_bytes())
    game = reading.read(path.read_bytes())
    address = "https://bucket.example/g/x.xml"
    assert {name: said[name] for name in ("id", "lang", "seed", "title", "message", "options", "score")} == {
        "id": game.id,
        "lang": game.language,
        "seed": game.seed,
        "title": game.title,
        "message": game.message,
        "options": dict(game.options),
        "score": {"measure": game.measure, "better": game.better},
    }
    assert said["template"] == {"name": game.template, "url": urljoin(address, game.template_src)}
    assert said["skin"] == {"name": game.skin, "url": urljoin(address, game.skin_src)}
    assert said["stringsUrl"] == (urljoin(address, game.strings_src) if game.strings_src else None)
    assert said["pictures"] == [
        {
            "slot": picture.slot,
            "alt": picture.alt,
            "width": picture.width,
            "height": picture.height,
            "colours": list(picture.colours),
            "sources": [
                {
                    "url": urljoin(address, source.src),
                    "type": source.type,
                    "width": source.width,
                    "height": source.height,
                }
                for source in picture.sources
            ],
        }
        for picture in game.pictures
    ]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_bad_file_is_refused_in_one_sentence(path: Path) -> None:
    with pytest.raises(BadDocument) as caught:
        reading.read(path.read_bytes())
    _is_a_sentence(caught.value.sentence)


def test_there_are_golden_files_of_both_kinds() -> None:
    assert len(GOOD) >= 3
    assert len(BAD) >= 3


@given(games)
def test_whatever_is_written_is_valid_and_read_back(game: Description) -> None:
    assert reading.read(document.write(game)) == game


def test_the_order_in_which_options_were_set_does_not_show() -> None:
    game = a_game(options={"a": 1, "b": 2})
    assert document.write(game) == document.write(game._replace(options={"b": 2, "a": 1}))


def test_markup_in_words_stays_words() -> None:
    hostile = '</title><script>alert("1")</script>&amp;]]><!--'
    data = document.write(a_game(title=hostile, message=hostile, pictures=(a_picture(alt=hostile),)))
    assert b"<script" not in data
    assert b"<!--" not in data
    read = reading.read(data)
    assert (read.title, read.message, read.pictures[0].alt) == (hostile,) * 3


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE game [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<game xmlns="urn:pictogame:game:1"><title>&c;&c;&c;</title><template name="jigsaw"/><picture file="a.jpg"/></game>"""
OUTSIDE = (
    b'<!DOCTYPE game [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b"<game " + NAMESPACE + b'><title>&x;</title><template name="jigsaw"/><picture file="a.jpg"/></game>'
)


@pytest.mark.parametrize(
    "data", [BOMB, OUTSIDE, BOMB.decode().replace("1.0", "1.1").encode("utf-16"), OUTSIDE.decode().encode("utf-16")]
)
def test_entities_are_refused_in_whatever_encoding(data: bytes) -> None:
    for read in (reading.read, reading.read_recipe):
        with pytest.raises(BadDocument) as caught:
            read(data)
        _is_a_sentence(caught.value.sentence)
        assert "hostname" not in caught.value.sentence


def _published(old: bytes, new: bytes) -> bytes:
    data = document.write(a_game(message="Well done."))
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (b"\x89PNG\r\n", "not well-formed"),
        (b"<html><body>Hi</body></html>", "is not a game.xml"),
        (b"<game><title>No namespace</title></game>", "is not a game.xml"),
        (document.write(a_game())[:-20], "not well-formed XML in line"),
        (b" " * (reading.SIZE_LIMIT + 1), "is too big"),
        (_published(b"271828", b"-1"), "the attribute seed of <game>"),
        (_published(b"271828", b"2147483648"), "the attribute seed of <game>"),
        (_published(b'id="b5tq7nzk3xw2mc"', b'id="../../etc"'), "the attribute id of <game>"),
        (
            _published(b"../r/0a1b2c3d4e5f/jigsaw.js", b"https://evil.example/jigsaw.js"),
            "the attribute src of <template>",
        ),
        (_published(b"../r/2c3d4e5f6071/loader.js", b"javascript:alert(1)"), "the attribute src of <loader>"),
        (_published(b"../m/", b"../../m/"), "the attribute src of <source>"),
        (_published(b'name="shape"', b'name="turned"'), "an option stands there twice"),
        (_published(b"<message>", b"<note/><message>"), "<note> is not known there"),
        (_published(b"</title>", b"</titles>"), "not well-formed XML in line 3"),
        (_published(b"A cat", b"A" * 121), "the title has room for 120 characters, and has 132"),
        (_published(b'measure="time"', b'measure="luck"'), "the attribute measure of <score>"),
        (_published(b' alt="', b' onload="'), "<picture> has no attribute called onload"),
        (_published(b"5d4a3b 6b5847", b"red 6b5847"), "the attribute colours of <picture>"),
        (_published(b' id="b5tq7nzk3xw2mc"', b""), "is not a published one"),
        (_published(b' src="../r/0a1b2c3d4e5f/jigsaw.js"', b""), "is not a published one"),
    ],
)
def test_each_mistake_in_a_published_file_is_named(data: bytes, part: str) -> None:
    with pytest.raises(BadDocument) as caught:
        reading.read(data)
    assert part in caught.value.sentence
    _is_a_sentence(caught.value.sentence)


RECIPE = b"""<game xmlns="urn:pictogame:game:1" lang="de">
  <!-- Mine. -->
  <title>Eine Katze</title>
  <template name="jigsaw"/>
  <option name="pieces" value="12"/>
  <picture file="cat.jpg" alt="A tabby cat looks up" focus="0.5 0.4"/>
  <picture file="more/dog.jpg" slot="picture"/>
</game>"""


def test_what_a_person_writes_is_read_with_what_was_left_out_left_out() -> None:
    recipe = reading.read_recipe(RECIPE)
    assert (recipe.template, recipe.skin, recipe.title, recipe.language) == ("jigsaw", None, "Eine Katze", "de")
    assert recipe.options == {"pieces": 12}
    assert [(one.files, one.slot, one.alt, one.focus) for one in recipe.pictures] == [
        (("cat.jpg",), None, "A tabby cat looks up", (500, 400)),
        (("more/dog.jpg",), "picture", "", None),
    ]


@pytest.mark.parametrize(
    "file", [b"../secret.jpg", b"/etc/passwd", b"C:\\a.jpg", b"a/../../b", b"http://x/a.jpg", b"..\\a"]
)
def test_a_picture_that_is_not_beside_the_file_is_refused(file: bytes) -> None:
    with pytest.raises(BadDocument, match=r"is not beside game\.xml"):
        reading.read_recipe(RECIPE.replace(b"cat.jpg", file))


def test_a_hand_written_picture_needs_a_file() -> None:
    with pytest.raises(BadDocument, match="The picture in line 6 names no file"):
        reading.read_recipe(RECIPE.replace(b'file="cat.jpg" ', b""))


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        (b"Eine Katze", b"K" * 10_000, "the title has room for 120 characters, and has 10,000: shorten it."),
        (b"A tabby cat looks up", b"K" * 300, "a picture's alt text has room for 240 characters, and has 300"),
    ],
)
def test_text_that_is_too_long_is_told_its_limit(before: bytes, after: bytes, part: str) -> None:
    with pytest.raises(BadDocument) as caught:
        reading.read_recipe(RECIPE.replace(before, after))
    assert part in caught.value.sentence
    _is_a_sentence(caught.value.sentence)


def test_a_published_file_names_prepared_pictures_best_first() -> None:
    recipe = reading.read_recipe((GOLDEN / "minimal.xml").read_bytes())
    assert [one.files[0].startswith("../m/") for one in recipe.pictures] == [True]


def test_a_hand_written_file_is_not_a_published_one() -> None:
    with pytest.raises(BadDocument, match="is not a published one"):
        reading.read(RECIPE)


def _is_a_sentence(text: str) -> None:
    assert text.endswith(".")
    assert text[0].isupper()
    assert "\n" not in text
    assert "urn:pictogame" not in text or "should begin with" in text
    assert len(text) < 200

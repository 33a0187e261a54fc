import json

import pytest
from tests.cast import runtime_manifest

from pictogame.catalog import manifest, rules
from pictogame.catalog.errors import BadOption
from pictogame.catalog.manifest import Template


@pytest.fixture
def jigsaw() -> Template:
    return manifest.read(json.dumps(runtime_manifest()[0]).encode()).templates["jigsaw"]


def test_what_is_not_said_takes_its_default(jigsaw: Template) -> None:
    assert rules.clean_options(jigsaw, {}) == {"pieces": 12, "turned": False, "shape": "4:3", "frame_rate": 4}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ({"pieces": "24"}, {"pieces": 24}),
        ({"pieces": 24}, {"pieces": 24}),
        ({"turned": "on"}, {"turned": True}),
        ({"turned": True}, {"turned": True}),
        ({"turned": "False"}, {"turned": False}),
        ({"turned": ""}, {"turned": False}),
        ({"shape": " 1:1 "}, {"shape": "1:1"}),
        ({"frame_rate": "10"}, {"frame_rate": 10}),
    ],
)
def test_text_takes_the_type_of_the_option(jigsaw: Template, raw: dict[str, object], clean: dict[str, object]) -> None:
    cleaned = rules.clean_options(jigsaw, raw)
    assert {name: cleaned[name] for name in clean} == clean
    assert all(type(cleaned[name]) is type(value) for name, value in clean.items())


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"pieces": "25"}, "Pieces (pieces) can be 6, 12 or 24, not “25”."),
        ({"pieces": "9" * 5000}, f"Pieces (pieces) can be 6, 12 or 24, not “{'9' * 39}…”."),
        ({"turned": "perhaps"}, "Turned pieces (turned) is on or off, and “perhaps” is neither."),
        ({"frame_rate": "11"}, "Speed (frame_rate) goes from 2 to 10 in steps of 2, so “11” won't do."),
        ({"frame_rate": "5"}, "Speed (frame_rate) goes from 2 to 10 in steps of 2, so “5” won't do."),
        ({"frame_rate": "٤"}, "Speed (frame_rate) goes from 2 to 10 in steps of 2, so “٤” won't do."),
        ({"frame_rate": "4\n<b>"}, "Speed (frame_rate) goes from 2 to 10 in steps of 2, so “4 <b>” won't do."),
        (
            {"piece": "24"},
            "Jigsaw has no option “piece”. Did you mean pieces? It has pieces, turned, shape and frame_rate.",
        ),
        ({"x": 1}, "Jigsaw has no option “x”. It has pieces, turned, shape and frame_rate."),
    ],
)
def test_each_wrong_option_gets_one_sentence(jigsaw: Template, raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadOption) as caught:
        rules.clean_options(jigsaw, raw)
    assert caught.value.sentence == sentence


def test_what_does_not_fit_another_template_is_left_behind(jigsaw: Template) -> None:
    fitting = rules.fitting_options(jigsaw, {"pieces": "24", "shape": "16:9", "speed": 3})
    assert fitting == {"pieces": 24, "turned": False, "shape": "4:3", "frame_rate": 4}


def test_the_ratio_of_a_slot_may_be_an_option(jigsaw: Template) -> None:
    slot = jigsaw.slots[0]
    assert rules.ratio_of(jigsaw, slot, {"shape": "3:4"}) == "3:4"
    assert rules.ratio_of(jigsaw, slot, {}) == "4:3"
    assert rules.frame_of(jigsaw, {"shape": "3:4"}) == (3, 4)
    pairs = manifest.read(json.dumps(runtime_manifest()[0]).encode()).templates["pairs"]
    assert rules.ratio_of(pairs, pairs.slots[0], {}) == "1:1"
    assert rules.frame_of(pairs, {}) == (5, 4)


@pytest.mark.parametrize(
    ("pieces", "pixels", "advice"),
    [
        (24, 24 * 32 * 32, ""),
        (24, 24 * 32 * 32 - 1, "Your picture is too small for 24 pieces: try 12."),
        (12, 64 * 48, "Your picture is too small for 12 pieces: try 6."),
        (6, 64 * 48, ""),
    ],
)
def test_a_picture_too_small_for_so_many_pieces_is_said_with_a_count_that_fits(
    jigsaw: Template, pieces: int, pixels: int, advice: str
) -> None:
    assert rules.advice_for(jigsaw, {"pieces": pieces}, pixels=pixels) == advice


def test_a_template_that_counts_no_pieces_advises_nothing() -> None:
    pairs = manifest.read(json.dumps(runtime_manifest()[0]).encode()).templates["pairs"]
    assert rules.advice_for(pairs, {}, pixels=1) == ""

"""docs/scale.md is what its script says."""

import json

from bench import scale


def test_the_page_is_what_the_script_says() -> None:
    assert scale.PAGE.read_text(encoding="utf-8") == scale.page(), "run: python -m bench.scale --write"


def test_every_figure_names_its_command_and_its_day() -> None:
    figures = json.loads(scale.MEASURED.read_text(encoding="utf-8"))["figures"]
    for name, one in figures.items():
        assert one["value"] > 0, name
        assert one["command"], name
        assert one["date"].startswith("20"), name


def test_a_hundred_times_the_plays_need_a_hundred_times_as_much() -> None:
    seen = scale.measured()
    small, large = scale.need(1_000_000, seen), scale.need(100_000_000, seen)
    assert large.requests == 100 * small.requests
    assert abs(large.bytes_stored - 100 * small.bytes_stored) < 1
    assert scale.dollars(large, "s3") > 99 * scale.dollars(small, "s3")


def test_the_fullest_part_stands_first() -> None:
    seen = scale.measured()
    for plays in scale.STEPS:
        used = [part.used for part in scale.parts(scale.need(plays, seen), seen)]
        assert used == sorted(used, reverse=True)

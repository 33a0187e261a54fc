import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from tests.cast import runtime_manifest

from pictogame.catalog import manifest, queries
from pictogame.catalog.errors import RuntimeMissing, UnknownSkin, UnknownTemplate

RUNTIME = Path(__file__).resolve().parents[2] / "runtime"


def test_a_template_is_read_with_everything_that_it_says() -> None:
    said, _ = runtime_manifest()
    read = manifest.read(json.dumps(said).encode())
    jigsaw = read.templates["jigsaw"]
    assert [option.type for option in jigsaw.options] == ["choice", "switch", "choice", "number"]
    assert jigsaw.slots[0].most == 1
    assert jigsaw.score.better == "lower"
    assert jigsaw.strings["de"].endswith("/jigsaw.de.json")
    assert read.skins["felt"].light == ("#FFF9F0", "#5B3FD6")
    assert {built.key for built in read.objects} >= {read.loader, read.finale, jigsaw.script, read.skins["felt"].style}


def test_labels_fall_back_to_the_value() -> None:
    said, _ = runtime_manifest()
    shape = manifest.read(json.dumps(said).encode()).templates["jigsaw"].option("shape")
    assert shape is not None
    assert [shape.label_of(value) for value in shape.values] == ["Landscape", "1:1", "3:4"]


def _without(*path: str) -> Callable[[Any], None]:
    def take(said: Any) -> None:
        for name in path[:-1]:
            said = said[name]
        del said[path[-1]]

    return take


def _set(value: object, *path: str | int) -> Callable[[Any], None]:
    def put(said: Any) -> None:
        for name in path[:-1]:
            said = said[name]
        said[path[-1]] = value

    return put


@pytest.mark.parametrize(
    "change",
    [
        _set(2, "version"),
        _without("loader"),
        _without("finale"),
        _without("templates", "jigsaw", "manifest", "score"),
        _without("skins", "paper", "style"),
        _set("r/000000000000/loader.js", "loader"),
        _set([], "templates", "jigsaw", "manifest", "slots"),
        _set("wide", "templates", "jigsaw", "manifest", "frame"),
        _set("option:pieces", "templates", "jigsaw", "manifest", "slots", 0, "ratio"),
        _set("slider", "templates", "jigsaw", "manifest", "options", 0, "type"),
        _set({}, "templates"),
        _set(["#fff"], "skins", "paper", "manifest", "swatch", "light"),
    ],
)
def test_a_manifest_that_contradicts_itself_says_what_to_run(change: Callable[[Any], None]) -> None:
    said, _ = runtime_manifest()
    change(said)
    with pytest.raises(RuntimeMissing, match=r"run `make runtime`"):
        manifest.read(json.dumps(said).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_manifest_says_what_to_run(data: bytes) -> None:
    with pytest.raises(RuntimeMissing, match=r"run `make runtime`"):
        manifest.read(data)


def test_without_a_build_one_sentence_says_what_to_run(tmp_path: Path, settings: Settings) -> None:
    settings.RUNTIME_DIST = tmp_path
    with pytest.raises(RuntimeMissing, match=r"The runtime is not built yet: run `make runtime`\."):
        queries.manifest()


def test_a_new_build_is_seen_at_once(tmp_path: Path, settings: Settings) -> None:
    settings.RUNTIME_DIST = tmp_path
    said, _ = runtime_manifest()
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    assert queries.template("jigsaw").title == "Jigsaw"
    said["templates"]["jigsaw"]["manifest"]["title"] = "Puzzle of pieces"
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    assert queries.template("jigsaw").title == "Puzzle of pieces"


def test_an_unknown_template_suggests_the_nearest(runtime: Path) -> None:
    with pytest.raises(UnknownTemplate) as caught:
        queries.template("jigsaws")
    assert caught.value.sentence == "There is no template called “jigsaws”. Did you mean jigsaw?"
    with pytest.raises(UnknownTemplate, match=r"There is jigsaw and pairs\."):
        queries.template("xyzzy")
    with pytest.raises(UnknownSkin, match=r"There is no skin called “glass”\. There is felt and paper\."):
        queries.skin("glass")


def test_paper_is_the_first_skin(runtime: Path) -> None:
    assert [skin.name for skin in queries.skins()] == ["paper", "felt"]
    assert [template.name for template in queries.templates()] == ["jigsaw", "pairs"]


def test_every_template_of_the_project_is_declared_by_its_build() -> None:
    read = manifest.read((RUNTIME / "dist" / "manifest.json").read_bytes())
    assert set(read.templates) == {path.parent.name for path in RUNTIME.glob("templates/*/template.json")}
    assert set(read.skins) == {path.parent.name for path in RUNTIME.glob("skins/*/skin.json")}
    for built in read.objects:
        assert (RUNTIME / "dist" / built.key).stat().st_size == built.size

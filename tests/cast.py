"""What tests play with: a runtime of two templates, and pictures in the states that the worker leaves them in."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pictogame.media.models import Crop, Picture, Rendition

COLOURS = " ".join(["5d4a3b", "6b5847", "7a6655", "3f3329"] * 4)


def runtime_manifest() -> tuple[dict[str, Any], dict[str, bytes]]:
    """A build manifest with every kind of option and slot, and the files it names by key."""
    files: dict[str, bytes] = {}

    def built(name: str) -> str:
        words = f"{name} of the tests"
        data = (json.dumps({"play": words}) if name.endswith(".json") else f"/* {words} */").encode()
        key = f"r/{hashlib.sha256(data).hexdigest()[:12]}/{name}"
        files[key] = data
        return key

    shape = {"name": "shape", "label": "Shape", "help": "", "type": "choice", "values": ["4:3", "1:1", "3:4"]}
    frame = {"name": "frame_rate", "label": "Speed", "help": "", "type": "number", "min": 2, "max": 10, "step": 2}
    jigsaw = {
        "name": "jigsaw",
        "title": "Jigsaw",
        "summary": "Put the pieces back.",
        "frame": "picture",
        "slots": [
            {"name": "picture", "label": "The picture", "min": 1, "max": 1, "ratio": "option:shape", "min_side": 320}
        ],
        "options": [
            {
                "name": "pieces",
                "label": "Pieces",
                "help": "More pieces, longer game.",
                "type": "choice",
                "values": [6, 12, 24],
                "labels": {},
                "min_piece": 32,
                "default": 12,
            },
            {"name": "turned", "label": "Turned pieces", "help": "", "type": "switch", "default": False},
            {**shape, "labels": {"4:3": "Landscape"}, "default": "4:3"},
            {**frame, "default": 4},
        ],
        "score": {"measure": "time", "better": "lower"},
    }
    pairs = {
        "name": "pairs",
        "title": "Pairs",
        "summary": "Find the pairs.",
        "frame": "5:4",
        "slots": [
            {"name": "cards", "label": "The cards", "min": 3, "max": 12, "ratio": "1:1", "min_side": 160},
            {"name": "back", "label": "The back", "min": 0, "max": 1, "ratio": "1:1", "min_side": 160},
        ],
        "options": [{**shape, "labels": {}, "default": "1:1"}],
        "score": {"measure": "moves", "better": "lower"},
    }
    swatch = {"light": ["#FFF9F0", "#5B3FD6"], "dark": ["#17122B", "#A99BFF"]}
    skins = {
        name: {
            "manifest": {"name": name, "title": name.title(), "summary": f"{name.title()} it is.", "swatch": swatch},
            "style": built(f"skin-{name}.css"),
        }
        for name in ("felt", "paper")
    }
    manifest = {
        "version": 1,
        "loader": built("loader.js"),
        "finale": built("finale.js"),
        "languages": ["en", "de", "ar"],
        "templates": {
            said["name"]: {
                "manifest": said,
                "script": built(f"{said['name']}.js"),
                "strings": {language: built(f"{said['name']}.{language}.json") for language in ("de", "ar")},
            }
            for said in (jigsaw, pairs)
        },
        "skins": skins,
        "objects": [
            {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for key, data in files.items()
        ],
    }
    return manifest, files


def write_runtime(dist: Path) -> Path:
    """Writes the runtime of the tests as a build would; returns the folder."""
    manifest, files = runtime_manifest()
    for key, data in files.items():
        path = dist / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (dist / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return dist


def a_picture(number: int = 1, **columns: Any) -> Picture:
    """A received picture of 4000 x 3000 pixels; another number is another picture."""
    values: dict[str, Any] = {"size": 1_000_000, "kind": "jpeg", "width": 4000, "height": 3000, **columns}
    return Picture.objects.create(sha256=f"{number:064x}", **values)


def process(crop: Crop) -> None:
    """Leaves what the worker leaves when a crop went well."""
    across, down = (int(side) for side in crop.ratio.split(":"))
    for role, kind, width in (
        (Rendition.Role.LARGE, "image/avif", 1280),
        (Rendition.Role.SMALL, "image/avif", 640),
        (Rendition.Role.FALLBACK, "image/jpeg", 960),
        (Rendition.Role.CARD, "image/jpeg", 1200),
    ):
        name = f"{crop.picture.sha256} {crop.ratio} {crop.focus_x} {crop.focus_y} {role}"
        height = 630 if role == Rendition.Role.CARD else width * down // across
        crop.renditions.create(
            role=role,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            media_type=kind,
            width=width,
            height=height,
            size=width * 40,
        )
    crop.state = Crop.State.READY
    crop.colours = COLOURS
    crop.due_at = None
    crop.save()


def process_all() -> None:
    """Does the worker's work for every crop that waits."""
    for crop in Crop.objects.filter(state=Crop.State.WANTED):
        process(crop)

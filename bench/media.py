"""Pictures: time against bare pyvips, sharp and Pillow; bytes against a fixed quality; bytes of a first picture.

`python -m bench.media --json FILE`. Times are wall clock, rounds alternate between the rivals, and each row is the
median over photographs of the ratio within one round. Photographs are those of cameras that stand beside the project,
else the reduced ones in `fixtures/pictures/cameras`. sharp is measured where Node.js and `runtime/bench/node_modules`
are.
"""

import argparse
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image, ImageOps

from bench import train_quality
from bench._pictures import ROOT, photographs
from pictogame.media import quality, sniff, vips
from pictogame.media.child import Children
from pictogame.media.pipeline import LARGE_WIDTH, SMALL_WIDTH, Crop, Role, crop_box
from pictogame.media.sniff import Kind

ROUNDS = 3
CROP = Crop(4, 3)
RIVAL = ROOT / "runtime" / "bench"
HELD_OUT = ROOT / "fixtures" / "pictures" / "held-out"
LARGE_HEIGHT, SMALL_HEIGHT = LARGE_WIDTH * 3 // 4, SMALL_WIDTH * 3 // 4

Row = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock, and of all processors together."""

    wall: float
    cpu: float


Rival = Callable[[Path, tuple[int, int]], Cost]


def row(what: str, value: float, unit: str, limit: float | None = None, better: str = "lower") -> Row:
    return {"what": what, "value": round(value, 3), "unit": unit, "limit": limit, "better": better}


def kind_of(path: Path) -> Kind:
    with path.open("rb") as file:
        return sniff.read_header(file).kind


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def cost(act: Callable[[], object]) -> Cost:
    """What an act costs that runs in this process alone."""
    used, began = time.process_time(), time.perf_counter()
    act()
    return Cost(time.perf_counter() - began, time.process_time() - used)


def bare(path: Path, chosen: tuple[int, int]) -> None:
    """The same encodes as a script of ten lines would call them: decode once, cascade, save."""
    small_quality, large_quality = chosen
    how = {"height": LARGE_HEIGHT, "crop": "centre", "export_profile": "srgb"}
    base = pyvips.Image.thumbnail(str(path), LARGE_WIDTH, **how).copy_memory()
    small = base.thumbnail_image(SMALL_WIDTH).copy_memory()
    for image, one in ((base, large_quality), (small, small_quality)):
        image.heifsave_buffer(compression="av1", Q=one, effort=quality.EFFORT, subsample_mode="off", keep="none")
    base.thumbnail_image(960).jpegsave_buffer(
        Q=vips.JPEG_QUALITY, interlace=True, optimize_coding=True, trellis_quant=True, quant_table=3, keep="none"
    )
    card = base.thumbnail_image(1200, height=630, crop="centre")
    card.jpegsave_buffer(Q=vips.CARD_QUALITY, interlace=True, optimize_coding=True, keep="none")


def our_avifs(path: Path, chosen: tuple[int, int]) -> Cost:
    """The AVIF set alone: decoded once, cropped, both widths."""

    def act() -> None:
        base, _ = vips.open_cropped(path, kind_of(path), CROP)
        with ThreadPoolExecutor(2) as pool:  # One beside the other, as the pipeline does.
            pool.submit(vips.encode_avif, base, chosen[1])
            pool.submit(lambda: vips.encode_avif(vips.resize(base, SMALL_WIDTH, SMALL_HEIGHT), chosen[0]))

    return cost(act)


def pillow_avifs(path: Path, chosen: tuple[int, int]) -> Cost:
    """The same by Pillow, with its own shortcuts: a draft of the JPEG, and libaom at the speed that we take."""

    def act() -> None:
        with Image.open(path) as opened:
            opened.draft("RGB", (LARGE_WIDTH, LARGE_HEIGHT))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        base = ImageOps.fit(upright, (LARGE_WIDTH, LARGE_HEIGHT), Image.Resampling.LANCZOS)
        small = base.resize((SMALL_WIDTH, SMALL_HEIGHT), Image.Resampling.LANCZOS)

        def save(image: Image.Image, one: int) -> None:
            how = {"speed": 9 - quality.EFFORT, "subsampling": "4:4:4", "max_threads": 2}
            image.save(io.BytesIO(), "AVIF", quality=one, **how)

        with ThreadPoolExecutor(2) as pool:
            pool.submit(save, base, chosen[1])
            pool.submit(save, small, chosen[0])

    return cost(act)


@contextmanager
def sharp() -> Iterator[Rival | None]:
    """The same by sharp, in a Node.js process that is warm; None where there is none."""
    node = shutil.which("node")
    if node is None or not (RIVAL / "node_modules" / "sharp").exists():
        yield None
        return
    with subprocess.Popen(
        [node, "sharp.mjs"], cwd=RIVAL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def measured(path: Path, chosen: tuple[int, int]) -> Cost:
            header = pyvips.Image.new_from_file(str(path))
            turned = header.get_typeof("orientation") != 0 and header.get("orientation") >= 5
            size = (header.height, header.width) if turned else (header.width, header.height)
            box = crop_box(*size, CROP)
            sizes = [[LARGE_WIDTH, LARGE_HEIGHT, chosen[1]], [SMALL_WIDTH, SMALL_HEIGHT, chosen[0]]]
            crop = [box.left, box.top, box.width, box.height]
            job = {"path": str(path.resolve()), "crop": crop, "sizes": sizes, "effort": quality.EFFORT}
            stdin.write(json.dumps(job) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            return Cost(answer["ms"] / 1000, answer["cpu"] / 1000)

        yield measured
        stdin.close()


def times(paths: list[Path]) -> list[Row]:
    """Whole pipeline against bare calls; the AVIF set against others."""
    pipeline: list[float] = []
    searches: list[float] = []
    crossings: list[float] = []
    against: dict[str, list[Cost]] = {"sharp": [], "Pillow": []}
    rivals: dict[str, Rival] = {"Pillow": pillow_avifs}
    with tempfile.TemporaryDirectory() as name, Children(slots=1) as children, sharp() as by_sharp:
        folder = Path(name)
        if by_sharp is not None:
            rivals["sharp"] = by_sharp
        warm = next(path for path in paths if kind_of(path) == Kind.JPEG)
        for act in (children.derive, vips.derive):
            act(warm, Kind.JPEG, CROP, folder)
        for _ in range(ROUNDS):
            for path in paths:
                if kind_of(path) != Kind.JPEG:
                    continue
                base, _ = vips.open_cropped(path, Kind.JPEG, CROP)
                chosen = vips.choose_qualities(base)
                search = seconds(partial(vips.choose_qualities, base))
                plain = seconds(partial(bare, path, chosen))
                ours = seconds(partial(vips.derive, path, Kind.JPEG, CROP, folder))
                apart = seconds(partial(children.derive, path, Kind.JPEG, CROP, folder))
                pipeline.append((ours - search) / plain)
                searches.append(search / plain)
                crossings.append(apart / ours)
                avifs = our_avifs(path, chosen)
                for rival, measured in rivals.items():
                    theirs = measured(path, chosen)
                    against[rival].append(Cost(avifs.wall / theirs.wall, avifs.cpu / theirs.cpu))
    rows = [
        row("pipeline / same encodes bare in pyvips", statistics.median(pipeline), "x", 1.15),
        row("quality search / same encodes bare", statistics.median(searches), "x"),
        row("in a child process / in this process", statistics.median(crossings), "x"),
    ]
    for rival, found in against.items():
        if found:
            rows += [
                row(f"AVIF set, ours / {rival}", statistics.median(one.wall for one in found), "x", 1.0),
                row(f"the same in processor time, ours / {rival}", statistics.median(one.cpu for one in found), "x"),
            ]
    return rows


def saved_by_table() -> list[Row]:
    """What choosing saves over all photographs of the table, each by a model that never saw it."""
    rows = []
    for width in (SMALL_WIDTH, LARGE_WIDTH):
        samples = [s for s in train_quality.read_table() if s.width == width]
        reached = train_quality.reached(samples, train_quality.leave_one_out(samples))
        rows += [
            row(
                f"bytes saved at {width} px against the fixed quality with the same worst score "
                f"({len(samples)} photographs, each unseen)",
                100 * reached.saved,
                "%",
                15,
                "higher",
            ),
            row(f"worst score of them at {width} px", reached.worst, "SSIMULACRA2", better="higher"),
        ]
    return rows


def saved_on_sight(paths: list[Path]) -> list[Row]:
    """The same, encoded and scored now at 640 px: photographs held out of the training, and those of the cameras."""
    ours: list[tuple[float, int]] = []
    curves: list[dict[int, tuple[float, int]]] = []
    qualities = range(52, 77, 4)
    for path in paths:
        base, _ = vips.open_cropped(path, kind_of(path), CROP)
        small = vips.resize(base, SMALL_WIDTH, SMALL_HEIGHT)
        chosen, _ = vips.choose_qualities(base)
        curve = {}
        for one in {*qualities, chosen}:
            data = vips.encode_avif(small, one)
            curve[one] = (train_quality.score(small, data), len(data))
        ours.append(curve[chosen])
        curves.append(curve)
    worst = min(score for score, _ in ours)
    enough = [one for one in qualities if min(curve[one][0] for curve in curves) >= worst]
    rows = [row(f"worst score of {len(paths)} photographs on sight", worst, "SSIMULACRA2", better="higher")]
    if enough:
        fixed = sum(curve[enough[0]][1] for curve in curves)
        saved = 100 * (1 - sum(size for _, size in ours) / fixed)
        rows.append(row(f"bytes saved on sight against fixed quality {enough[0]}", saved, "%", better="higher"))
    return rows


def sizes(paths: list[Path]) -> list[Row]:
    """What a first play fetches of a photograph."""
    with tempfile.TemporaryDirectory() as name:
        made = [_sizes_of(path, Path(name)) for path in paths]
    return [
        row("median 640 px AVIF of the cameras", statistics.median(one["small"] for one in made) / 1000, "KB", 34),
        row("median 1280 px AVIF of the cameras", statistics.median(one["large"] for one in made) / 1000, "KB", 58),
    ]


def _sizes_of(path: Path, folder: Path) -> dict[str, int]:
    made = vips.derive(path, kind_of(path), CROP, folder).renditions
    return {one.role.value: one.path.stat().st_size for one in made if one.role in (Role.LARGE, Role.SMALL)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.media", description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    vips.prepare()
    cameras = photographs()
    rows = times(cameras) + saved_by_table() + sizes(cameras)
    rows += saved_on_sight([*sorted(HELD_OUT.glob("*.jpg")), *cameras])
    for one in rows:
        print(f"{one['value']:>10} {one['unit']:<12} {one['what']}", file=sys.stderr)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Pictures: time against bare pyvips, sharp and Pillow; bytes against a fixed quality; bytes of a first picture.

`python -m bench.media --json FILE [--rounds 2] [--sight 10]`. Rounds alternate between the rivals, forwards and back. A
row of times is the median of the ratios within one round; for the AVIF sets, of each photograph the best that each
rival did is taken, as all of them do the same work and only the machine differs.

The AVIF set of each rival, ours too, is made in a warm process of its own, and ours has the variables that the
pipeline's child has. sharp runs in each way that its documentation knows, and its fastest is what counts. Photographs
are those of cameras that stand beside the project, else the reduced ones in `fixtures/pictures/cameras`. sharp is
measured where Node.js and `runtime/bench/node_modules` are.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import pyvips

from bench import train_quality
from bench._pictures import ROOT, photographs
from pictogame.media import quality, sniff, vips
from pictogame.media.child import Children, decoder_environment
from pictogame.media.pipeline import LARGE_WIDTH, SMALL_WIDTH, Crop, Role
from pictogame.media.sniff import Kind

CROP = Crop(4, 3)
RIVAL = ROOT / "runtime" / "bench"
HELD_OUT = ROOT / "fixtures" / "pictures" / "held-out"
LARGE_HEIGHT, SMALL_HEIGHT = LARGE_WIDTH * 3 // 4, SMALL_WIDTH * 3 // 4
AVIF_ROUNDS = 3
"""Of the AVIF sets in each round: they take little time, and whatever else the machine does disturbs them most."""

WAYS_OF_SHARP = ("documented", "threads", "cascade")

Row = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the clock, and of all processors together."""

    wall: float
    cpu: float


def row(what: str, value: float, unit: str, limit: float | None = None, better: str = "lower") -> Row:
    return {"what": what, "value": round(value, 3), "unit": unit, "limit": limit, "better": better}


def kind_of(path: Path) -> Kind:
    with path.open("rb") as file:
        return sniff.read_header(file).kind


def cost(act: Callable[[], object]) -> Cost:
    """What an act costs that runs in this process alone."""
    used, began = time.process_time(), time.perf_counter()
    act()
    return Cost((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)


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


class Rival:
    """A warm process that makes the AVIF set of a photograph and says what it cost."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str] | None) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)

    def make(self, path: Path, chosen: tuple[int, int]) -> Cost:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        sizes = [[LARGE_WIDTH, LARGE_HEIGHT, chosen[1]], [SMALL_WIDTH, SMALL_HEIGHT, chosen[0]]]
        stdin.write(json.dumps({"path": str(path.resolve()), "sizes": sizes, "effort": quality.EFFORT}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return Cost(answer["ms"], answer["cpu"])


def rivals(opened: ExitStack) -> list[Rival]:
    """Ours first, then those that are there."""
    environment = {**decoder_environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    found = [
        Rival(name, [sys.executable, "-m", "bench._avif_set", name], ROOT, environment) for name in ("ours", "pillow")
    ]
    node = shutil.which("node")
    if node and (RIVAL / "node_modules" / "sharp").exists():
        found += [Rival(f"sharp, {way}", [node, "sharp.mjs", way], RIVAL, None) for way in WAYS_OF_SHARP]
    return [opened.enter_context(one) for one in found]


def times(paths: list[Path], rounds: int) -> list[Row]:
    """Whole pipeline against bare calls; the AVIF set against others."""
    pipeline: list[Cost] = []
    searches: list[Cost] = []
    crossings: list[float] = []
    best: dict[str, dict[Path, Cost]] = {}
    jpegs = [path for path in paths if kind_of(path) == Kind.JPEG]
    with tempfile.TemporaryDirectory() as name, Children(slots=1) as children, ExitStack() as opened:
        folder, known = Path(name), rivals(opened)
        warm = jpegs[0]
        chosen = {path: chosen_for(path) for path in jpegs}
        for act in (children.derive, vips.derive):
            act(warm, Kind.JPEG, CROP, folder)
        for one in known:
            one.make(warm, chosen[warm])
        for turn in range(rounds):
            for path in jpegs:
                plain = cost(partial(bare, path, chosen[path]))
                given = cost(partial(vips.derive, path, Kind.JPEG, CROP, folder, qualities=chosen[path]))
                whole = cost(partial(vips.derive, path, Kind.JPEG, CROP, folder))
                apart = cost(partial(children.derive, path, Kind.JPEG, CROP, folder))
                pipeline.append(Cost(given.wall / plain.wall, given.cpu / plain.cpu))
                searches.append(Cost((whole.wall - given.wall) / plain.wall, (whole.cpu - given.cpu) / plain.cpu))
                crossings.append(apart.wall / whole.wall)
            for again in range(AVIF_ROUNDS):
                for place, path in enumerate(jpegs):
                    for one in known if (turn + again + place) % 2 else reversed(known):
                        found = one.make(path, chosen[path])
                        seen = best.setdefault(one.name, {}).setdefault(path, found)
                        best[one.name][path] = Cost(min(seen.wall, found.wall), min(seen.cpu, found.cpu))
    return [
        row("pipeline / same encodes bare in pyvips", statistics.median(one.wall for one in pipeline), "x", 1.15),
        row("the same in processor time", statistics.median(one.cpu for one in pipeline), "x"),
        row("quality search / same encodes bare", statistics.median(one.wall for one in searches), "x"),
        row("quality search in processor time", statistics.median(one.cpu for one in searches), "x"),
        row("in a child process / in this process", statistics.median(crossings), "x"),
        *against(best),
    ]


def against(best: dict[str, dict[Path, Cost]]) -> list[Row]:
    """Ours against each, the best that each did of every photograph; the fastest way of sharp is what counts."""
    rows, ours = [], best["ours"]
    ratios = {
        name: (
            statistics.median(ours[path].wall / one.wall for path, one in found.items()),
            statistics.median(ours[path].cpu / one.cpu for path, one in found.items()),
        )
        for name, found in best.items()
        if name != "ours"
    }
    fastest = max((name for name in ratios if name.startswith("sharp")), key=lambda name: ratios[name][0], default="")
    for name, (wall, cpu) in ratios.items():
        rows += [
            row(f"AVIF set, ours / {name}", wall, "x", 1.0 if name in ("pillow", fastest) else None),
            row(f"the same in processor time, ours / {name}", cpu, "x"),
        ]
    return rows


def chosen_for(path: Path) -> tuple[int, int]:
    """The qualities of the small and of the large AVIF that the pipeline ends with."""
    base, _ = vips.open_cropped(path, kind_of(path), CROP)
    small, large = vips.begin_qualities(base)
    resized = vips.resize(base, SMALL_WIDTH, SMALL_HEIGHT)
    return vips.encode_looking_right(resized, small)[1], vips.encode_looking_right(base, large)[1]


def saved_by_table() -> list[Row]:
    """What choosing saves over all photographs of the table, each by a model that never saw it."""
    rows = []
    for width in (SMALL_WIDTH, LARGE_WIDTH):
        samples = [s for s in train_quality.read_table() if s.width == width]
        found = train_quality.unseen(samples)
        chosen = [one for one, _ in found]
        reached = train_quality.reached(samples, chosen)
        _, middle, _ = train_quality.drawn(samples, chosen)
        rows += [
            row(
                f"bytes saved at {width} px against the fixed quality with the same worst score "
                f"({len(samples)} photographs, each unseen)",
                100 * reached.saved,
                "%",
                15,
                "higher",
            ),
            row(f"the same in sets of 25 drawn from them, median, at {width} px", 100 * middle, "%", better="higher"),
            row(f"worst score of them at {width} px", reached.worst, "SSIMULACRA2", better="higher"),
            row(f"tenth percentile at {width} px", reached.tenth, "SSIMULACRA2", better="higher"),
            row(f"mean at {width} px", reached.mean, "SSIMULACRA2", better="higher"),
            row(f"encoded twice at {width} px", 100 * sum(again for _, again in found) / len(found), "%"),
        ]
    return rows


def saved_on_sight(paths: list[Path]) -> list[Row]:
    """The same, encoded and scored now at 640 px: photographs held out of the training, and those of the cameras.

    The least fixed quality that is nowhere worse is found from below, the hardest photographs first: most qualities
    fail at the first of them.
    """
    ours: list[tuple[int, float, int, pyvips.Image]] = []
    for path in paths:
        base, _ = vips.open_cropped(path, kind_of(path), CROP)
        small = vips.resize(base, SMALL_WIDTH, SMALL_HEIGHT)
        data, chosen = vips.encode_looking_right(small, vips.begin_qualities(base)[0])
        ours.append((chosen, train_quality.score(small, data), len(data), small))
    ours.sort(key=lambda one: -one[0])
    worst = min(score for _, score, _, _ in ours)
    rows = [row(f"worst score of {len(paths)} photographs on sight", worst, "SSIMULACRA2", better="higher")]
    for fixed in range(48, quality.MOST_QUALITY + 1):
        total = 0
        for _, _, _, small in ours:
            data = vips.encode_avif(small, fixed)
            total += len(data)
            if train_quality.score(small, data) < worst:
                break
        else:
            saved = 100 * (1 - sum(size for _, _, size, _ in ours) / total)
            return [*rows, row(f"bytes saved on sight against fixed quality {fixed}", saved, "%", better="higher")]
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
    parser.add_argument("--rounds", type=int, default=2, help="how often each photograph is made by each")
    parser.add_argument("--sight", type=int, default=10, help="photographs that are scored now; 0 for all, in minutes")
    arguments = parser.parse_args()
    vips.prepare()
    cameras = photographs()
    looked_at = [*cameras, *sorted(HELD_OUT.glob("*.jpg"))]
    rows = times(cameras, arguments.rounds) + saved_by_table() + sizes(cameras)
    rows += saved_on_sight(looked_at[:: -(-len(looked_at) // arguments.sight)] if arguments.sight else looked_at)
    for one in rows:
        print(f"{one['value']:>10} {one['unit']:<12} {one['what']}", file=sys.stderr)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()

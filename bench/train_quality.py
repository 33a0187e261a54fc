"""Makes the table of `pictogame.media.quality_models`: how AVIF quality and looks follow from cheap measures.

    python -m bench.train_quality measure FOLDER   every photograph there -> bench/quality-training.jsonl (an hour)
    python -m bench.train_quality fit              that table -> src/pictogame/media/quality_models.py
    python -m bench.train_quality judge            what the table saves, on photographs that no model saw

`measure` encodes each photograph at several qualities and asks SSIMULACRA2 how each looks; it goes on where it was
stopped. `fit` and `judge` need nothing but its file, which is kept with the source. It was made from about 100
photographs: those of 1 MB and more in the image database of drewnoakes/metadata-extractor-images, without the six that
the benches use, and the photographs of Debian's mate-backgrounds. Photographs of `HELD_OUT` stay out of the fit;
reduced, they are the ones that `bench.media` measures on sight.
"""

import json
import sys
import tempfile
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray
from ssimulacra2 import compute_ssimulacra2

from pictogame.media import quality, sniff, vips
from pictogame.media.errors import Refused
from pictogame.media.pipeline import LARGE_WIDTH, SMALL_WIDTH, Crop

TABLE = Path(__file__).with_name("quality-training.jsonl")
HELD_OUT = Path(__file__).with_name("quality-held-out.txt")
MODELS = Path(__file__).parents[1] / "src" / "pictogame" / "media" / "quality_models.py"

QUALITIES = {SMALL_WIDTH: (36, 46, 56, 66, 76, 86), LARGE_WIDTH: (32, 43, 54, 65)}
CROP = Crop(4, 3)

TARGETS = {SMALL_WIDTH: 70.0, LARGE_WIDTH: 62.0}
"""SSIMULACRA2 that each width is made for, or a little more: see `CAUTION`.

The small one is seen pixel by pixel; 70 is where SSIMULACRA2 itself begins to say "high quality". The large one is for
dense screens: at 720 px, what a phone of 360 px and ratio 2 shows of it, 62 has become 76.
"""

CAUTION = {SMALL_WIDTH: 0.6, LARGE_WIDTH: 0.6}
"""Share of the weight that a prediction below the wanted quality has in the fit, against one above it. The photograph
that looks worst is what counts, so where the measures leave doubt, the doubt costs bytes and not looks."""

BELOW = {SMALL_WIDTH: 1.0, LARGE_WIDTH: 1.5}
ABOVE = {SMALL_WIDTH: 2.0, LARGE_WIDTH: 4.0}
"""How far from the target the estimate of a finished encoding may lie before it is made once more. Again at the large
width costs three times as much, and its pixels are seen less."""

SCORES_SEEN = (45.0, 85.0)
"""Encodings with scores in this range teach what a finished one looks like; others are far from every target."""

FOLDS = 10

FIT_ROUNDS = 30

RIDGE = 1.0
SQUARES = 0.3
"""Weight of the square terms against the linear ones; small, so that what lies outside of the training stays tame."""


@dataclass(frozen=True)
class Point:
    """A photograph encoded at one quality: how it looks, what it weighs, what was measured of it."""

    chosen: int
    score: float
    size: int
    seen: quality.Measures


@dataclass(frozen=True)
class Sample:
    """A photograph at one width: what a trial shows, and what each quality makes of it."""

    name: str
    width: int
    trial: quality.Measures
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Reached:
    """Scores over some samples, their mean bytes, and the share saved against a fixed quality with the same worst
    score."""

    count: int
    mean: float
    worst: float
    tenth: float
    """The tenth percentile of the scores."""
    size: float
    fixed_quality: int
    saved: float

    def __str__(self) -> str:
        return (
            f"{self.count} samples, score mean {self.mean:.1f}, tenth {self.tenth:.1f}, worst {self.worst:.1f}; "
            f"{self.size / 1000:.1f} KB each, {self.saved:.1%} fewer than fixed quality {self.fixed_quality}"
        )


def main(arguments: list[str]) -> None:
    match arguments:
        case ["measure", folder]:
            measure(Path(folder))
        case ["fit"]:
            fit()
        case ["judge"]:
            judge()
        case _:
            sys.exit(__doc__)


def measure(folder: Path) -> None:
    """Adds the photographs of `folder` that `TABLE` does not have yet."""
    vips.prepare()
    done = {(sample.name, sample.width) for sample in read_table()}
    with TABLE.open("a") as table:
        for width in QUALITIES:
            for path in sorted(folder.iterdir()):
                if (path.stem, width) not in done and (sample := sample_of(path, width)):
                    table.write(_line(sample) + "\n")
                    table.flush()


def sample_of(path: Path, width: int) -> Sample | None:
    """The sample, or None for a picture that is too small for the width or can't be read."""
    try:
        with path.open("rb") as file:
            kind = sniff.read_header(file).kind
        image, _ = vips.open_cropped(path, kind, CROP)
    except Refused:
        return None
    if image.width < width:
        return None
    image = vips.resize(image, width, round(image.height * width / image.width))
    points = []
    for chosen in QUALITIES[width]:
        data = vips.encode_avif(image, chosen)
        points.append(Point(chosen, round(score(image, data), 2), len(data), vips.measure(image, data)))
    return Sample(path.stem, width, vips.measure_trial(image), tuple(points))


def score(image: pyvips.Image, data: bytes) -> float:
    """SSIMULACRA2 of an encoded form against the original: 90 is not told apart, 70 is good, 50 is middling."""
    with tempfile.TemporaryDirectory() as folder:
        original, encoded = f"{folder}/original.png", f"{folder}/encoded.png"
        image.pngsave(original, compression=0)
        pyvips.Image.heifload_buffer(data).pngsave(encoded, compression=0)
        return float(compute_ssimulacra2(original, encoded))


def read_table() -> list[Sample]:
    if not TABLE.exists():
        return []
    rows = (json.loads(line) for line in TABLE.read_text().splitlines())
    return [
        Sample(
            row["name"],
            row["width"],
            quality.Measures(*row["trial"]),
            tuple(Point(chosen, score, size, quality.Measures(*seen)) for chosen, score, size, seen in row["points"]),
        )
        for row in rows
    ]


def _line(sample: Sample) -> str:
    def numbers(measures: quality.Measures) -> list[float]:
        return [round(value, 9) for value in astuple(measures)]

    points = [[point.chosen, point.score, point.size, numbers(point.seen)] for point in sample.points]
    return json.dumps({"name": sample.name, "width": sample.width, "trial": numbers(sample.trial), "points": points})


def wanted_quality(sample: Sample) -> float:
    """The quality that gives the target score, between the measured ones."""
    scores = np.maximum.accumulate([point.score for point in sample.points])
    return float(np.interp(TARGETS[sample.width], scores, [point.chosen for point in sample.points]))


def outcome(sample: Sample, chosen: float) -> tuple[float, float]:
    """Score and bytes at a quality, between the measured ones."""
    qualities = [point.chosen for point in sample.points]
    sizes = np.log([point.size for point in sample.points])
    score = np.interp(chosen, qualities, [point.score for point in sample.points])
    return float(score), float(np.exp(np.interp(chosen, qualities, sizes)))


def looks(sample: Sample, aim: quality.Aim, chosen: int) -> float:
    """What the measures of the encoding at `chosen` would make us believe of its score: what it is, and how far off
    the estimate lies at the measured qualities around."""
    off = [aim.seen(point.seen) - point.score for point in sample.points]
    return outcome(sample, chosen)[0] + float(np.interp(chosen, [point.chosen for point in sample.points], off))


def train(samples: list[Sample]) -> quality.Aim:
    """What one width is made for, learnt from photographs at that width."""
    width = samples[0].width
    points = [point for sample in samples for point in sample.points]
    points = [point for point in points if SCORES_SEEN[0] < point.score < SCORES_SEEN[1]]
    return quality.Aim(
        score=TARGETS[width],
        below=BELOW[width],
        above=ABOVE[width],
        slope=_slope(samples),
        first=_fitted(
            [sample.trial for sample in samples], [wanted_quality(sample) for sample in samples], CAUTION[width]
        ),
        seen=_fitted([point.seen for point in points], [point.score for point in points], 0.5),
    )


def _slope(samples: list[Sample]) -> float:
    """How much the score rises with each step of the quality, near the target. The median."""
    found = []
    for sample in samples:
        middle = wanted_quality(sample)
        found.append((outcome(sample, middle + 4)[0] - outcome(sample, middle - 4)[0]) / 8)
    return round(float(np.median(found)), 3)


def _fitted(measures: list[quality.Measures], wanted: list[float], caution: float) -> quality.Model:
    """The ridge regression of what is wanted on the logarithms of the measures and their squares, in which a
    prediction that is too low weighs `caution` and one that is too high the rest (expectile regression)."""
    rows = np.array([quality.logarithms(each) for each in measures])
    told = np.array(wanted)
    centre, scale = rows.mean(0), rows.std(0)
    z = np.clip((rows - centre) / scale, -3, 3)
    columns: NDArray[Any] = np.column_stack([np.ones(len(z)), z, z**2 * SQUARES])
    penalty = np.eye(columns.shape[1]) * RIDGE
    penalty[0, 0] = 0
    shares = np.ones(len(told))
    for _ in range(FIT_ROUNDS):
        weighted = columns.T * shares
        weights = np.linalg.solve(weighted @ columns + penalty, weighted @ told)
        shares = 2 * np.where(told > columns @ weights, caution, 1 - caution)
    count = rows.shape[1]
    return quality.Model(
        centre=_rounded(centre),
        scale=_rounded(scale),
        linear=_rounded(weights[1 : count + 1]),
        square=_rounded(weights[count + 1 :] * SQUARES),
        base=round(float(weights[0]), 3),
    )


def fit() -> None:
    """Trains on the photographs that are not held out, and writes the table."""
    held_out = set(HELD_OUT.read_text().splitlines())
    kept = [sample for sample in read_table() if sample.name not in held_out]
    small, large = (train([s for s in kept if s.width == width]) for width in (SMALL_WIDTH, LARGE_WIDTH))
    MODELS.write_text(
        '"""The table that `python -m bench.train_quality fit` writes. Do not edit."""\n\n'
        "from pictogame.media.quality import Aim, Aims, Model\n\n"
        f"AIMS = Aims(\n    small={_written(small)},\n    large={_written(large)},\n)\n"
    )


def _written(aim: quality.Aim) -> str:
    fields = "".join(f"        {name}={getattr(aim, name)!r},\n" for name in ("score", "below", "above", "slope"))
    for name in ("first", "seen"):
        inner = "".join(f"            {field}={value!r},\n" for field, value in asdict(getattr(aim, name)).items())
        fields += f"        {name}=Model(\n{inner}        ),\n"
    return f"Aim(\n{fields}    )"


def judge() -> None:
    """Says what is reached: by models that never saw the photograph, and what the true score would have reached."""
    table, held_out = read_table(), set(HELD_OUT.read_text().splitlines())
    for width in (SMALL_WIDTH, LARGE_WIDTH):
        samples = [sample for sample in table if sample.width == width]
        chosen = dict(zip((s.name for s in samples), unseen(samples), strict=True))
        print(f"{width} px, made for {TARGETS[width]:.0f}")
        print("  encoded once more:", sum(again for _, again in chosen.values()), "of", len(samples))
        kept = train([sample for sample in samples if sample.name not in held_out])
        others = [sample for sample in samples if sample.name in held_out]
        for name, group, qualities in (
            ("each by the others", samples, [chosen[s.name][0] for s in samples]),
            ("held out", others, [choose(kept, s)[0] for s in others]),
            ("all, by their true score", samples, [round(wanted_quality(s)) for s in samples]),
            ("held out, by their true score", others, [round(wanted_quality(s)) for s in others]),
        ):
            print(f"  {name}: {reached(group, qualities)}")
            print(f"    draws of 25: {_percent(drawn(group, qualities))}")


def _percent(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.1%}" for value in values)


def choose(aim: quality.Aim, sample: Sample) -> tuple[int, bool]:
    """The quality that is chosen for a sample, and whether it was encoded twice for it."""
    aims, share = quality.Aims(aim, aim), 0.0
    begun = quality.begin(aims, share, sample.trial)
    missing = aim.score - looks(sample, aim, begun)
    chosen = quality.mended(aims, share, begun, missing)
    return chosen, chosen != begun


def unseen(samples: list[Sample]) -> list[tuple[int, bool]]:
    """The same for each by a model that never saw its photograph: `FOLDS` models, each trained on the other folds."""
    names = sorted({sample.name for sample in samples})
    fold_of = {name: place % FOLDS for place, name in enumerate(np.random.default_rng(0).permutation(names))}
    aims = [train([s for s in samples if fold_of[s.name] != fold]) for fold in range(FOLDS)]
    return [choose(aims[fold_of[sample.name]], sample) for sample in samples]


def reached(samples: list[Sample], chosen: list[int]) -> Reached:
    """What the chosen qualities reach, against the least fixed quality that gives the same worst score."""
    ours = [outcome(sample, quality) for sample, quality in zip(samples, chosen, strict=True)]
    scores = [score for score, _ in ours]
    fixed = next(q for q in range(20, 100) if min(outcome(s, q)[0] for s in samples) >= min(scores))
    total = sum(size for _, size in ours)
    return Reached(
        count=len(samples),
        mean=float(np.mean(scores)),
        worst=min(scores),
        tenth=float(np.percentile(scores, 10)),
        size=total / len(samples),
        fixed_quality=fixed,
        saved=1 - total / sum(outcome(s, fixed)[1] for s in samples),
    )


def drawn(samples: list[Sample], chosen: list[int], *, size: int = 25, draws: int = 400) -> tuple[float, float, float]:
    """The share of bytes saved in random sets of photographs: what nine of ten sets reach, half, and one of ten. One
    hard photograph decides how much a set can save at all."""
    qualities = range(quality.LEAST_QUALITY, quality.MOST_QUALITY + 1)
    grid = np.array([[outcome(sample, one) for one in qualities] for sample in samples])
    ours = np.array([outcome(sample, one) for sample, one in zip(samples, chosen, strict=True)])
    random, saved = np.random.default_rng(1), []
    for _ in range(draws):
        picked = random.choice(len(samples), min(size, len(samples)), replace=False)
        fixed = int(np.argmax(grid[picked, :, 0].min(0) >= ours[picked, 0].min()))
        saved.append(1 - ours[picked, 1].sum() / grid[picked, fixed, 1].sum())
    low, middle, high = np.percentile(saved, [10, 50, 90])
    return float(low), float(middle), float(high)


def _rounded(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


if __name__ == "__main__":
    main(sys.argv[1:])

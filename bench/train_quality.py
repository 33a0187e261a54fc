"""Makes the table of `pictogame.media.quality_models`: how AVIF quality follows from cheap measures.

    python -m bench.train_quality measure FOLDER   every photograph there -> bench/quality-training.jsonl (an hour)
    python -m bench.train_quality fit              that table -> src/pictogame/media/quality_models.py

`measure` encodes each photograph at several qualities and asks SSIMULACRA2 how each looks; it goes on where it was
stopped. `fit` needs nothing but its file, which is kept with the source. It was made from about 100 photographs: those
of 1 MB and more in the image database of drewnoakes/metadata-extractor-images, without the six that the benches use,
and the photographs of Debian's mate-backgrounds. Photographs of `HELD_OUT` stay out of the fit; reduced, they are the
ones that `bench.media` measures on sight.
"""

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
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

CAUTION = {SMALL_WIDTH: 0.9, LARGE_WIDTH: 0.5}
"""Share of the weight that a prediction below the wanted quality has in the fit, against one above it. The photograph
that looks worst is what counts, so where the measures leave doubt, the doubt costs bytes and not looks. At the large
width a half was best: nobody sees its pixels one by one, and caution only cost bytes."""

FIT_ROUNDS = 30

RIDGE = 1.0
SQUARES = 0.3
"""Weight of the square terms against the linear ones; small, so that what lies outside of the training stays tame."""


@dataclass(frozen=True)
class Sample:
    """A photograph at one width: what a trial shows, and how each quality looks and what it weighs."""

    name: str
    width: int
    measures: list[dict[str, float]]
    """Of the whole at the small width; for the large one, of its details besides."""
    points: list[tuple[int, float, int]]


@dataclass(frozen=True)
class Reached:
    """Scores over some samples, and the share of bytes saved against a fixed quality with the same worst one."""

    count: int
    mean: float
    worst: float
    spread: float
    fixed_quality: int
    saved: float

    def __str__(self) -> str:
        return (
            f"{self.count} samples, score mean {self.mean:.1f}, worst {self.worst:.1f}, spread {self.spread:.1f}; "
            f"{self.saved:.1%} fewer bytes than fixed quality {self.fixed_quality}, which has the same worst"
        )


def main(arguments: list[str]) -> None:
    match arguments:
        case ["measure", folder]:
            measure(Path(folder))
        case ["fit"]:
            fit()
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
                    table.write(json.dumps(asdict(sample)) + "\n")
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
    measures = [vips.measure_whole(image)]
    if width == LARGE_WIDTH:
        measures.append(vips.measure_detail(image))
    points = []
    for chosen in QUALITIES[width]:
        data = vips.encode_avif(image, chosen)
        points.append((chosen, round(score(image, data), 2), len(data)))
    return Sample(path.stem, width, [asdict(each) for each in measures], points)


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
    return [Sample(**json.loads(line)) for line in TABLE.read_text().splitlines()]


def wanted_quality(sample: Sample) -> float:
    """The quality that gives the target score, between the measured ones."""
    qualities, scores, _ = zip(*sample.points, strict=True)
    return float(np.interp(TARGETS[sample.width], np.maximum.accumulate(scores), qualities))


def outcome(sample: Sample, chosen: float) -> tuple[float, float]:
    """Score and bytes at a quality, between the measured ones."""
    qualities, scores, sizes = zip(*sample.points, strict=True)
    return float(np.interp(chosen, qualities, scores)), float(np.exp(np.interp(chosen, qualities, np.log(sizes))))


def train(samples: list[Sample]) -> quality.Model:
    """The ridge regression of the wanted quality on the logarithms of the measures and their squares, in which a
    prediction that is too low weighs more than one that is too high (expectile regression)."""
    rows = np.array([quality.logarithms(*measures_of(sample)) for sample in samples])
    wanted = np.array([wanted_quality(sample) for sample in samples])
    centre, scale = rows.mean(0), rows.std(0)
    z = (rows - centre) / scale
    columns: NDArray[Any] = np.column_stack([np.ones(len(z)), z, z**2 * SQUARES])
    penalty = np.eye(columns.shape[1]) * RIDGE
    penalty[0, 0] = 0
    caution = CAUTION[samples[0].width]
    shares = np.ones(len(wanted))
    for _ in range(FIT_ROUNDS):
        weighted = columns.T * shares
        weights = np.linalg.solve(weighted @ columns + penalty, weighted @ wanted)
        shares = 2 * np.where(wanted > columns @ weights, caution, 1 - caution)
    count = rows.shape[1]
    return quality.Model(
        centre=_rounded(centre),
        scale=_rounded(scale),
        linear=_rounded(weights[1 : count + 1]),
        square=_rounded(weights[count + 1 :] * SQUARES),
        base=round(float(weights[0]), 3),
    )


def fit() -> None:
    """Trains both models, says how they do on photographs that each was not trained on, and writes the table."""
    held_out = set(HELD_OUT.read_text().splitlines())
    table = read_table()
    lines = ['"""The table that `python -m bench.train_quality fit` writes. Do not edit."""\n']
    lines.append("from pictogame.media.quality import Model\n")
    for width, name in ((SMALL_WIDTH, "SMALL"), (LARGE_WIDTH, "LARGE")):
        samples = [sample for sample in table if sample.width == width]
        kept = [sample for sample in samples if sample.name not in held_out]
        model = train(kept)
        print(f"{width} px, target {TARGETS[width]:.0f}")
        print("  each photograph by the others:", reached(samples, leave_one_out(samples)))
        unseen = [sample for sample in samples if sample.name in held_out]
        print("  held out:", reached(unseen, [chosen_by(model, sample) for sample in unseen]))
        fields = "".join(f"    {field}={value!r},\n" for field, value in asdict(model).items())
        lines.append(f"{name} = Model(\n{fields})")
    MODELS.write_text("\n".join(lines) + "\n")


def measures_of(sample: Sample) -> list[quality.Measures]:
    return [quality.Measures(**each) for each in sample.measures]


def chosen_by(model: quality.Model, sample: Sample) -> int:
    return quality.predict(model, *measures_of(sample))


def leave_one_out(samples: list[Sample]) -> list[int]:
    """What is chosen for each sample by a model that never saw its photograph."""
    models = {name: train([s for s in samples if s.name != name]) for name in {s.name for s in samples}}
    return [chosen_by(models[sample.name], sample) for sample in samples]


def reached(samples: list[Sample], chosen: list[int]) -> Reached:
    """What the chosen qualities reach, against the least fixed quality that gives the same worst score."""
    ours = [outcome(sample, quality) for sample, quality in zip(samples, chosen, strict=True)]
    scores = [score for score, _ in ours]
    fixed = next(q for q in range(20, 100) if min(outcome(s, q)[0] for s in samples) >= min(scores))
    saved = 1 - sum(size for _, size in ours) / sum(outcome(s, fixed)[1] for s in samples)
    return Reached(len(samples), float(np.mean(scores)), min(scores), float(np.std(scores)), fixed, saved)


def _rounded(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


if __name__ == "__main__":
    main(sys.argv[1:])

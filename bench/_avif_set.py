"""One rival of `bench.media` in a process of its own, warm, as sharp is: `python -m bench._avif_set ours|pillow`.

A JSON job a line in, its milliseconds out, as `runtime/bench/sharp.mjs` does. A job: {"path": "...", "sizes": [[width,
height, quality], [width, height, quality]], "effort": 2}, the larger size first; ratio 4:3 around the middle.
"""

import io
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from pictogame.media import vips
from pictogame.media.pipeline import Crop
from pictogame.media.sniff import Kind

Job = dict[str, Any]


def ours(job: Job, pool: ThreadPoolExecutor) -> list[bytes]:
    """Decoded once, cropped, both sizes beside each other, as the pipeline does."""
    (_, _, large_quality), (width, height, small_quality) = job["sizes"]
    base, _ = vips.open_cropped(Path(job["path"]), Kind.JPEG, Crop(4, 3))
    large = pool.submit(vips.encode_avif, base, large_quality)
    small = pool.submit(lambda: vips.encode_avif(vips.resize(base, width, height), small_quality))
    return [large.result(), small.result()]


def pillow(job: Job, pool: ThreadPoolExecutor) -> list[bytes]:
    """The same by Pillow, with its own shortcuts: a draft of the JPEG, and libaom at the speed that we take."""
    sizes = job["sizes"]
    with Image.open(job["path"]) as opened:
        opened.draft("RGB", tuple(sizes[0][:2]))
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    base = ImageOps.fit(upright, tuple(sizes[0][:2]), Image.Resampling.LANCZOS)

    def save(width: int, height: int, chosen: int) -> bytes:
        image = base if base.width == width else base.resize((width, height), Image.Resampling.LANCZOS)
        how = {"speed": 9 - job["effort"], "subsampling": "4:4:4", "max_threads": 2}
        out = io.BytesIO()
        image.save(out, "AVIF", quality=chosen, **how)
        return out.getvalue()

    return list(pool.map(lambda size: save(*size), sizes))


def main(name: str) -> None:
    vips.prepare()
    make: Callable[[Job, ThreadPoolExecutor], list[bytes]] = {"ours": ours, "pillow": pillow}[name]
    with ThreadPoolExecutor(2) as pool:
        for line in sys.stdin:
            job = json.loads(line)
            used, began = time.process_time(), time.perf_counter()
            made = make(job, pool)
            wall, cpu = time.perf_counter() - began, time.process_time() - used
            print(json.dumps({"ms": wall * 1000, "cpu": cpu * 1000, "bytes": [len(data) for data in made]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

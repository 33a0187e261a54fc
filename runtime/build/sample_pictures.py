"""Derives pictures for playing while a template is made: `sample_pictures.py INTO WIDTH:HEIGHT FILE...` prints them as JSON.

Publishing has its own pipeline; this is the shortest way to files of the same kinds.
"""

import json
import sys
from pathlib import Path

import pyvips


def derive(into: Path, number: int, file: str, ratio: float) -> dict[str, object]:
    """One picture: AVIF at 1280 and 640 px, JPEG at 960 px, sixteen colours."""
    whole = pyvips.Image.new_from_file(file).autorot().colourspace("srgb")
    if whole.hasalpha():
        whole = whole.flatten(background=255)
    width, height = min(whole.width, int(whole.height * ratio)), min(whole.height, int(whole.width / ratio))
    crop = whole.crop((whole.width - width) // 2, (whole.height - height) // 2, width, height)
    sources = []
    for kind, side in (("avif", 1280), ("avif", 640), ("jpeg", 960)):
        scaled = crop.thumbnail_image(min(side, crop.width))
        name = f"{number}-{scaled.width}.{kind}"
        how = {"Q": 50, "effort": 1} if kind == "avif" else {"Q": 78}
        scaled.write_to_file(str(into / name), keep="none", **how)
        source = {"url": f"../m/{name}", "type": f"image/{kind}", "width": scaled.width, "height": scaled.height}
        if source not in sources:
            sources.append(source)
    dots = crop.thumbnail_image(4, height=4, size="force").numpy()
    colours = " ".join("".join(f"{channel:02x}" for channel in dot[:3]) for row in dots for dot in row)
    return {"alt": Path(file).stem.replace("-", " "), "colours": colours, "sources": sources}


if __name__ == "__main__":
    into, ratio, *files = sys.argv[1:]
    across, down = map(int, ratio.split(":"))
    print(json.dumps([derive(Path(into), n, file, across / down) for n, file in enumerate(files)]))

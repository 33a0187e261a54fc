from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.story.installation import Installation

DEMO = Path(__file__).resolve().parents[2] / "src" / "pictogame" / "games" / "demo"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """An installation with an empty data folder; commands run in its folder, where `cat.jpg` and `coffee.jpg` lie."""
    with Installation(tmp_path) as installation:
        for name in ("cat.jpg", "coffee.jpg", "car.jpg"):
            (tmp_path / name).write_bytes((DEMO / name).read_bytes())
        yield installation


@pytest.fixture
def tiny(here: Installation) -> Path:
    """A picture of one pixel."""
    path = here.folder / "tiny.png"
    Image.new("RGB", (1, 1)).save(path)
    return path

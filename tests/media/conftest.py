"""One child process for all tests that derive."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pictogame.media import sniff
from pictogame.media.child import Children
from pictogame.media.pipeline import Crop, Derived

Derive = Callable[..., Derived]


@pytest.fixture(scope="session")
def children() -> Iterator[Children]:
    with Children(slots=1) as children:
        yield children


@pytest.fixture
def derive(children: Children, tmp_path: Path) -> Derive:
    """Bytes (or a file) and a crop in, renditions out: as the worker does it."""

    def made_of(picture: bytes | Path, crop: Crop | None = None) -> Derived:
        path = picture if isinstance(picture, Path) else tmp_path / "original"
        if isinstance(picture, bytes):
            path.write_bytes(picture)
        with path.open("rb") as file:
            kind = sniff.read_header(file).kind
        return children.derive(path, kind, crop or Crop(4, 3), tmp_path)

    return made_of

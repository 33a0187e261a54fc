"""A publisher with a bucket in memory and a vault in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.publishing.cast import Faulty

from pictogame.publishing.publisher import Publisher


@pytest.fixture
def bucket() -> Faulty:
    """An empty bucket."""
    return Faulty()


@pytest.fixture
def publisher(db: None, runtime: Path, data: Path, bucket: Faulty) -> Iterator[Publisher]:
    """A publisher of that bucket, over a vault in a folder."""
    with Publisher(bucket=bucket) as one:
        yield one

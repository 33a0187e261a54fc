"""Days of which no hours are kept are added up by the day at once; what is of other days keeps its hours."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stats.cast import ADDRESS

from pictogame.stats import formats
from pictogame.stats.engine import Engine
from pictogame.stats.ingest import ours
from pictogame.stats.simulate import paper
from pictogame.stats.simulate.crowd import Crowd
from pictogame.stats.simulate.world import World

SINCE = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""Hours are kept from then on."""


def _log(place: Path, world: World, name: str, *, begins: datetime) -> tuple[list[bytes], list[bytes]]:
    """Headings and lines of three days."""
    crowd = Crowd(world, seed=2, plays=150, since=begins, days=3, address=ADDRESS)
    paper.write(crowd, world, format_name=name, path=place / "log", bucket="pictogame", address=ADDRESS, seed=3)
    lines = (place / "log").read_bytes().splitlines(keepends=True)
    count = sum(line.startswith(b"#") for line in lines)
    return lines[:count], lines[count:]


@pytest.mark.parametrize("begins", [SINCE.replace(day=1, hour=0), SINCE.replace(day=8, hour=0)], ids=["old", "both"])
@pytest.mark.parametrize("turned", [0, 20], ids=["in order", "old lines around others"])
@pytest.mark.parametrize("name", sorted(paper.PAPERS))
def test_hours_are_told_from_when_they_are_kept(
    place: Path, world: World, name: str, begins: datetime, turned: int
) -> None:
    headings, lines = _log(place, world, name, begins=begins)
    lines = lines[turned:] + lines[:turned]
    one = formats.by_name(name)
    shape = one.shape([*headings, *lines[:20]])
    wanted: Counter[datetime] = Counter()
    for line in lines:
        read = one.parse(line[:-1], shape)
        assert read is not None
        hour = read.at.replace(minute=0, second=0, tzinfo=None, microsecond=0)
        wanted[hour if hour >= SINCE.replace(tzinfo=None) else hour.replace(hour=0)] += 1
    now = SINCE + timedelta(days=30)
    with Engine(ours=ours(), now=now, scratch=place, memory_mb=256, threads=1, hours_since=SINCE) as engine:
        # Only what is made of texts that were met before is added up at once.
        for times in (1, 2, 3):
            engine.add(memoryview(b"".join(lines)), one=one, shape=shape)
            found = engine.rows("SELECT hour, sum(n)::INTEGER FROM facts GROUP BY hour")
            assert dict(found) == {hour: times * n for hour, n in wanted.items()}

"""What a crowd did and what ingest finds out are exactly equal: on paper in every format, and on the wire."""

from pathlib import Path

import pytest
from tests.stats.cast import ADDRESS, crowd

from pictogame.stats.ingest import ingest
from pictogame.stats.simulate import paper
from pictogame.stats.simulate.truth import differences
from pictogame.stats.simulate.world import World


@pytest.mark.parametrize("format_name", sorted(paper.PAPERS))
def test_sums_are_exactly_what_happened(place: Path, world: World, format_name: str) -> None:
    log = place / "log"
    truth = paper.write(
        crowd(world), world, format_name=format_name, path=log, bucket="pictogame", address=ADDRESS, seed=3
    ).document()
    report = ingest([str(place)])
    assert (report.lines - report.headings, report.counted) == (truth["lines"], truth["lines"])
    assert differences(truth) == []
    again = ingest([str(place)])
    assert (again.unchanged, again.lines) == (1, 0)

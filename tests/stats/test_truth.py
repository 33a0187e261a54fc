"""What a crowd did and what ingest finds out are exactly equal: on paper in every format, and on the wire."""

from pathlib import Path

import pytest
from pytest_django import Settings
from tests.stats.cast import ADDRESS, crowd

from pictogame.stats.ingest import ingest
from pictogame.stats.models import GameHour
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


def test_hours_that_are_too_old_to_be_kept_are_no_difference(place: Path, world: World, settings: Settings) -> None:
    log = place / "log"
    truth = paper.write(
        crowd(world), world, format_name="s3", path=log, bucket="pictogame", address=ADDRESS, seed=3
    ).document()
    settings.STATS_HOURLY_DAYS = 3
    ingest([str(place)])
    assert GameHour.objects.exists()
    assert differences(truth) == []
    newest = GameHour.objects.order_by("-hour").first()
    assert newest
    newest.delete()
    assert differences(truth)
    GameHour.objects.all().delete()
    settings.STATS_HOURLY_DAYS = 1  # All hours of the crowd are older.
    assert differences(truth) == []

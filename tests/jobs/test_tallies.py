"""Counters in rows add up, whoever writes them, and never fall."""

from datetime import timedelta

from django.db.models import F

from pictogame.jobs import tallies
from pictogame.jobs.models import Tally


def test_what_is_added_is_there_in_all_and_in_its_hour(db: None) -> None:
    tallies.add({"published": 3, "failed": 1})
    tallies.add({"published": 2, "failed": 0})
    assert tallies.of_all_time() == {"failed": 1, "published": 5}
    assert tallies.of_hours(1) == {"failed": 1, "published": 5}


def test_nothing_to_add_writes_nothing(db: None) -> None:
    tallies.add({"published": 0})
    tallies.add({})
    assert not Tally.objects.exists()


def test_old_hours_go_and_the_sum_stays(db: None) -> None:
    tallies.add({"published": 3})
    Tally.objects.exclude(since=tallies.ALL_TIME).update(since=F("since") - timedelta(days=50))
    assert tallies.of_hours(24) == {}
    tallies.add({"published": 1})
    assert tallies.of_all_time() == {"published": 4}
    assert tallies.of_hours(24) == {"published": 1}
    assert Tally.objects.count() == 2

"""A process that works is seen, one that hangs or died is too."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models import F

from pictogame.jobs import heartbeats, loop
from pictogame.jobs.models import Heartbeat


def test_a_process_is_seen_with_what_it_is(db: None) -> None:
    heartbeats._write(None, "publisher", heartbeats.Beat())
    [seen] = heartbeats.seen()
    assert (seen.role, seen.pid, seen.is_here) == ("publisher", os.getpid(), True)
    assert seen.version


def test_it_keeps_one_row_and_takes_it_away(db: None) -> None:
    beat = heartbeats.Beat()
    pk = heartbeats._write(None, "worker", beat)
    assert heartbeats._write(pk, "worker", beat) == pk
    heartbeats._leave(pk)
    assert heartbeats.seen() == []


def test_one_that_died_is_shown_as_gone_and_then_not_at_all(db: None) -> None:
    heartbeats._write(None, "worker", heartbeats.Beat())
    Heartbeat.objects.update(seen_at=F("seen_at") - timedelta(minutes=5))
    assert [one.is_here for one in heartbeats.seen()] == [False]
    Heartbeat.objects.update(seen_at=F("seen_at") - timedelta(days=3))
    heartbeats._write(None, "worker", heartbeats.Beat())
    assert [one.is_here for one in heartbeats.seen()] == [True]


def test_a_row_that_somebody_removed_comes_back(db: None) -> None:
    pk = heartbeats._write(None, "worker", heartbeats.Beat())
    Heartbeat.objects.all().delete()
    assert heartbeats._write(pk, "worker", heartbeats.Beat()) != 0
    assert len(heartbeats.seen()) == 1


def test_a_database_that_is_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    def away(*_: object) -> int:
        tried.set()
        raise DatabaseError

    monkeypatch.setattr(heartbeats, "_write", away)
    with heartbeats.beating("publisher", every_seconds=0.01):
        assert tried.wait(5)
        tried.clear()
        assert tried.wait(5)


def test_only_a_step_that_went_well_is_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "close_old_connections", lambda: None)
    stop = threading.Event()
    done: list[str] = []

    def step() -> bool:
        done.append("step")
        if done.count("step") == 2:
            raise ValueError
        if done.count("step") == 3:
            stop.set()
        return True

    loop.run(step, idle_seconds=0, stop=stop, turned=lambda: done.append("turned"))
    assert done == ["step", "turned", "step", "step", "turned"]


def test_a_process_without_a_loop_is_never_said_to_hang(db: None) -> None:
    heartbeats._write(None, "studio", heartbeats.Beat(loops=False))
    assert [one.seconds_since_turn for one in heartbeats.seen()] == [None]

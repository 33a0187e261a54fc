"""The loop goes on, whatever a step does, until it is told to stop."""

import logging
import os
import signal
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from pictogame.jobs import loop


def test_it_works_until_it_is_told_to_stop(db: None) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def step() -> bool:
        seen.append(len(seen))
        if len(seen) == 5:
            stop.set()
        return len(seen) < 3

    loop.run(step, idle_seconds=0.001, stop=stop)
    assert seen == [0, 1, 2, 3, 4]


def test_a_transaction_that_the_database_ended_for_another_is_no_mistake(
    db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _seconds: None)
    tries: list[int] = []

    def step() -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("deadlock detected") from DeadlockDetected()
        stop.set()
        return True

    loop.run(step, idle_seconds=0.001, stop=stop)
    assert len(tries) == 2
    assert [(record.levelno, record.exc_info) for record in caplog.records] == [(logging.WARNING, None)]


def test_a_step_that_fails_is_written_down_and_does_not_end_it(
    db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _seconds: None)
    steps: Iterator[Exception | bool] = iter([RuntimeError("the database is away"), False])

    def step() -> bool:
        one = next(steps)
        if isinstance(one, Exception):
            raise one
        stop.set()
        return one

    with caplog.at_level(logging.ERROR):
        loop.run(step, idle_seconds=0.001, stop=stop)
    assert "the database is away" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_set_the_event_and_are_as_before_afterwards(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with loop.stopped_by_signals() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert signal.getsignal(number) is before

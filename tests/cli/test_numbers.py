"""Where logs are looked for, and what is said of them."""

import gzip
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import Error, InterfaceError, OperationalError
from pytest_django import Settings
from tests.stats.cast import s3_line, write

from pictogame.cli import numbers
from pictogame.cli.exits import Ended, Exit
from pictogame.jobs import loop
from pictogame.lib.errors import Problem
from pictogame.stats import ingest as ingests
from pictogame.stats.report import Report


def ingest(place: Path) -> None:
    """The command, for people."""
    numbers.ingest([str(place)], format_name="", names=[], wait=0, machine=False)


@pytest.mark.django_db
def test_compressed_logs_that_are_cut_short_are_named_and_end_with_1(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(7):
        lines = b"".join(s3_line(number=100 * number + at) for at in range(50))
        write(data / "logs" / f"{number}.gz", [gzip.compress(lines)[:-20]])
    for _ in range(2):
        with pytest.raises(Ended, match=r"^7 compressed logs are cut short.*0\.gz, .*4\.gz and 2 more\.$") as ended:
            ingest(data / "logs")
        assert ended.value.code == Exit.PROBLEM
        assert (ended.value.more["torn"], len(ended.value.more["torn_logs"])) == (7, 7)  # type: ignore[arg-type]
        assert "0.gz, " in capsys.readouterr().out


@pytest.mark.django_db
def test_a_log_whose_first_line_is_being_written_is_named_and_ends_well(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(data / "logs" / "access.log", [s3_line()[:-1]])
    ingest(data / "logs")
    assert "Without a whole line yet, and counted when it ends: " in capsys.readouterr().out


def test_the_settings_may_name_logs_with_asterisks_as_no_shell_reads_them(settings: Settings, tmp_path: Path) -> None:
    for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz", "error.log"):
        (tmp_path / name).touch()
    settings.STATS_LOGS = (f"{tmp_path}/bucket.log*", "s3://logs/bucket*", f"{tmp_path}/none*")
    assert numbers.logs() == [
        *(f"{tmp_path}/{name}" for name in ("bucket.log", "bucket.log.1", "bucket.log.2.gz")),
        "s3://logs/bucket*",
        f"{tmp_path}/none*",
    ]


def test_following_outlives_a_database_that_is_away_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = OperationalError("server closed the connection unexpectedly\nThis probably means")
    happens: list[Report | Error | Problem] = [
        away,
        away,
        InterfaceError("connection already closed"),
        Problem("Another ingest is at work."),
        Report(logs=1, lines=3),
        Report(logs=1, problems=[("a.bin", "It is no log.")]),
        Report(logs=1, problems=[("a.bin", "It is no log.")]),
    ]

    def read(*_places: object, **_options: object) -> Report:
        now = happens.pop(0)
        if not happens:
            os.kill(os.getpid(), signal.SIGTERM)
        if isinstance(now, Report):
            return now
        raise now

    monkeypatch.setattr(ingests, "ingest", read)
    monkeypatch.setattr(loop, "close_old_connections", lambda: None)
    numbers.follow(["logs"], format_name="", names=[], every=0.001, wait=0)
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "The database does not answer as it should: server closed the connection unexpectedly. It is tried again by "
        "itself.",
        "The database does not answer as it should: connection already closed. It is tried again by itself.",
        "Another ingest is at work.",
    ]
    assert said.out.count("3 requests counted") == 1
    assert said.out.count("It is no log.") == 1


class Clock:
    """Time that passes while somebody waits, until a given time; `is_set` after that."""

    def __init__(self, until: float) -> None:
        self.now, self._until = 0.0, until

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.is_set()

    def is_set(self) -> bool:
        return self.now >= self._until


@pytest.fixture
def up(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Callable[..., list[float]]:
    """Runs the part of `up` on one log that nobody writes to: gives the times at which that was read."""

    def run(*, until: float, problem: Callable[[float], str]) -> list[float]:
        clock, times = Clock(until), list[float]()

        @contextmanager
        def stopped() -> Iterator[Clock]:
            yield clock

        def once(*, stop_with: object) -> str:
            times.append(clock.now)
            return problem(clock.now)

        settings.STATS_EVERY = 60
        settings.STATS_LOGS = (str(write(tmp_path / "a.log", [s3_line()])),)
        monkeypatch.setattr(loop, "stopped_by_signals", stopped)
        monkeypatch.setattr(time, "monotonic", lambda: clock.now)
        monkeypatch.setattr(numbers, "_run_once", once)
        numbers.part()
        return times

    return run


def test_what_was_read_is_not_read_again_until_a_log_changes(up: Callable[..., list[float]]) -> None:
    assert up(until=5000, problem=lambda _: "") == [5]


def test_after_a_failure_the_same_logs_are_tried_again_ever_less_often_and_it_is_said_once(
    up: Callable[..., list[float]], capsys: pytest.CaptureFixture[str]
) -> None:
    times = up(until=20_000, problem=lambda now: "The disk is full." if now < 5000 else "")
    assert times[:4] == [5, 65, 185, 425]
    assert [now for now in times if now >= 5000] == [times[-1]]
    assert max(later - now for now, later in itertools.pairwise(times)) <= 960
    assert capsys.readouterr().err == "The logs could not be read: The disk is full.\n"

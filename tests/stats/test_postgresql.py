"""The sums once more on PostgreSQL, and two machines at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.servers.fixtures import postgresql
from tests.servers.test_lanes import pytest_on
from tests.stats.cast import environment, s3_line, write

__all__ = ["postgresql"]
pytestmark = pytest.mark.servers


def test_sums_are_as_exact_on_postgresql(postgresql: str) -> None:
    said = pytest_on(
        postgresql,
        *(
            "tests/stats/test_truth.py",
            "tests/stats/test_once.py",
            "tests/stats/test_many.py",
            "tests/stats/test_bad_input.py",
            "tests/stats/test_days_together.py",
        ),
        "--deselect=tests/stats/test_once.py::test_a_full_disk_loses_nothing_that_a_second_run_would_not_bring",
    )
    assert "passed" in said


def test_two_machines_at_once_count_once(postgresql: str, tmp_path: Path) -> None:
    """They share a database and no folder: one reads, the other is told or finds nothing new."""
    log = write(tmp_path / "logs" / "a.log", [s3_line(number=n) for n in range(20_000)])
    command = [sys.executable, "-m", "pictogame.cli", "stats", "ingest", "--json", str(log)]

    def start(name: str) -> "subprocess.Popen[str]":
        own = environment(PICTOGAME_DATA=str(tmp_path / name), PICTOGAME_DATABASE_URL=postgresql)
        return subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    # The tables are made before, by an ingest of nothing.
    nothing = [*command[:-1], str(tmp_path / "logs" / "none")]
    first = environment(PICTOGAME_DATA=str(tmp_path / "first"), PICTOGAME_DATABASE_URL=postgresql)
    subprocess.run(nothing, env=first, check=False, capture_output=True, timeout=120)
    both = [start("one"), start("two")]
    said = [json.loads(one.communicate(timeout=120)[0]) for one in both]
    assert sum(one.get("counted", 0) for one in said) == 20_000
    again = start("one")
    assert json.loads(again.communicate(timeout=120)[0])["lines"] == 0

"""The sums once more on PostgreSQL."""

import pytest
from tests.servers.fixtures import postgresql
from tests.servers.test_lanes import pytest_on

__all__ = ["postgresql"]
pytestmark = pytest.mark.servers


def test_sums_are_as_exact_on_postgresql(postgresql: str) -> None:
    said = pytest_on(
        postgresql,
        *("tests/stats/test_truth.py", "tests/stats/test_once.py", "tests/stats/test_bad_input.py"),
        "--deselect=tests/stats/test_once.py::test_a_full_disk_loses_nothing_that_a_second_run_would_not_bring",
    )
    assert "passed" in said

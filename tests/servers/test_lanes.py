"""The publisher's tests once more on PostgreSQL, and the whole way on PostgreSQL and real S3 servers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.servers.fixtures import ceph, postgresql, seaweedfs
from tests.servers.s3 import S3Server

__all__ = ["ceph", "postgresql", "seaweedfs"]
pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]


def pytest_on(database: str, *arguments: str, **environment: str) -> str:
    """Runs tests in a process of its own on that database, and gives what it said; they must all pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    command += ["--ds=tests.servers.settings_postgresql", "--create-db"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "TESTS_DATABASE_URL": database, **environment},
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_rows_are_as_good_on_postgresql(postgresql: str) -> None:
    said = pytest_on(
        postgresql,
        *("tests/publishing", "tests/jobs", "tests/accounts", "tests/office", "tests/studio/test_limits.py"),
        *("tests/studio/test_account.py", "tests/studio/test_owner.py"),
        *("-m", "not servers", "--deselect=tests/publishing/test_lock.py"),
    )
    assert "passed" in said


def test_two_publishers_on_postgresql(postgresql: str) -> None:
    assert "passed" in pytest_on(postgresql, "tests/servers/two_publishers.py")


@pytest.mark.parametrize("name", ["ceph", "seaweedfs"])
def test_the_whole_way_on_postgresql_and_s3(postgresql: str, name: str, request: pytest.FixtureRequest) -> None:
    server: S3Server = request.getfixturevalue(name)
    said = pytest_on(
        postgresql, "tests/servers/whole_way.py", TESTS_S3_SERVER=f"{name} {server.port}", **server.environment()
    )
    assert "passed" in said

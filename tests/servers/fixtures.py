"""The servers as fixtures; a folder's conftest imports those that it needs. They live as long as the test process."""

from collections.abc import Iterator

import pytest
from tests.servers.ceph import ceph as run_ceph
from tests.servers.postgresql import postgresql as run_postgresql
from tests.servers.s3 import S3Server
from tests.servers.seaweedfs import seaweedfs as run_seaweedfs


@pytest.fixture(scope="session")
def ceph() -> Iterator[S3Server]:
    """Ceph's gateway, a production S3 server."""
    with run_ceph() as server:
        yield server


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[S3Server]:
    """SeaweedFS, of another making."""
    with run_seaweedfs() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with run_postgresql() as address:
        yield address

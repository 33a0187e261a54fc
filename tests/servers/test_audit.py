"""The audit on PostgreSQL with Ceph and with SeaweedFS, alone and while two publishers work."""

import pytest
from tests.servers.fixtures import ceph, postgresql, seaweedfs
from tests.servers.s3 import S3Server
from tests.servers.test_lanes import pytest_on

__all__ = ["ceph", "postgresql", "seaweedfs"]
pytestmark = pytest.mark.servers


@pytest.mark.parametrize("name", ["ceph", "seaweedfs"])
def test_the_audit_on_postgresql_and_s3(postgresql: str, name: str, request: pytest.FixtureRequest) -> None:
    server: S3Server = request.getfixturevalue(name)
    said = pytest_on(
        postgresql, "tests/servers/audit_on_s3.py", TESTS_S3_SERVER=f"{name} {server.port}", **server.environment()
    )
    assert "4 passed" in said

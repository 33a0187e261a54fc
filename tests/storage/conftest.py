"""The stores of the contract test."""

from tests.servers.fixtures import ceph, seaweedfs

__all__ = ["ceph", "seaweedfs"]

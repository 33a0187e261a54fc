"""Installations to break, and the seed that repeats what a test did."""

import os
import random
import sys

import pytest
from tests.servers.fixtures import ceph, postgresql

__all__ = ["ceph", "postgresql"]


@pytest.fixture
def seed() -> int:
    """Drawn anew for each test, unless BREAKING_SEED names the one to repeat; printed when a test fails."""
    given = os.environ.get("BREAKING_SEED")
    number = int(given) if given else random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"Repeat it with BREAKING_SEED={number}\n")
    return number

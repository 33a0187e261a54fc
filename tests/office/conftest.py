"""Somebody who runs the installation, and games of others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import caches
from django.test import Client
from tests.publishing.cast import Faulty

from pictogame.accounts.models import User
from pictogame.publishing.publisher import Publisher

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    """Each test looks for itself."""
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def anna(db: None) -> User:
    """An operator."""
    return User.objects.create(username="anna", password=make_password(PASSWORD), is_staff=True, is_superuser=True)


@pytest.fixture
def office(anna: User, data: Path, runtime: Path) -> Client:
    """Her browser, signed in."""
    client = Client()
    client.force_login(anna)
    return client


@pytest.fixture
def bucket() -> Faulty:
    """An empty bucket."""
    return Faulty()


@pytest.fixture
def publisher(db: None, runtime: Path, data: Path, bucket: Faulty) -> Iterator[Publisher]:
    """A publisher of that bucket."""
    with Publisher(bucket=bucket) as one:
        yield one

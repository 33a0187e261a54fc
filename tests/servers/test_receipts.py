"""Receipts over stores that keep versions: they say no more than is so."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from tests.publishing.cast import a_game, work
from tests.publishing.test_takedown import keep_original
from tests.servers.fixtures import ceph
from tests.servers.s3 import S3Server
from tests.servers.test_bucket_check import as_blind_guest

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.jobs.leases import due
from pictogame.media.models import Picture
from pictogame.publishing.models import Receipt
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.queries import Told, receipt_of
from pictogame.publishing.remains import NOT_KNOWN, REMAINS

__all__ = ["ceph"]
pytestmark = [pytest.mark.servers, pytest.mark.django_db]


@pytest.fixture
def stores(ceph: S3Server, data: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The names of a bucket and a vault on Ceph."""
    for name, value in ceph.environment().items():
        monkeypatch.setenv(name, value)
    names = {kind: f"{kind}-{os.urandom(6).hex()}" for kind in ("bucket", "vault")}
    for name in names.values():
        ceph.client().create_bucket(Bucket=name)
    settings.BUCKET, settings.VAULT = f"s3://{names['bucket']}/below", f"s3://{names['vault']}"
    return names


@pytest.fixture
def publisher(stores: dict[str, str], runtime: Path) -> Iterator[Publisher]:
    with Publisher() as one:
        one.install_runtime()
        yield one


def deleted(publisher: Publisher) -> tuple[Game, Told]:
    """A game that was published and deleted, and what its receipt says."""
    game = a_game()
    keep_original(Picture.objects.get())
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    return game, receipt_of(game)


def unconfirmed(told: Told) -> set[str]:
    return {line.kind for line in told.lines if not line.confirmed_at}


def test_where_nothing_keeps_versions_the_receipt_is_finished(publisher: Publisher) -> None:
    _, told = deleted(publisher)
    assert told.finished_at is not None


@pytest.mark.parametrize("kind", ["bucket", "vault"])
def test_a_receipt_is_not_finished_while_versions_could_bring_it_back(
    ceph: S3Server, publisher: Publisher, stores: dict[str, str], kind: str
) -> None:
    client, name = ceph.client(), stores[kind]
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    game, told = deleted(publisher)
    assert told.finished_at is None
    assert told.waits_for == REMAINS
    assert unconfirmed(told) == ({"page", "object"} if kind == "bucket" else {"original", "rendition"})
    for one in client.list_object_versions(Bucket=name)["Versions"]:
        if not (one["IsLatest"] and one["Key"].endswith(".html")):
            client.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    Receipt.objects.update(**due())
    work(publisher)
    assert receipt_of(game).finished_at is not None


def test_a_receipt_is_not_finished_while_nobody_may_ask_about_versions(
    ceph: S3Server, publisher: Publisher, stores: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ceph.client().put_bucket_versioning(Bucket=stores["vault"], VersioningConfiguration={"Status": "Enabled"})
    _, told = deleted(publisher)
    assert told.waits_for == REMAINS
    as_blind_guest(ceph, stores["vault"], monkeypatch)
    Receipt.objects.update(**due())
    work(publisher)
    assert {line.problem for line in Receipt.objects.all()} == {NOT_KNOWN}

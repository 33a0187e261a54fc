"""Audits of real buckets, alone and while publishers work: run by test_audit.py, which starts the servers."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings
from tests.cast import a_picture
from tests.publishing.cast import a_game, change_picture, days_pass, keys_in
from tests.servers.s3 import S3Server

from pictogame.bucket.keys import media_key
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.types import Sha256
from pictogame.media.models import Picture
from pictogame.media.vault import vault
from pictogame.publishing.audit import Finding, Kind, Summary, audit
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.sweep import sweep
from pictogame.storage import Store, open_store

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = timedelta(0)


@pytest.fixture(params=["", "/below/a/prefix"], ids=["whole", "below a prefix"])
def bucket(request: pytest.FixtureRequest, transactional_db: None, data: Path, settings: Settings) -> Store:
    """A bucket and a vault of their own."""
    name, port = os.environ["TESTS_S3_SERVER"].split()
    server = S3Server(name, int(port))
    here = f"audit-{os.urandom(6).hex()}"
    for one in (here, f"vault-{here}"):
        server.client().create_bucket(Bucket=one)
    settings.BUCKET = f"s3://{here}{request.param}"
    settings.VAULT = f"s3://vault-{here}"
    return open_store(settings.BUCKET)


@pytest.fixture
def publisher(bucket: Store, runtime: Path) -> Iterator[Publisher]:
    with Publisher() as one:
        one.install_runtime()
        yield one


def found(bucket: Store, *, repair: bool = False) -> list[Finding]:
    return list(audit(bucket=bucket, vault=vault(), repair=repair, patience=AT_ONCE))


def work(publisher: Publisher) -> None:
    while publisher.step():
        pass


def a_kept_game(number: int) -> Game:
    """A game whose original lies in the vault."""
    game = a_game(number)
    picture = Picture.objects.get(sha256=f"{number:064x}")
    data = f"original {number}".encode()
    Picture.objects.filter(pk=picture.pk).update(sha256=vault().keep(data), size=len(data))
    return game


def test_everything_that_is_wrong_is_found_and_mended(publisher: Publisher, bucket: Store) -> None:
    game, other = a_kept_game(1), a_kept_game(2)
    work(publisher)
    assert found(bucket) == []
    before = {key: bucket.get(key) for key in keys_in(bucket)}
    lost = next(key for key in before if key.startswith("m/"))
    bucket.delete(lost)
    spoiled = f"g/{game.pk}.xml"
    bucket.put(spoiled, before[spoiled][::-1])
    stray = media_key(Sha256("ab" * 32), "image/avif")
    bucket.put(stray, b"whose?")
    BucketObject.objects.filter(key=f"g/{other.pk}.json").update(state="gone")
    kinds = {(one.kind, one.key) for one in found(bucket)}
    assert kinds >= {(Kind.MISSING, lost), (Kind.DIFFERENT, spoiled), (Kind.ORPHANED, stray)}
    assert (Kind.DOOMED, f"g/{other.pk}.json") in kinds
    BucketObject.objects.filter(key=f"g/{other.pk}.json").update(state="stored")
    assert all(one.repaired for one in found(bucket, repair=True))
    work(publisher)
    assert found(bucket) == []
    assert {key: bucket.get(key) for key in keys_in(bucket)} == before


def test_an_audit_while_two_publishers_work_finds_nothing(publisher: Publisher, bucket: Store) -> None:
    games = [a_kept_game(number) for number in range(12)]
    work(publisher)
    over = threading.Event()

    def publish() -> None:
        with Publisher(batch=4) as one:
            while not over.is_set():
                one.step()
        connection.close()

    def edit() -> None:
        number = 100
        while not over.is_set():
            game = games[number % len(games)]
            if number % 7 == 0:
                actions.unpublish(game=game)
            else:
                change_picture(game, a_picture(number))
            if number % 5 == 0:
                days_pass()
            number += 1
        connection.close()

    threads = [threading.Thread(target=act) for act in (publish, publish, edit)]
    for thread in threads:
        thread.start()
    try:
        seen: list[Finding] = []
        looked = Summary()
        for _ in range(8):
            seen += audit(bucket=bucket, summary=looked)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert seen == []
    assert looked.objects > 8 * 12 * 4
    work(publisher)
    days_pass()
    with_pool = publisher._pool
    while sweep(bucket=bucket, pool=with_pool):
        pass
    assert list(audit(bucket=bucket, patience=AT_ONCE)) == []

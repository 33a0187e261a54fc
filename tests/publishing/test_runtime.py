"""The objects of the runtime: in the vault and in the bucket once, and again when they are missing."""

import threading
from pathlib import Path

import pytest
from django.db import OperationalError
from tests.publishing.cast import Faulty, a_game, keys_in, named_in, work

from pictogame.bucket.keys import decode
from pictogame.bucket.models import BucketObject
from pictogame.catalog.errors import RuntimeMissing
from pictogame.catalog.models import RuntimeObject
from pictogame.games import actions
from pictogame.games.queries import publish_state
from pictogame.lib.types import Key, Sha256
from pictogame.media.vault import vault
from pictogame.publishing.errors import RuntimeDamaged
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.queries import receipt_of
from pictogame.storage import StoreUnavailable


def test_a_build_is_brought_into_vault_and_bucket_once(publisher: Publisher, bucket: Faulty, runtime: Path) -> None:
    files = {path.relative_to(runtime).as_posix() for path in runtime.glob("r/*/*")}
    assert publisher.install_runtime() == len(files)
    assert keys_in(bucket) == files
    for key in files:
        assert decode(Key(key), bucket.get(key)) == (runtime / key).read_bytes()
        row = RuntimeObject.objects.get(key=key)
        assert vault().read(Sha256(row.sha256)) == (runtime / key).read_bytes()
    bucket.refuses = lambda _key: True
    assert publisher.install_runtime() == 0


def test_what_a_broken_off_install_left_out_is_brought_by_the_next(publisher: Publisher, bucket: Faulty) -> None:
    bucket.refuses = lambda key: key.endswith(".css")
    with pytest.raises(StoreUnavailable):
        publisher.install_runtime()
    bucket.refuses = lambda _key: False
    publisher.install_runtime()
    assert {row.key for row in RuntimeObject.objects.all()} == keys_in(bucket)
    assert set(BucketObject.objects.values_list("state", flat=True)) == {"stored"}


@pytest.mark.django_db(transaction=True)
def test_a_publisher_outlives_a_database_that_is_away_when_it_starts(
    publisher: Publisher, bucket: Faulty, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install, tries, stop = publisher.install_runtime, 0, threading.Event()

    def locked_at_first() -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OperationalError("database is locked")
        return install()

    monkeypatch.setattr(publisher, "install_runtime", locked_at_first)
    too_long = threading.Timer(20, stop.set)
    too_long.start()
    publisher.run(stop, turned=stop.set)
    too_long.cancel()
    assert tries == 2
    assert keys_in(bucket) == {path.relative_to(runtime).as_posix() for path in runtime.glob("r/*/*")}


def test_a_bucket_that_lost_everything_is_filled_again(publisher: Publisher, bucket: Faulty) -> None:
    publisher.install_runtime()
    plays, rests, gone = a_game(1), a_game(2), a_game(3)
    publisher.step()
    actions.unpublish(game=rests)
    actions.delete(game=gone)
    work(publisher)
    held = {key: bucket.get(key) for key in keys_in(bucket)}
    assert {f"g/{game.pk}.html" for game in (plays, rests, gone)} <= set(held)
    for key in held:
        bucket.delete(key)
    publisher.install_runtime()
    work(publisher)
    # Pictures that only caches might still name need not come back.
    leaves = {key for key in held if key.startswith("m/")} - named_in(bucket, plays)
    assert {key: bucket.get(key) for key in keys_in(bucket)} == {key: held[key] for key in held if key not in leaves}
    assert receipt_of(gone).finished_at is not None
    states = BucketObject.objects.exclude(key__in=leaves).exclude(state="gone").values_list("state", flat=True)
    assert set(states) == {"stored"}


def test_a_game_brings_the_runtime_it_needs(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    assert {key for key in named_in(bucket, game) if key.startswith("r/")} <= keys_in(bucket)


def test_a_game_keeps_the_runtime_it_was_made_with(publisher: Publisher, bucket: Faulty, runtime: Path) -> None:
    publisher.install_runtime()
    game = a_game()
    BucketObject.objects.filter(key__startswith="r/").update(state="intended")
    for key in keys_in(bucket, "r"):
        bucket.delete(key)
    (runtime / "manifest.json").rename(runtime / "away")
    try:
        publisher._runtime.clear()
        with pytest.raises(RuntimeMissing):
            publisher.install_runtime()
    finally:
        (runtime / "away").rename(runtime / "manifest.json")
    publisher.step()
    assert named_in(bucket, game) <= keys_in(bucket)


def test_a_file_that_is_not_what_the_manifest_says_is_refused(
    publisher: Publisher, bucket: Faulty, runtime: Path
) -> None:
    path = next(runtime.glob("r/*/loader.js"))
    before = path.read_bytes()
    path.write_bytes(before + b"//")
    try:
        with pytest.raises(RuntimeDamaged, match="make runtime"):
            publisher.install_runtime()
    finally:
        path.write_bytes(before)
    assert keys_in(bucket) == set()


def test_a_game_pinned_to_what_is_nowhere_says_so(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    wanted = game.wanted
    assert wanted is not None
    wanted.runtime["loader"] = "r/000000000000/loader.js"
    wanted.save()
    publisher.step()
    assert "is not here any more: publish it again" in publish_state(game).problem
    game.refresh_from_db()
    assert "r/000000000000/loader.js" in game.cause
    assert keys_in(bucket, "g") == set()

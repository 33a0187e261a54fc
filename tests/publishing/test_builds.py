"""Builds of the runtime: what a game needs stays, what nothing needs leaves, and what comes back is written again."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from tests.publishing.cast import Faulty, a_game, keys_in, make_due, named_in

from pictogame.bucket.keys import encode
from pictogame.bucket.models import BucketObject
from pictogame.catalog import queries as catalog
from pictogame.catalog.models import RuntimeObject
from pictogame.games import actions
from pictogame.games.models import Game, Revision
from pictogame.games.queries import publish_state
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Key
from pictogame.media.vault import vault
from pictogame.publishing import builds
from pictogame.publishing.publisher import Publisher

OLD = Key("r/0123456789ab/loader.js")


@pytest.fixture
def old_build(publisher: Publisher, bucket: Faulty) -> Game:
    """A game on a loader of an earlier build, which lies in vault and bucket."""
    publisher.install_runtime()
    data = b"/* the loader of last year */"
    RuntimeObject.objects.create(key=OLD, sha256=vault().keep(data), size=len(data))
    stored = encode(OLD, data)
    BucketObject.objects.create(key=OLD, sha256=sha256_of(stored), size=len(stored), state="stored")
    bucket.put(OLD, stored)
    game = a_game()
    assert game.wanted is not None
    Revision.objects.filter(pk=game.wanted.pk).update(runtime={**game.wanted.runtime, "loader": OLD})
    publisher.step()
    assert OLD in named_in(bucket, game)
    return game


def prune_at_once(bucket: Faulty) -> list[Key]:
    return builds.prune(bucket=bucket, patience=timedelta(0)).removed


def test_what_a_game_plays_with_stays(old_build: Game, bucket: Faulty) -> None:
    assert prune_at_once(bucket) == []
    piece = next(piece for piece in builds.listed() if piece.key == OLD)
    assert (piece.installed, piece.games, piece.is_needed, piece.state) == (False, 1, True, "stored")
    assert OLD in keys_in(bucket)


def test_what_a_game_may_be_rolled_back_to_stays(publisher: Publisher, old_build: Game, bucket: Faulty) -> None:
    assert actions.upgrade(game=old_build) is not None
    publisher.step()
    assert OLD not in named_in(bucket, old_build)
    assert prune_at_once(bucket) == []
    actions.roll_back(game=old_build, number=1)
    publisher.step()
    assert OLD in named_in(bucket, old_build)
    assert named_in(bucket, old_build) <= keys_in(bucket)


def test_what_nothing_needs_leaves_a_day_after_that_was_seen(
    publisher: Publisher, old_build: Game, bucket: Faulty
) -> None:
    actions.delete(game=old_build)
    while publisher.step():
        pass
    assert builds.prune(bucket=bucket).waiting == [OLD]
    assert OLD in keys_in(bucket)
    RuntimeObject.objects.filter(key=OLD).update(unused_since=Now() - builds.grace())
    assert builds.prune(bucket=bucket).removed == [OLD]
    assert OLD not in keys_in(bucket)
    assert builds.prune(bucket=bucket) == builds.Pruned([], [], [])
    assert {one.key for one in catalog.manifest().objects} <= keys_in(bucket)


def test_an_object_that_is_needed_again_is_written_again(publisher: Publisher, old_build: Game, bucket: Faulty) -> None:
    runtime = Revision.objects.get(game=old_build).runtime
    actions.delete(game=old_build)
    while publisher.step():
        pass
    prune_at_once(bucket)
    new = a_game(2)
    assert new.wanted is not None
    Revision.objects.filter(pk=new.wanted.pk).update(runtime=runtime)
    publisher.step()
    assert publish_state(new).word == "in_bucket"
    assert named_in(bucket, new) <= keys_in(bucket)
    assert BucketObject.objects.get(key=OLD).state == "stored"


def test_a_build_that_comes_back_is_installed_again(publisher: Publisher, bucket: Faulty) -> None:
    publisher.install_runtime()
    key = min(keys_in(bucket, "r"))
    BucketObject.objects.filter(key=key).update(state="gone")
    bucket.delete(key)
    assert publisher.install_runtime() == 1
    assert key in keys_in(bucket)


def test_a_game_that_is_pinned_while_its_object_is_being_pruned_waits_and_plays(
    publisher: Publisher, old_build: Game, bucket: Faulty
) -> None:
    BucketObject.objects.filter(key=OLD).update(state="deleting")
    make_due(old_build)
    publisher.step()
    assert publish_state(old_build).word == "failed"
    old_build.refresh_from_db()
    assert old_build.faults == 0
    assert prune_at_once(bucket) == [], "it is needed, so the claim is given back"
    make_due(old_build)
    publisher.step()
    assert publish_state(old_build).word == "in_bucket"
    assert named_in(bucket, old_build) <= keys_in(bucket)


def test_a_bucket_that_refuses_keeps_the_object_for_the_next_time(
    publisher: Publisher, old_build: Game, bucket: Faulty
) -> None:
    actions.delete(game=old_build)
    while publisher.step():
        pass
    bucket.refuses = lambda key: key == OLD
    done = builds.prune(bucket=bucket, patience=timedelta(0))
    assert ([key for key, _ in done.failed], done.removed) == ([OLD], [])
    bucket.refuses = lambda _key: False
    assert prune_at_once(bucket) == [OLD]

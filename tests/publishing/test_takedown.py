"""What leaves the bucket, when, and what stays."""

import pytest
from django.db.models.functions import Now
from tests.cast import a_picture
from tests.publishing.cast import (
    Faulty,
    a_game,
    change_picture,
    days_pass,
    keys_in,
    make_due,
    make_pictures,
    named_in,
    text_in,
)

from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.queries import publish_state
from pictogame.jobs import tallies
from pictogame.lib.types import Sha256
from pictogame.media.models import Picture, Rendition
from pictogame.media.vault import vault
from pictogame.publishing.models import Use
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.sweep import sweep


def keep_original(picture: Picture) -> Sha256:
    """Puts bytes into the vault for a picture that the tests made up."""
    sha256 = vault().keep(f"original {picture.pk}".encode())
    Picture.objects.filter(pk=picture.pk).update(sha256=sha256)
    return sha256


def sweep_now(publisher: Publisher) -> int:
    """Deletes what is due, however lately that was looked at."""
    return sweep(bucket=publisher._bucket, pool=publisher._pool)


def media_of(bucket: Faulty, game: object) -> set[str]:
    return {key for key in named_in(bucket, game) if key.startswith("m/")}  # type: ignore[arg-type]


def test_an_old_picture_goes_after_the_grace_and_not_before(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    publisher.step()
    old = media_of(bucket, game)
    change_picture(game, a_picture(2))
    publisher.step()
    assert sweep_now(publisher) == 0
    assert old <= keys_in(bucket)
    until = Use.objects.filter(until__isnull=False).values_list("until", flat=True).first()
    at = BucketObject.objects.filter(delete_after__isnull=False).values_list("delete_after", flat=True).first()
    assert until == at
    assert until is not None
    days_pass()
    assert sweep_now(publisher) == 3
    assert old.isdisjoint(keys_in(bucket))
    assert media_of(bucket, game) <= keys_in(bucket)
    assert {row.state for row in BucketObject.objects.filter(key__in=old)} == {"gone"}
    assert sweep_now(publisher) == 0


def test_a_picture_that_another_game_uses_stays(publisher: Publisher, bucket: Faulty) -> None:
    game, shared = a_game(1), a_game(picture=Picture.objects.get())
    publisher.step()
    change_picture(game, a_picture(2))
    publisher.step()
    days_pass()
    assert sweep_now(publisher) == 0
    assert media_of(bucket, shared) <= keys_in(bucket)
    assert not BucketObject.objects.filter(delete_after__isnull=False).exists()


def test_a_picture_that_comes_back_within_the_grace_keeps_its_key(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    first = Picture.objects.get()
    publisher.step()
    before = named_in(bucket, game)
    change_picture(game, a_picture(2))
    publisher.step()
    change_picture(game, first)
    publisher.step()
    days_pass()
    sweep_now(publisher)
    assert named_in(bucket, game) == before
    assert before <= keys_in(bucket)


def test_a_picture_that_comes_back_after_its_delete_gets_another_key(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    first = Picture.objects.get()
    publisher.step()
    before = media_of(bucket, game)
    change_picture(game, a_picture(2))
    publisher.step()
    days_pass()
    sweep_now(publisher)
    change_picture(game, first)
    publisher.step()
    after = media_of(bucket, game)
    assert {key.replace("-1.", ".") for key in after} == before
    assert after.isdisjoint(before)
    assert after <= keys_in(bucket)


def test_a_deleted_game_is_gone_at_once_but_for_a_page_that_says_so(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(title="A very secret cat")
    original = keep_original(Picture.objects.get())
    renditions = [Sha256(one.sha256) for one in Rendition.objects.all()]
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    assert keys_in(bucket, "m") == set()
    assert keys_in(bucket, "g") == {f"g/{game.pk}.html"}
    page = text_in(bucket, f"g/{game.pk}.html")
    assert "This game is gone" in page
    assert "secret" not in page
    assert game.pk not in page
    assert [vault().path_of(sha256) for sha256 in [original, *renditions]] == [None] * 5
    assert not Picture.objects.exists()
    game.refresh_from_db()
    assert (game.published, game.due_at, game.lease_token) == (None, None, "")
    assert not publisher.step()


def test_what_an_edit_had_put_off_goes_with_a_deleted_game(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    publisher.step()
    change_picture(game, a_picture(2))
    publisher.step()
    assert len(keys_in(bucket, "m")) == 6
    actions.delete(game=game)
    publisher.step()
    assert keys_in(bucket, "m") == set()


def test_a_shared_picture_outlives_the_first_of_its_games(publisher: Publisher, bucket: Faulty) -> None:
    game, shared = a_game(1), a_game(picture=Picture.objects.get())
    original = keep_original(Picture.objects.get())
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    assert media_of(bucket, shared) <= keys_in(bucket)
    assert vault().path_of(original) is not None
    actions.delete(game=shared)
    publisher.step()
    assert keys_in(bucket, "m") == set()
    assert vault().path_of(original) is None


def test_what_open_tabs_of_another_game_may_name_outlives_a_takedown(publisher: Publisher, bucket: Faulty) -> None:
    game, edited = a_game(1), a_game(picture=Picture.objects.get())
    publisher.step()
    old = media_of(bucket, edited)
    change_picture(edited, a_picture(2))
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    assert old <= keys_in(bucket)
    days_pass()
    sweep_now(publisher)
    assert old.isdisjoint(keys_in(bucket))


def test_a_game_that_was_never_published_leaves_nothing(publisher: Publisher, bucket: Faulty) -> None:
    game = actions.create(template="jigsaw").game
    actions.add_picture(game=game, picture=a_picture(), name="cat.jpg")
    original = keep_original(Picture.objects.get())
    actions.delete(game=game)
    publisher.step()
    assert keys_in(bucket) == set()
    assert vault().path_of(original) is None


def test_a_takedown_that_the_bucket_refuses_is_told_and_tried_again(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    bucket.refuses = lambda key: key.startswith("m/")
    publisher.step()
    game.refresh_from_db()
    assert game.problem == "The bucket does not answer."
    assert game.due_at is not None
    assert len(keys_in(bucket, "m")) == 3
    assert not Picture.objects.exists()
    bucket.refuses = lambda _key: False
    make_due(game)
    BucketObject.objects.filter(state="deleting").update(delete_after=Now())
    publisher.step()
    sweep_now(publisher)
    assert keys_in(bucket, "m") == set()
    assert not Picture.objects.exists()


def test_an_unpublished_game_rests_and_can_come_back(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(title="A very secret cat")
    publisher.step()
    before = named_in(bucket, game)
    actions.unpublish(game=game)
    publisher.step()
    assert publish_state(game).word == "resting"
    for end, words in (("html", "taking a rest"), ("xml", "<rest "), ("json", '"type":"link"')):
        text = text_in(bucket, f"g/{game.pk}.{end}")
        assert words in text
        assert "secret" not in text
    assert bucket.get(f"g/{game.pk}.jpg")[:3] == b"\xff\xd8\xff"
    assert before <= keys_in(bucket)
    days_pass()
    sweep_now(publisher)
    assert keys_in(bucket, "m") == set()
    actions.publish(game=game)
    publisher.step()
    assert "secret" in text_in(bucket, f"g/{game.pk}.html")
    assert named_in(bucket, game) <= keys_in(bucket)


def test_a_resting_game_speaks_its_own_language(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    actions.change(game=game, language="ar")
    make_pictures()
    actions.publish(game=game)
    publisher.step()
    actions.unpublish(game=game)
    publisher.step()
    assert '<html lang="ar" dir="rtl">' in text_in(bucket, f"g/{game.pk}.html")


def test_to_unpublish_what_never_was_published_writes_nothing(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    actions.unpublish(game=game)
    publisher.step()
    assert keys_in(bucket) == set()
    game.refresh_from_db()
    assert game.due_at is None


@pytest.mark.parametrize("change", ["version", "use"])
def test_a_delete_claims_only_what_it_read(publisher: Publisher, bucket: Faulty, change: str) -> None:
    game = a_game()
    publisher.step()
    actions.unpublish(game=game)
    publisher.step()
    days_pass()
    row = BucketObject.objects.filter(key__startswith="m/").first()
    assert row is not None
    if change == "use":
        Use.objects.filter(object=row).update(until=None)
    else:
        BucketObject.objects.filter(pk=row.pk).update(state="gone")
    sweep_now(publisher)
    assert row.key in keys_in(bucket)
    assert len(keys_in(bucket, "m")) == 1


def test_what_a_takedown_deletes_is_counted_as_what_a_sweep_deletes_is(publisher: Publisher, bucket: Faulty) -> None:
    game, other = a_game(1), a_game(2)
    publisher.step()
    held = keys_in(bucket)
    actions.delete(game=game)
    publisher.step()
    assert tallies.of_all_time()["objects_deleted"] == len(held - keys_in(bucket)) > 0
    change_picture(other, a_picture(3))
    publisher.step()
    days_pass()
    at_once, later = tallies.of_all_time()["objects_deleted"], sweep_now(publisher)
    assert tallies.of_all_time()["objects_deleted"] == at_once + later


def test_what_the_bucket_took_is_counted_although_it_refused_the_rest(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    held = keys_in(bucket)
    refused = min(media_of(bucket, game))
    bucket.refuses = lambda key: key == refused
    actions.delete(game=game)
    publisher.step()
    assert tallies.of_all_time()["objects_deleted"] == len(held - keys_in(bucket)) > 0

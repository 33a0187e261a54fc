"""From a wanted revision to a game that plays from the bucket, and what happens when something is in the way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from tests.cast import a_picture
from tests.publishing.cast import (
    Faulty,
    a_game,
    change_picture,
    is_gzip,
    keys_in,
    make_due,
    make_pictures,
    named_in,
    text_in,
)

from pictogame.bucket.keys import headers, is_runtime_key, media_key
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.jobs import leases
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Sha256
from pictogame.media.models import Crop, Picture
from pictogame.publishing import reconcile, writing
from pictogame.publishing import rows as table
from pictogame.publishing.models import Use
from pictogame.publishing.plan import usable_media_key
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.writing import Job


def test_a_wanted_game_plays_from_the_bucket(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    assert publisher.step()
    assert publish_state(game).word == "in_bucket"
    own = {key for key in keys_in(bucket) if not is_runtime_key(key)}
    assert {key for key in own if key.startswith("g/")} == {
        f"g/{game.pk}.{end}" for end in ("xml", "html", "json", "jpg")
    }
    assert len(own) == 7
    assert named_in(bucket, game) < keys_in(bucket)
    page = text_in(bucket, f"g/{game.pk}.html")
    assert text_in(bucket, f"g/{game.pk}.xml").partition("?>\n")[2].strip() in page
    assert "http://127.0.0.1:9000" in page


def test_the_page_of_a_german_game_holds_what_it_says(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    actions.change(game=game, language="de")
    wanted = actions.publish(game=game)
    publisher.step()
    held = f'id="strings">\n{text_in(bucket, wanted.runtime["strings"])}</script>'
    assert held in text_in(bucket, f"g/{game.pk}.html")


def test_every_object_has_the_headers_of_its_key_and_a_row_that_knows_its_bytes(
    publisher: Publisher, bucket: Faulty
) -> None:
    a_game()
    publisher.install_runtime()
    publisher.step()
    for key in keys_in(bucket):
        data, kind = bucket.get(key), headers(key)
        row = BucketObject.objects.get(key=key)
        assert (row.state, row.sha256, row.size) == ("stored", sha256_of(data), len(data))
        assert row.stored_at is not None
        assert is_gzip(data) == (kind.content_encoding == "gzip")
        expected = {"Content-Type": kind.content_type, "Cache-Control": kind.cache_control}
        if kind.content_encoding:
            expected["Content-Encoding"] = kind.content_encoding
        assert bucket.headers(key) == expected
    assert BucketObject.objects.count() == len(keys_in(bucket))


def test_the_second_time_there_is_nothing_to_do(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    assert not publisher.step()
    bucket.refuses = lambda _key: True
    make_due(game)
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_two_games_share_the_objects_of_a_picture(publisher: Publisher, bucket: Faulty) -> None:
    one = a_game()
    other = a_game(picture=Picture.objects.get())
    publisher.step()
    assert named_in(bucket, one) == named_in(bucket, other)
    assert len(keys_in(bucket, "m")) == 3
    assert {game.pk for game in Game.objects.filter(published__isnull=False)} == {one.pk, other.pk}


def test_more_games_than_a_batch_holds_all_get_there(publisher: Publisher, bucket: Faulty) -> None:
    games = [a_game(title=f"Number {number}", picture=Picture.objects.first()) for number in range(70)]
    while publisher.step():
        pass
    assert {f"g/{game.pk}.html" for game in games} <= keys_in(bucket)
    assert Game.objects.filter(due_at=None).count() == 70


@pytest.mark.parametrize("missing", ["m/", "r/", ".xml", ".jpg", ".json"])
def test_nothing_names_what_is_not_there(publisher: Publisher, bucket: Faulty, missing: str) -> None:
    game = a_game()
    bucket.refuses = lambda key: key.startswith(missing) or (key.startswith("g/") and key.endswith(missing))
    publisher.step()
    assert f"g/{game.pk}.html" not in keys_in(bucket)
    if missing in {"m/", "r/"}:
        assert keys_in(bucket, "g") == set()
    state = publish_state(game)
    assert (state.word, state.problem) == ("failed", "The bucket does not answer.")
    game.refresh_from_db()
    assert game.published is None
    assert game.due_at is not None
    assert game.due_at > leases.database_now()


def test_a_failed_publish_goes_on_where_it_was_once_the_fault_is_over(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    bucket.refuses = lambda key: key.endswith("html")
    publisher.step()
    bucket.refuses = lambda key: key.startswith("m/")
    make_due(game)
    publisher.step()
    assert publish_state(game).word == "in_bucket"
    game.refresh_from_db()
    assert (game.attempts, game.problem) == (0, "")


def test_one_game_that_fails_does_not_keep_others_from_the_bucket(publisher: Publisher, bucket: Faulty) -> None:
    bad, good = a_game(1), a_game(2)
    bucket.refuses = lambda key: bad.pk in key
    publisher.step()
    assert publish_state(bad).word == "failed"
    assert publish_state(good).word == "in_bucket"


def test_what_nobody_foresaw_moves_the_rows_forward_and_is_raised(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = a_game()

    def broken(_revisions: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(reconcile, "parts_of_many", broken)
    with pytest.raises(RuntimeError, match="a mistake"):
        publisher.step()
    game.refresh_from_db()
    assert game.attempts == 1
    assert game.due_at is not None
    assert game.due_at > leases.database_now()
    assert publish_state(game).word == "failed"


def test_a_game_waits_for_its_pictures_and_counts_no_failure(publisher: Publisher, bucket: Faulty) -> None:
    game = actions.create(template="jigsaw").game
    actions.add_picture(game=game, picture=a_picture(), name="cat.jpg")
    actions.publish(game=game)
    assert not publisher.step()
    assert publish_state(game).word == "processing"
    assert keys_in(bucket, "g") == set()
    game.refresh_from_db()
    assert (game.attempts, game.problem) == (0, "")
    make_pictures()
    make_due(game)
    assert publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_a_refused_picture_is_told(publisher: Publisher, bucket: Faulty) -> None:
    game = actions.create(template="jigsaw").game
    actions.add_picture(game=game, picture=a_picture(), name="cat.jpg")
    actions.publish(game=game)
    Picture.objects.update(state="refused", refusal="Your picture is damaged.")
    publisher.step()
    state = publish_state(game)
    assert state.word == "failed"
    assert "Your picture is damaged." in state.problem
    assert keys_in(bucket, "g") == set()


def test_an_edit_reaches_the_page_and_keeps_what_open_tabs_name(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    publisher.step()
    before = named_in(bucket, game)
    change_picture(game, a_picture(2))
    publisher.step()
    after = named_in(bucket, game)
    assert after != before
    assert before | after <= keys_in(bucket)
    assert next(key for key in after if key.startswith("m/")) in text_in(bucket, f"g/{game.pk}.html")


def test_what_is_wanted_during_a_publish_is_not_forgotten(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    draft = actions.open_draft(game=game)

    def meanwhile(key: str) -> None:
        if key.endswith(".html"):
            bucket.before_put = lambda _key: None
            actions.change(game=game, title="Another title")
            actions.publish(game=game)

    bucket.before_put = meanwhile
    publisher.step()
    game.refresh_from_db()
    assert game.published_id != draft.pk
    assert publish_state(game).word == "queued"
    publisher.step()
    game.refresh_from_db()
    assert game.published_id == draft.pk
    assert "Another title" in text_in(bucket, f"g/{game.pk}.html")


def test_listing_a_game_lets_search_engines_in(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    assert "noindex" in text_in(bucket, f"g/{game.pk}.html")
    actions.set_listed(game=game, listed=True)
    publisher.step()
    assert "noindex" not in text_in(bucket, f"g/{game.pk}.html")


def test_a_process_that_slept_longer_than_its_lease_writes_nothing_that_names_others(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = a_game()
    awake, write = leases.clock, writing.write

    def write_and_sleep(jobs: Sequence[Job], **others: Any) -> object:
        failures = write(jobs, **others)
        if any(job.key.startswith("m/") for job in jobs):
            monkeypatch.setattr(leases, "clock", lambda: awake() + 3600)
            Game.objects.filter(pk=game.pk).update(lease_until=Now() - timedelta(seconds=1))
        return failures

    monkeypatch.setattr(reconcile, "write", write_and_sleep)
    publisher.step()
    assert len(keys_in(bucket, "m")) == 3
    assert keys_in(bucket, "g") == set()
    game.refresh_from_db()
    assert game.published is None
    monkeypatch.setattr(reconcile, "write", write)
    monkeypatch.setattr(leases, "clock", awake)
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_who_lost_the_game_to_another_does_not_say_that_it_is_published(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()

    def taken_over(key: str) -> None:
        if key.endswith(".html"):
            Game.objects.filter(pk=game.pk).update(lease_token="another's")

    bucket.before_put = taken_over
    publisher.step()
    game.refresh_from_db()
    assert (game.published, game.lease_token) == (None, "another's")
    assert BucketObject.objects.get(key=f"g/{game.pk}.html").state == "intended"


def test_a_key_that_a_delete_claims_meanwhile_is_passed_over(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = a_game()
    publisher.step()
    old = named_in(bucket, one)
    Use.objects.all().delete()
    other = a_game(picture=Picture.objects.get())
    read = table.read
    claimed: list[int] = []

    def read_then_claimed(**asked: object) -> object:
        rows = read(**asked)  # type: ignore[arg-type]
        if not claimed:
            claimed.append(BucketObject.objects.filter(key__startswith="m/").update(state="deleting"))
        return rows

    monkeypatch.setattr(table, "read", read_then_claimed)
    publisher.step()
    new = {key for key in named_in(bucket, other) if key.startswith("m/")}
    assert all(key.partition(".")[0].endswith("-1") for key in new)
    assert new.isdisjoint(old)
    assert new <= keys_in(bucket)


def test_no_claim_outlives_the_step(publisher: Publisher) -> None:
    a_game()
    publisher.step()
    assert not Game.objects.exclude(lease_token="").exists()
    assert not Crop.objects.exclude(lease_token="").exists()


@pytest.mark.django_db
def test_the_generations_of_a_rendition_are_found_as_far_as_they_were_claimed() -> None:
    used_up, free, lying = (Sha256(letter * 64) for letter in "abc")
    for key, sha256, state in (
        (f"m/{used_up}.avif", used_up, "gone"),
        (f"m/{used_up}-1.avif", used_up, "deleting"),
        (f"m/{used_up}-2.avif", used_up, "stored"),
        (f"m/{lying}.jpg", lying, "stored"),
    ):
        BucketObject.objects.create(key=key, sha256=sha256, size=1, state=state)
    media = {media_key(used_up, "image/avif"), media_key(free, "image/avif"), media_key(lying, "image/jpeg")}
    rows = table.read(game_ids=(), keys=(), media=media)
    assert [usable_media_key(sha256, kind, rows.of_bytes(sha256)) for sha256, kind in (
        (used_up, "image/avif"), (free, "image/avif"), (lying, "image/jpeg")
    )] == [f"m/{used_up}-2.avif", f"m/{free}.avif", f"m/{lying}.jpg"]  # fmt: skip

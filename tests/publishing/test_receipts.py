"""What a creator can show afterwards: everything that went, each line confirmed by the store that held it."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.db import IntegrityError
from django.db.models.functions import Now
from pytest_django import Settings
from tests.cast import a_picture
from tests.publishing.cast import Faulty, Killed, a_game, change_picture, everything_is_due, make_due, work
from tests.publishing.test_takedown import keep_original

from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.jobs.leases import due
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of
from pictogame.media import erasing
from pictogame.media.models import Erasure, Picture, Rendition
from pictogame.media.vault import Vault, vault
from pictogame.publishing import receipt_words, receipts, takedown
from pictogame.publishing.models import Doubt, Purge, Receipt, ReceiptLine
from pictogame.publishing.notices import gone_page
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.queries import Told, receipt_of
from pictogame.storage import Stat, StoreUnavailable


def keys_of(told: Told, kind: str) -> set[str]:
    return {line.key for line in told.lines if line.kind == kind}


def test_a_receipt_names_everything_that_went_each_line_confirmed(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    original = keep_original(Picture.objects.get())
    renditions = {one.sha256 for one in Rendition.objects.all()}
    publisher.step()
    held = {stat.key: bucket.get(stat.key) for stat in bucket.list() if not stat.key.startswith("r/")}
    actions.delete(game=game)
    work(publisher)
    told = receipt_of(game)
    page = f"g/{game.pk}.html"
    assert keys_of(told, "object") == held.keys() - {page}
    assert keys_of(told, "page") == {page}
    assert keys_of(told, "original") == {original}
    assert keys_of(told, "rendition") == renditions
    assert all(line.confirmed_at and line.deleted_at for line in told.lines)
    assert {line.key: (line.sha256, line.size) for line in told.lines if line.kind == "object"} == {
        key: (sha256_of(data), len(data)) for key, data in held.items() if key != page
    }
    notice = next(line for line in told.lines if line.kind == "page")
    assert notice.sha256 == sha256_of(gone_page())
    assert told.by == "creator"
    assert told.finished_at is not None
    assert told.finished_at >= told.asked_at
    assert (told.waits_for, told.cdn, told.kept_objects, told.kept_pictures) == ("", "none", 0, 0)


def test_a_receipt_says_until_when_caches_may_hold_a_copy(publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    for line in receipt_of(game).lines:
        if line.kind in {"original", "rendition"}:
            assert (line.browsers_until, line.shared_until) == (None, None)
            continue
        assert line.confirmed_at is not None
        assert line.browsers_until is not None
        assert line.shared_until is not None
        kept = (line.browsers_until - line.confirmed_at, line.shared_until - line.confirmed_at)
        if line.key.startswith("m/"):
            assert kept == (timedelta(days=365), timedelta(days=1))
        else:
            assert kept == (timedelta(seconds=ours.POINTER_MAX_AGE),) * 2


def test_what_another_game_uses_is_counted_and_not_named(publisher: Publisher) -> None:
    game, shared = a_game(1), a_game(picture=Picture.objects.get())
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    told = receipt_of(game)
    assert (told.kept_objects, told.kept_pictures) == (3, 1)
    assert keys_of(told, "object") == {f"g/{game.pk}.{end}" for end in ("xml", "json", "jpg")}
    assert told.finished_at is not None
    assert shared.pk not in json.dumps(receipt_words.document(told))
    assert "3 objects in the bucket, 1 picture in the vault" in receipt_words.text(told)
    actions.delete(game=shared)
    work(publisher)
    told = receipt_of(shared)
    assert (told.kept_objects, told.kept_pictures) == (0, 0)
    assert len(keys_of(told, "object")) == 6


def test_nothing_is_called_confirmed_while_the_bucket_refuses(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    bucket.refuses = lambda key: key.startswith("m/")
    work(publisher)
    told = receipt_of(game)
    assert told.finished_at is None
    assert told.waits_for == "The bucket does not answer."
    stuck = [line for line in told.lines if line.key.startswith("m/")]
    assert len(stuck) == 3
    assert all(line.confirmed_at is None and line.deleted_at is None for line in stuck)
    assert "Not finished" in receipt_words.text(told)
    bucket.refuses = lambda _key: False
    everything_is_due()
    work(publisher)
    assert receipt_of(game).finished_at is not None


def test_a_store_that_takes_a_delete_and_keeps_the_object_is_found_out(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    with monkeypatch.context() as patched:
        patched.setattr(Faulty, "delete", lambda _store, _key: None)
        work(publisher)
    told = receipt_of(game)
    assert told.finished_at is None
    assert told.waits_for == "The store took the delete, and holds it all the same."
    assert {line.key for line in told.lines if line.confirmed_at is None} >= {f"g/{game.pk}.xml"}


def test_what_a_late_write_may_bring_back_is_not_confirmed_before_the_second_look(publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    late = BucketObject.objects.get(key=f"g/{game.pk}.xml")
    Doubt.objects.create(object=late, at=Now() + timedelta(minutes=20))
    actions.delete(game=game)
    work(publisher)
    told = receipt_of(game)
    assert told.finished_at is None
    assert told.waits_for.startswith("A write that was never answered may still arrive.")
    assert [line.key for line in told.lines if line.confirmed_at is None] == [late.key]
    Doubt.objects.update(at=Now())
    work(publisher)
    assert receipt_of(game).finished_at is not None


def test_a_page_that_is_not_the_notice_is_not_confirmed(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    Receipt.objects.update(finished_at=None, **due())
    ReceiptLine.objects.filter(kind="page").update(confirmed_at=None)
    bucket.put(f"g/{game.pk}.html", b"<p>The cat again</p>")
    work(publisher)
    told = receipt_of(game)
    assert told.finished_at is None
    assert told.waits_for == "The page is not the notice yet."


def test_a_vault_that_refuses_keeps_the_receipt_open(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    game = a_game()
    original = keep_original(Picture.objects.get())
    publisher.step()
    actions.delete(game=game)

    def refuses(_private: Vault, _sha256: str) -> None:
        raise StoreUnavailable("The vault does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "forget", refuses)
        work(publisher)
    told = receipt_of(game)
    assert told.waits_for == "The vault does not answer."
    assert all(line.confirmed_at is None for line in told.lines if line.kind in {"original", "rendition"})
    assert vault().holds(original)
    everything_is_due()
    work(publisher)
    assert receipt_of(game).finished_at is not None
    assert not vault().holds(original)


@pytest.mark.parametrize("place", ["begin", "bury", "sweep", "erase", "confirm"])
def test_a_publisher_that_dies_anywhere_in_a_takedown_costs_a_delay_and_nothing_else(
    publisher: Publisher, bucket: Faulty, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    game = a_game()
    original = keep_original(Picture.objects.get())
    renditions = {one.sha256 for one in Rendition.objects.all()}
    publisher.step()
    actions.delete(game=game)

    def dies(*_arguments: object, **_more: object) -> None:
        raise Killed

    where = {
        "begin": (receipts, "begin"),
        "bury": (actions, "bury"),
        "sweep": (takedown, "sweep"),
        "erase": (erasing, "erase"),
        "confirm": (receipts, "confirm"),
    }[place]
    with monkeypatch.context() as patched:
        patched.setattr(*where, dies)
        publisher._chores.hurry()
        with pytest.raises(Killed):
            publisher.step()
    # Whoever takes over finds the leases lapsed.
    for rows in (Game, Receipt):
        rows.objects.update(lease_until=None, lease_token="")
    everything_is_due()
    work(publisher)
    told = receipt_of(game)
    assert told.finished_at is not None
    assert keys_of(told, "original") == {original}
    assert keys_of(told, "rendition") == renditions
    assert len(keys_of(told, "object")) == 6
    assert {stat.key for stat in bucket.list("g")} == {f"g/{game.pk}.html"}
    assert not list(bucket.list("m"))
    assert not any(vault().holds(sha256) for sha256 in [original, *renditions])  # type: ignore[arg-type]
    assert not Erasure.objects.exists()
    assert Receipt.objects.count() == 1


def test_a_game_that_is_taken_down_a_second_time_keeps_its_receipt(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    before = receipt_of(game)
    make_due(game)
    work(publisher)
    assert receipt_of(game) == before
    assert bucket.get(f"g/{game.pk}.html") == gone_page()


def test_what_edits_had_put_off_is_on_the_receipt_too(publisher: Publisher) -> None:
    game = a_game(1)
    publisher.step()
    change_picture(game, a_picture(2))
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    assert len([key for key in keys_of(receipt_of(game), "object") if key.startswith("m/")]) == 6


def test_a_draft_leaves_a_receipt_for_its_pictures(publisher: Publisher) -> None:
    game = actions.create(template="jigsaw").game
    actions.add_picture(game=game, picture=a_picture(), name="cat.jpg")
    original = keep_original(Picture.objects.get())
    actions.delete(game=game, by="command")
    before = receipt_of(game)
    assert (before.finished_at, before.waits_for) == (None, "The publisher has not come to it yet.")
    work(publisher)
    told = receipt_of(game)
    assert [(line.kind, line.key) for line in told.lines] == [("original", original)]
    assert told.by == "command"
    assert told.finished_at is not None


def test_a_picture_that_comes_again_at_once_is_told_as_kept(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    picture = Picture.objects.get()
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    Receipt.objects.update(finished_at=None, **due())
    ReceiptLine.objects.update(confirmed_at=None, deleted_at=None)
    again = Picture.objects.create(sha256=picture.sha256, size=1, kind="jpeg", width=400, height=300)
    work(publisher)
    told = receipt_of(game)
    assert told.finished_at is not None
    assert again.sha256 not in keys_of(told, "original")
    assert told.kept_pictures == 1
    assert "the same: 1 picture in the vault." in receipt_words.text(told)


class InLine(ThreadPoolExecutor):
    """Does everything at once in the thread that asks, whose database connection it may use."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def test_who_was_held_up_for_longer_than_its_lease_takes_nothing_back_from_whom_asked_meanwhile(
    publisher: Publisher, bucket: Faulty, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PURGE_COMMAND = "true"
    game = a_game(1)
    picture = Picture.objects.get()
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    Receipt.objects.update(finished_at=None, **due())
    ReceiptLine.objects.update(confirmed_at=None, deleted_at=None)
    Purge.objects.all().delete()
    head, told = bucket.head, [0]

    def held_up(key: str) -> Stat | None:
        there = head(key)
        if not told[0]:
            told[0] = 1
            Receipt.objects.update(lease_until=Now())
            Picture.objects.create(sha256=picture.sha256, size=1, kind="jpeg", width=400, height=300)
            with InLine() as pool:
                told[0] = 1 + receipts.confirm(bucket=bucket, pool=pool)
        return there

    monkeypatch.setattr(bucket, "head", held_up)
    with InLine() as pool:
        receipts.confirm(bucket=bucket, pool=pool)
    assert told == [2]
    kept = ReceiptLine.objects.get(kind="original", sha256=picture.sha256)
    assert (kept.kept, kept.confirmed_at) == (True, None)
    assert not ReceiptLine.objects.filter(kept=False, confirmed_at=None).exists()
    assert Purge.objects.count() == 1


def test_a_game_that_is_there_has_no_receipt(db: None, runtime: Path) -> None:
    with pytest.raises(Problem, match="not deleted"):
        receipt_of(actions.create(template="jigsaw").game)


def test_the_database_takes_no_confirmation_without_a_delete(publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    with pytest.raises(IntegrityError):
        ReceiptLine.objects.update(deleted_at=None, confirmed_at=Now())


# --- The CDN ---


def test_the_text_of_a_receipt_names_keys_hashes_times(publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    told = receipt_of(game)
    text = receipt_words.text(told)
    for line in told.lines:
        assert line.key in text
        assert line.sha256 in text
    assert text.count("confirmed  20") == len(told.lines)
    document = json.loads(json.dumps(receipt_words.document(told)))
    assert document["id"] == game.pk
    assert [one["key"] for one in document["lines"]] == [line.key for line in told.lines]

"""What an audit finds between bucket, rows and games, and what it mends."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from tests.cast import a_picture
from tests.publishing.cast import (
    Faulty,
    a_game,
    change_picture,
    days_pass,
    keys_in,
    make_pictures,
    named_in,
    text_in,
)

from pictogame.bucket.keys import media_key
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.types import Key, Sha256
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.vault import vault
from pictogame.publishing.audit import Finding, Kind, Summary, audit, objects
from pictogame.publishing.audit.rules import Row
from pictogame.publishing.models import Receipt, Use
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.sweep import sweep

AT_ONCE = timedelta(0)
STRAY = media_key(Sha256("ab" * 32), "image/avif")


def found(bucket: Faulty, *, repair: bool = False, deep: bool = True, all_orphans: bool = False) -> list[Finding]:
    return list(audit(bucket=bucket, repair=repair, deep=deep, patience=AT_ONCE, all_orphans=all_orphans))


def told(findings: list[Finding]) -> set[tuple[Kind, str]]:
    return {(one.kind, one.key) for one in findings}


def work(publisher: Publisher) -> None:
    for _ in range(20):
        if not publisher.step():
            return


@pytest.fixture
def playing(publisher: Publisher, bucket: Faulty) -> Game:
    """A game that plays, with the runtime in the bucket, and nothing to be found."""
    publisher.install_runtime()
    game = a_game()
    work(publisher)
    assert found(bucket) == []
    return game


def test_a_bucket_as_it_should_be_gives_no_finding_and_is_counted(playing: Game, bucket: Faulty) -> None:
    summary = Summary()
    steps: list[tuple[str, int, int]] = []
    assert list(audit(bucket=bucket, summary=summary, on_progress=lambda *step: steps.append(step))) == []
    objects = len(keys_in(bucket))
    assert (summary.objects, summary.rows, summary.hashed) == (objects, objects, objects)
    assert summary.bytes == sum(stat.size for stat in bucket.list())
    assert (summary.games, summary.total, summary.under_way, summary.moving) == (1, 0, 0, 0)
    assert steps == [("objects", objects, objects), ("rows", objects, objects), ("games", 1, 1)]


@pytest.mark.parametrize("start", ["m/", "g/", "r/"])
def test_what_is_missing_is_found_and_comes_back(
    playing: Game, publisher: Publisher, bucket: Faulty, start: str
) -> None:
    before = {key: bucket.get(key) for key in keys_in(bucket)}
    lost = {key for key in before if key.startswith(start)}
    for key in lost:
        bucket.delete(key)
    findings = found(bucket)
    assert told(findings) == {(Kind.MISSING, key) for key in lost}
    assert not any(one.repaired for one in findings)
    assert BucketObject.objects.exclude(state="stored").count() == 0
    assert all(one.repaired for one in found(bucket, repair=True))
    work(publisher)
    assert found(bucket) == []
    assert {key: bucket.get(key) for key in keys_in(bucket)} == before


@pytest.mark.parametrize(("start", "same_size"), [("m/", True), ("g/", True), ("r/", True), ("g/", False)])
def test_what_is_different_is_found_and_written_again(
    playing: Game, publisher: Publisher, bucket: Faulty, start: str, same_size: bool
) -> None:
    before = {key: bucket.get(key) for key in keys_in(bucket)}
    key = min(key for key in before if key.startswith(start))
    bucket.put(key, before[key][::-1] if same_size else b"short")
    assert told(found(bucket)) == {(Kind.DIFFERENT, key)}
    assert told(found(bucket, deep=False)) == (set() if same_size else {(Kind.DIFFERENT, key)})
    assert [one.repaired for one in found(bucket, repair=True)] == [True]
    work(publisher)
    assert found(bucket) == []
    assert bucket.get(key) == before[key]


@pytest.mark.parametrize("key", [STRAY, "g/aaaaaaaaaaaaaa.html", "r/0123456789ab/old.js", "embed.js"])
def test_an_orphan_of_ours_is_found_and_removed(playing: Game, bucket: Faulty, key: str) -> None:
    before = keys_in(bucket)
    bucket.put(key, b"whose?")
    assert told(found(bucket)) == {(Kind.ORPHANED, key)}
    assert not BucketObject.objects.filter(key=key).exists()
    assert [one.repaired for one in found(bucket, repair=True)] == [True]
    assert keys_in(bucket) == before
    assert found(bucket) == []


def test_a_rendition_that_was_an_orphan_can_be_published_later(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    key = next(key for key in named_in(bucket, playing) if key.startswith("m/"))
    data = bucket.get(key)
    Use.objects.filter(object__key=key).delete()
    BucketObject.objects.filter(key=key).delete()
    found(bucket, repair=True)
    work(publisher)
    assert found(bucket) == []
    again = {name for name in named_in(bucket, playing) if bucket.get(name) == data}
    assert again == {key.replace(".", "-1.")}


@pytest.mark.parametrize("key", ["favicon.ico", "m/cat.jpg"])
def test_what_is_somebody_elses_is_told_and_left(playing: Game, bucket: Faulty, key: str) -> None:
    bucket.put(key, b"somebody's")
    findings = found(bucket, repair=True)
    assert told(findings) == {(Kind.ORPHANED, key)}
    assert not findings[0].repaired
    assert bucket.get(key) == b"somebody's"


@pytest.mark.parametrize("wanted", [True, False])
def test_an_address_of_a_game_whose_rows_were_lost_is_given_back(
    playing: Game, publisher: Publisher, bucket: Faulty, wanted: bool
) -> None:
    page = f"g/{playing.pk}.html"
    if not wanted:
        actions.unpublish(game=playing)
        work(publisher)
    Use.objects.filter(object__key=page).delete()
    BucketObject.objects.filter(key=page).delete()
    assert (Kind.ORPHANED, page) in told(found(bucket))
    found(bucket, repair=True)
    work(publisher)
    assert found(bucket) == []
    actions.publish(game=playing)
    work(publisher)
    assert "A cat, in pieces" in text_in(bucket, page)


def test_many_orphans_are_only_removed_when_that_is_said(playing: Game, bucket: Faulty) -> None:
    before = keys_in(bucket)
    for number in range(60):
        bucket.put(media_key(Sha256(f"{number:064x}"), "image/jpeg"), b"from before the backup")
    assert {one.repaired for one in found(bucket, repair=True)} == {False}
    assert len(keys_in(bucket)) == len(before) + 60
    assert {one.repaired for one in found(bucket, repair=True, all_orphans=True)} == {True}
    assert keys_in(bucket) == before


def test_what_was_deleted_and_is_there_again_is_doomed(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    change_picture(playing, a_picture(2))
    work(publisher)
    days_pass()
    old = {key: bucket.get(key) for key in keys_in(bucket, "m")}
    sweep(bucket=bucket, pool=publisher._pool)
    back = min(old.keys() - keys_in(bucket))
    bucket.put(back, old[back])
    assert told(found(bucket)) == {(Kind.DOOMED, back)}
    assert [one.repaired for one in found(bucket, repair=True)] == [True]
    assert back not in keys_in(bucket)
    assert found(bucket) == []


def test_what_is_past_its_time_is_doomed_once_patience_is_over(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    change_picture(playing, a_picture(2))
    work(publisher)
    assert found(bucket) == []
    days_pass()
    assert list(audit(bucket=bucket)) == []
    assert {kind for kind, _ in told(found(bucket))} == {Kind.DOOMED}
    findings = found(bucket, repair=True)
    assert len(findings) == 3
    assert all(one.repaired for one in findings)
    assert len(keys_in(bucket, "m")) == 3
    assert found(bucket) == []


def test_a_delete_that_the_bucket_refuses_is_told_whatever_the_patience(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    bucket.refuses = lambda key: key.startswith("m/")
    actions.delete(game=playing)
    publisher.step()
    kinds = {one.kind for one in audit(bucket=bucket)}
    assert kinds == {Kind.DOOMED}
    findings = found(bucket, repair=True)
    assert not any(one.repaired for one in findings)
    bucket.refuses = lambda _key: False
    assert all(one.repaired for one in found(bucket, repair=True))
    assert keys_in(bucket, "m") == set()


def test_what_nothing_uses_and_nothing_would_delete_is_doomed(playing: Game, bucket: Faulty) -> None:
    Use.objects.filter(object__key__startswith="m/").delete()
    doomed = keys_in(bucket, "m")
    assert {(Kind.DOOMED, key) for key in doomed} <= told(found(bucket))


def test_what_a_game_keeps_without_wanting_it_is_doomed(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    change_picture(playing, a_picture(2))
    work(publisher)
    Use.objects.update(until=None)
    BucketObject.objects.update(delete_after=None)
    findings = found(bucket)
    assert [one.kind for one in findings] == [Kind.DOOMED] * 3
    assert all(one.repaired for one in found(bucket, repair=True))
    work(publisher)
    days_pass()
    found(bucket, repair=True)
    assert len(keys_in(bucket, "m")) == 3
    assert found(bucket) == []


def test_what_a_game_wants_and_no_row_has_is_missing(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    key = next(key for key in named_in(bucket, playing) if key.startswith("m/"))
    bucket.delete(key)
    BucketObject.objects.filter(key=key).update(state="gone")
    Use.objects.filter(object__key=key).delete()
    findings = found(bucket, repair=True)
    assert {one.kind for one in findings} == {Kind.MISSING}
    work(publisher)
    assert found(bucket) == []
    assert named_in(bucket, playing) <= keys_in(bucket)


def test_a_pruned_object_of_the_runtime_that_a_game_needs_comes_back(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    assert playing.wanted is not None
    key = playing.wanted.runtime["loader"]
    BucketObject.objects.filter(key=key).update(state="gone")
    assert told(found(bucket)) == {(Kind.DOOMED, key), (Kind.MISSING, key)}
    found(bucket, repair=True)
    assert key not in keys_in(bucket)
    found(bucket, repair=True)
    work(publisher)
    assert found(bucket) == []
    assert key in keys_in(bucket)


def test_a_pruning_that_died_is_left_to_its_command(playing: Game, bucket: Faulty) -> None:
    key = min(keys_in(bucket, "r") - set(playing.wanted.runtime.values()))  # type: ignore[union-attr]
    BucketObject.objects.filter(key=key).update(state="deleting")
    (one,) = found(bucket, repair=True)
    assert (one.kind, one.repaired) == (Kind.DOOMED, False)
    assert "runtime prune" in one.sentence
    assert key in keys_in(bucket)


def test_a_write_that_nobody_would_do_is_missing(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    page = f"g/{playing.pk}.html"
    BucketObject.objects.filter(key=page).update(state="intended")
    assert told(found(bucket)) == {(Kind.MISSING, page)}
    found(bucket, repair=True)
    work(publisher)
    assert found(bucket) == []


def test_a_game_that_is_due_is_under_way_and_no_finding(playing: Game, bucket: Faulty) -> None:
    change_picture(playing, a_picture(2))
    summary = Summary()
    assert list(audit(bucket=bucket, patience=AT_ONCE, summary=summary)) == []
    assert summary.under_way == 1


def test_an_object_that_is_written_while_it_is_looked_at_is_no_finding(
    playing: Game, bucket: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Key(f"g/{playing.pk}.html")
    bucket.put(page, b"half-way")
    rows_of = objects.rows_of

    def busy(keys: Iterable[Key]) -> dict[Key, Row]:
        """A publisher writes whenever somebody has looked."""
        rows = rows_of(keys)
        BucketObject.objects.filter(key=page).update(version=F("version") + 1)
        return rows

    monkeypatch.setattr(objects, "rows_of", busy)
    summary = Summary()
    assert list(audit(bucket=bucket, summary=summary)) == []
    assert summary.moving == 1


def test_deleted_and_resting_games_give_no_finding(publisher: Publisher, bucket: Faulty) -> None:
    publisher.install_runtime()
    deleted, resting, draft = a_game(1), a_game(2), actions.create(template="jigsaw").game
    work(publisher)
    actions.delete(game=deleted)
    actions.unpublish(game=resting)
    work(publisher)
    days_pass()
    sweep(bucket=bucket, pool=publisher._pool)
    assert found(bucket) == []
    assert draft.wanted is None
    assert BucketObject.objects.filter(delete_after__lte=Now(), state="stored").count() == 0


def test_a_page_of_a_deleted_game_comes_back_without_a_second_receipt(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    actions.delete(game=playing)
    work(publisher)
    before = [(one.pk, one.finished_at, one.lines.count()) for one in Receipt.objects.all()]
    page = f"g/{playing.pk}.html"
    bucket.delete(page)
    assert told(found(bucket, repair=True)) == {(Kind.MISSING, page)}
    work(publisher)
    assert found(bucket) == []
    assert "This game is gone" in text_in(bucket, page)
    assert [(one.pk, one.finished_at, one.lines.count()) for one in Receipt.objects.all()] == before


def test_what_a_published_game_lacks_is_found_until_it_is_there(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    lost = keys_in(bucket, "m")
    for key in lost:
        bucket.delete(key)
    assert all(one.repaired for one in found(bucket, repair=True))
    assert set(BucketObject.objects.filter(key__in=lost).values_list("state", flat=True)) == {"intended"}
    assert told(found(bucket)) == {(Kind.MISSING, key) for key in lost}, "it is on its way, and not there"
    assert all(one.repaired for one in found(bucket, repair=True))
    work(publisher)
    assert found(bucket) == []


def test_what_is_just_being_written_is_no_finding(playing: Game, bucket: Faulty) -> None:
    key = min(keys_in(bucket, "m"))
    bucket.delete(key)
    BucketObject.objects.filter(key=key).update(state="intended")
    Game.objects.update(due_at=Now(), lease_token="somebody", lease_until=Now() + timedelta(minutes=1))
    assert found(bucket) == []
    Game.objects.update(lease_until=Now() - timedelta(minutes=1))
    assert told(found(bucket)) == {(Kind.MISSING, key)}


def test_what_an_edit_needs_is_under_way(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    bucket.refuses = lambda key: key.startswith("m/")
    change_picture(playing, a_picture(2))
    work(publisher)
    assert BucketObject.objects.filter(state="intended", key__startswith="m/").count() == 3
    summary = Summary()
    assert list(audit(bucket=bucket, summary=summary)) == []
    assert summary.under_way == 1


def test_one_finding_for_a_lost_object_of_a_game_at_rest(playing: Game, bucket: Faulty) -> None:
    key = min(keys_in(bucket, "m"))
    bucket.delete(key)
    BucketObject.objects.filter(key=key).update(state="intended")
    assert [(one.kind, one.key) for one in found(bucket)] == [(Kind.MISSING, key)]


def lose_everything(playing: Game, bucket: Faulty, *, original: bool) -> set[str]:
    """The renditions are lost in the bucket and in the vault, and the original with them unless it is kept."""
    data = b"the original" * 100
    sha256 = vault().keep(data)
    Picture.objects.update(sha256=sha256, size=len(data))
    lost = {key for key in keys_in(bucket, "m") | {f"g/{playing.pk}.jpg"} if key in keys_in(bucket)}
    for key in lost:
        bucket.delete(key)
    for rendition in Rendition.objects.all():
        vault().forget(Sha256(rendition.sha256))
    if not original:
        vault().forget(sha256)
    return lost


def test_renditions_that_the_vault_lost_too_are_made_again(playing: Game, publisher: Publisher, bucket: Faulty) -> None:
    lost = lose_everything(playing, bucket, original=True)
    findings = found(bucket, repair=True)
    assert told(findings) == {(Kind.MISSING, key) for key in lost}
    assert all(one.repaired for one in findings)
    crop = Crop.objects.get()
    assert (crop.state, crop.due_at is not None) == ("wanted", True)
    Rendition.objects.all().delete()
    make_pictures()
    Game.objects.update(due_at=Now())
    work(publisher)
    assert found(bucket) == []
    assert named_in(bucket, playing) <= keys_in(bucket)


def test_what_can_not_come_back_is_never_said_to_be_on_its_way(
    playing: Game, publisher: Publisher, bucket: Faulty
) -> None:
    lost = {(Kind.MISSING, key) for key in lose_everything(playing, bucket, original=False)}
    findings = found(bucket, repair=True)
    assert told(findings) == lost
    assert not any(one.repaired for one in findings)
    publisher.step()
    findings = found(bucket, repair=True)
    assert told(findings) == lost | {(Kind.ASIDE, f"g/{playing.pk}.html")}
    assert not any(one.repaired for one in findings)
    (aside,) = [one for one in findings if one.kind is Kind.ASIDE]
    assert "got lost on our side" in aside.sentence


@pytest.mark.parametrize("published", [True, False])
def test_a_game_that_was_set_aside_is_told_with_its_cause_and_left(
    playing: Game, bucket: Faulty, published: bool
) -> None:
    Game.objects.update(set_aside_at=Now(), cause="m/x.avif: something else lies there.")
    if not published:
        Game.objects.update(published=None, published_at=None)
    summary = Summary()
    (one,) = audit(bucket=bucket, repair=True, summary=summary)
    assert (one.kind, one.key, one.repaired) == (Kind.ASIDE, f"g/{playing.pk}.html", False)
    assert "m/x.avif" in one.sentence
    assert summary.under_way == 0
    playing.refresh_from_db()
    assert playing.set_aside_at is not None

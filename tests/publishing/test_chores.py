"""What a publisher clears away besides what it is told to."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings
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
    work,
)
from tests.publishing.test_takedown import keep_original

from pictogame.accounts.models import User
from pictogame.games import actions, leftovers, queries
from pictogame.games.models import Game, Revision
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media.models import Crop, Picture
from pictogame.media.vault import vault
from pictogame.publishing import chores
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.queries import receipt_of
from pictogame.publishing.sweep import sweep


def _a_draft() -> Game:
    game = actions.create(template="jigsaw").game
    actions.add_picture(game=game, picture=a_picture(9), name="cat.jpg")
    return game


def _month_passes() -> None:
    _days_pass(31)


def _days_pass(days: int) -> None:
    Revision.objects.update(changed_at=Now() - timedelta(days=days))
    Picture.objects.update(received_at=Now() - timedelta(days=days))


def test_a_draft_that_nobody_came_back_to_goes_with_its_pictures(publisher: Publisher) -> None:
    playing, draft = a_game(1), _a_draft()
    original = keep_original(draft.revisions.get().pictures.get().picture)
    publisher.step()
    _month_passes()
    publisher._chores = chores.Chores(bucket=publisher._bucket, pool=publisher._pool)
    work(publisher)
    draft.refresh_from_db()
    assert draft.deleted_by == "age"
    assert not vault().holds(original)
    assert receipt_of(draft).finished_at is not None
    playing.refresh_from_db()
    assert playing.published is not None


def test_drafts_stay_for_ever_where_that_is_wished(publisher: Publisher, settings: Settings) -> None:
    settings.DRAFT_DAYS = 0
    draft, empty = _a_draft(), actions.create(template="jigsaw").game
    _month_passes()
    publisher.step()
    draft.refresh_from_db()
    assert draft.deleted_at is None
    assert Game.objects.filter(pk=empty.pk).exists()


def test_a_draft_into_which_nothing_was_put_goes_without_a_trace_after_a_week(publisher: Publisher) -> None:
    owner = User.objects.create(username="creator:mia", email="mia@example.org")
    playing, draft = a_game(1, title=""), _a_draft()
    kept = actions.create(template="jigsaw", owner=owner).game
    named = actions.create(template="jigsaw", title="Our cat").game
    actions.create(template="jigsaw")
    _days_pass(6)
    publisher.step()
    assert Game.objects.count() == 5
    _days_pass(8)
    actions.create(template="jigsaw")
    newest = Game.objects.latest("created_at")
    publisher._chores = chores.Chores(bucket=publisher._bucket, pool=publisher._pool)
    work(publisher)
    assert set(Game.objects.filter(deleted_at=None)) == {playing, draft, kept, named, newest}
    assert Game.objects.count() == 5
    assert Revision.objects.count() == 5


def test_a_draft_that_somebody_fills_at_that_moment_stays(publisher: Publisher) -> None:
    filled, empty = (actions.create(template="jigsaw").game for _ in range(2))
    _days_pass(8)
    found = leftovers.empty_drafts(days=7, limit=10)
    assert set(found) == {filled.pk, empty.pk}
    actions.add_picture(game=filled, picture=a_picture(9), name="cat.jpg")
    assert leftovers.drop_empty_drafts(games=found, days=7) == 1
    assert list(Game.objects.all()) == [filled]


def test_an_account_that_nobody_confirmed_is_forgotten(publisher: Publisher) -> None:
    old, new = (User.objects.create(username=f"creator:{name}", email=f"{name}@example.org") for name in ("old", "new"))
    User.objects.filter(pk=old.pk).update(date_joined=Now() - timedelta(days=8))
    publisher.step()
    assert list(User.objects.all()) == [new]


def test_a_picture_that_is_in_no_game_leaves_the_vault(publisher: Publisher) -> None:
    draft = _a_draft()
    picture = a_picture(10)
    original = keep_original(picture)
    row = actions.add_picture(game=actions.create(template="jigsaw").game, picture=picture, name="dog.jpg")
    actions.remove_picture(game=row.revision.game, slot_picture_id=row.pk)
    Picture.objects.update(received_at=Now() - timedelta(days=2))
    for _ in range(3):
        publisher.step()
        publisher._chores.hurry()
    assert not vault().holds(original)
    assert list(Picture.objects.all()) == [draft.revisions.get().pictures.get().picture]


def _move(game: Game, *points: tuple[int, int]) -> None:
    """Their creator moves the spot that must stay in view, and looks each time how the picture came out."""
    for point in points:
        row = actions.open_draft(game=game).pictures.get()
        actions.describe_picture(game=game, slot_picture_id=row.pk, focus=point)
        make_pictures()


def _a_day_passes() -> None:
    Crop.objects.update(wanted_at=Now() - timedelta(hours=25))


def _points() -> set[tuple[int, int]]:
    return set(Crop.objects.values_list("focus_x", "focus_y"))


def test_crops_around_points_that_were_left_go_with_their_bytes(publisher: Publisher, bucket: Faulty) -> None:
    game = a_game(1)
    publisher.step()
    _move(game, (100, 500), (200, 500), (300, 500))
    left = {sha256 for crop in Crop.objects.filter(focus_x__in=[100, 200]) for sha256 in _hashes(crop)}
    kept = {sha256 for crop in Crop.objects.filter(focus_x__in=[300, 500]) for sha256 in _hashes(crop)}
    assert all(vault().holds(sha256) for sha256 in left | kept)
    _a_day_passes()
    publisher._chores = chores.Chores(bucket=publisher._bucket, pool=publisher._pool)
    work(publisher)
    assert _points() == {(500, 500), (300, 500)}
    assert not any(vault().holds(sha256) for sha256 in left)
    assert all(vault().holds(sha256) for sha256 in kept)
    actions.publish(game=game)
    publisher.step()
    assert queries.publish_state(game).word == "in_bucket"
    assert named_in(bucket, game) <= keys_in(bucket)


def _hashes(crop: Crop) -> list[Sha256]:
    return [Sha256(sha256) for sha256 in crop.renditions.values_list("sha256", flat=True)]


def test_a_crop_stays_a_day_and_while_an_earlier_version_or_another_game_uses_it(publisher: Publisher) -> None:
    game = a_game(1)
    other = actions.create(template="jigsaw").game
    actions.add_picture(game=other, picture=Picture.objects.get(), name="cat.jpg")
    _move(other, (700, 700))
    _move(game, (100, 500))
    actions.publish(game=game)
    _move(game, (200, 500), (300, 500))
    publisher.step()
    assert len(_points()) == 5
    _a_day_passes()
    _move(game, (200, 500))
    publisher._chores = chores.Chores(bucket=publisher._bucket, pool=publisher._pool)
    publisher.step()
    assert _points() == {(500, 500), (700, 700), (100, 500), (200, 500)}


def test_bytes_that_another_crop_gave_as_well_stay_in_the_vault(publisher: Publisher) -> None:
    game = a_game(1)
    _move(game, (100, 500), (200, 500))
    left, kept = Crop.objects.get(focus_x=100), Crop.objects.get(focus_x=200)
    small = _hashes(left)[0]
    kept.renditions.filter(role="small").update(sha256=small)
    _a_day_passes()
    work(publisher)
    assert not Crop.objects.filter(pk=left.pk).exists()
    assert vault().holds(small)


def test_a_crop_that_goes_while_somebody_wants_it_is_made_once_more(publisher: Publisher) -> None:
    game = a_game(1)
    _move(game, (100, 500), (500, 500))
    _a_day_passes()
    found, on = leftovers.unused_crops(after=0, limit=10, hours=24)
    assert (list(Crop.objects.filter(pk__in=found).values_list("focus_x", flat=True)), on) == ([100], 0)
    _move(game, (100, 500))
    assert leftovers.drop_crops(crops=found, hours=24) == 0
    _move(game, (500, 500))
    assert leftovers.drop_crops(crops=found, hours=24) == 0
    _a_day_passes()
    assert leftovers.drop_crops(crops=found, hours=24) == 1
    _move(game, (100, 500))
    assert Crop.objects.get(focus_x=100).renditions.count() == 4


def test_the_crops_are_looked_through_bit_by_bit(publisher: Publisher) -> None:
    game = a_game(1)
    _move(game, *[(place, 500) for place in range(100, 600, 100)])
    _a_day_passes()
    after, found = 0, list[int]()
    for size in (2, 2, 1):
        some, after = leftovers.unused_crops(after=after, limit=2, hours=24)
        found += some
        assert (after == 0) == (size == 1)
    assert set(Crop.objects.filter(pk__in=found).values_list("focus_x", flat=True)) == {100, 200, 300, 400}


def test_one_chore_that_fails_keeps_no_other_from_its_turn(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(**_: object) -> int:
        raise Problem("The bucket does not answer.")

    game = a_game()
    publisher.step()
    actions.delete(game=game)
    publisher.step()
    monkeypatch.setattr(chores, "sweep", refuses)
    work(publisher)
    assert receipt_of(game).finished_at is not None


def test_every_step_of_an_edit_names_only_what_is_there(publisher: Publisher, bucket: Faulty) -> None:
    """Another picture, back to the first after its key was used up, another option, another title: whoever reads
    game.xml between any two writes finds everything that it names."""
    game = a_game(1)
    first = Picture.objects.get()
    publisher.step()
    seen = 0

    def look(_key: str) -> None:
        nonlocal seen
        assert named_in(bucket, game) <= keys_in(bucket)
        seen += 1

    bucket.before_put = look
    change_picture(game, a_picture(2))
    publisher.step()
    publisher_sweeps_all(publisher)
    change_picture(game, first)
    publisher.step()
    assert {key for key in named_in(bucket, game) if "-1." in key}
    actions.change(game=game, title="Another title", options={"shape": "1:1", "pieces": "6"})
    make_pictures()
    actions.publish(game=game)
    publisher.step()
    assert "Another title" in text_in(bucket, f"g/{game.pk}.xml")
    assert 'name="shape" value="1:1"' in text_in(bucket, f"g/{game.pk}.xml")
    actions.roll_back(game=game, number=1)
    publisher.step()
    publisher_sweeps_all(publisher)
    look("")
    assert "A cat, in pieces" in text_in(bucket, f"g/{game.pk}.xml")
    assert seen > 12


def publisher_sweeps_all(publisher: Publisher) -> None:
    """Every grace is over."""
    days_pass()
    while sweep(bucket=publisher._bucket, pool=publisher._pool):
        pass


def test_a_version_that_is_brought_back_plays_from_the_bucket_byte_for_byte(
    publisher: Publisher, bucket: Faulty
) -> None:
    game = a_game(1)
    publisher.step()
    before = text_in(bucket, f"g/{game.pk}.xml")
    actions.change(game=game, title="Second")
    actions.publish(game=game)
    publisher.step()
    actions.roll_back(game=game, number=1)
    publisher.step()
    assert text_in(bucket, f"g/{game.pk}.xml") == before
    assert queries.publish_state(game).word == "in_bucket"

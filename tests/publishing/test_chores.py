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
from pictogame.games import actions, queries
from pictogame.games.models import Game, Revision
from pictogame.lib.errors import Problem
from pictogame.media.models import Picture
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
    Revision.objects.update(changed_at=Now() - timedelta(days=31))
    Picture.objects.update(received_at=Now() - timedelta(days=31))


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
    draft = _a_draft()
    _month_passes()
    publisher.step()
    draft.refresh_from_db()
    assert draft.deleted_at is None


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

"""Renditions that the vault lost come back from the original by themselves, and else from their creator."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.publishing.cast import Faulty, a_game, keys_in, make_due, make_pictures, named_in

from pictogame.bucket.models import BucketObject
from pictogame.catalog.models import RuntimeObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.games.queries import publish_state
from pictogame.lib.types import Sha256
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.vault import vault
from pictogame.publishing.publisher import Publisher

ORIGINAL = b"the original" * 100


def file_of(sha256: str) -> Path:
    path = vault().path_of(Sha256(sha256))
    assert path is not None
    return path


def cut_short(path: Path) -> None:
    os.truncate(path, 3)


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def a_rendition() -> Path:
    return file_of(Rendition.objects.get(role="large").sha256)


def the_original() -> Path:
    return file_of(Picture.objects.get().sha256)


def work_on_pictures() -> None:
    """What the worker does with crops that are wanted once more."""
    Rendition.objects.filter(crop__state="wanted").delete()
    make_pictures()


@pytest.fixture
def game(publisher: Publisher) -> Game:
    """A game to be published whose original is in the vault."""
    game = a_game()
    Picture.objects.update(sha256=vault().keep(ORIGINAL), size=len(ORIGINAL))
    return game


@pytest.mark.parametrize("harm", [Path.unlink, cut_short])
def test_a_rendition_that_is_lost_is_made_again_and_its_game_waits(
    game: Game, publisher: Publisher, bucket: Faulty, harm: Callable[[Path], None]
) -> None:
    harm(a_rendition())
    publisher.step()
    assert publish_state(game).word == "processing"
    assert keys_in(bucket, "g") == set()
    game.refresh_from_db()
    crop = Crop.objects.get()
    assert (game.attempts, game.due_at is not None) == (0, True)
    assert (crop.state, crop.due_at is not None) == ("wanted", True)
    work_on_pictures()
    make_due(game)
    publisher.step()
    assert publish_state(game).word == "in_bucket"
    assert named_in(bucket, game) <= keys_in(bucket)


def test_other_games_with_the_same_picture_look_at_it_too(game: Game, publisher: Publisher) -> None:
    publisher.step()
    other = a_game(picture=Picture.objects.get())
    publisher.step()
    a_rendition().unlink()
    BucketObject.objects.filter(key__startswith="m/").update(state="intended")
    actions.publish(game=game)
    publisher.step()
    assert [publish_state(one).word for one in (game, other)] == ["processing", "processing"]


@pytest.mark.parametrize("harm", [Path.unlink, spoil])
def test_the_creator_is_asked_only_where_the_original_is_lost_too(
    game: Game, publisher: Publisher, harm: Callable[[Path], None]
) -> None:
    a_rendition().unlink()
    harm(the_original())
    publisher.step()
    state = publish_state(game)
    assert (state.word, state.mendable) == ("failed", True)
    assert "cat.jpg: It got lost on our side: choose the same file once more" in state.problem
    assert "vault" not in state.problem


def test_the_same_picture_sent_once_more_is_all_it_takes(game: Game, publisher: Publisher) -> None:
    a_rendition().unlink()
    the_original().unlink()
    publisher.step()
    vault().keep(ORIGINAL)
    picture = Picture.objects.get()
    assert actions.return_picture(game=game, picture=picture) == game.revisions.get().pictures.get()
    assert not publish_state(game).changed
    assert publish_state(game).word == "processing"
    work_on_pictures()
    make_due(game)
    publisher.step()
    assert publish_state(game).word == "in_bucket"
    assert actions.return_picture(game=game, picture=picture) is None


def test_a_picture_that_was_taken_out_and_sent_again_is_made_anew(game: Game, publisher: Publisher) -> None:
    a_rendition().unlink()
    the_original().unlink()
    publisher.step()
    vault().keep(ORIGINAL)
    draft = actions.open_draft(game=game)
    actions.remove_picture(game=game, slot_picture_id=draft.pictures.get().pk)
    actions.add_picture(game=game, picture=Picture.objects.get(), name="cat.jpg")
    actions.publish(game=game)
    work_on_pictures()
    publisher.step()
    assert publish_state(game).word == "in_bucket"


def test_a_vault_that_is_not_there_is_no_lost_picture(game: Game, publisher: Publisher) -> None:
    publisher.install_runtime()
    for sha256 in [*RuntimeObject.objects.values_list("sha256", flat=True), Picture.objects.get().sha256]:
        file_of(sha256).unlink()
    a_rendition().unlink()
    publisher.step()
    game.refresh_from_db()
    assert Crop.objects.get().state == "ready"
    assert (game.attempts, game.faults) == (1, 0)
    assert "can't be read just now" in publish_state(game).problem

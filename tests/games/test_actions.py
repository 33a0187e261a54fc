from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cast import a_picture, process_all

from pictogame.catalog.errors import BadOption, UnknownSkin, UnknownTemplate
from pictogame.games import actions, describing, queries
from pictogame.games.actions import Created
from pictogame.games.errors import (
    AlreadyThere,
    BadText,
    NotFound,
    NothingToPublish,
    PictureGone,
    PictureUnusable,
    SlotFull,
    StaleOrder,
)
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import hash_of_secret
from pictogame.lib.types import Sha256
from pictogame.media import actions as media
from pictogame.media.actions import Forgotten
from pictogame.media.models import Crop, Picture


def _draft(created: Created) -> Revision:
    draft = queries.draft_of(created.game)
    assert draft is not None
    return draft


def _names(created: Created) -> list[str]:
    return [row.name for row in queries.pictures_of(queries.newest_of(created.game))]


def _rows() -> dict[str, object]:
    """Everything that the database holds of games, to see that nothing was lost."""
    return {
        "games": list(Game.objects.order_by("pk").values()),
        "revisions": list(Revision.objects.order_by("pk").values()),
        "pictures": list(SlotPicture.objects.order_by("pk").values()),
        "crops": list(Crop.objects.order_by("pk").values()),
    }


# --- Making ---


def test_a_new_game_is_a_draft_that_nobody_can_guess(jigsaw: Created) -> None:
    game = Game.objects.get()
    assert (game.wanted, game.published, game.due_at, game.listed) == (None, None, None, False)
    assert game.secret_hash == hash_of_secret(jigsaw.secret)
    draft = _draft(jigsaw)
    assert (draft.template, draft.skin, draft.title, draft.language) == ("jigsaw", "paper", "A cat, in pieces", "en")
    assert draft.options == {"pieces": 12, "turned": False, "shape": "4:3", "frame_rate": 4}


def test_the_secret_is_nowhere_in_the_database(jigsaw: Created) -> None:
    assert str(jigsaw.secret) not in str(_rows())


def test_a_stranger_finds_nothing(jigsaw: Created) -> None:
    assert queries.game_for_editing(jigsaw.game.id, jigsaw.secret) == jigsaw.game
    for game_id, secret in (
        (jigsaw.game.id, "a" * 32),
        (jigsaw.game.id, ""),
        (jigsaw.game.id, "ä"),
        ("aaaaaaaaaaaaaa", str(jigsaw.secret)),
    ):
        with pytest.raises(NotFound):
            queries.game_for_editing(game_id, secret)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"template": "chess"}, UnknownTemplate),
        ({"template": "jigsaw", "skin": "glass"}, UnknownSkin),
        ({"template": "jigsaw", "title": "x" * 10_000}, BadText),
        ({"template": "jigsaw", "message": "x" * 10_000}, BadText),
        ({"template": "jigsaw", "language": "tlh"}, BadText),
        ({"template": "jigsaw", "options": {"pieces": 7}}, BadOption),
        ({"template": "jigsaw", "options": {"colour": "red"}}, BadOption),
    ],
)
@pytest.mark.django_db
def test_what_can_not_be_made_leaves_nothing(runtime: Path, said: dict[str, object], problem: type[Problem]) -> None:
    with pytest.raises(problem):
        actions.create(**said)  # type: ignore[arg-type]
    assert not Game.objects.exists()


# --- Pictures ---


def test_a_picture_is_wanted_in_its_ratio_at_once(jigsaw: Created) -> None:
    crop = Crop.objects.get()
    assert (crop.ratio, crop.focus_x, crop.focus_y, crop.state) == ("4:3", 500, 500, Crop.State.WANTED)
    assert crop.due_at is not None


def test_five_hundred_pictures_at_once_fill_the_slots_and_lose_nothing(pairs: Created) -> None:
    refused = []
    for number in range(500):
        try:
            actions.add_picture(game=pairs.game, picture=a_picture(number + 10), name=f"{number}.jpg")
        except SlotFull as problem:
            refused.append(problem.sentence)
    assert len(_names(pairs)) == 13
    assert len(refused) == 487
    assert refused[0] == "Pairs takes 13 pictures. Remove one to make room for 13.jpg."
    assert [row.slot for row in queries.pictures_of(_draft(pairs))] == ["cards"] * 12 + ["back"]


def test_a_full_slot_keeps_what_is_there(jigsaw: Created) -> None:
    before = _rows()
    with pytest.raises(SlotFull, match=r"Jigsaw takes one picture\. Remove one to make room for dog\.jpg\."):
        actions.add_picture(game=jigsaw.game, picture=a_picture(2), name="dog.jpg")
    assert _rows() == before


def test_the_same_picture_twice_is_said_and_kept_once(pairs: Created) -> None:
    picture = a_picture()
    actions.add_picture(game=pairs.game, picture=picture, name="cat.jpg")
    with pytest.raises(AlreadyThere, match=r"copy\.jpg is already in this game, so it is kept once\."):
        actions.add_picture(game=pairs.game, picture=picture, name="copy.jpg")
    assert _names(pairs) == ["cat.jpg"]


def test_the_same_picture_may_lie_in_two_slots(pairs: Created) -> None:
    picture = a_picture()
    actions.add_picture(game=pairs.game, picture=picture, name="cat.jpg", slot="cards")
    actions.add_picture(game=pairs.game, picture=picture, name="cat.jpg", slot="back")
    assert len(_names(pairs)) == 2
    assert Crop.objects.count() == 1


def test_an_unknown_slot_and_a_refused_picture_are_said(pairs: Created) -> None:
    with pytest.raises(SlotFull, match=r"Pairs has no place called “hat”\. It has cards, back\."):
        actions.add_picture(game=pairs.game, picture=a_picture(), name="cat.jpg", slot="hat")
    refused = a_picture(2, state=Picture.State.REFUSED, refusal="It is a film, not a picture.")
    with pytest.raises(PictureUnusable, match="It is a film"):
        actions.add_picture(game=pairs.game, picture=refused, name="film.gif")
    assert _names(pairs) == []


@pytest.fixture
def three(pairs: Created) -> Created:
    """The game of pairs with three pictures: a, b, c."""
    for number, name in enumerate("abc"):
        actions.add_picture(game=pairs.game, picture=a_picture(number + 10), name=name)
    return pairs


def test_pictures_go_where_they_are_put(three: Created) -> None:
    a, b, c = (row.pk for row in queries.pictures_of(_draft(three)))
    actions.arrange(game=three.game, order=[c, a, b])
    assert _names(three) == ["c", "a", "b"]


@pytest.mark.parametrize("pick", [lambda a, b, c: [a, b], lambda a, b, c: [a, a, b], lambda a, b, c: [a, b, c, c]])
def test_an_order_of_other_pictures_changes_nothing(three: Created, pick: Callable[..., list[int]]) -> None:
    before = _rows()
    with pytest.raises(StaleOrder):
        actions.arrange(game=three.game, order=pick(*(row.pk for row in queries.pictures_of(_draft(three)))))
    with pytest.raises(NotFound):
        actions.arrange(game=three.game, order=[999_999])
    assert _rows() == before


def test_a_picture_that_is_taken_out_closes_the_gap(three: Created) -> None:
    rows = queries.pictures_of(_draft(three))
    actions.remove_picture(game=three.game, slot_picture_id=rows[1].pk)
    assert [(row.name, row.position) for row in queries.pictures_of(_draft(three))] == [("a", 0), ("c", 1)]
    actions.add_picture(game=three.game, picture=a_picture(20), name="d")
    assert _names(three) == ["a", "c", "d"]


def test_a_new_focus_wants_a_new_crop(jigsaw: Created) -> None:
    row = queries.pictures_of(_draft(jigsaw))[0]
    actions.describe_picture(game=jigsaw.game, slot_picture_id=row.pk, alt=" A cat\u202e ", focus=(250, 1700))
    row.refresh_from_db()
    assert (row.alt, row.focus_x, row.focus_y) == ("A cat", 250, 1000)
    assert Crop.objects.filter(ratio="4:3", focus_x=250, focus_y=1000, state=Crop.State.WANTED).exists()


def test_nobody_touches_the_pictures_of_another_game(jigsaw: Created, three: Created) -> None:
    row = queries.pictures_of(_draft(jigsaw))[0]
    with pytest.raises(NotFound):
        actions.describe_picture(game=three.game, slot_picture_id=row.pk, alt="Mine now")
    with pytest.raises(NotFound):
        actions.remove_picture(game=three.game, slot_picture_id=row.pk)
    assert _names(jigsaw) == ["cat.jpg"]


# --- Changing ---


def test_another_shape_wants_another_crop(jigsaw: Created) -> None:
    actions.change(game=jigsaw.game, options={"shape": "1:1"})
    assert set(Crop.objects.values_list("ratio", flat=True)) == {"4:3", "1:1"}
    assert _draft(jigsaw).options["shape"] == "1:1"


def test_options_are_set_one_by_one(jigsaw: Created) -> None:
    actions.change(game=jigsaw.game, options={"pieces": "24"})
    actions.change(game=jigsaw.game, options={"turned": True})
    assert _draft(jigsaw).options == {"pieces": 24, "turned": True, "shape": "4:3", "frame_rate": 4}


def test_a_change_is_made_as_a_whole_or_not_at_all(jigsaw: Created) -> None:
    before = _rows()
    for said in (
        {"title": "New", "options": {"pieces": 7}},
        {"template": "pairs", "skin": "glass"},
        {"title": "x" * 10_000},
        {"skin": "felt", "language": "tlh"},
    ):
        with pytest.raises(Problem):
            actions.change(game=jigsaw.game, **said)
    assert _rows() == before


def test_another_template_takes_pictures_and_options_over(three: Created) -> None:
    actions.change(game=three.game, options={"shape": "3:4"})
    actions.change(game=three.game, template="jigsaw")
    draft = _draft(three)
    assert draft.options == {"pieces": 12, "turned": False, "shape": "3:4", "frame_rate": 4}
    assert _names(three) == ["a", "b", "c"]
    assert [row.name for row in queries.spares(draft)] == ["b", "c"]
    assert Crop.objects.filter(ratio="3:4").count() == 1
    actions.change(game=three.game, template="pairs")
    assert _names(three) == ["a", "b", "c"]
    assert queries.spares(_draft(three)) == []


def test_pictures_without_room_do_not_play(three: Created) -> None:
    actions.change(game=three.game, template="jigsaw")
    actions.publish(game=three.game)
    process_all()
    assert len(describing.description_of(queries.newest_of(three.game)).pictures) == 1


# --- Publishing ---


@pytest.mark.parametrize("comes_up", ["the first is taken out", "another order", "another template"])
def test_a_picture_that_comes_to_play_is_made_at_once(three: Created, comes_up: str) -> None:
    actions.change(game=three.game, template="jigsaw", options={"shape": "3:4"})
    first, second, third = _draft(three).pictures.order_by("position")
    Crop.objects.all().delete()
    if comes_up == "the first is taken out":
        actions.remove_picture(game=three.game, slot_picture_id=first.pk)
        wanted = {(second.picture_id, "3:4")}
    elif comes_up == "another order":
        actions.arrange(game=three.game, order=[third.pk, first.pk, second.pk])
        wanted = {(third.picture_id, "3:4")}
    else:
        actions.change(game=three.game, options={"shape": "1:1"})
        Crop.objects.all().delete()
        # The first has played in this ratio, and the others have only waited.
        actions.change(game=three.game, template="pairs")
        wanted = {(second.picture_id, "1:1"), (third.picture_id, "1:1")}
    assert set(Crop.objects.values_list("picture_id", "ratio")) == wanted


def test_publishing_freezes_the_draft_and_pins_the_runtime(jigsaw: Created) -> None:
    revision = actions.publish(game=jigsaw.game)
    game = Game.objects.get()
    assert game.wanted == revision
    assert game.published is None
    assert game.due_at is not None
    assert revision.frozen_at is not None
    assert set(revision.runtime) == {"loader", "finale", "template", "skin"}
    assert queries.draft_of(game) is None


def test_other_languages_pin_their_texts(jigsaw: Created) -> None:
    actions.change(game=jigsaw.game, language="de")
    assert actions.publish(game=jigsaw.game).runtime["strings"].endswith("/jigsaw.de.json")


def test_too_few_pictures_are_said(pairs: Created) -> None:
    with pytest.raises(NothingToPublish, match=r"Pairs needs 3 more pictures before it can be published\."):
        actions.publish(game=pairs.game)
    actions.change(game=pairs.game, template="jigsaw")
    with pytest.raises(NothingToPublish, match=r"Jigsaw needs a picture before it can be published\."):
        actions.publish(game=pairs.game)
    assert Game.objects.get().wanted is None


def test_a_refused_picture_is_said_by_name(jigsaw: Created) -> None:
    Picture.objects.update(state=Picture.State.REFUSED, refusal="Half of the file is missing.")
    with pytest.raises(PictureUnusable, match=r"^cat\.jpg: Half of the file is missing\.$"):
        actions.publish(game=jigsaw.game)
    assert _draft(jigsaw).frozen_at is None


def test_what_plays_stays_as_it_was_while_the_draft_changes(jigsaw: Created) -> None:
    first = actions.publish(game=jigsaw.game)
    process_all()
    played = describing.description_of(first)
    row = queries.pictures_of(first)[0]
    actions.change(game=jigsaw.game, title="Another title", options={"shape": "1:1"})
    actions.describe_picture(game=jigsaw.game, slot_picture_id=row.pk, alt="Other words")
    draft = _draft(jigsaw)
    assert draft.number == 2
    assert draft.pictures.get().alt == "Other words"
    first.refresh_from_db()
    assert describing.description_of(first) == played
    assert Game.objects.get().wanted == first


def test_the_same_seed_stays_with_a_game(jigsaw: Created) -> None:
    first = actions.publish(game=jigsaw.game)
    assert actions.open_draft(game=jigsaw.game).seed == first.seed
    assert actions.open_draft(game=jigsaw.game).number == 2


def test_a_game_can_be_taken_out_and_put_back(jigsaw: Created) -> None:
    revision = actions.publish(game=jigsaw.game)
    actions.mark_published(game=jigsaw.game, revision=revision)
    actions.unpublish(game=jigsaw.game)
    game = Game.objects.get()
    assert game.wanted is None
    assert game.published == revision
    assert game.due_at is not None
    actions.publish(game=jigsaw.game)
    assert Game.objects.get().wanted == revision


def test_a_publish_during_a_publish_is_not_lost(jigsaw: Created) -> None:
    first = actions.publish(game=jigsaw.game)
    actions.change(game=jigsaw.game, title="Newer")
    second = actions.publish(game=jigsaw.game)
    assert actions.mark_published(game=jigsaw.game, revision=first) is False
    assert Game.objects.get().due_at is not None
    assert actions.mark_published(game=jigsaw.game, revision=second) is True
    assert Game.objects.get().due_at is None


def test_deleting_takes_the_words_along_at_once(jigsaw: Created) -> None:
    actions.publish(game=jigsaw.game)
    actions.delete(game=jigsaw.game)
    game = Game.objects.get()
    assert (game.wanted, game.listed) == (None, False)
    assert game.deleted_at is not None
    assert game.due_at is not None
    for words in ("A cat, in pieces", "A tabby cat", "cat.jpg"):
        assert words not in str(_rows())
    with pytest.raises(NotFound):
        queries.game_for_editing(game.id, jigsaw.secret)
    with pytest.raises(NotFound):
        actions.publish(game=game)
    with pytest.raises(NotFound):
        actions.change(game=game, title="Back again")


def test_a_buried_game_lets_go_of_the_pictures_that_no_other_has(jigsaw: Created, three: Created) -> None:
    shared = queries.pictures_of(_draft(three))[0].picture
    actions.remove_picture(game=jigsaw.game, slot_picture_id=queries.pictures_of(_draft(jigsaw))[0].pk)
    actions.add_picture(game=jigsaw.game, picture=shared, name="shared.jpg")
    actions.publish(game=jigsaw.game)
    actions.change(game=jigsaw.game, template="pairs")
    actions.add_picture(game=jigsaw.game, picture=a_picture(40), name="own.jpg")
    assert actions.bury(game=jigsaw.game) == ([], 0)
    actions.delete(game=jigsaw.game)
    assert actions.bury(game=jigsaw.game) == ([Forgotten(Sha256(f"{40:064x}"), 1_000_000, original=True)], 1)
    assert not SlotPicture.objects.filter(revision__game=jigsaw.game).exists()
    assert _names(three) == ["a", "b", "c"]


# --- What is known of a game ---


def test_the_state_is_told_honestly_on_the_whole_way(jigsaw: Created) -> None:
    def word() -> str:
        return queries.publish_state(jigsaw.game).word

    assert word() == "draft"
    revision = actions.publish(game=jigsaw.game)
    assert word() == "processing"
    process_all()
    assert word() == "queued"
    Game.objects.update(attempts=2, problem="The bucket does not answer.")
    assert queries.publish_state(jigsaw.game).problem == "The bucket does not answer."
    assert word() == "failed"
    Game.objects.update(attempts=0, problem="")
    actions.mark_published(game=jigsaw.game, revision=revision)
    assert queries.publish_state(jigsaw.game) == queries.PublishState("in_bucket")
    actions.open_draft(game=jigsaw.game)
    assert queries.publish_state(jigsaw.game) == queries.PublishState("in_bucket", changed=True)


def test_a_picture_that_fails_late_fails_the_game(jigsaw: Created) -> None:
    actions.publish(game=jigsaw.game)
    Picture.objects.update(state=Picture.State.REFUSED, refusal="It can't be decoded.")
    state = queries.publish_state(jigsaw.game)
    assert (state.word, state.problem) == ("failed", "cat.jpg: It can't be decoded.")
    assert state.mendable


def test_listed_games_are_shown_when_they_play(jigsaw: Created, pairs: Created) -> None:
    for created in (jigsaw, pairs):
        actions.set_listed(game=created.game, listed=True)
    assert queries.recent_listed(10) == []
    actions.mark_published(game=jigsaw.game, revision=actions.publish(game=jigsaw.game))
    assert queries.recent_listed(10) == [jigsaw.game]
    actions.set_listed(game=jigsaw.game, listed=False)
    assert queries.recent_listed(10) == []


def test_a_picture_that_was_forgotten_on_its_way_into_a_game_is_asked_for_again(pairs: Created, data: Path) -> None:
    picture = a_picture(1)
    media.forget(picture=picture)
    before = _rows()
    with pytest.raises(PictureGone, match=r"cat\.jpg was just deleted .* once more"):
        actions.add_picture(game=pairs.game, picture=picture, name="cat.jpg")
    assert _rows() == before
    actions.add_picture(game=pairs.game, picture=a_picture(1), name="cat.jpg")
    assert _names(pairs) == ["cat.jpg"]


def test_a_picture_that_a_game_uses_is_never_forgotten(pairs: Created, data: Path) -> None:
    picture = a_picture(1)
    actions.add_picture(game=pairs.game, picture=picture, name="cat.jpg")
    media.forget(picture=picture)
    assert _names(pairs) == ["cat.jpg"]
    assert Picture.objects.filter(pk=picture.pk).exists()
    assert Crop.objects.filter(picture=picture).exists()

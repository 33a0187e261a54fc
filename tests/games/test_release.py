"""What plays can go back and forth; history is a line, drafts are safe, and old versions let go of their pictures."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from tests.cast import a_picture, process_all, runtime_manifest, write_runtime

from pictogame.games import actions, describing, document, history, leftovers, queries, revisions
from pictogame.games.actions import Created
from pictogame.games.errors import NoDraft, NoRevision, NotFound
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.media.models import Erasure, Picture

Publish = Callable[..., Revision]


@pytest.fixture
def publish(jigsaw: Created) -> Publish:
    """Changes the jigsaw, or not, and publishes it."""

    def published(**changes: object) -> Revision:
        if changes:
            actions.change(game=jigsaw.game, **changes)  # type: ignore[arg-type]
        process_all()
        return actions.publish(game=jigsaw.game)

    return published


def _numbers(game: Game) -> list[tuple[int, str, str, int | None]]:
    rows = game.revisions.order_by("number")
    return [(row.number, row.title, row.origin, row.copy_of) for row in rows]


def _xml(revision: Revision) -> bytes:
    return document.write(describing.description_of(revision))


def _put_picture(game: Game, number: int) -> Picture:
    """Puts another picture in the place of the one that is there."""
    for row in actions.open_draft(game=game).pictures.all():
        actions.remove_picture(game=game, slot_picture_id=row.pk)
    picture = a_picture(number)
    actions.add_picture(game=game, picture=picture, name=f"{number}.jpg")
    process_all()
    return picture


def test_an_earlier_version_comes_back_as_a_new_one_that_says_the_same(jigsaw: Created, publish: Publish) -> None:
    first = publish()
    publish(title="Second", options={"pieces": "24"})
    back = actions.roll_back(game=jigsaw.game, number=first.number)
    assert jigsaw.game.wanted == back
    assert jigsaw.game.due_at is not None
    assert _numbers(jigsaw.game) == [
        (1, "A cat, in pieces", "edit", None),
        (2, "Second", "edit", None),
        (3, "A cat, in pieces", "rollback", 1),
    ]
    assert _xml(back) == _xml(first)
    assert back.frozen_at is not None
    assert queries.newest_of(jigsaw.game) == back


def test_an_open_draft_stays_on_top_and_whole(jigsaw: Created, publish: Publish) -> None:
    publish()
    publish(title="Second")
    actions.change(game=jigsaw.game, title="Not yet", message="Half a sentence")
    picture = _put_picture(jigsaw.game, 7)
    actions.roll_back(game=jigsaw.game, number=1)
    draft = queries.draft_of(jigsaw.game)
    assert draft is not None
    assert (draft.number, draft.title, draft.message) == (4, "Not yet", "Half a sentence")
    assert draft.pictures.get().picture == picture
    assert queries.newest_of(jigsaw.game) == draft
    assert queries.publish_state(jigsaw.game).changed
    assert actions.publish(game=jigsaw.game) == draft
    assert [number for number, *_ in _numbers(jigsaw.game)] == [1, 2, 3, 4]


def test_what_plays_already_is_not_brought_back(jigsaw: Created, publish: Publish) -> None:
    first = publish()
    assert actions.roll_back(game=jigsaw.game, number=1) == first
    assert jigsaw.game.revisions.count() == 1


def test_a_game_at_rest_plays_again_when_a_version_is_brought_back(jigsaw: Created, publish: Publish) -> None:
    publish()
    actions.unpublish(game=jigsaw.game)
    back = actions.roll_back(game=jigsaw.game, number=1)
    jigsaw.game.refresh_from_db()
    assert jigsaw.game.wanted == back


@pytest.mark.parametrize("number", [0, 2, 99])
def test_there_is_no_version_of_another_number(jigsaw: Created, publish: Publish, number: int) -> None:
    publish()
    actions.change(game=jigsaw.game, title="A draft is no version")
    with pytest.raises(NoRevision, match=f"There is no version {number} of this game"):
        actions.roll_back(game=jigsaw.game, number=number)


def test_a_deleted_game_does_not_come_back(jigsaw: Created, publish: Publish) -> None:
    publish()
    publish(title="Second")
    actions.delete(game=jigsaw.game)
    attempts: list[Callable[[], object]] = [
        lambda: actions.roll_back(game=jigsaw.game, number=1),
        lambda: actions.upgrade(game=jigsaw.game),
        lambda: actions.discard_draft(game=jigsaw.game),
    ]
    for again in attempts:
        with pytest.raises(NotFound):
            again()


def test_changes_are_thrown_away_and_their_pictures_with_them(jigsaw: Created, publish: Publish) -> None:
    first = publish()
    picture = _put_picture(jigsaw.game, 7)
    assert actions.discard_draft(game=jigsaw.game) == first
    assert queries.draft_of(jigsaw.game) is None
    assert not Picture.objects.filter(pk=picture.pk).exists()
    assert Erasure.objects.filter(sha256=picture.sha256).exists()
    assert first.pictures.count() == 1
    with pytest.raises(NoDraft):
        actions.discard_draft(game=jigsaw.game)


def test_a_game_that_was_never_published_keeps_its_draft(jigsaw: Created) -> None:
    with pytest.raises(NoDraft):
        actions.discard_draft(game=jigsaw.game)
    assert queries.draft_of(jigsaw.game) is not None


# --- Old versions ---


def test_only_the_last_versions_keep_their_pictures(
    jigsaw: Created, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "KEPT", 3)
    pictures = []
    for number in range(10, 15):
        pictures.append(_put_picture(jigsaw.game, number))
        revision = publish()
        actions.mark_published(game=jigsaw.game, revision=revision)
    kept = {row.number for row in jigsaw.game.revisions.filter(emptied_at=None)}
    assert kept == {3, 4, 5}
    assert [Picture.objects.filter(pk=one.pk).exists() for one in pictures] == [False, False, True, True, True]
    assert {one.sha256 for one in pictures[:2]} <= set(Erasure.objects.values_list("sha256", flat=True))
    with pytest.raises(NoRevision, match="too old to come back"):
        actions.roll_back(game=jigsaw.game, number=1)
    shown = history.revisions_of(jigsaw.game)
    assert [(one.number, one.can_come_back, one.picture is not None) for one in shown] == [
        (5, False, True),
        (4, True, True),
        (3, True, True),
        (2, False, False),
        (1, False, False),
    ]


def test_what_the_bucket_still_holds_keeps_its_pictures(
    jigsaw: Created, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket was away for many versions: its repair needs the pictures of what it holds."""
    monkeypatch.setattr(revisions, "KEPT", 2)
    first = publish()
    actions.mark_published(game=jigsaw.game, revision=first)
    for number in range(10, 14):
        _put_picture(jigsaw.game, number)
        publish()
    first.refresh_from_db()
    assert first.emptied_at is None
    assert first.pictures.count() == 1


def test_a_picture_of_an_old_version_stays_while_a_newer_one_has_it(
    jigsaw: Created, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "KEPT", 2)
    for number in range(5):
        publish(title=f"Title {number}")
    assert Picture.objects.count() == 1
    assert SlotPicture.objects.count() == 2


# --- The runtime ---


@pytest.fixture
def newer(runtime_dist: object, tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    """A newer build of the runtime is installed from now on: its jigsaw has another key."""
    dist = write_runtime(tmp_path_factory.mktemp("newer"))
    manifest = (dist / "manifest.json").read_text()
    old = next(key for key in runtime_manifest()[1] if key.endswith("/jigsaw.js"))
    (dist / "manifest.json").write_text(manifest.replace(old, "r/ffffffffffff/jigsaw.js"))
    settings.RUNTIME_DIST = dist  # type: ignore[attr-defined]


def test_an_upgrade_says_the_same_with_the_new_runtime_and_can_be_undone(
    jigsaw: Created, publish: Publish, request: pytest.FixtureRequest
) -> None:
    first = publish()
    assert actions.upgrade(game=jigsaw.game) is None
    actions.change(game=jigsaw.game, title="Not yet")
    request.getfixturevalue("newer")
    upgraded = actions.upgrade(game=jigsaw.game)
    assert upgraded is not None
    assert upgraded.runtime == {**first.runtime, "template": "r/ffffffffffff/jigsaw.js"}
    assert jigsaw.game.wanted == upgraded
    assert not jigsaw.game.in_bulk
    assert _numbers(jigsaw.game) == [
        (1, "A cat, in pieces", "edit", None),
        (2, "A cat, in pieces", "upgrade", 1),
        (3, "Not yet", "edit", None),
    ]
    assert actions.undo_upgrades(games=[jigsaw.game]) == 1
    jigsaw.game.refresh_from_db()
    assert jigsaw.game.wanted is not None
    assert jigsaw.game.wanted.runtime == first.runtime
    assert (jigsaw.game.wanted.number, jigsaw.game.in_bulk) == (3, True)
    assert actions.undo_upgrades(games=[jigsaw.game]) == 0


def test_many_games_are_upgraded_in_a_dozen_statements(
    jigsaw: Created, runtime: object, request: pytest.FixtureRequest
) -> None:
    games = [jigsaw.game]
    for number in range(20, 26):
        game = actions.create(template="jigsaw", title=str(number)).game
        actions.add_picture(game=game, picture=a_picture(number), name="cat.jpg")
        games.append(game)
    resting, never = games[5], games[6]
    process_all()
    for game in games[:6]:
        actions.publish(game=game)
    actions.change(game=games[1], title="With a draft")
    actions.unpublish(game=resting)
    request.getfixturevalue("newer")
    with CaptureQueriesContext(connection) as queries_:
        assert actions.upgrade_many(games=games) == 5
    assert len(queries_) <= 16
    for game in games:
        game.refresh_from_db()
    assert all(game.wanted and game.wanted.origin == "upgrade" and game.in_bulk for game in games[:5])
    assert [game.wanted and game.wanted.pictures.count() for game in games[:5]] == [1] * 5
    draft = queries.draft_of(games[1])
    assert draft is not None
    assert (draft.title, draft.number) == ("With a draft", 3)
    assert (resting.wanted, never.wanted) == (None, None)
    assert actions.upgrade_many(games=games) == 0


def test_upgrades_push_no_version_out(jigsaw: Created, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "KEPT", 2)
    publish()
    for number in range(3):
        wanted = Game.objects.get(pk=jigsaw.game.pk).wanted
        assert wanted is not None
        Revision.objects.filter(pk=wanted.pk).update(runtime={**wanted.runtime, "template": f"r/{number}"})
        assert actions.upgrade(game=jigsaw.game) is not None
    publish(title="Second")
    assert not jigsaw.game.revisions.exclude(emptied_at=None).exists()


# --- What was left ---


def _age(game: Game, days: int) -> None:
    Revision.objects.filter(game=game).update(changed_at=Now() - timedelta(days=days))


def test_drafts_that_nobody_came_back_to_are_found_and_no_others(
    jigsaw: Created, pairs: Created, publish: Publish
) -> None:
    publish()
    actions.change(game=jigsaw.game, title="A published game with an old draft")
    fresh = actions.create(template="jigsaw").game
    for game in (jigsaw.game, pairs.game):
        _age(game, 31)
    _age(fresh, 29)
    assert leftovers.abandoned_drafts(days=30, limit=10) == [pairs.game]
    assert actions.delete_abandoned(game=pairs.game, days=30)
    pairs.game.refresh_from_db()
    assert pairs.game.deleted_by == "age"
    assert leftovers.abandoned_drafts(days=30, limit=10) == []
    assert not actions.delete_abandoned(game=jigsaw.game, days=30)


def test_a_draft_that_somebody_touched_just_now_stays(pairs: Created) -> None:
    _age(pairs.game, 31)
    assert leftovers.abandoned_drafts(days=30, limit=10) == [pairs.game]
    actions.change(game=pairs.game, title="Here I am")
    assert not actions.delete_abandoned(game=pairs.game, days=30)


def test_pictures_in_no_game_are_found_bit_by_bit(jigsaw: Created) -> None:
    old = [a_picture(number) for number in range(30, 35)]
    Picture.objects.update(received_at=Now() - timedelta(days=2))
    fresh = a_picture(40)
    found: list[Picture] = []
    after, looks = 0, 0
    while True:
        some, after = leftovers.unused_pictures(after=after, limit=2, hours=24)
        found += some
        looks += 1
        if not after:
            break
    assert found == old
    assert fresh not in found
    assert looks == 4

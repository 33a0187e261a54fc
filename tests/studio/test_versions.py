"""Earlier versions of a game, on the creator's pages."""

from pathlib import Path

from django.test import Client
from django.urls import reverse
from tests.publishing.cast import make_pictures
from tests.studio.conftest import Mine

from pictogame.catalog.models import RuntimeObject
from pictogame.games import actions, describing, queries
from pictogame.games.models import Revision
from pictogame.media.vault import vault
from pictogame.studio.addresses import version_base


def _two(mine: Mine) -> None:
    """Published as it is, then with another title."""
    make_pictures()
    actions.publish(game=mine.game)
    actions.change(game=mine.game, title="A dog, in pieces")
    actions.publish(game=mine.game)


def test_versions_are_listed_with_what_can_be_done(client: Client, mine: Mine, data: Path) -> None:
    assert "Each time you publish" in client.get(mine.at("versions")).content.decode()
    _two(mine)
    page = client.get(mine.at("versions")).content.decode()
    first, second = page.index('id="version-1"'), page.index('id="version-2"')
    assert second < first
    assert "plays now" in page[second:first]
    assert mine.at("bring-back", 1) in page
    assert mine.at("bring-back", 2) not in page
    assert f'src="{version_base(mine.game.id, 1)}m/' in page
    assert mine.at("versions") in client.get(mine.at("edit")).content.decode()


def test_an_earlier_version_plays_as_it_was(client: Client, mine: Mine, data: Path) -> None:
    _two(mine)
    page = client.get(mine.at("version", 1)).content.decode()
    base = version_base(mine.game.id, 1)
    assert f'<iframe src="{base}g/{mine.game.id}.html"' in page
    frame = client.get(f"{base}g/{mine.game.id}.html").content.decode()
    assert "A cat, in pieces" in frame
    assert "A dog" not in frame
    assert mine.secret not in frame
    described = describing.description_of(mine.game.revisions.get(number=1))
    for source in described.pictures[0].sources:
        assert client.get(base + source.src.removeprefix("../")).status_code == 200
    assert client.get(base + described.template_src.removeprefix("../")).status_code == 200
    assert client.get(version_base(mine.game.id, 3) + f"g/{mine.game.id}.html").status_code == 404
    assert client.get(reverse("studio:version-base", args=[mine.game.id, "a" * 32, 1])).status_code == 404


def test_a_runtime_that_is_not_installed_any_more_is_played_from_the_vault(
    client: Client, mine: Mine, data: Path
) -> None:
    _two(mine)
    key = "r/0123456789ab/jigsaw.js"
    old = vault().keep(b"/* of last year */")
    RuntimeObject.objects.create(key=key, sha256=old, size=18)
    answer = client.get(version_base(mine.game.id, 1) + key)
    assert answer.content == b"/* of last year */"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert client.get(version_base(mine.game.id, 1) + "r/0123456789ab/none.js").status_code == 404


def test_a_version_is_brought_back_and_the_draft_stays(client: Client, mine: Mine, data: Path) -> None:
    _two(mine)
    actions.change(game=mine.game, title="Not yet")
    assert "They stay as they are" in client.get(mine.at("versions")).content.decode()
    answer = client.post(mine.at("bring-back", 1))
    assert answer.headers["Location"] == mine.at("share")
    mine.game.refresh_from_db()
    assert mine.game.wanted is not None
    assert (mine.game.wanted.title, mine.game.wanted.number) == ("A cat, in pieces", 3)
    draft = queries.draft_of(mine.game)
    assert draft is not None
    assert (draft.title, draft.number) == ("Not yet", 4)


def test_changes_are_thrown_away_on_request_only(client: Client, mine: Mine, data: Path) -> None:
    _two(mine)
    actions.change(game=mine.game, title="Not yet")
    assert client.get(mine.at("discard")).status_code == 302
    assert queries.draft_of(mine.game) is not None
    client.post(mine.at("discard"))
    assert queries.draft_of(mine.game) is None
    answer = client.post(mine.at("discard"))
    assert answer.status_code == 409
    assert "There are no unpublished changes." in answer.content.decode()


def test_a_version_without_pictures_says_that_it_is_too_old(client: Client, mine: Mine, data: Path) -> None:
    _two(mine)
    old = mine.game.revisions.get(number=1)
    old.pictures.all().delete()
    Revision.objects.filter(pk=old.pk).update(emptied_at=old.changed_at)
    page = client.get(mine.at("versions")).content.decode()
    assert "It is too old to come back" in page
    assert mine.at("bring-back", 1) not in page
    answer = client.post(mine.at("bring-back", 1))
    assert answer.status_code == 404
    assert "only the last 20 versions keep their pictures" in answer.content.decode()
    assert client.get(mine.at("version", 1)).status_code == 404
    assert "keep their pictures" in client.get(mine.at("version", 1)).content.decode()
    assert "There is no version 999" in client.get(mine.at("version", 999)).content.decode()


def test_the_maker_says_of_a_game_that_rests_that_it_does(client: Client, mine: Mine, data: Path) -> None:
    make_pictures()
    assert "taking a rest" not in client.get(mine.at("edit")).content.decode()
    actions.publish(game=mine.game)
    actions.unpublish(game=mine.game)
    page = client.get(mine.at("edit")).content.decode()
    assert "It is taking a rest" in page
    assert "Publish it again</button>" in page

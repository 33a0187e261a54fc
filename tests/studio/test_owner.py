"""Games that are kept in an account: whose they are, who gets there, and what becomes of them."""

import json
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from tests.publishing.cast import Faulty, make_pictures
from tests.studio.conftest import Mine
from tests.studio.people import PASSWORD, Person
from tests.studio.test_rights import PRIVATE

from pictogame.accounts.actions import add_operator
from pictogame.accounts.errors import SignedOut
from pictogame.accounts.models import User
from pictogame.games import actions, leftovers, ownership, several
from pictogame.games.models import Game
from pictogame.publishing.publisher import Publisher
from pictogame.studio import account_urls
from pictogame.studio.addresses import MINE, edit_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def tom(runtime: object) -> Person:
    """Another one."""
    return Person("tom@example.org", address="198.51.100.4").signs_up()


def at(mine: Mine, name: str, *more: object) -> str:
    """The address of a page about the game for its owner."""
    return reverse(f"studio:{name}", args=[mine.game.id, MINE, *more])


@pytest.fixture
def kept(mine: Mine, mia: Person) -> Mine:
    """A game that she took into her account."""
    assert mia.client.post(mine.at("keep"))["Location"] == mine.at("share")
    return mine


def _published(mine: Mine) -> None:
    make_pictures()
    actions.publish(game=mine.game)
    with Publisher(bucket=Faulty()) as publisher:
        publisher.step()


def test_a_game_that_is_made_while_signed_in_is_in_the_account_and_has_an_edit_link(mia: Person, data: Path) -> None:
    answer = mia.client.post("/make/jigsaw/", headers={"Accept": "application/json"})
    link = answer.json()["edit"]
    game = Game.objects.get()
    assert game.owner == User.objects.get(email=mia.email)
    assert Client().get(link).status_code == 200
    assert reverse("studio:edit", args=[game.id, MINE]) in mia.client.get("/mine/").content.decode()


def test_without_an_account_a_game_is_nobodys(client: Client, runtime: object, data: Path) -> None:
    client.post("/make/jigsaw/", headers={"Accept": "application/json"})
    assert Game.objects.get().owner is None
    assert set(client.cookies) <= {"csrftoken"}


def test_whoever_holds_the_edit_link_keeps_the_game_in_the_account(mine: Mine, mia: Person) -> None:
    assert "Keep this game in my account" in mia.client.get(mine.at("edit")).content.decode()
    mia.client.post(mine.at("keep"))
    page = mia.client.get(mine.at("edit")).content.decode()
    assert "Keep this game in my account" not in page
    assert "It is in your account, too." in page
    assert mia.client.get(at(mine, "edit")).status_code == 200


def test_on_the_way_to_an_account_the_edit_link_is_written_down_nowhere(mine: Mine, data: Path) -> None:
    make_pictures()
    actions.publish(game=mine.game)
    eva = Person("eva@example.org")
    page = eva.client.get(mine.at("share")).content.decode()
    assert "sign in or make one" in page
    assert "?next=" not in page
    eva.signs_up()
    assert mine.secret not in "".join(str(one.get_decoded()) for one in Session.objects.all())


def test_nobody_keeps_a_game_without_its_edit_link(mine: Mine, mia: Person, client: Client) -> None:
    assert mia.client.post(mine.as_a_stranger("keep")).status_code == 404
    assert mia.client.post(at(mine, "keep")).status_code == 404
    # The link alone is not enough either: there must be an account.
    assert client.post(mine.at("keep")).status_code == 403
    mine.game.refresh_from_db()
    assert mine.game.owner is None


def test_the_first_account_that_takes_a_game_keeps_it(kept: Mine, mia: Person, tom: Person) -> None:
    assert "Keep this game" not in tom.client.get(kept.at("edit")).content.decode()
    answer = tom.client.post(kept.at("keep"))
    assert answer.status_code == 409
    assert "another account already" in answer.content.decode()
    kept.game.refresh_from_db()
    assert kept.game.owner == User.objects.get(email=mia.email)


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_another_creator_gets_404_at_every_address_of_the_owner(kept: Mine, tom: Person, method: str) -> None:
    for pattern in PRIVATE:
        more = [1] if "<int:" in str(pattern.pattern) else []
        address = at(kept, str(pattern.name), *more)
        assert getattr(tom.client, method)(address).status_code == 404, address
    kept.game.refresh_from_db()
    assert kept.game.deleted_at is None
    assert "A cat, in pieces" not in tom.client.get("/mine/").content.decode()


def test_whoever_is_not_signed_in_is_led_to_the_door_of_every_game_alike(kept: Mine, client: Client) -> None:
    for game_id in (kept.game.id, "a" * 14):
        for name in ("edit", "share", "delete", "receipt"):
            path = reverse(f"studio:{name}", args=[game_id, MINE])
            assert client.get(path)["Location"] == f"/account/sign-in/?next={path}"
        for name in ("delete", "publish", "unpublish", "change"):
            for headers in ({}, {"HX-Request": "true"}):
                answer = client.post(reverse(f"studio:{name}", args=[game_id, MINE]), headers=headers)
                assert answer.status_code == 403
                assert "You are signed out in this browser" in answer.content.decode()
    kept.game.refresh_from_db()
    assert kept.game.deleted_at is None


def test_an_operators_sign_in_is_no_creators(kept: Mine, mia: Person) -> None:
    User.objects.filter(email=mia.email).update(is_active=False)
    assert mia.client.get(at(kept, "edit")).status_code == 302


def test_the_owner_does_without_the_edit_link_what_it_allows(kept: Mine, mia: Person, data: Path) -> None:
    other_device = Person(mia.email)
    other_device.signs_in()
    browser = other_device.client
    browser.post(at(kept, "change"), {"title": "From elsewhere"})
    make_pictures()
    assert browser.post(at(kept, "publish"), {})["Location"] == at(kept, "share")
    with Publisher(bucket=Faulty()) as publisher:
        publisher.step()
        page = browser.get(at(kept, "share")).content.decode()
        assert "It is on the web" in page
        assert kept.secret not in page
        assert "Your edit link" not in page
        for name in ("numbers", "numbers-csv", "numbers-json", "versions"):
            assert browser.get(at(kept, name)).status_code == 200, name
        browser.post(at(kept, "unpublish"))
        publisher.step()
    assert "taking a rest" in browser.get(at(kept, "share")).content.decode()
    # The edit link goes on working.
    assert "From elsewhere" in Client().get(kept.at("edit")).content.decode()


def test_a_picture_that_is_too_large_is_told_to_the_owner_alone(
    kept: Mine, mia: Person, tom: Person, client: Client
) -> None:
    for method in ("put", "post"):
        told = [
            getattr(browser, method)(at(kept, "pictures"), headers={"Content-Length": "900000000"})
            for browser in (mia.client, tom.client, client)
        ]
        assert [answer.status_code for answer in told] == [413, 404, 403]
    assert (
        "save it smaller"
        in mia.client.put(at(kept, "pictures"), headers={"Content-Length": "900000000"}).content.decode()
    )


def test_an_account_that_goes_meanwhile_takes_no_game_and_loses_none(mine: Mine, mia: Person) -> None:
    # As another window finds it, whose request had begun before.
    gone = User.objects.get(email=mia.email)
    User.objects.all().delete()
    with pytest.raises(SignedOut):
        ownership.keep(game=mine.game, owner=gone)
    with pytest.raises(SignedOut):
        ownership.leave(owner=gone, games_go=True)
    created = actions.create(template="jigsaw", owner=gone)
    assert created.game.owner is None
    assert Client().get(edit_path(created.game.id, created.secret)).status_code == 200


def test_the_owner_deletes_it_and_the_receipt_says_so(kept: Mine, mia: Person, data: Path, tom: Person) -> None:
    _published(kept)
    assert mia.client.post(at(kept, "delete"))["Location"] == at(kept, "receipt")
    with Publisher(bucket=Faulty()) as publisher:
        publisher.step()
    said = json.loads(mia.client.get(at(kept, "receipt-json")).content)
    assert said["by"] == "owner"
    assert "by the account that it belonged to" in mia.client.get(at(kept, "receipt")).content.decode()
    assert at(kept, "receipt") in mia.client.get("/mine/").content.decode()
    assert mia.client.get(at(kept, "edit"))["Location"] == at(kept, "receipt")
    # As by the link: whoever has it reads the receipt, strangers find nothing.
    assert Client().get(kept.at("receipt")).status_code == 200
    assert tom.client.get(at(kept, "receipt")).status_code == 404


def test_deleted_by_the_link_it_is_its_creators_deed_and_still_in_the_account(kept: Mine, mia: Person) -> None:
    Client().post(kept.at("delete"))
    kept.game.refresh_from_db()
    assert kept.game.deleted_by == "creator"
    assert mia.client.get(at(kept, "receipt")).status_code == 200


def test_a_new_edit_link_shuts_the_old_one(kept: Mine, mia: Person) -> None:
    assert mia.client.get(at(kept, "link")).status_code == 200
    fresh = mia.client.post(at(kept, "link"))["Location"]
    assert Client().get(fresh).status_code in {200, 302}
    assert Client().get(kept.at("edit")).status_code == 404
    assert mia.client.get(at(kept, "edit")).status_code == 200


def test_only_the_owner_makes_a_new_edit_link(kept: Mine, client: Client) -> None:
    assert client.get(kept.at("link")).status_code == 404
    assert client.post(kept.at("link")).status_code == 404
    assert client.get(kept.at("edit")).status_code == 200


def test_the_page_of_games_says_how_each_is(kept: Mine, mia: Person, data: Path) -> None:
    assert "Not published yet" in mia.client.get("/mine/").content.decode()
    _published(kept)
    page = mia.client.get("/mine/").content.decode()
    assert "On the web" in page
    assert f"/g/{kept.game.id}.jpg" in page
    actions.unpublish(game=kept.game)
    assert "Taking a rest" in mia.client.get("/mine/").content.decode()


def test_a_page_of_many_games_asks_no_more_often_than_one_of_few(
    mia: Person, data: Path, django_assert_max_num_queries: object
) -> None:
    owner = User.objects.get(email=mia.email)
    for _ in range(30):
        made = actions.create(template="jigsaw", owner=owner)
        revision = made.game.revisions.get()
        type(revision).objects.filter(pk=revision.pk).update(frozen_at="2026-01-01T00:00:00Z")
        Game.objects.filter(pk=made.game.pk).update(wanted=revision, published=revision)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = mia.client.get("/mine/").content.decode()
    assert page.count("On the web") == 24
    assert "1 of 2" in page
    assert mia.client.get("/mine/?page=2").content.decode().count("On the web") == 6


def test_the_numbers_of_all_games_are_the_owners_alone(kept: Mine, mia: Person, tom: Person) -> None:
    sent = {"games": json.dumps([at(kept, "edit")])}
    assert "A cat, in pieces" in mia.client.post("/mine/numbers/", sent).content.decode()
    for other in (tom.client, Client()):
        assert "A cat, in pieces" not in other.post("/mine/numbers/", sent).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        "[" * 100_000,
        '["/g/{id}/edit/\\ud800/"]',
        '["/g/\\ud800/edit/mine/"]',
        '["/g/\\u0000/edit/mine/"]',
        "[[1], null]",
        "7",
    ],
)
def test_what_is_no_list_of_links_is_a_page_without_games(mine: Mine, client: Client, sent: str) -> None:
    answer = client.post("/mine/numbers/", {"games": sent.replace("{id}", mine.game.id)})
    assert answer.status_code == 200
    assert "A cat, in pieces" not in answer.content.decode()


def test_a_draft_in_an_account_is_not_cleared_away(kept: Mine, pairs: object) -> None:
    Game.objects.get(pk=kept.game.pk).revisions.update(changed_at="2020-01-01T00:00:00Z")
    found = leftovers.abandoned_drafts(days=30, limit=10)
    assert kept.game not in found
    assert not actions.delete_abandoned(game=kept.game, days=30)


def test_an_old_draft_that_stays_without_its_account_has_its_days_before_it(kept: Mine, mia: Person) -> None:
    kept.game.revisions.update(changed_at="2020-01-01T00:00:00Z")
    mia.client.post("/account/delete/", {"password": PASSWORD, "games": "stay"})
    assert Game.objects.get().owner is None
    assert leftovers.abandoned_drafts(days=30, limit=10) == []


def test_a_game_that_is_deleted_while_the_account_goes_keeps_nothing_back(
    kept: Mine, mia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = User.objects.get(email=mia.email)
    before = list(several.games_of(owner))
    actions.delete(game=kept.game)
    monkeypatch.setattr(ownership, "games_of", lambda _owner: before)
    ownership.leave(owner=owner, games_go=True)
    assert not User.objects.exists()
    kept.game.refresh_from_db()
    assert kept.game.deleted_by == "creator"


@pytest.mark.parametrize("choice", ["stay", "go"])
def test_a_deleted_accounts_games_stay_or_go_as_its_owner_chose(kept: Mine, mia: Person, choice: str) -> None:
    assert mia.client.post("/account/delete/", {"password": PASSWORD}).status_code == 422
    assert mia.client.post("/account/delete/", {"password": "wrong", "games": choice}).status_code == 422
    assert User.objects.filter(email=mia.email).exists()
    answer = mia.client.post("/account/delete/", {"password": PASSWORD, "games": choice})
    assert "Your account is deleted." in answer.content.decode()
    assert not User.objects.exists()
    assert not mia.is_in
    kept.game.refresh_from_db()
    assert kept.game.owner is None
    assert kept.game.deleted_by == ("owner" if choice == "go" else "")
    # The edit link goes on working, or leads to the receipt.
    assert Client().get(kept.at("edit"), follow=True).status_code == 200


def test_the_office_shows_whose_a_game_is(kept: Mine, mia: Person) -> None:
    office = Client()
    office.force_login(add_operator(name="anna", password="correct horse battery"))
    assert mia.email in office.get(f"/office/games/game/{kept.game.id}/change/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_games_from_before_have_no_owner_and_the_way_back_is_open() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("games", "0005_lists_of_the_office")])
    before = executor.loader.project_state([("games", "0005_lists_of_the_office")]).apps
    before.get_model("games", "Game").objects.create(id="a" * 14, secret_hash="0" * 64)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert Game.objects.get().owner is None


def test_every_page_of_allauth_that_has_an_address_is_one_of_ours() -> None:
    ours = Path(str(apps.get_app_config("studio").path)) / "templates"
    classes = [getattr(pattern.callback, "view_class", None) for pattern in account_urls.urlpatterns]
    used = {one.template_name for one in classes if one is not None}
    assert len(used) > 8
    assert {name for name in used if not (ours / name).is_file()} == set()

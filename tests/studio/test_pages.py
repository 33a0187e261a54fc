"""Pages that anybody may see, and what every page carries."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import bad_request, permission_denied, server_error
from tests.studio.conftest import Mine

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.studio import urls

OPEN = ["/", "/templates/", "/mine/", "/make/jigsaw/", "/make/pairs/", "/samples/jigsaw/g/sample.html"]


@pytest.mark.parametrize("address", OPEN)
def test_every_open_page_answers(client: Client, db: None, runtime: Path, address: str) -> None:
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200


def test_every_page_of_a_game_answers(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    for name in ("edit", "progress", "share", "state", "delete"):
        assert client.get(mine.at(name)).status_code == 200, name


@pytest.mark.parametrize("address", ["/nowhere/", "/make/chess/", "/g/x/edit/y/", "/samples/chess/g/sample.html"])
def test_what_is_not_there_is_said_kindly(client: Client, db: None, runtime: Path, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is nothing here." in answer.content.decode()


def test_a_misspelt_template_is_guessed(client: Client, db: None, runtime: Path) -> None:
    assert "Did you mean jigsaw?" in client.get("/make/jigsaww/").content.decode()


def test_no_page_asks_another_site_for_anything(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    for address in (*OPEN[:-1], mine.at("edit"), mine.at("share")):
        answer = client.get(address)
        loads = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"', answer.content.decode())
        assert loads
        assert [url for url in loads if not url.startswith("/")] == [], address


def test_no_page_holds_script_or_style_of_its_own(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    for address in (*OPEN[:-1], mine.at("edit"), mine.at("share"), "/nowhere/"):
        html = client.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=\"|\bon[a-z]+=\"", html.replace("&quot;", "")), (
            address
        )
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy


def test_an_address_that_takes_forms_leads_back_to_the_maker(client: Client, mine: Mine) -> None:
    for name in ("change", "publish", "unpublish", "listing", "arrange", "change-template", "pictures"):
        answer = client.get(mine.at(name))
        assert (answer.status_code, answer.headers["Location"]) == (302, mine.at("edit")), name


def test_when_we_break_the_page_says_sorry_and_needs_nothing(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "nothing of yours is lost" in answer.content.decode()
    assert bad_request(rf.get("/"), ValueError()).content.decode().count("<h1>") == 1
    assert "not for you" in permission_denied(rf.get("/"), PermissionDenied()).content.decode()


def test_a_missing_runtime_is_said_with_what_to_do(client: Client, db: None, settings: object, tmp_path: Path) -> None:
    settings.RUNTIME_DIST = tmp_path  # type: ignore[attr-defined]
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make runtime" in answer.content.decode()


def test_a_listed_game_shows_on_the_home_page_once_it_plays(client: Client, mine: Mine) -> None:
    actions.set_listed(game=mine.game, listed=True)
    assert "A cat, in pieces" not in client.get("/").content.decode()
    revision = actions.publish(game=mine.game)
    actions.mark_published(game=mine.game, revision=revision)
    assert "A cat, in pieces" in client.get("/").content.decode()
    Game.objects.update(listed=False)
    assert "A cat, in pieces" not in client.get("/").content.decode()


def test_the_document_of_the_studio_names_every_address() -> None:
    text = (Path(__file__).parents[2] / "docs" / "studio.md").read_text(encoding="utf-8")
    for pattern in urls.urlpatterns:
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
        assert f"`/{address}`" in text, address


def test_every_icon_that_a_page_asks_for_is_drawn_by_a_name_that_the_build_finds() -> None:
    folder = Path(__file__).parents[2] / "src" / "pictogame" / "studio" / "templates"
    asked = re.findall(r"\{% icon (\S+)", "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.html")))
    assert asked
    assert all(re.fullmatch(r'"[a-z0-9-]+"', name) for name in asked)


def test_the_start_of_a_game_is_where_links_lead(client: Client, db: None, runtime: Path) -> None:
    home = client.get("/").content.decode()
    assert reverse("studio:new", args=["jigsaw"]) in home
    assert reverse("studio:templates") in home

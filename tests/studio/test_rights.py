"""Who may do what: whoever has the edit link, everything; anybody else, nothing, and can't tell why."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.core.management.utils import get_random_secret_key
from django.test import Client
from django.urls import URLPattern, reverse
from tests.studio.conftest import Mine

from pictogame.config.logs import Formatter
from pictogame.games import actions
from pictogame.studio.addresses import preview_base, preview_token
from pictogame.studio.urls import urlpatterns

TOKEN = re.compile(r'"X-CSRFToken":"\w+"')
PRIVATE = [pattern for pattern in urlpatterns if "<secret:secret>" in str(pattern.pattern)]


def addresses(game_id: str, secret: str) -> Iterator[tuple[str, str]]:
    """Every address that holds a secret, with its name."""
    for pattern in PRIVATE:
        assert isinstance(pattern, URLPattern)
        more = [1] if "<int:" in str(pattern.pattern) else []
        yield str(pattern.name), reverse(f"studio:{pattern.name}", args=[game_id, secret, *more])


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_a_stranger_gets_404_at_every_address_of_a_game(client: Client, mine: Mine, method: str) -> None:
    assert len(PRIVATE) > 10
    for name, address in addresses(mine.game.id, "a" * 32):
        assert getattr(client, method)(address).status_code == 404, name


def test_a_stranger_changes_nothing(client: Client, mine: Mine) -> None:
    for _, address in addresses(mine.game.id, "a" * 32):
        client.post(address, {"title": "Mine now", "order": "1", "template": "pairs"})
    mine.game.refresh_from_db()
    assert mine.game.deleted_at is None
    assert mine.game.wanted is None
    assert mine.game.revisions.get().title == "A cat, in pieces"


def test_a_wrong_secret_reads_like_no_game_at_all(client: Client, mine: Mine) -> None:
    wrong = client.get(mine.as_a_stranger("edit"))
    none = client.get(reverse("studio:edit", args=["a" * 14, "a" * 32]))
    assert wrong.status_code == none.status_code == 404
    assert TOKEN.sub("", wrong.content.decode()) == TOKEN.sub("", none.content.decode())


def test_a_deleted_game_is_gone_for_its_creator_too_but_for_the_receipt(client: Client, mine: Mine) -> None:
    actions.delete(game=mine.game)
    for name in ("edit", "share", "delete", "versions"):
        answer = client.get(mine.at(name))
        assert (answer.status_code, answer.headers["Location"]) == (302, mine.at("receipt"))
        assert client.get(mine.as_a_stranger(name)).status_code == 404
    for name in ("receipt", "receipt-text", "receipt-json"):
        assert client.get(mine.at(name)).status_code == 200
        assert client.get(mine.as_a_stranger(name)).status_code == 404
    assert client.post(mine.at("publish")).status_code == 404
    part = client.get(mine.at("progress"), headers={"HX-Request": "true"})
    assert part.status_code == 404
    # A line for where the page tells what went wrong, and no page within the page.
    assert part.content.decode().startswith('<p class="problem"')
    assert client.get(preview_base(mine.game.id) + f"g/{mine.game.id}.html").status_code == 404


def test_the_preview_opens_with_its_own_token_only(client: Client, mine: Mine) -> None:
    page = f"g/{mine.game.id}.html"
    assert client.get(preview_base(mine.game.id) + page).status_code == 200
    assert client.get(reverse("studio:preview-base", args=[mine.game.id, "a" * 32]) + page).status_code == 404
    assert client.get(preview_base(mine.game.id)).status_code == 404
    assert mine.secret not in preview_token(mine.game.id)


def test_a_page_with_a_secret_tells_no_other_page_where_its_reader_was(client: Client, mine: Mine) -> None:
    answer = client.get(mine.at("edit"))
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    # A page of another address becomes the maker's by script: it needs the rule too.
    assert client.get("/make/jigsaw/").headers["Referrer-Policy"] == "strict-origin"


def test_the_secret_is_in_no_log(client: Client, mine: Mine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="pictogame"):
        client.post(mine.at("change"), {"title": "x" * 10_000})
        client.get(mine.at("edit") + "nowhere/")
    lines = [Formatter("json").format(record) for record in caplog.records]
    assert any("/edit/…/" in line for line in lines)
    assert not any(mine.secret in line for line in lines)


def test_the_frames_get_no_secret(client: Client, mine: Mine) -> None:
    page = client.get(preview_base(mine.game.id) + f"g/{mine.game.id}.html").content.decode()
    assert mine.secret not in page


def test_a_form_from_another_site_is_turned_away_in_the_house_style(mine: Mine) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(mine.at("delete"), {"csrfmiddlewaretoken": get_random_secret_key()})
    assert answer.status_code == 403
    assert "Load it again" in answer.content.decode()
    mine.game.refresh_from_db()
    assert mine.game.deleted_at is None


def test_only_the_cookie_of_forms_is_set(client: Client, mine: Mine) -> None:
    for address in ("/", "/templates/", "/mine/", mine.at("edit"), mine.at("delete")):
        client.get(address)
    assert set(client.cookies) <= {"csrftoken"}

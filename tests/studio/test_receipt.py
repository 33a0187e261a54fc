"""What a creator reads after a game was deleted."""

import json
from pathlib import Path

from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from tests.publishing.cast import Faulty, make_pictures
from tests.studio.conftest import Mine

from pictogame.games import actions
from pictogame.publishing.models import Receipt, ReceiptLine
from pictogame.publishing.publisher import Publisher


def _gone(mine: Mine) -> None:
    """Published, deleted, taken down."""
    make_pictures()
    actions.publish(game=mine.game)
    with Publisher(bucket=Faulty()) as publisher:
        publisher.step()
        actions.delete(game=mine.game)
        for _ in range(3):
            Receipt.objects.filter(due_at__isnull=False).update(due_at=Now())
            publisher._chores.hurry()
            publisher.step()


def test_the_receipt_waits_for_the_publisher_and_says_so(client: Client, mine: Mine) -> None:
    client.post(mine.at("delete"))
    page = client.get(mine.at("receipt")).content.decode()
    assert "The publisher has not come to it yet." in page
    assert f'hx-get="{mine.at("receipt-state")}"' in page
    assert f'data-gone="{mine.game.id}"' in page
    part = client.get(mine.at("receipt-state"), headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="receipt"')


def test_a_draft_that_was_deleted_was_on_no_page(client: Client, mine: Mine) -> None:
    client.post(mine.at("delete"))
    assert "pages that show it" not in client.get(mine.at("receipt")).content.decode()


def test_one_thing_is_told_as_one(client: Client, mine: Mine, data: Path) -> None:
    _gone(mine)
    ReceiptLine.objects.exclude(kind="page").delete()
    assert "The one thing that was only this game" in client.get(mine.at("receipt")).content.decode()


def test_whoever_deletes_it_in_a_second_window_is_led_to_the_receipt(client: Client, mine: Mine) -> None:
    client.post(mine.at("delete"))
    again = client.post(mine.at("delete"), headers={"Accept": "text/html,*/*;q=0.8"})
    assert (again.status_code, again["Location"]) == (302, mine.at("receipt"))
    assert client.post(mine.as_a_stranger("delete"), headers={"Accept": "text/html"}).status_code == 404
    assert client.post(mine.at("delete")).status_code == 404


def test_a_finished_receipt_lists_every_line_and_can_be_downloaded(client: Client, mine: Mine, data: Path) -> None:
    _gone(mine)
    page = client.get(mine.at("receipt")).content.decode()
    assert "pages that show it say kindly" in page
    assert "the stores that held them have confirmed each" in page
    assert "hx-get" not in page
    said = json.loads(client.get(mine.at("receipt-json")).content)
    assert said["id"] == mine.game.id
    assert said["finished_at"]
    assert {line["kind"] for line in said["lines"]} == {"page", "object", "original", "rendition"}
    for line in said["lines"]:
        assert line["key"] in page
    answer = client.get(mine.at("receipt-text"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="receipt-{mine.game.id}.txt"'
    assert "every line below is confirmed" in answer.content.decode()
    for name in ("receipt", "receipt-text", "receipt-json"):
        assert "no-store" in client.get(mine.at(name)).headers["Cache-Control"]


def test_a_receipt_holds_no_word_of_the_game(client: Client, mine: Mine, data: Path) -> None:
    _gone(mine)
    for name in ("receipt", "receipt-text", "receipt-json"):
        text = client.get(mine.at(name)).content.decode()
        assert "A cat, in pieces" not in text
        assert "tabby" not in text
        assert "cat.jpg" not in text


def test_a_game_that_is_there_has_no_receipt(client: Client, mine: Mine) -> None:
    assert client.get(mine.at("receipt")).status_code == 404
    assert client.get(reverse("studio:receipt", args=["a" * 14, mine.secret])).status_code == 404


def test_who_comes_back_to_a_draft_that_was_cleared_away_is_told_why(client: Client, mine: Mine) -> None:
    actions.delete(game=mine.game, by="age")
    page = client.get(mine.at("edit"), follow=True).content.decode()
    assert "This draft was cleared away." in page
    assert "for 30 days" in page

"""The maker's page: choices, words, and the one next thing to do."""

from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from tests.cast import a_picture, process_all
from tests.studio.conftest import Mine

from pictogame.games import actions, queries
from pictogame.games.models import Game, Revision
from pictogame.media.errors import ORIGINAL_LOST
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.studio.maker import maker_of

ISLAND = {"HX-Request": "true"}


def draft_options(mine: Mine) -> dict[str, object]:
    return dict(queries.newest_of(mine.game).options)


def test_looking_at_a_template_makes_no_game(client: Client, db: None, runtime: Path) -> None:
    client.get("/make/jigsaw/")
    assert Game.objects.count() == 0


def test_the_island_begins_a_game_and_learns_its_edit_page(client: Client, db: None, runtime: Path) -> None:
    answer = client.post("/make/jigsaw/", headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert client.get(answer.json()["edit"]).status_code == 200


def test_choices_are_kept(client: Client, mine: Mine) -> None:
    sent = {
        "choices": "all",
        "option-pieces": "24",
        "option-turned": "on",
        "skin": "felt",
        "title": "Minka",
        "language": "de",
    }
    answer = client.post(mine.at("change"), sent, headers=ISLAND)
    assert answer.status_code == 200
    draft = queries.newest_of(mine.game)
    assert (draft.options["pieces"], draft.options["turned"]) == (24, True)
    assert (draft.skin, draft.title, draft.language) == ("felt", "Minka", "de")


def test_a_switch_that_is_not_sent_is_off(client: Client, mine: Mine) -> None:
    actions.change(game=mine.game, options={"turned": True})
    client.post(mine.at("change"), {"choices": "all"}, headers=ISLAND)
    assert draft_options(mine)["turned"] is False


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("option-pieces", "7", "can be 6, 12 or 24"),
        ("option-pieces", "", "can be 6, 12 or 24"),
        ("option-frame_rate", "1000000", "goes from 2 to 10"),
        ("option-frame_rate", "nan", "goes from 2 to 10"),
        ("option-turned", "perhaps", "is on or off"),
        ("skin", "gold", "no skin called"),
        ("language", "xx", "Games speak"),
        ("title", "x" * 10_000, "has room for 120 characters"),
        ("title", "\u200b\u200b", "needs something that can be seen"),
        ("message", "x" * 281, "has room for 280 characters"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    client: Client, mine: Mine, name: str, value: str, sentence: str
) -> None:
    before = Revision.objects.values().get()
    for headers in ({}, ISLAND):
        answer = client.post(mine.at("change"), {"message": "New", name: value}, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert sentence in html.split(f'id="problem-{name}"', 1)[1].split("</div>", 1)[0]
    assert Revision.objects.values().get() == before


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("</title><game id='x'>&amp;", "</title><game id='x'>&amp;"),
        ("abc\u202egnp.exe\u202c", "abcgnp.exe"),
        ("  a \n\t b\x00 ", "a b"),
    ],
)
def test_a_title_is_text_and_nothing_else(client: Client, mine: Mine, title: str, kept: str) -> None:
    client.post(mine.at("change"), {"title": title}, headers=ISLAND)
    assert queries.newest_of(mine.game).title == kept
    actions.publish(game=mine.game)
    for name in ("edit", "share", "delete"):
        html = client.get(mine.at(name)).content.decode()
        assert "<script>alert" not in html
        assert "<game" not in html
        assert "\u202e" not in html


def test_the_same_choices_again_open_no_draft(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    client.post(
        mine.at("change"), {"choices": "all", "title": "A cat, in pieces", "option-pieces": "12"}, headers=ISLAND
    )
    assert queries.draft_of(mine.game) is None
    client.post(mine.at("change"), {"title": "A dog"}, headers=ISLAND)
    assert queries.draft_of(mine.game) is not None


def test_publishing_keeps_what_the_page_shows(client: Client, mine: Mine) -> None:
    answer = client.post(mine.at("publish"), {"choices": "all", "title": "Typed at last", "option-pieces": "24"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == mine.at("share")
    mine.game.refresh_from_db()
    assert mine.game.wanted
    assert (mine.game.wanted.title, mine.game.wanted.options["pieces"]) == ("Typed at last", 24)


def test_publishing_with_a_choice_that_does_not_fit_says_so_and_publishes_nothing(client: Client, mine: Mine) -> None:
    answer = client.post(mine.at("publish"), {"title": "x" * 10_000})
    assert answer.status_code == 422
    assert "has room for 120 characters" in answer.content.decode()
    mine.game.refresh_from_db()
    assert mine.game.wanted is None


def test_publishing_without_enough_pictures_says_how_many(client: Client, cards: Mine) -> None:
    actions.add_picture(game=cards.game, picture=a_picture(7), name="one.jpg")
    answer = client.post(cards.at("publish"))
    assert answer.status_code == 422
    assert "needs 2 more pictures" in answer.content.decode()


def test_there_is_one_next_thing_to_do(client: Client, mine: Mine, cards: Mine) -> None:
    assert maker_of(cards.game, cards.secret).next == "choose"
    assert maker_of(mine.game, mine.secret).next == "publish"
    revision = actions.publish(game=mine.game)
    assert maker_of(mine.game, mine.secret).next == "share"
    actions.mark_published(game=mine.game, revision=revision)
    actions.change(game=mine.game, title="Another")
    assert maker_of(mine.game, mine.secret).next == "update"
    html = client.get(mine.at("edit")).content.decode()
    assert html.count("button primary big") == 1


@pytest.mark.parametrize(
    ("columns", "words", "button"),
    [
        ({"due_at": None}, "Everything is published.", "Share it"),
        ({}, "It is on its way to the web.", "Share it"),
        ({"attempts": 1, "problem": "No answer."}, "No answer. Nothing is lost.", "Share it"),
        (
            {"attempts": 32, "problem": "No.", "due_at": None, "set_aside_at": "2000-01-01T00:00Z"},
            "No.",
            "Publish again",
        ),
    ],
)
def test_the_maker_says_how_it_stands_with_what_was_published(
    client: Client, mine: Mine, columns: dict[str, object], words: str, button: str
) -> None:
    process_all()
    revision = actions.publish(game=mine.game)
    Game.objects.filter(pk=mine.game.pk).update(published=revision, **columns)
    html = unescape(client.get(mine.at("edit")).content.decode())
    following = html[html.index('<section id="next"') :].partition("</section>")[0]
    assert words in following
    assert button in following
    assert ("Everything is published" in following) == (words == "Everything is published.")
    # What is under way is asked for again.
    assert ('hx-trigger="load delay:2000ms' in following) == ("on its way" in words)
    assert html.count("button primary big") == 1


def test_a_picture_that_got_lost_is_said_at_its_row(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    Crop.objects.update(due_at=None, set_aside_at="2000-01-01T00:00Z", problem=ORIGINAL_LOST)
    html = unescape(client.get(mine.at("edit")).content.decode())
    assert "cat.jpg: It got lost on our side: choose the same file once more, or another picture." in html
    assert f'hx-get="{mine.at("progress")}"' not in html


def test_the_page_asks_again_only_while_pictures_are_in_the_making(client: Client, mine: Mine) -> None:
    assert mine.at("progress") in client.get(mine.at("edit")).content.decode()
    process_all()
    html = client.get(mine.at("progress")).content.decode()
    assert f'hx-get="{mine.at("progress")}"' not in html
    assert 'data-state="ready"' in html
    assert "This is your game" in html


def test_a_refused_picture_is_said_at_its_row_and_must_go(client: Client, cards: Mine) -> None:
    for number in range(3):
        actions.add_picture(game=cards.game, picture=a_picture(number), name=f"{number}.jpg")
    row = queries.newest_of(cards.game).pictures.get(position=1)
    type(row.picture).objects.filter(pk=row.picture_id).update(state="refused", refusal="It is damaged.")
    maker = maker_of(cards.game, cards.secret)
    assert maker.next == "mend"
    assert [one.problem for one in maker.slots[0].rows] == ["", "1.jpg: It is damaged.", ""]
    assert client.post(cards.at("publish")).status_code == 422


def test_another_template_takes_the_pictures_along(client: Client, mine: Mine) -> None:
    client.post(mine.at("change-template"), {"template": "pairs"})
    draft = queries.newest_of(mine.game)
    assert draft.template == "pairs"
    assert draft.pictures.get().slot == "cards"
    assert "2 more to go" in client.get(mine.at("edit")).content.decode()
    assert client.post(mine.at("change-template"), {"template": "chess"}).status_code == 404


def test_a_picture_too_small_for_the_pieces_chosen_is_said_beside_it_with_a_count_that_fits(
    client: Client, mine: Mine
) -> None:
    process_all()
    client.post(mine.at("change"), {"choices": "all", "option-pieces": "24", "skin": "paper", "language": "en"})
    advice = "Your picture is too small for 24 pieces: try 12."
    picture = Picture.objects.get()
    enough = 24 * 32 * 32
    small = Rendition.objects.exclude(role="card").filter(crop__picture=picture)
    small.update(width=enough // 128, height=128)
    assert advice not in client.get(mine.at("edit")).content.decode()
    small.update(width=enough // 128, height=127)
    assert advice in client.get(mine.at("edit")).content.decode()

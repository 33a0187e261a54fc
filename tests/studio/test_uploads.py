"""Pictures come in: what is good is kept, what is not gets one clear sentence, and what was there stays."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.cast import a_picture
from tests.studio.conftest import Mine

from pictogame.games import actions, queries
from pictogame.games.models import Game
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Sha256
from pictogame.media import actions as media
from pictogame.media.errors import ORIGINAL_LOST
from pictogame.media.models import Crop, Picture
from pictogame.media.vault import vault
from pictogame.studio.uploads import FORM_LIMIT, UPLOAD_LIMIT

Put = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("data")


def photograph(number: int = 0, kind: str = "JPEG", side: int = 400) -> bytes:
    """The bytes of a picture; another number is another picture."""
    out = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), (number % 256, 80, 160)).save(out, kind)
    return out.getvalue()


def names(mine: Mine) -> list[str]:
    """What lies in the draft, in order."""
    return [row.name for row in queries.pictures_of(queries.newest_of(mine.game))]


def test_a_picture_is_kept_and_its_row_comes_back(cards: Mine, put: Put) -> None:
    answer = put(cards, photograph(), "Minka.jpg")
    assert answer.status_code == 201
    assert "Minka.jpg" in answer.content.decode()
    assert names(cards) == ["Minka.jpg"]
    assert vault().read(Sha256(Picture.objects.get().sha256)) == photograph()


def test_a_name_with_folders_and_signs_is_shown_as_text(cards: Mine, put: Put) -> None:
    answer = put(cards, photograph(), "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E.jpg")
    html = answer.content.decode()
    assert "<img src=x" not in html
    assert names(cards) == ["<img src=x onerror=alert(1)>.jpg"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing (SVG)"),
        (b"<!doctype html><h1>Hello</h1>", "web page"),
        (b"\x00" * 5000, "picture"),
        (photograph(kind="PNG", side=4), "pixels"),
    ],
    ids=["empty", "svg", "html", "zeros", "tiny"],
)
def test_what_is_no_picture_gets_a_sentence_and_leaves_nothing(cards: Mine, put: Put, data: bytes, words: str) -> None:
    put(cards, photograph(1), "good.jpg")
    answer = put(cards, data, "innocent.png")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert answer.content.decode().count("<p") == 1
    assert names(cards) == ["good.jpg"]


def test_the_same_file_twice_is_kept_once(cards: Mine, put: Put) -> None:
    put(cards, photograph(), "one.jpg")
    answer = put(cards, photograph(), "two.jpg")
    assert answer.status_code == 422
    assert "already in this game" in answer.content.decode()
    assert names(cards) == ["one.jpg"]


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(client: Client, cards: Mine) -> None:
    answer = client.generic(
        "PUT", cards.at("pictures"), b"x", content_type="application/octet-stream", CONTENT_LENGTH=str(UPLOAD_LIMIT + 1)
    )
    assert answer.status_code == 413
    assert "MB: save it smaller" in answer.content.decode()
    form = client.generic(
        "POST",
        cards.at("pictures"),
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(FORM_LIMIT + 1),
    )
    assert form.status_code == 413
    assert "send fewer at once" in form.content.decode()
    assert not Picture.objects.exists()


def test_a_stranger_with_a_huge_body_gets_404(client: Client, cards: Mine) -> None:
    answer = client.generic("PUT", cards.as_a_stranger("pictures"), b"x", CONTENT_LENGTH=str(UPLOAD_LIMIT + 1))
    assert answer.status_code == 404


def test_a_slot_that_is_full_says_so_before_the_bytes_come(cards: Mine, put: Put) -> None:
    for number in range(12):
        actions.add_picture(game=cards.game, picture=a_picture(number), name=f"{number}.jpg")
    answer = put(cards, photograph(), "thirteenth.jpg", slot="cards")
    assert answer.status_code == 422
    assert "takes 12 pictures" in answer.content.decode()
    assert Picture.objects.count() == 12


def test_a_place_for_one_picture_takes_another_instead(mine: Mine, put: Put) -> None:
    assert put(mine, photograph(), "dog.jpg", slot="picture").status_code == 201
    assert names(mine) == ["dog.jpg"]
    assert put(mine, photograph(), "dog again.jpg", slot="picture").status_code == 422
    assert names(mine) == ["dog.jpg"]


def test_a_form_without_script_makes_a_game_of_several_pictures(client: Client, db: None, runtime: Path) -> None:
    files = [SimpleUploadedFile(f"{number}.jpg", photograph(number)) for number in range(3)]
    answer = client.post("/make/pairs/", {"file": files}, follow=True)
    assert answer.status_code == 200
    game = Game.objects.get()
    assert [row.name for row in queries.pictures_of(queries.newest_of(game))] == ["0.jpg", "1.jpg", "2.jpg"]
    assert answer.redirect_chain


def test_a_form_with_nothing_usable_makes_no_game(client: Client, db: None, runtime: Path) -> None:
    answer = client.post("/make/pairs/", {"file": [SimpleUploadedFile("evil.png", b"<svg/>")]})
    assert answer.status_code == 422
    assert "evil.png" in answer.content.decode()
    assert client.post("/make/pairs/", {}).status_code == 422
    assert Game.objects.count() == 0


def test_a_form_with_good_and_bad_keeps_the_good_and_names_the_bad(client: Client, cards: Mine) -> None:
    files = [SimpleUploadedFile("good.jpg", photograph()), SimpleUploadedFile("bad.png", b"no")]
    answer = client.post(cards.at("pictures"), {"file": files})
    assert answer.status_code == 422
    assert "bad.png" in answer.content.decode()
    assert names(cards) == ["good.jpg"]
    assert "choose one" in client.post(cards.at("pictures"), {}).content.decode()


def test_500_files_in_one_form_get_a_sentence(client: Client, cards: Mine) -> None:
    files = [SimpleUploadedFile(f"{number}.jpg", b"x") for number in range(500)]
    answer = client.post(cards.at("pictures"), {"file": files})
    assert answer.status_code == 400
    assert "up to 100 at once" in answer.content.decode()
    assert names(cards) == []


def test_a_broken_form_gets_a_sentence(client: Client, cards: Mine) -> None:
    answer = client.generic("POST", cards.at("pictures"), b"--x\r\nnonsense", content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "send it again" in answer.content.decode()


def test_words_and_focus_point_are_kept(client: Client, mine: Mine) -> None:
    row = queries.pictures_of(queries.newest_of(mine.game))[0]
    answer = client.post(mine.at("describe", row.pk), {"alt": "Minka in the sun"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    client.post(mine.at("describe", row.pk), {"focus_x": "120", "focus_y": "9999"})
    row.refresh_from_db()
    assert (row.alt, row.focus_x, row.focus_y) == ("Minka in the sun", 120, 1000)
    client.post(mine.at("describe", row.pk), {"focus_x": "NaN", "focus_y": "here"})
    row.refresh_from_db()
    assert (row.focus_x, row.focus_y) == (500, 500)


def test_a_spot_that_was_moved_too_often_gets_a_sentence_and_a_time(
    client: Client, mine: Mine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MOST_MOVES", 3)
    row = queries.pictures_of(queries.newest_of(mine.game))[0]
    for place in (100, 200):
        assert client.post(mine.at("describe", row.pk), {"focus_x": place, "focus_y": 500}).status_code == 302
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(mine.at("describe", row.pk), {"focus_x": 300, "focus_y": 500}, headers=headers)
        assert answer.status_code == 429
        assert "it stays where it was, and can be moved again in 60 minutes" in answer.content.decode()
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
    row.refresh_from_db()
    assert row.focus_x == 200
    client.post(mine.at("describe", row.pk), {"alt": "Minka"})
    client.post(mine.at("describe", row.pk), {"focus_x": 100, "focus_y": 500})
    row.refresh_from_db()
    assert (row.alt, row.focus_x) == ("Minka", 100)


def test_words_that_are_too_long_get_a_sentence(client: Client, mine: Mine) -> None:
    row = queries.pictures_of(queries.newest_of(mine.game))[0]
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(mine.at("describe", row.pk), {"alt": "x" * 10_000}, headers=headers)
        assert answer.status_code == 422
        assert "has room for 240 characters" in answer.content.decode()


def test_pictures_are_arranged_by_buttons_and_by_a_whole_order(client: Client, cards: Mine) -> None:
    for number in range(3):
        actions.add_picture(game=cards.game, picture=a_picture(number), name=f"{number}.jpg")
    ids = [row.pk for row in queries.pictures_of(queries.newest_of(cards.game))]
    client.post(cards.at("arrange"), {"up": ids[2]})
    assert names(cards) == ["0.jpg", "2.jpg", "1.jpg"]
    client.post(cards.at("arrange"), {"down": ids[0]})
    assert names(cards) == ["2.jpg", "0.jpg", "1.jpg"]
    client.post(cards.at("arrange"), {"order": ",".join(map(str, ids))}, headers={"HX-Request": "true"})
    assert names(cards) == ["0.jpg", "1.jpg", "2.jpg"]


def test_an_order_of_other_pictures_changes_nothing(client: Client, cards: Mine) -> None:
    for number in range(3):
        actions.add_picture(game=cards.game, picture=a_picture(number), name=f"{number}.jpg")
    first = queries.pictures_of(queries.newest_of(cards.game))[0].pk
    answer = client.post(cards.at("arrange"), {"order": str(first)})
    assert answer.status_code == 409
    assert "changed since this page was loaded" in answer.content.decode()
    assert names(cards) == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_picture_is_removed_and_what_plays_stays(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    row = queries.pictures_of(queries.newest_of(mine.game))[0]
    client.post(mine.at("remove", row.pk))
    assert names(mine) == []
    mine.game.refresh_from_db()
    assert mine.game.wanted
    assert mine.game.wanted.pictures.count() == 1


def test_the_original_is_for_its_creator_alone(client: Client, mine: Mine, put: Put) -> None:
    put(mine, photograph(), "dog.jpg", slot="picture")
    row = queries.pictures_of(queries.newest_of(mine.game))[0]
    answer = client.get(mine.at("whole", row.pk))
    assert answer.content == photograph()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(mine.as_a_stranger("whole", row.pk)).status_code == 404
    assert client.get(mine.at("whole", row.pk + 999)).status_code == 404


def test_a_picture_that_got_lost_is_taken_again(mine: Mine, put: Put) -> None:
    data = photograph()
    put(mine, data, "Minka.jpg", "picture")
    actions.publish(game=mine.game)
    picture = Picture.objects.get(sha256=sha256_of(data))
    crops = Crop.objects.filter(picture=picture)
    crops.update(due_at=None, set_aside_at="2000-01-01T00:00Z", problem=ORIGINAL_LOST)
    vault().forget(Sha256(picture.sha256))
    answer = put(mine, data, "Minka.jpg", "picture")
    assert answer.status_code == 201
    assert "Minka.jpg" in answer.content.decode()
    assert vault().read(Sha256(picture.sha256)) == data
    assert (crops.get().set_aside_at, crops.get().problem) == (None, "")
    assert queries.draft_of(mine.game) is None
    assert put(mine, data, "Minka.jpg", "picture").status_code == 422

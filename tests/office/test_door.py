"""Who comes into the office, and what the door leaks: nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.test import Client
from tests.office.conftest import PASSWORD

from pictogame.accounts.models import Guess, User

ROOMS = (
    "",
    "money/",
    "games/game/",
    "media/picture/",
    "media/crop/",
    "bucket/bucketobject/",
    "publishing/use/",
    "publishing/receipt/",
    "admin/logentry/",
)


def _sign_in(name: str, password: str) -> tuple[bool, str]:
    """Whether the door opened, and what it said, the form's own token left out."""
    client = Client()
    answer = client.post("/office/login/?next=/office/", {"username": name, "password": password, "next": "/office/"})
    if answer.status_code == 302:
        return True, ""
    said = answer.content.decode()
    return False, said[said.index("errornote") : said.index("</p>", said.index("errornote"))]


@pytest.mark.parametrize("room", ROOMS)
def test_a_stranger_is_led_to_the_door(db: None, room: str) -> None:
    answer = Client().get(f"/office/{room}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/office/login/")


def test_the_door_leads_to_no_other_site(anna: User, data: Path, runtime: Path) -> None:
    client = Client()
    given = {"username": "anna", "password": PASSWORD, "next": "//evil.example/"}
    assert client.post("/office/login/", given).headers["Location"] == "/office/"


@pytest.mark.parametrize("deed", ["pause/", "resume/", "retry/"])
def test_a_stranger_can_do_nothing(db: None, deed: str) -> None:
    answer = Client().post(f"/office/{deed}")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


@pytest.mark.parametrize("room", ROOMS)
def test_an_operator_sees_every_room(office: Client, room: str) -> None:
    answer = office.get(f"/office/{room}")
    assert answer.status_code == 200
    assert 'aria-label="Office"' in answer.content.decode()


def test_an_account_without_the_right_stays_outside(office: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_staff=False)
    assert office.get("/office/").status_code == 302


def test_who_is_removed_is_out_at_once(office: Client, anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert office.get("/office/").status_code == 302


def test_the_right_password_opens(anna: User) -> None:
    assert _sign_in("anna", PASSWORD) == (True, "")


def test_a_wrong_password_and_a_name_that_nobody_has_are_answered_alike(anna: User) -> None:
    assert _sign_in("anna", "wrong") == _sign_in("nobody", "wrong")


def test_after_a_handful_of_wrong_passwords_the_right_one_waits_too(anna: User) -> None:
    said = {_sign_in("anna", "wrong")[1] for _ in range(7)}
    assert _sign_in("anna", PASSWORD)[0] is False
    # Shut or wrong: nobody learns which.
    assert said | {_sign_in("anna", PASSWORD)[1]} == said
    Guess.objects.update(shut_until=F("shut_until") - timedelta(days=1))
    assert _sign_in("anna", PASSWORD)[0] is True
    assert not Guess.objects.exists()


def test_guessing_one_name_shuts_no_other(anna: User) -> None:
    for _ in range(8):
        _sign_in("nobody", "wrong")
    assert _sign_in("anna", PASSWORD)[0] is True


def test_the_cookie_of_the_office_goes_nowhere_else(anna: User) -> None:
    client = Client()
    client.post("/office/login/?next=/office/", {"username": "anna", "password": PASSWORD, "next": "/office/"})
    cookie = client.cookies["office"]
    assert cookie["path"] == "/office/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_a_creator_gets_no_session(office: Client, data: Path) -> None:
    stranger = Client()
    for address in ("/", "/templates/", "/make/jigsaw/", "/office/", "/health/live"):
        stranger.get(address)
    assert set(stranger.cookies) <= {"csrftoken"}


def test_no_page_of_the_office_is_framed_kept_or_runs_a_strangers_script(office: Client) -> None:
    for room in ("", "games/game/"):
        headers = office.get(f"/office/{room}").headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "no-store" in headers["Cache-Control"]


def test_the_studio_keeps_its_own_policy(office: Client) -> None:
    policy = office.get("/").headers["Content-Security-Policy"]
    assert "frame-src 'self' http://127.0.0.1:9000" in policy
    assert "unsafe" not in policy


def test_pages_hold_neither_style_nor_script_of_their_own(office: Client) -> None:
    for room in ROOMS:
        page = office.get(f"/office/{room}").content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')

"""One network can't fill a studio: what it may send is limited, and a disk that is nearly full takes nothing."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings
from tests.studio.conftest import Mine
from tests.studio.test_uploads import names, photograph

from pictogame.games.models import Game
from pictogame.jobs.leases import database_now
from pictogame.lib.hashing import sha256_of
from pictogame.media import allowance
from pictogame.media.models import Picture, Sent

pytestmark = pytest.mark.usefixtures("data")
Send = Callable[..., Any]
SENTENCE = "Your network has sent all it can for now: nothing is lost, and this picture is welcome in"


@pytest.fixture
def send(client: Client, cards: Mine) -> Send:
    """Sends the photograph of that number as the island does, from an address."""

    def sent(number: int, address: str, forwarded: str = "") -> Any:
        return client.put(
            cards.at("pictures"),
            photograph(20 * number),
            content_type="application/octet-stream",
            headers={"X-File-Name": f"{number}.jpg", "HX-Request": "true"}
            | ({"X-Forwarded-For": forwarded} if forwarded else {}),
            REMOTE_ADDR=address,
        )

    return sent


@pytest.fixture
def two_files(settings: Settings) -> None:
    """A network may send two files in three hours."""
    settings.UPLOAD_FILES, settings.UPLOAD_MB, settings.UPLOAD_HOURS = 2, 0, 3


@pytest.mark.usefixtures("two_files")
def test_who_has_sent_enough_is_told_when_there_is_room_again_and_loses_nothing(cards: Mine, send: Send) -> None:
    assert send(1, "192.0.2.7").status_code == 201
    assert send(2, "192.0.2.7").status_code == 201
    answer = send(3, "192.0.2.7")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3 * 3600
    assert SENTENCE in answer.content.decode()
    assert answer.content.decode().count("<p") == 1
    assert names(cards) == ["1.jpg", "2.jpg"]
    assert Picture.objects.count() == 2
    assert send(3, "192.0.2.8").status_code == 201, "Another network has its own."


def test_bytes_are_counted_too_whatever_became_of_them(client: Client, cards: Mine, settings: Settings) -> None:
    settings.UPLOAD_FILES, settings.UPLOAD_MB = 0, 1

    def put(data: bytes) -> int:
        return client.put(cards.at("pictures"), data, REMOTE_ADDR="192.0.2.7").status_code

    assert put(b"no picture" + bytes(699_990)) == 422
    assert put(photograph()) == 201
    assert put(photograph(1) + bytes(300_000)) == 429
    assert Sent.objects.get().bytes == 700_000 + len(photograph())


@pytest.mark.usefixtures("two_files")
def test_what_one_household_has_of_ipv6_is_one_network(send: Send) -> None:
    assert send(1, "2001:db8:0:7::1").status_code == 201
    assert send(2, "2001:db8:0:7:8000::2").status_code == 201
    assert send(3, "2001:db8:0:7:ffff:ffff:ffff:ffff").status_code == 429
    assert send(3, "2001:db8:0:8::1").status_code == 201


@pytest.mark.usefixtures("two_files")
def test_ipv4_within_ipv6_is_the_same_address(send: Send) -> None:
    assert send(1, "192.0.2.7").status_code == 201
    assert send(2, "::ffff:192.0.2.7").status_code == 201
    assert send(3, "192.0.2.7").status_code == 429


@pytest.mark.usefixtures("two_files")
def test_a_stranger_gets_no_further_by_inventing_addresses(send: Send) -> None:
    for number in (1, 2):
        assert send(number, "192.0.2.7", forwarded=f"198.51.100.{number}").status_code == 201
    assert send(3, "192.0.2.7", forwarded="198.51.100.3").status_code == 429
    assert send(3, "127.0.0.1", forwarded="127.0.0.1, 198.51.100.9, 192.0.2.7").status_code == 429


@pytest.mark.usefixtures("two_files")
def test_behind_proxies_that_the_settings_name_it_is_the_visitor_who_counts(send: Send, settings: Settings) -> None:
    settings.PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/24"))
    for number in (1, 2):
        assert send(number, "127.0.0.1", forwarded="192.0.2.7, 10.0.0.3").status_code == 201
    assert send(3, "10.0.0.4", forwarded="192.0.2.7:49152").status_code == 429
    assert send(3, "127.0.0.1", forwarded="192.0.2.8, 10.0.0.3").status_code == 201
    assert send(4, "10.0.1.4", forwarded="192.0.2.7").status_code == 201, "This one is no proxy of ours."
    assert Sent.objects.count() == 3


@pytest.mark.usefixtures("two_files")
def test_behind_a_proxy_that_names_nobody_all_are_one(send: Send) -> None:
    for number in (1, 2):
        assert send(number, "127.0.0.1", forwarded="unknown").status_code == 201
    assert send(3, "127.0.0.1", forwarded="unknown").status_code == 429


@pytest.mark.usefixtures("two_files")
def test_whoever_sits_at_the_machine_may_send_what_they_like(send: Send) -> None:
    assert [send(number, "127.0.0.1").status_code for number in range(4)] == [201] * 4
    assert not Sent.objects.exists()


def test_zero_is_no_limit(send: Send, settings: Settings) -> None:
    settings.UPLOAD_FILES = settings.UPLOAD_MB = 0
    assert [send(number, "192.0.2.7").status_code for number in range(4)] == [201] * 4
    assert not Sent.objects.exists()


@pytest.mark.usefixtures("two_files")
def test_no_row_tells_who_it_was_and_the_next_window_knows_nobody(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        send(number, "192.0.2.7")
    row = Sent.objects.get()
    begin, _ = allowance.window(database_now(), 3)
    guesses = (f"{text}{address}" for text in ("", f"{begin.isoformat()} ") for address in ("192.0.2.7", "192.0.2.0"))
    assert row.sender not in {sha256_of(guess.encode()) for guess in guesses}, "Without the key it can't be tried out."
    assert (row.files, row.bytes) == (2, len(photograph(20)) + len(photograph(40)))
    later = database_now() + timedelta(hours=3)
    monkeypatch.setattr("pictogame.media.allowance.database_now", lambda: later)
    assert send(3, "192.0.2.7").status_code == 201
    assert Sent.objects.exclude(pk=row.pk).get().sender != row.sender


@pytest.mark.usefixtures("two_files")
def test_a_form_without_script_keeps_what_fits_and_says_of_the_rest(client: Client, db: None, runtime: object) -> None:
    files = [SimpleUploadedFile(f"{number}.jpg", photograph(number)) for number in range(4)]
    answer = client.post("/make/pairs/", {"file": files}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    assert f"2.jpg and 1 more: {SENTENCE}" in answer.content.decode()
    assert names(Mine(Game.objects.get(), "")) == ["0.jpg", "1.jpg"]  # type: ignore[arg-type]

    files = [SimpleUploadedFile("5.jpg", photograph(5))]
    answer = client.post("/make/pairs/", {"file": files}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 429
    assert answer.has_header("Retry-After")
    assert f"5.jpg: {SENTENCE}" in answer.content.decode()
    assert Game.objects.count() == 1


@pytest.mark.usefixtures("two_files")
def test_a_form_that_adds_to_a_game_keeps_what_is_there(client: Client, cards: Mine, send: Send) -> None:
    send(1, "192.0.2.7")
    files = [SimpleUploadedFile(f"{number}.jpg", photograph(number)) for number in (2, 3)]
    answer = client.post(cards.at("pictures"), {"file": files}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 429
    assert answer.has_header("Retry-After")
    assert f"3.jpg: {SENTENCE}" in answer.content.decode()
    assert names(cards) == ["1.jpg", "2.jpg"]


def test_a_disk_that_is_nearly_full_takes_no_picture(cards: Mine, send: Send, settings: Settings) -> None:
    assert send(1, "127.0.0.1").status_code == 201
    settings.DISK_LEAST = 10_000_000
    answer = send(2, "127.0.0.1")
    assert answer.status_code == 507
    assert "There is no room for another picture just now: nothing is lost" in answer.content.decode()
    assert names(cards) == ["1.jpg"]
    assert Picture.objects.count() == 1
    settings.DISK_LEAST = 0
    assert send(2, "127.0.0.1").status_code == 201


def test_a_form_finds_the_full_disk_at_its_first_file(client: Client, cards: Mine, settings: Settings) -> None:
    settings.DISK_LEAST = 10_000_000
    files = [SimpleUploadedFile(f"{number}.jpg", photograph(number)) for number in (1, 2, 3)]
    answer = client.post(cards.at("pictures"), {"file": files})
    assert answer.status_code == 507
    assert "1.jpg and 2 more: There is no room" in answer.content.decode()


def test_what_was_counted_goes_when_its_window_is_over(db: None) -> None:
    Sent.objects.create(sender="a" * 64, until=Now() - timedelta(seconds=1))
    Sent.objects.create(sender="b" * 64, until=Now() + timedelta(hours=1))
    assert allowance.forget_old() == 1
    assert [row.sender for row in Sent.objects.all()] == ["b" * 64]

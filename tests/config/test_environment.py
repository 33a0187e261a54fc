"""Readers of the environment refuse nonsense with the name of the variable."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from pictogame.config import environment, logs

NAME = "PICTOGAME_SECRET_KEY"


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("  from the file\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "key"))
    assert environment.text(NAME) == "from the file"
    monkeypatch.setenv(NAME, "from the variable")
    with pytest.raises(ImproperlyConfigured, match="Both PICTOGAME_SECRET_KEY and"):
        environment.text(NAME)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match="nowhere, which can't be read"):
        environment.text(NAME)


def test_a_word_that_is_none_of_a_few_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTOGAME_LOG", "loud")
    with pytest.raises(ImproperlyConfigured, match="PICTOGAME_LOG is 'loud'; it must be one of text, json"):
        environment.one_of("PICTOGAME_LOG", "text", logs.FORMS)


@pytest.mark.parametrize("value", ["-1", "x", "86401", "1.5"])
def test_a_number_beyond_its_limits_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTOGAME_POINTER_MAX_AGE", value)
    with pytest.raises(ImproperlyConfigured, match="PICTOGAME_POINTER_MAX_AGE"):
        environment.number("PICTOGAME_POINTER_MAX_AGE", 60, least=0, most=86_400)


@pytest.mark.parametrize(("text", "amount"), [("25", "25"), ("12.50", "12.50"), ("0", "0")])
def test_dollars_are_read_to_the_cent(monkeypatch: pytest.MonkeyPatch, text: str, amount: str) -> None:
    monkeypatch.setenv("PICTOGAME_BUDGET", text)
    assert environment.dollars("PICTOGAME_BUDGET") == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "1.234", "ten", "1e9", "$5", "1,000", "NaN"])
def test_what_is_no_amount_of_dollars_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PICTOGAME_BUDGET", text)
    with pytest.raises(ImproperlyConfigured, match=r"PICTOGAME_BUDGET is .* such as 25 or 12\.50"):
        environment.dollars("PICTOGAME_BUDGET")


def test_no_budget_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PICTOGAME_BUDGET", raising=False)
    assert environment.dollars("PICTOGAME_BUDGET") is None


def test_networks_are_read_with_blanks_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTOGAME_PROXIES", "10.0.0.7 2001:db8::/32")
    assert [str(one) for one in environment.networks("PICTOGAME_PROXIES", "::1")] == ["10.0.0.7/32", "2001:db8::/32"]
    monkeypatch.setenv("PICTOGAME_PROXIES", "none")
    assert environment.networks("PICTOGAME_PROXIES", "::1") == ()
    monkeypatch.delenv("PICTOGAME_PROXIES")
    assert [str(one) for one in environment.networks("PICTOGAME_PROXIES", "::1")] == ["::1/128"]


@pytest.mark.parametrize("text", ["localhost", "10.0.0.0/33", "10.0.0.1/24", "10.0.0.1,10.0.0.2"])
def test_what_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PICTOGAME_PROXIES", text)
    with pytest.raises(
        ImproperlyConfigured, match=r"PICTOGAME_PROXIES is .* such as 10\.0\.0\.7 or 10\.0\.0\.0/24, or none"
    ):
        environment.networks("PICTOGAME_PROXIES", "::1")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("smtp://mail.example.org", {"host": "mail.example.org", "port": 25, "user": "", "tls": False, "ssl": False}),
        ("smtp+tls://mia:a%2Fb@mail.example.org", {"port": 587, "user": "mia", "password": "a/b", "tls": True}),
        ("smtp+ssl://mail.example.org:4650", {"port": 4650, "tls": False, "ssl": True}),
        ("file:///srv/let%20ters", {"folder": "/srv/let ters", "host": ""}),
        ("console:", {"folder": None, "host": ""}),
    ],
)
def test_an_address_says_how_letters_go(
    given: str, expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PICTOGAME_EMAIL_URL", given)
    mail = environment.mail("PICTOGAME_EMAIL_URL", "console:")
    assert {name: getattr(mail, name) for name in expected} == expected


@pytest.mark.parametrize(
    "given",
    ["mail.example.org", "smtp://", "smtp://a:secret@host:port", "http://host", "smtp://host/path", "file://x/y"],
)
def test_an_address_of_letters_that_cannot_be_read_is_refused_without_its_password(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PICTOGAME_EMAIL_URL", given)
    with pytest.raises(ImproperlyConfigured, match="PICTOGAME_EMAIL_URL can't be read") as refused:
        environment.mail("PICTOGAME_EMAIL_URL", "console:")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("given", ["nobody", "a@b@c", "Me <me@example.org>\nBcc: you@example.org", "<me@example.org"])
def test_a_sender_is_an_address(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTOGAME_EMAIL_FROM", given)
    with pytest.raises(ImproperlyConfigured, match="PICTOGAME_EMAIL_FROM"):
        environment.sender("PICTOGAME_EMAIL_FROM", "")

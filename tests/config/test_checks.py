"""Settings that make sense alone and not together are refused, by an id and with a hint."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from pictogame.config import checks

PUBLIC = {"SITE_URL": "https://games.example.org", "BUCKET_URL": "https://play.example.net", "ACCOUNTS_OPEN": False}


def _ids() -> set[str | None]:
    found = run_checks(tags=["pictogame"])
    assert all(one.hint for one in found)
    return {one.id for one in found}


def test_a_fresh_clone_is_fine() -> None:
    assert _ids() == set()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"SITE_URL": "http://localhost:8000", "BUCKET_URL": "http://localhost:9000"}, "E001"),
        ({"BUCKET": "file:///srv/all/bucket", "VAULT": "file:///srv/all"}, "E002"),
        ({"BUCKET": "file:///srv/all", "VAULT": "file:///srv/all"}, "E002"),
        ({"BUCKET": "s3://all/public", "VAULT": "s3://all"}, "E002"),
        ({**PUBLIC, "BUCKET_URL": "http://play.example.net"}, "E003"),
        ({**PUBLIC, "DEBUG": True}, "E004"),
        ({**PUBLIC, "SITE_URL": "http://games.example.org"}, "W005"),
        ({"BUCKET": "s3://all/public", "VAULT": "s3://all/private"}, "W006"),
        ({"BUCKET": "memory:///"}, "W007"),
        ({"SECRET_KEY": "short"}, "E008"),
        ({"METRICS_TOKEN": "short"}, "E009"),
        ({**PUBLIC, "ACCOUNTS_OPEN": True}, "W011"),
    ],
)
def test_what_does_not_go_together_is_named(settings: Settings, given: dict[str, object], expected: str) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    assert _ids() == {f"pictogame.{expected}"}


@pytest.mark.parametrize(
    "given",
    [
        PUBLIC,
        {**PUBLIC, "ACCOUNTS_OPEN": True, "EMAIL_IS_SENT": True},
        {"BUCKET": "s3://public", "VAULT": "s3://private"},
        {"BUCKET": "file:///srv/bucket", "VAULT": "file:///srv/bucket-private"},
        {"METRICS_TOKEN": "a" * 16},
    ],
)
def test_what_goes_together_is_left_alone(settings: Settings, given: dict[str, object]) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    assert _ids() == set()


@pytest.mark.parametrize(("own", "expected"), [(True, {"pictogame.W010"}), (False, set())])
def test_machines_that_share_a_database_need_one_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, own: bool, expected: set[str]
) -> None:
    monkeypatch.setattr(checks, "_is_shared", lambda: True)
    for name, value in PUBLIC.items():
        setattr(settings, name, value)
    settings.SECRET_KEY_IS_OWN = own
    assert _ids() == expected

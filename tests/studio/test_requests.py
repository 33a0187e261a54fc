"""Each request has an id, which the answer and the log share; who asked is written nowhere."""

import logging

import pytest
from django.test import Client

from pictogame.lib import logs


def _told(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [getattr(record, "ids", {}) for record in caplog.records if record.getMessage() == "request"]


def test_a_request_is_told_with_its_way_and_its_time(
    client: Client, db: None, runtime: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="pictogame"):
        answer = client.get("/templates/", headers={"User-Agent": "a browser"}, REMOTE_ADDR="192.0.2.7")
    [told] = _told(caplog)
    assert {name: told[name] for name in ("method", "path", "status")} == {
        "method": "GET",
        "path": "/templates/",
        "status": 200,
    }
    assert len(answer.headers["X-Request-ID"]) == 16
    assert not any("192.0.2.7" in str(value) or "browser" in str(value) for value in told.values())


@pytest.mark.parametrize(
    ("given", "taken"), [("from-the-proxy-1", True), ("short", False), ("x\ninjected-line-x", False)]
)
def test_the_id_of_a_proxy_is_taken_when_it_is_one(client: Client, given: str, taken: bool) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is taken


def test_what_is_asked_all_day_long_is_not_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="pictogame"):
        client.get("/health/live")
    assert _told(caplog) == []


def test_the_id_is_gone_with_the_request(client: Client) -> None:
    client.get("/health/live")
    assert logs.current() == {}

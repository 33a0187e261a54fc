"""A CDN is told to forget what was taken down; whatever it answers, nothing is lost and nobody waits."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings as ours
from pytest_django import Settings
from tests.publishing.cast import Faulty, a_game, everything_is_due, work

from pictogame.games import actions
from pictogame.publishing import purge, receipt_words
from pictogame.publishing.models import Purge
from pictogame.publishing.publisher import Publisher
from pictogame.publishing.queries import receipt_of


class Cdn:
    """Takes lists of addresses, or refuses them, by HTTP."""

    def __init__(self) -> None:
        self.answer = 200
        self.taken: list[str] = []
        self.tokens: set[str | None] = set()
        self.enough = threading.Event()
        cdn = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                cdn.tokens.add(self.headers["Authorization"])
                if cdn.answer == 200:
                    cdn.taken += json.loads(body)["files"]
                if not cdn.answer:
                    self.wfile.write(b"A CDN\r\n\r\n")
                    return
                self.send_response(cdn.answer)
                if cdn.answer == 307:
                    self.send_header("Location", "/elsewhere")
                if cdn.answer == 202:
                    self.send_header("Content-Length", "2")
                self.end_headers()
                if cdn.answer == 202:
                    cdn.enough.wait(30)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/purge"


@pytest.fixture
def cdn(settings: Settings) -> Iterator[Cdn]:
    one = Cdn()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.PURGE_URL, settings.PURGE_TOKEN = one.url, "a-token"
    yield one
    one.enough.set()
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def tell(publisher: Publisher) -> None:
    """Works, and waits for calls that are under way."""
    for _ in range(2):
        work(publisher)
        if (call := publisher._chores._purging._call) is not None:
            call.join()
    work(publisher)


def test_a_cdn_is_told_every_address_and_the_receipt_says_so(publisher: Publisher, cdn: Cdn) -> None:
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    told = receipt_of(game)
    assert told.cdn == "told"
    assert told.finished_at is not None
    gone = {line.key for line in told.lines if line.kind in {"object", "page"}}
    assert set(cdn.taken) == {f"{ours.BUCKET_URL}/{key}" for key in gone}
    assert cdn.tokens == {"Bearer a-token"}
    assert "The CDN was told" in receipt_words.text(told)
    assert "such as a CDN" not in receipt_words.text(told)


@pytest.mark.parametrize("answer", [500, 403, 307])
def test_a_cdn_that_refuses_keeps_the_receipt_open_and_the_line_going(
    publisher: Publisher, cdn: Cdn, answer: int
) -> None:
    cdn.answer = answer
    game = a_game(1)
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    told = receipt_of(game)
    assert (told.cdn, told.finished_at) == ("waiting", None)
    assert told.waits_for == f"The CDN was told, and answered {answer}."
    assert told.confirmed == len(told.lines)
    other = a_game(2)
    publisher.step()
    other.refresh_from_db()
    assert other.published is not None
    cdn.answer = 200
    everything_is_due()
    tell(publisher)
    assert receipt_of(game).finished_at is not None
    assert Purge.objects.get().attempts == 0


def test_what_is_no_answer_is_said_without_what_the_operator_alone_may_know(publisher: Publisher, cdn: Cdn) -> None:
    cdn.answer = 0
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    assert receipt_of(game).waits_for == "The CDN could not be told."
    assert Purge.objects.get().cause == "BadStatusLine: A CDN"


def test_an_answer_that_never_ends_is_an_answer(publisher: Publisher, cdn: Cdn) -> None:
    cdn.answer = 202
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    assert receipt_of(game).cdn == "told"


def test_a_call_that_is_answered_byte_by_byte_is_given_up(
    publisher: Publisher, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "LEASE_SECONDS", 0)
    script = tmp_path / "drips"
    script.write_text("#!/bin/sh\nexec sleep 1\n")
    script.chmod(0o755)
    settings.PURGE_COMMAND = str(script)
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    assert "within five minutes" in Purge.objects.get().problem


def test_a_call_that_hangs_keeps_nobody_waiting(publisher: Publisher, settings: Settings, tmp_path: Path) -> None:
    script = tmp_path / "hangs"
    script.write_text("#!/bin/sh\nexec sleep 1\n")
    script.chmod(0o755)
    settings.PURGE_COMMAND = str(script)
    game = a_game(1)
    publisher.step()
    actions.delete(game=game)
    work(publisher)
    assert publisher._chores._purging._call is not None
    assert publisher._chores._purging._call.is_alive()
    other = a_game(2)
    publisher.step()
    other.refresh_from_db()
    assert other.published is not None
    publisher._chores._purging._call.join()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [("cat > {told}\n", ""), ("echo 'no such zone' >&2; exit 3\n", "ended with 3.")],
)
def test_a_command_may_tell_the_cdn(
    publisher: Publisher, settings: Settings, tmp_path: Path, body: str, sentence: str
) -> None:
    script, said = tmp_path / "purge", tmp_path / "told"
    script.write_text("#!/bin/sh\n" + body.format(told=said))
    script.chmod(0o755)
    settings.PURGE_COMMAND = str(script)
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    told = receipt_of(game)
    assert told.waits_for.endswith(sentence)
    assert (told.finished_at is None) == bool(sentence)
    assert Purge.objects.get().cause == ("no such zone" if sentence else "")
    if not sentence:
        assert len(said.read_text().splitlines()) == 7


def test_a_purge_outlives_the_process_that_was_about_to_make_it(publisher: Publisher, bucket: Faulty, cdn: Cdn) -> None:
    cdn.answer = 500
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    assert Purge.objects.get().done_at is None
    cdn.answer = 200
    everything_is_due()
    publisher.__exit__(None, None, None)
    with Publisher(bucket=bucket) as another:
        tell(another)
    assert receipt_of(game).cdn == "told"


def test_a_hook_that_was_taken_away_is_said(publisher: Publisher, cdn: Cdn, settings: Settings) -> None:
    cdn.answer = 500
    game = a_game()
    publisher.step()
    actions.delete(game=game)
    tell(publisher)
    settings.PURGE_URL = ""
    Purge.objects.update(problem="")
    work(publisher)
    assert "neither PICTOGAME_PURGE_URL" in receipt_of(game).waits_for

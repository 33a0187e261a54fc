"""What machines are told: the truth, and nothing that is not theirs."""

import logging
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from tests.publishing.cast import a_game

from pictogame.games.models import Game
from pictogame.jobs import tallies
from pictogame.jobs.models import Heartbeat
from pictogame.lib.types import Sha256
from pictogame.media.vault import Vault, vault
from pictogame.office import figures
from pictogame.publishing import health, line
from pictogame.publishing.publisher import Publisher
from pictogame.storage import NotThere, StoreMissing, open_store

AWAY: Any = {"REMOTE_ADDR": "192.0.2.7"}


def _at_work(*roles: str, ago: float = 0, turned: float = 0) -> None:
    Heartbeat.objects.all().delete()
    for role in roles:
        Heartbeat.objects.create(
            role=role,
            host="one",
            pid=1,
            version="1",
            since=Now(),
            seen_at=Now() - timedelta(seconds=ago),
            turned_at=Now() - timedelta(seconds=turned),
        )


@pytest.fixture
def well(db: None, data: Path, runtime: Path, settings: Settings) -> Client:
    """An installation in which everything works."""
    settings.DISK_LEAST = 0
    _at_work("publisher", "worker")
    return Client(HTTP_HOST="localhost:8000")


def _said(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/health")
    return answer.status_code, answer.json()["parts"]


def _ill(client: Client) -> dict[str, str]:
    code, parts = _said(client)
    ill = {name: part["sentence"] for name, part in parts.items() if not part["ok"]}
    assert code == (503 if ill else 200)
    return ill


def test_everything_works(well: Client) -> None:
    code, parts = _said(well)
    assert code == 200
    assert set(parts) == {"database", "line", "publisher", "worker", "bucket", "vault", "disk"}


def test_it_lives_as_long_as_it_answers(db: None) -> None:
    assert Client().get("/health/live").json() == {"ok": True}


def test_an_answer_that_needs_nothing_asks_nothing() -> None:
    # Without the fixture of a database every query would fail here.
    assert Client().get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("roles", "times", "part", "sentence"),
    [
        (("worker",), (0, 0), "publisher", "None runs: `pictogame publisher` starts one."),
        (("publisher",), (0, 0), "worker", "None runs: `pictogame worker` starts one."),
        (("publisher", "worker"), (90, 0), "publisher", "None has been heard of for 90 seconds"),
        (("publisher", "worker"), (0, 900), "worker", "hangs or fails"),
    ],
)
def test_a_process_that_is_gone_or_hangs_is_named(
    well: Client, roles: tuple[str, ...], times: tuple[float, float], part: str, sentence: str
) -> None:
    _at_work(*roles, ago=times[0], turned=times[1])
    assert sentence in _ill(well)[part]


def test_strangers_who_try_addresses_and_names_fill_no_log(well: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert well.get("/wp-login.php").status_code == 404
    assert well.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


def test_an_illness_fills_no_log(well: Client, caplog: pytest.LogCaptureFixture) -> None:
    _at_work()
    assert _ill(well)
    assert caplog.records == []


def test_one_that_works_is_enough(well: Client) -> None:
    Heartbeat.objects.create(role="publisher", host="two", pid=2, version="1", since=Now(), seen_at=Now())
    Heartbeat.objects.filter(host="one", role="publisher").update(seen_at=Now() - timedelta(hours=1))
    assert _ill(well) == {}


def test_a_game_that_nobody_publishes_is_not_well_unless_the_line_is_paused(well: Client) -> None:
    game = a_game()
    Game.objects.filter(pk=game.pk).update(due_at=Now() - timedelta(minutes=10))
    assert "nobody publishes it" in _ill(well)["line"]
    figures.forget()
    line.pause(by="anna")
    assert _ill(well) == {}


def _fails(game: Game, *, attempts: int, again_in: int, in_bulk: bool = False) -> None:
    Game.objects.filter(pk=game.pk).update(
        due_at=Now() + timedelta(seconds=again_in), attempts=attempts, in_bulk=in_bulk
    )


@pytest.mark.parametrize("in_bulk", [False, True])
def test_games_that_fail_are_not_well_between_their_tries(well: Client, in_bulk: bool) -> None:
    _fails(a_game(1), attempts=2, again_in=2, in_bulk=in_bulk)
    assert _ill(well) == {}
    assert _said(well)[1]["line"]["sentence"].startswith("A game fails and is tried again, for 0 seconds at least")
    figures.forget()
    _fails(a_game(2), attempts=14, again_in=200, in_bulk=in_bulk)
    assert _ill(well)["line"].startswith("2 games fail and are tried again, for 855 seconds")
    figures.forget()
    line.pause(by="anna")
    assert _ill(well) == {}


def test_a_game_that_fails_hides_none_that_nobody_publishes(well: Client) -> None:
    _fails(a_game(1), attempts=2, again_in=2)
    other = a_game(2)
    Game.objects.filter(pk=other.pk).update(due_at=Now() - timedelta(minutes=10))
    assert "nobody publishes it" in _ill(well)["line"]


def test_a_bucket_that_takes_nothing_is_not_well_between_the_tries(well: Client, data: Path) -> None:
    game = a_game()
    with Publisher() as publisher:
        publisher.install_runtime()
        (data / "bucket" / "g").touch()
        for _ in range(11):
            Game.objects.filter(pk=game.pk).update(due_at=Now())
            publisher.step()
    assert "A game fails and is tried again, for " in _ill(well)["line"]


def test_a_long_queue_in_bulk_is_no_illness(well: Client) -> None:
    game = a_game()
    Game.objects.filter(pk=game.pk).update(due_at=Now() - timedelta(hours=10), in_bulk=True)
    assert _ill(well) == {}


def test_a_bucket_that_lost_what_it_should_hold_is_not_well(well: Client, data: Path, settings: Settings) -> None:
    with Publisher() as publisher:
        publisher.install_runtime()
    assert _ill(well) == {}
    figures.forget()
    settings.BUCKET = (data / "another").as_uri()
    assert _ill(well) == {"bucket": "It answers, but lacks a file of the runtime."}


def test_a_vault_that_lost_what_it_should_hold_is_not_well(
    well: Client, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Publisher() as publisher:
        publisher.install_runtime()
    empty = Vault(open_store((data / "another").as_uri()))
    monkeypatch.setattr(health, "vault", lambda **_: empty)
    assert _ill(well) == {"vault": "It answers, but lacks a file of the runtime."}


class Nowhere(BaseHTTPRequestHandler):
    """S3 without the bucket that is asked for: HEAD says as little of that as of a key that nobody has."""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        body = b"<Error><Code>NoSuchBucket</Code></Error>"
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_stores_that_do_not_exist_are_not_well(
    well: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Nowhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        settings.BUCKET, settings.VAULT = "s3://games", "s3://private"
        assert _ill(well) == {
            "bucket": "The bucket does not exist yet. `pictogame bucket init` makes it.",
            "vault": "The vault does not exist yet. `pictogame bucket init` makes it.",
        }
        with pytest.raises(StoreMissing) as raised:
            vault().read(Sha256("0" * 64))
        server.shutdown()
    assert raised.value.sentence == "The store of pictures does not exist yet."


def test_a_store_that_stalls_holds_nobody_up(well: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    class Stalls:
        def head(self, _key: str) -> None:
            let_go.wait(20)

        def get(self, _key: str) -> bytes:
            raise NotThere("There is nothing.")

    monkeypatch.setattr(health, "STORE_SECONDS", 0.1)
    monkeypatch.setattr(health, "open_store", lambda *_args, **_more: Stalls())
    assert _ill(well) == {"bucket": "It does not answer within 0.1 seconds."}
    let_go.set()


def test_a_full_disk_is_not_well(well: Client, settings: Settings) -> None:
    settings.DISK_LEAST = 10_000_000
    assert "PICTOGAME_DISK_LEAST" in _ill(well)["disk"]


def test_a_database_that_is_away_is_said_and_nothing_raises(well: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "database_now", away)
    ill = _ill(well)
    assert set(ill) == {"database", "line", "publisher", "worker"}


def test_strangers_learn_which_part_and_not_what_is_wrong(well: Client) -> None:
    _at_work()
    answer = well.get("/health", **AWAY)
    assert answer.status_code == 503
    assert answer.json()["parts"]["publisher"] == {"ok": False}


def test_however_many_ask_the_stores_are_looked_at_once(well: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    look = health.look

    def counted() -> list[health.Part]:
        looks.append(1)
        return look()

    monkeypatch.setattr(health, "look", counted)
    for _ in range(5):
        well.get("/health")
    assert len(looks) == 1


def _metrics(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        "/".join([sample.name.removeprefix("pictogame_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_prometheus_reads_how_it_goes(well: Client, publisher: Publisher) -> None:
    game, other = a_game(1), a_game(2)
    Game.objects.filter(pk=game.pk).update(due_at=Now() - timedelta(seconds=100))
    Game.objects.filter(pk=other.pk).update(due_at=None, set_aside_at=Now(), attempts=9)
    told = _metrics(well)
    assert told["queue_length/games"] == 1
    assert told["queue_age_seconds/games"] >= 100
    assert told["set_aside/games"] == 1
    assert told["outcomes_total/published"] == 0
    assert told["processes/publisher"] == 1
    assert told["paused"] == 0
    figures.forget()
    publisher.step()
    later = _metrics(well)
    assert later["queue_length/games"] == 0
    assert later["outcomes_total/published"] == 1
    assert told["outcomes_total/published"] < later["outcomes_total/published"]


def test_a_counter_outlives_its_process_and_never_falls(well: Client) -> None:
    tallies.add({"published": 5, "refused_damaged": 2})
    assert _metrics(well)["outcomes_total/published"] == 5
    figures.forget()
    tallies.add({"published": 1})
    told = _metrics(well)
    assert told["outcomes_total/published"] == 6
    assert told["refusals_total/damaged"] == 2


def test_the_bytes_of_the_bucket_are_told_by_state(well: Client, publisher: Publisher) -> None:
    a_game()
    publisher.step()
    figures.forget()
    told = _metrics(well)
    assert told["objects/stored"] > 4
    assert told["object_bytes/stored"] > 1000
    assert told["objects/deleting"] == 0


def test_nobody_waits_for_the_sums_of_a_very_large_bucket(well: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[threading.Thread] = []

    class OnTheSide(threading.Thread):
        """A thread that waits until the test lets it go."""

        def start(self) -> None:
            begun.append(self)

    monkeypatch.setattr(figures, "COUNTED_AT_ONCE", -1)
    monkeypatch.setattr(figures, "Thread", OnTheSide)
    monkeypatch.setattr(figures, "_held", lambda: (figures.Held("stored", 7, 70),))
    for _ in range(2):
        assert "objects/stored" not in _metrics(well)
        figures.forget()
    [one] = begun
    threading.Thread.start(one)
    one.join()
    assert _metrics(well)["objects/stored"] == 7


@pytest.mark.parametrize(
    "more",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_REAL_IP": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer wrong"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "},
    ],
)
def test_numbers_are_for_this_machine_and_for_the_token(well: Client, settings: Settings, more: Any) -> None:
    assert well.get("/metrics", **more).status_code == 404
    settings.METRICS_TOKEN = "a" * 20
    assert well.get("/metrics", **more).status_code == 404
    allowed: Any = {**more, "HTTP_AUTHORIZATION": f"Bearer {'a' * 20}"}
    assert well.get("/metrics", **allowed).status_code == 200


def test_a_proxy_here_that_passes_on_the_public_name_opens_nothing(well: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["games.example.org"]
    assert well.get("/metrics", HTTP_HOST="games.example.org").status_code == 404

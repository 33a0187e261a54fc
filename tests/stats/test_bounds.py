"""A crowd keeps within its bounds, whatever it meets."""

import itertools
import socket
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.stats.cast import crowd

from pictogame.cli import crowds
from pictogame.cli.exits import Ended, Exit
from pictogame.stats.agents import who_is
from pictogame.stats.errors import NotLoopback
from pictogame.stats.simulate import wire
from pictogame.stats.simulate.world import World


def test_a_server_that_never_answers_holds_no_crowd_beyond_its_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        got = wire.play(
            crowd(world, plays=2000).requests(), address=f"http://127.0.0.1:{silent.getsockname()[1]}", most_seconds=0.3
        )
    assert time.monotonic() - begun < 3
    assert (got.failures >= 1, got.truth.lines) == (True, 0)


def test_an_address_with_an_odd_port_is_said() -> None:
    with pytest.raises(NotLoopback):
        wire.check_loopback("http://127.0.0.1:http")


def test_a_folder_that_takes_no_log_is_said(place: Path, world: World) -> None:
    (place / "file").touch()
    with pytest.raises(Ended, match="can't be written"):
        crowds.on_paper(place / "file", plays=1, days=1, seed=1, format_name="s3", machine=True)


def test_a_browser_of_a_search_engine_is_a_person() -> None:
    assert who_is("Mozilla/5.0 (Linux; Android 9) Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.27") == "people"
    assert who_is("Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)") == "bot"


def test_the_first_of_a_hundred_million_plays_wait_for_no_other(world: World) -> None:
    tracemalloc.start()
    begun = time.process_time()
    some = list(itertools.islice(crowd(world, plays=100_000_000).requests(), 3000))
    spent = time.process_time() - begun
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(some) == 3000
    assert spent < 5
    assert most < 20_000_000


def test_the_same_seed_gives_the_same_crowd(world: World) -> None:
    one, other = (list(crowd(world, plays=5000, seed=3).requests()) for _ in range(2))
    assert one == other
    assert one != list(crowd(world, plays=5000, seed=4).requests())


def test_a_crowd_has_evenings_favourites_and_one_game_that_goes_viral(world: World) -> None:
    one = crowd(world, plays=30_000, days=2)
    views = [asked for asked in one.requests() if asked.view and asked.who == "people" and asked.kind == "page"]
    hours = Counter(asked.at.replace(minute=0, second=0) for asked in views)
    assert len(hours) == 48
    hour, most = hours.most_common(1)[0]
    first = min(hours)
    assert hour == first + timedelta(days=1, hours=19)
    assert 2900 < most * 30_000 / len(views) < 5000  # Three thousand beside those who come at that hour anyway.
    suddenly = Counter(asked.game for asked in views if asked.at.replace(minute=0, second=0) == hour)
    assert suddenly.most_common(1)[0][0] == one.viral
    evening, night = (sum(hours[first + timedelta(hours=at + more)] for more in range(2)) for at in (19, 7))
    assert 3 < evening / night < 5.5
    times = sorted(asked.at for asked in views)
    assert (times[0] >= first, times[-1] < first + timedelta(days=2, minutes=1)) == (True, True)
    games = Counter(asked.game for asked in views if asked.at < hour).most_common()
    assert games[0][1] > 3 * games[9][1] > 0


class _Slow(BaseHTTPRequestHandler):
    """Answers everything with nothing, a little late."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(0.01)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def slow() -> Iterator[str]:
    """The address of a server that needs a while for each request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_crowd_whose_time_is_over_says_what_it_did(
    world: World, slow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    crowds.on_the_wire(slow, plays=3_000_000, seed=1, connections=2, seconds=1, machine=False)
    said = capsys.readouterr().out
    assert "requests, 0 bytes" in said
    assert "The time (1 s) was over before all 3,000,000 had played" in said
    crowds.on_the_wire(slow, plays=3, seed=1, connections=2, seconds=60, machine=False)
    assert "was over" not in capsys.readouterr().out


def test_a_crowd_that_asked_nothing_is_a_problem(world: World, slow: str) -> None:
    with pytest.raises(Ended, match="Not one request was made") as ended:
        crowds.on_the_wire(slow, plays=100, seed=1, connections=2, seconds=0, machine=True)
    assert ended.value.code == Exit.PROBLEM
    assert ended.value.more["cut_short"] is True

"""A crowd keeps within its bounds, whatever it meets."""

import socket
import time
from pathlib import Path

import pytest
from tests.stats.cast import crowd

from pictogame.cli import crowds
from pictogame.cli.exits import Ended
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

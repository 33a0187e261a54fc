"""Real HTTP against the folder's own server, by a crowd and by Chromium: what the logs tell is what happened."""

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.stats.cast import s3_line, write
from tests.story.host import host_page, page_with, sandboxed
from tests.story.installation import Installation

from pictogame.games.page import embed_code
from pictogame.stats.simulate.crowd import BROWSERS

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.xdist_group("stats on the wire")]


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """An installation with one game, whose bucket is served."""
    with Installation(tmp_path_factory.mktemp("wire")) as installation:
        picture = next(Path(str(resources.files("pictogame.games.demo"))).rglob("*.jpg"))
        game = installation.run_json("make", str(picture), "--template", "jigsaw", "--alt", "A cat")
        installation.start("bucket")
        settled(installation)
        # Our own look whether it answers is no play.
        os.truncate(installation.folder / "data" / "bucket-server" / "access.log", 0)
        yield installation, game


def rows(installation: Installation, sql: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with sqlite3.connect(installation.folder / "data" / "pictogame.sqlite3") as database:
        return database.execute(sql).fetchall()


def settled(installation: Installation) -> None:
    """Waits until the server has written its log: it does so once a second."""
    log = installation.folder / "data" / "bucket-server" / "access.log"
    size = -1
    while size != log.stat().st_size:
        size = log.stat().st_size
        time.sleep(1.3)


def test_a_crowd_on_the_wire_is_counted_exactly(playing: tuple[Installation, dict[str, Any]]) -> None:
    installation, _ = playing
    got = installation.run_json("simulate", "--wire", installation.bucket_url, "--plays", "300", "--seed", "4")
    assert got["requests"] == got["truth"]["lines"] > 1000
    assert (got["failures"], got["statuses"]["304"] > 10) == (0, True)
    truth = installation.folder / "truth.json"
    truth.write_text(json.dumps(got))
    settled(installation)
    said = installation.run_json("stats", "ingest")
    assert (said["counted"], said["unknown"], said["foreign"]) == (got["requests"], 0, 0)
    assert installation.run_json("stats", "ingest")["lines"] == 0
    assert installation.run_json("simulate", "--compare", str(truth)) == {"differences": []}


def test_real_widgets_name_their_page_unless_they_are_sandboxed(
    playing: tuple[Installation, dict[str, Any]], chromium: Browser
) -> None:
    """In a plain frame every request but the finale's tells the game; in a sandboxed one the page's alone."""
    installation, game = playing
    settled(installation)
    installation.run_json("stats", "ingest")
    names = ("widgets", "first_plays", "page_requests", "picture_requests", "runtime_requests")
    columns = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
    grown: list[tuple[int, ...]] = []
    for frame in (
        embed_code(game["id"], "A cat", frame=(1, 1), bucket_url=installation.bucket_url),
        sandboxed(game["page"]),
    ):
        before = rows(installation, f"SELECT {columns} FROM stats_gamemonth")[0]
        untold = rows(installation, "SELECT coalesce(sum(untold_requests), 0) FROM stats_siteday")[0][0]
        # Its own name says that it is driven by a program, which is counted as one.
        context = chromium.new_context(user_agent=BROWSERS[0])
        with host_page(page_with(frame)) as address:
            page = context.new_page()
            page.goto(address)
            inner = page.frame_locator("iframe")
            inner.get_by_role("button", name="Play", exact=True).wait_for()
            page.wait_for_load_state("networkidle")
            context.close()
        settled(installation)
        installation.run_json("stats", "ingest")
        after = rows(installation, f"SELECT {columns} FROM stats_gamemonth")[0]
        now_untold = rows(installation, "SELECT coalesce(sum(untold_requests), 0) FROM stats_siteday")[0][0]
        grown.append((*(now - then for now, then in zip(after, before, strict=True)), now_untold - untold))
    # Widget, first play, page, picture, then skin, loader and template; and what could not be told to the game.
    assert grown == [(1, 1, 1, 1, 3, 0), (1, 0, 1, 1, 0, 3)]
    assert rows(installation, "SELECT sum(widgets) FROM stats_gamehost WHERE host = 'localhost'") == [(2,)]


def test_a_crowd_is_let_loose_on_this_machine_alone(playing: tuple[Installation, dict[str, Any]]) -> None:
    installation, _ = playing
    for address in ("http://192.0.2.1:80", "https://127.0.0.1", "http://example.invalid"):
        done = installation.run("simulate", "--wire", address, "--plays", "1", "--json")
        assert (done.returncode, json.loads(done.stdout)["code"]) == (1, 1)


def test_following_counts_what_comes_and_stops_cleanly(
    playing: tuple[Installation, dict[str, Any]], tmp_path: Path
) -> None:
    installation, _ = playing
    log = tmp_path / "access.log"
    lines = [s3_line(number=number, bucket="another") for number in range(30)]
    write(log, lines[:10])
    command = installation.command("stats", "ingest", "--follow", "--every", "0.2", "--name", "another", str(tmp_path))
    with subprocess.Popen(command, env=installation.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("10 requests counted")
        with log.open("ab") as file:
            file.write(b"".join(lines[10:]))
        assert process.stdout.readline().startswith("20 requests counted")
        process.terminate()
        assert process.wait(20) == 0


def test_a_log_that_is_rotated_while_it_is_written_and_read_counts_once(tmp_path: Path) -> None:
    """The server's log grows over its share: nginx goes on in a new file, and every request is counted once."""
    with Installation(tmp_path, {"PICTOGAME_BUCKET_LOG_MB": "16"}) as installation:
        picture = next(Path(str(resources.files("pictogame.games.demo"))).rglob("*.jpg"))
        installation.run_json("make", str(picture), "--template", "jigsaw", "--alt", "A cat")
        installation.start("bucket")
        settled(installation)
        logs = installation.folder / "data" / "bucket-server"
        os.truncate(logs / "access.log", 0)
        truths = []
        for seed in (1, 2):
            crowd = ("--wire", installation.bucket_url, "--plays", "900", "--seed", str(seed))
            got = installation.run_json("simulate", *crowd)
            assert got["failures"] == 0
            truths.append(got["requests"])
            installation.run_json("stats", "ingest")
        settled(installation)
        assert len(list(logs.glob("access-*.log"))) >= 1
        assert (logs / "access.log").exists()
        installation.run_json("stats", "ingest")
        assert rows(installation, "SELECT sum(all_requests) FROM stats_siteday") == [(sum(truths),)]
        assert installation.run_json("stats", "ingest")["lines"] == 0

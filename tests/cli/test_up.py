"""`pictogame up`: everything at once on free ports, and nothing left when it ends."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.story.installation import PARTS, Installation, answers


@contextmanager
def _up(here: Installation) -> Iterator[subprocess.Popen[str]]:
    """Runs `up` until the `with` ends; what it prints goes to up.out and up.err."""
    with (here.folder / "up.out").open("w") as out, (here.folder / "up.err").open("w") as err:
        process = subprocess.Popen(
            here.command("up"), env=here.environment, cwd=here.folder, stdout=out, stderr=err, text=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _until_it_says(here: Installation, process: subprocess.Popen[str], words: str, seconds: float = 120) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = (here.folder / "up.out").read_text()
        if words in said:
            return said
        assert process.poll() is None, (here.folder / "up.err").read_text()
        time.sleep(0.1)
    raise AssertionError((here.folder / "up.err").read_text())


def _children(pid: int) -> dict[int, str]:
    """Process ids and names of a process's children."""
    found: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found[int(path.name)] = (path / "comm").read_text().strip()
        except OSError:
            continue
    return found


def _is_free(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", parts.port or 80)) != 0


def test_everything_runs_comes_back_and_ends_cleanly(here: Installation) -> None:
    with _up(here) as process:
        said = _until_it_says(here, process, "Ctrl-C stops it")
        games = [word for word in said.split() if word.endswith(".html")]
        assert len(games) == 3
        assert here.site_url in said
        for address in (f"{here.site_url}/", *games):
            with urllib.request.urlopen(address) as answer:
                assert answer.status == 200

        children = _children(process.pid)
        worker = next(pid for pid, name in children.items() if name == "pg-worker")
        os.kill(worker, signal.SIGKILL)
        made = here.run_json("make", "cat.jpg", "-t", "swap")
        with urllib.request.urlopen(made["page"]) as answer:
            assert answer.status == 200
        while len(_children(process.pid)) < len(children):
            time.sleep(0.1)

        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
        assert _is_free(here.site_url)
        assert _is_free(here.bucket_url)
        with closing(sqlite3.connect(here.folder / "data" / "pictogame.sqlite3")) as database:
            left = database.execute("SELECT role, pid FROM jobs_heartbeat").fetchall()
        assert left == [("worker", worker)], "Whoever was told to end leaves no sign of life."
    assert "The worker was ended by SIGKILL. It is started again." in (here.folder / "up.err").read_text()
    assert "Traceback" not in (here.folder / "up.err").read_text()

    with _up(here) as process:
        said = _until_it_says(here, process, "Ctrl-C stops it")
        assert [word for word in said.split() if word.endswith(".html")] == games


def test_when_it_is_killed_its_parts_end_too(here: Installation) -> None:
    with _up(here) as process:
        answers(f"{here.bucket_url}/", seconds=60)
        children = _children(process.pid)
        process.kill()
        process.wait(10)
        end = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
        assert _is_free(here.bucket_url)
        assert _is_free(here.site_url)


@pytest.mark.parametrize("part", ["studio", "bucket"])
def test_when_a_part_is_killed_its_processes_leave_the_port_to_the_next(here: Installation, part: str) -> None:
    with _up(here) as process:
        answers(f"{here.site_url}/", seconds=60)
        answers(f"{here.bucket_url}/", seconds=60)
        _until_it_says(here, process, "Ctrl-C stops it")
        killed = next(pid for pid, name in _children(process.pid).items() if name == f"pg-{part}")
        listening = _children(killed)
        os.kill(killed, signal.SIGKILL)
        end = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in listening) and time.monotonic() < end:
            time.sleep(0.1)
        assert listening
        assert not any(Path(f"/proc/{pid}").exists() for pid in listening)
        answers(f"{here.site_url}/", seconds=60)
        answers(f"{here.bucket_url}/", seconds=60)
        assert process.poll() is None


@pytest.mark.parametrize("variable", ["PICTOGAME_SITE_PORT", "PICTOGAME_BUCKET_PORT"])
def test_a_taken_port_is_said_with_the_variable_that_changes_it(here: Installation, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        here.environment[variable] = str(port)
        done = here.run("up")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith(f"Port {port} is taken: stop what uses it, or set {variable} to another")
        assert len(done.stderr.splitlines()) == 1


def test_two_parts_on_one_port_are_told_before_anything_starts(here: Installation) -> None:
    port = here.environment["PICTOGAME_BUCKET_PORT"] = here.environment["PICTOGAME_SITE_PORT"]
    done = here.run("up")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"PICTOGAME_SITE_PORT and PICTOGAME_BUCKET_PORT are both {port}: give each a port of its own.\n"
    )


def test_each_part_alone_ends_on_sigterm_with_0(here: Installation) -> None:
    parts = {name: here.command(*arguments) for name, arguments in PARTS.items()}
    running = {}
    for name, command in parts.items():
        with (here.folder / f"{name}.err").open("w") as err:
            running[name] = subprocess.Popen(command, env=here.environment, cwd=here.folder, stderr=err)
    answers(f"{here.bucket_url}/", seconds=60)
    answers(f"{here.site_url}/", seconds=60)
    second = here.run("publisher")
    assert second.returncode == 1
    assert second.stderr.startswith("A publisher already runs here (process ")
    for process in running.values():
        process.send_signal(signal.SIGTERM)
    assert {name: process.wait(30) for name, process in running.items()} == dict.fromkeys(parts, 0)
    assert [name for name in parts if "Traceback" in (here.folder / f"{name}.err").read_text()] == []

"""How long `make run` takes when everything is installed: the second start, and quick commands.

A start is over when the studio answers its first page with 200, the bucket answers a demo game's page with 200, and
publisher and worker of this start have shown life in the database: the publisher does so once it holds its lock. The
clock runs from the moment when make is called. Processor time is that of make and of all processes below it up to
there. Each run starts on the same data folder, whose demo games a first run makes.
"""

import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.processes import free_ports

from bench.upload_to_play import cpu_seconds

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7
REST_SECONDS = 1.0
DEADLINE_SECONDS = 120
LIMIT = 5.0
"""Seconds, as promised, on two cores."""
HELP_LIMIT = 0.5
COMMANDS = (("--help",), ("templates",), ("status", "a-game-that-is-not-there"))


@dataclass(frozen=True)
class Start:
    """Seconds on the clock until each answered, and of processors for all of it."""

    studio: float
    bucket: float
    publisher: float
    worker: float
    cpu: float

    @property
    def whole(self) -> float:
        return max(self.studio, self.bucket, self.publisher, self.worker)


@contextmanager
def running(checkout: Path, environment: dict[str, str], out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make run` until the `with` ends; what it prints goes to a file."""
    with out.open("wb") as file:
        process = subprocess.Popen(
            ["make", "run"], cwd=checkout, env=environment, stdout=file, stderr=subprocess.STDOUT, process_group=0
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)  # As Ctrl-C in a terminal does.
        process.wait(30)


def until(ready: Callable[[], object], process: subprocess.Popen[bytes], out: Path) -> None:
    """Waits; ends the measurement with what was printed when it did not come."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(out.read_text())
        time.sleep(0.02)


def first_start(checkout: Path, environment: dict[str, str], out: Path) -> str:
    """Makes the demo games; gives the address of one."""
    with running(checkout, environment, out) as process:
        until(lambda: "Ctrl-C stops it" in out.read_text(), process, out)
    return next(word for word in out.read_text().split() if word.endswith(".html"))


def one_start(checkout: Path, environment: dict[str, str], out: Path, page: str) -> Start:
    """One further start, from make until everything answers."""
    database = Path(environment["PICTOGAME_DATA"]) / "pictogame.sqlite3"
    site = f"http://localhost:{environment['PICTOGAME_SITE_PORT']}/"
    looks: dict[str, Callable[[], bool]] = {
        "studio": lambda: _is_there(site),
        "bucket": lambda: _is_there(page),
        "publisher": lambda: _shows_life(database, "publisher"),
        "worker": lambda: _shows_life(database, "worker"),
    }
    with closing(sqlite3.connect(database)) as old, old:
        old.execute("DELETE FROM jobs_heartbeat")
    seconds: dict[str, float] = {}

    def all_there() -> bool:
        for name, look in looks.items():
            if name not in seconds and look():
                seconds[name] = time.perf_counter() - began
        return len(seconds) == len(looks)

    began = time.perf_counter()
    with running(checkout, environment, out) as process:
        until(all_there, process, out)
        return Start(**seconds, cpu=cpu_seconds([process.pid]))


def command_seconds(checkout: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> tuple[float, float]:
    """Clock and processor seconds of one command."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [checkout / ".venv" / "bin" / "pictogame", *arguments],
        cwd=checkout,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    clock, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, cpu


def _is_there(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _shows_life(database: Path, role: str) -> bool:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as one:
        return one.execute("SELECT 1 FROM jobs_heartbeat WHERE role = ?", [role]).fetchone() is not None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.starting", description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--checkout", type=Path, default=ROOT, help="another clone, in which `make install` has run")
    arguments = parser.parse_args()
    starts: list[Start] = []
    commands: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        site, bucket = free_ports(2)
        # What this script runs in is none of the installation's business.
        ours = ("PICTOGAME_", "DJANGO_", "PYTHON", "MAKE", "MFLAGS")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "PICTOGAME_DATA": f"{folder}/data",
            "PICTOGAME_SITE_PORT": str(site),
            "PICTOGAME_BUCKET_PORT": str(bucket),
        }
        out = Path(folder) / "out.txt"
        page = first_start(arguments.checkout, environment, out)
        for _ in range(arguments.runs):
            time.sleep(REST_SECONDS)
            starts.append(one_start(arguments.checkout, environment, out, page))
            print(f"{starts[-1]} (load {os.getloadavg()[0]:.1f})", file=sys.stderr)
        for words in COMMANDS:
            name = f"pictogame {words[0]}"
            commands[name] = [command_seconds(arguments.checkout, environment, words) for _ in range(arguments.runs)]
            print(f"{name}: {commands[name]}", file=sys.stderr)
    whole = [start.whole for start in starts]
    rows = [
        _row("make run, second start, until everything answers, median", _median(whole), LIMIT),
        _row(f"the same, slowest of {len(starts)}", max(whole), LIMIT),
        _row("processor time of all processes until then, median", _median(start.cpu for start in starts)),
        *(
            _row(f"until the {part} is there, median", _median(getattr(start, part) for start in starts))
            for part in ("studio", "bucket", "publisher", "worker")
        ),
    ]
    for name, found in commands.items():
        limit = HELP_LIMIT if name.endswith("--help") else None
        rows.append(_row(f"{name}, median", _median(clock for clock, _ in found), limit))
        rows.append(_row(f"{name}, processor time, median", _median(cpu for _, cpu in found)))
    arguments.json.write_text(json.dumps({"rows": rows, "load": os.getloadavg()}, indent=2) + "\n")


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _row(what: str, value: float, limit: float | None = None) -> dict[str, object]:
    return {"what": what, "value": round(value, 2), "unit": "s", "limit": limit, "better": "lower"}


if __name__ == "__main__":
    main()

"""Many widgets through real HTTP, by our bucket's server and by nginx as docs/how-to/nginx.md sets it up, in turns.

`python -m bench.widgets --json FILE [--widgets 1000000] [--warm 0.5] [--clients 1]`. Only loopback. The games are of
real photographs; what a first play asks for is learnt from Chromium. `bench._crowd` counts requests, bytes and errors;
a verifier beside it compares whole answers. At the end `pictogame stats ingest` reads both logs, and every sum must
equal what was counted. Then the bill for a million of these widgets, by the price lists.
"""

import argparse
import base64
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.servers.processes import free_port, listens
from tests.story.installation import Installation

from bench._chromium import chromium
from bench._pictures import photographs
from bench._verifier import Tally, Verifier
from bench.first_play import DESKTOP, weigh

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 10
SOCKETS = 24
GAMES_STORED = 1000
"""Games that a million widgets are spread over, for what is stored and written: an assumption, said in the rows."""
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@dataclass(frozen=True)
class Server:
    """A server that is measured."""

    name: str
    port: int
    pid: int
    logs: Path
    """The folder with its logs, `*.log`, among which `error.log` is no log of requests."""


@dataclass(frozen=True)
class Played:
    """A game, and what its first play asks for after the page."""

    page: str
    rest: tuple[str, ...]


def made(installation: Installation) -> list[Played]:
    """Games of the photographs, and the paths that a browser asks for, as Chromium does at 640 px."""
    games = []
    installation.start("bucket")
    with chromium() as browser:
        for picture in photographs():
            game = installation.run_json("make", str(picture), "--template", "jigsaw")
            paths = [
                address.removeprefix(installation.bucket_url) for address, _ in weigh(browser, game["page"], DESKTOP)
            ]
            page = next(path for path in paths if path.endswith(".html"))
            games.append(Played(page, tuple(path for path in paths if path != page)))
    installation.stop("bucket")
    return games


@contextmanager
def shipped_nginx(folder: Path, bucket: Path) -> Iterator[Server]:
    """nginx by the configuration of deploy/nginx, with the paths and the port of this machine."""
    from pictogame.publishing.server import nginx_binary

    port, log = free_port(), folder / "bucket.log"
    conf = folder / "conf.d"
    conf.mkdir(parents=True)
    site = (ROOT / "deploy" / "nginx" / "bucket.conf").read_text()
    site = re.sub(r"listen 80;\n\s+listen \[::\]:80;", f"listen 127.0.0.1:{port};", site)
    site = site.replace("/srv/pictogame/bucket", str(bucket)).replace("/var/log/nginx/bucket.log", str(log))
    (conf / "bucket.conf").write_text(site)
    frame = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
    frame = frame.replace("user www-data;", "user root;" if os.geteuid() == 0 else "")
    frame = frame.replace("/run/nginx.pid", str(folder / "nginx.pid"))
    frame = frame.replace("/var/log/nginx/error.log", str(folder / "error.log"))
    frame = frame.replace("/etc/nginx/conf.d", str(conf))
    temporary = "".join(
        f"  {kind}_temp_path {folder}/temporary;\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    frame = frame.replace("http {\n", "daemon off;\nhttp {\n" + temporary)
    (folder / "temporary").mkdir()
    (folder / "nginx.conf").write_text(frame)
    command = [str(nginx_binary()), "-p", f"{folder}/", "-c", "nginx.conf", "-e", "error.log"]
    with subprocess.Popen(command) as process:
        try:
            for _ in range(500):
                if listens(port):
                    break
                time.sleep(0.01)
            else:
                raise SystemExit("nginx did not start.")
            yield Server("nginx as docs/how-to ships it", port, process.pid, log.parent)
        finally:
            process.terminate()
            process.wait()


def requests_of(game: Played, port: int, etag: str, number: int) -> dict[str, Any]:
    """The requests of a widget as bytes, in base64."""
    host = f"127.0.0.1:{port}"

    def ask(path: str, *more: str) -> str:
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            f"User-Agent: {BROWSER}",
            "Accept-Encoding: gzip",
            *more,
            "",
            "",
        )
        return base64.b64encode("\r\n".join(lines).encode()).decode()

    blog = f"Referer: https://blog-{number}.example.org/"
    inside = (f"Referer: http://{host}{game.page}", "Origin: null")
    return {
        "page": ask(game.page, blog),
        "again": ask(game.page, blog, f"If-None-Match: {etag}"),
        "rest": [ask(path, *inside) for path in game.rest],
    }


def memory(pid: int) -> int:
    """Bytes that a process and its children really hold (their proportional share of what they share)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for one in (pid, *map(int, children)):
        try:
            found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found[1]) * 1024 if found else 0
    return total


def played(server: Server, games: list[dict[str, Any]], *, first: int, count: int, warm: float, clients: int) -> Tally:
    """Some widgets by that many processes at once."""
    shares = [count // clients + (place < count % clients) for place in range(clients)]
    running = []
    for share in shares:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench._crowd"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        said = {
            "port": server.port, "first": first, "count": share, "warm": warm, "sockets": SOCKETS // clients,
            "games": games,
        }  # fmt: skip
        if process.stdin is None:
            raise SystemExit("The crowd did not start.")
        process.stdin.write(json.dumps(said))
        process.stdin.close()
        process.stdin = None
        running.append(process)
        first += share
    tally = Tally()
    for process in running:
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit("A crowd broke.")
        tally += Tally.read(json.loads(out))
    return tally


def measure(chosen: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Everything."""
    # The log is read at the end, all of it: none of it may be forgotten meanwhile.
    installation = Installation(folder, {"PICTOGAME_BUCKET_LOG_MB": "1000000"})
    with installation:
        games = made(installation)
        state = folder / "data" / "bucket-server"
        for log in state.glob("*.log"):
            log.unlink()
        installation.start("bucket")
        port = int(installation.environment["PICTOGAME_BUCKET_PORT"])
        ours = Server("our server", port, _nginx_of(installation.pid("bucket")), state)
        bucket = folder / "data" / "bucket"
        with shipped_nginx(folder / "nginx", bucket) as other:
            tallies = race((ours, other), games, bucket, chosen)
            memories = {server.name: memory(server.pid) for server in (ours, other)}
        installation.stop("bucket")
        sums = ingested(installation, folder, (ours, other))
    rows = rows_of(tallies, memories, sums, chosen.widgets)
    line = round(sums["log_bytes"] / sums["lines"])
    rows.append(_row("a line of a log, ours and that of nginx", line, "bytes", better="lower"))
    return rows + bills(sum(tallies[ours.name][:-1], Tally()), bucket, len(games), chosen.warm)


def race(
    servers: tuple[Server, Server], games: list[Played], bucket: Path, chosen: argparse.Namespace
) -> Mapping[str, list[Tally]]:
    """Rounds in turns, each server the same widgets; a verifier looks at whoever is at work."""
    found: dict[str, list[Tally]] = {server.name: [] for server in servers}
    verifiers = {
        server.name: Verifier(server.port, bucket, [(game.page, game.rest) for game in games]) for server in servers
    }
    asked = {
        server.name: [
            requests_of(game, server.port, verifiers[server.name].etag(game.page), number)
            for number, game in enumerate(games)
        ]
        for server in servers
    }
    each = -(-chosen.widgets // ROUNDS)
    for number in range(ROUNDS):
        first = number * each
        for server in servers if number % 2 == 0 else reversed(servers):
            with verifiers[server.name].looking():
                tally = played(
                    server, asked[server.name], first=first, count=min(each, chosen.widgets - first),
                    warm=chosen.warm, clients=chosen.clients,
                )  # fmt: skip
            found[server.name].append(tally)
            print(f"round {number + 1}: {server.name}: {tally.requests / tally.seconds:,.0f} requests/s", flush=True)
    # Whoever starts our server asks it once for its front page, to see that it answers.
    body = b"There is nothing here.\n"
    verifiers[servers[0].name].tally += Tally(requests=1, body_bytes=len(body), statuses=Counter({404: 1}))
    for server in servers:
        found[server.name].append(verifiers[server.name].tally)
        if verifiers[server.name].wrong:
            raise SystemExit(f"{server.name}: {verifiers[server.name].wrong[:5]}")
    return found


def ingested(installation: Installation, folder: Path, servers: tuple[Server, Server]) -> dict[str, int]:
    """What `pictogame stats ingest` makes of the logs, and how long it takes."""
    logs = [path for server in servers for path in sorted(server.logs.glob("*.log")) if path.name != "error.log"]
    lines = 0
    for path in logs:
        with path.open("rb") as log:
            while block := log.read(1 << 20):
                lines += block.count(b"\n")
    start = time.perf_counter()
    done = installation.run("stats", "ingest", *map(str, logs), seconds=1200)
    if done.returncode:
        raise SystemExit(f"stats ingest: {done.stdout}{done.stderr}")
    seconds = time.perf_counter() - start
    names = (
        "widgets",
        "first_plays",
        "all_requests",
        "all_bytes",
        "status_2xx",
        "status_304",
        "status_4xx",
        "not_modified",
    )
    with sqlite3.connect(folder / "data" / "pictogame.sqlite3") as database:
        found = database.execute(f"SELECT {', '.join(f'sum({name})' for name in names)} FROM stats_siteday").fetchone()
    sums = dict(zip(names, (number or 0 for number in found), strict=True))
    weight = sum(path.stat().st_size for path in logs)
    return {**sums, "lines": lines, "log_bytes": weight, "milliseconds": round(seconds * 1000)}


def rows_of(
    tallies: Mapping[str, list[Tally]], memories: Mapping[str, int], sums: Mapping[str, int], widgets: int
) -> list[dict[str, Any]]:
    """What is printed and kept of the servers and their logs."""
    everything = sum((tally for rounds in tallies.values() for tally in rounds), Tally())
    rows = [_row("widgets by each server", widgets, "widgets")]
    speeds = {}
    for name, rounds in tallies.items():
        crowd = sum(rounds[:-1], Tally())
        speeds[name] = [tally.requests / tally.seconds for tally in rounds[:-1]]
        rows += [
            _row(f"{name}: time", round(crowd.seconds, 1), "s", better="lower"),
            _row(f"{name}: requests", crowd.requests, "requests"),
            _row(f"{name}: bytes on the wire", round(crowd.wire_bytes / 1e9, 3), "GB"),
            _row(f"{name}: errors", crowd.failed, "errors", limit=0, better="lower"),
            _row(f"{name}: requests a second", round(crowd.requests / crowd.seconds), "requests/s"),
            _row(f"{name}: widgets a second", round(crowd.widgets / crowd.seconds), "widgets/s"),
            _row(f"{name}: memory", round(memories[name] / 1e6, 1), "MB", better="lower"),
            _row(f"{name}: whole answers compared beside it", rounds[-1].requests, "answers"),
        ]
        if crowd.errors:
            print(name, crowd.errors)
    ours, other = speeds
    ratio = statistics.median(a / b for a, b in zip(speeds[ours], speeds[other], strict=True))
    rows.append(
        _row("our server against nginx as docs/how-to ships it, requests a second", round(ratio, 2), "times", limit=0.5)
    )
    expected = {
        "widgets": everything.widgets,
        "first_plays": everything.first_plays,
        "all_requests": everything.requests,
        "all_bytes": everything.body_bytes,
        "status_2xx": everything.statuses.get(200, 0) + everything.statuses.get(206, 0),
        "status_304": everything.statuses.get(304, 0),
        "status_4xx": sum(many for status, many in everything.statuses.items() if 400 <= status < 500),
    }
    different = {name: (sums[name], many) for name, many in expected.items() if sums[name] != many}
    if different:
        print(f"Sums of the logs differ from what was counted (log, counted): {different}")
    rows.append(
        _row(
            "sums of the logs that differ from what the clients counted",
            len(different),
            "sums",
            limit=0,
            better="lower",
        )
    )
    rows.append(
        _row("lines read from the logs a second", round(sums["lines"] / sums["milliseconds"] * 1000), "lines/s")
    )
    return rows


def bills(crowd: Tally, bucket: Path, games: int, warm: float) -> list[dict[str, Any]]:
    """A million of these widgets at list prices, headers included in what goes out; beside the 20 dollars of 2007."""
    from pictogame.stats.cost import Usage, bill
    from pictogame.stats.pricing import prices

    objects = [path for path in bucket.rglob("*") if path.is_file() and path.relative_to(bucket).parts[0] != "r"]
    stored = sum(path.stat().st_size for path in objects) * GAMES_STORED // games
    written = len(objects) * GAMES_STORED // games
    cold = crowd.first_plays
    warm_bytes = crowd.warm_bytes
    cold_bytes = Decimal(crowd.wire_bytes - warm_bytes) / cold
    cold_requests = Decimal(crowd.requests - (crowd.widgets - cold)) / cold
    per_million = Decimal(1_000_000)

    def dollars(name: str, requests: Decimal, weight: Decimal) -> float:
        usage = Usage(
            byte_days=Decimal(stored) * 30, writes=written, reads=int(requests), bytes_out=int(weight), bytes_in=stored
        )
        return float(bill(usage, prices(name), days_in_month=30).total)

    all_cold = (cold_requests * per_million, cold_bytes * per_million)
    mix = (
        Decimal(crowd.requests) / crowd.widgets * per_million,
        Decimal(crowd.wire_bytes) / crowd.widgets * per_million,
    )
    said = f"{GAMES_STORED} games of {stored // GAMES_STORED // 1000} KB stored"
    rows = [
        _row("a cold widget on the wire, headers included", round(float(cold_bytes) / 1000, 1), "KB", better="lower"),
        _row(
            "an answer 304 on the wire",
            round(warm_bytes / max(crowd.statuses.get(304, 0), 1)),
            "bytes",
            better="lower",
        ),
        _row("objects of a game in the bucket", round(len(objects) / games, 1), "objects", better="lower"),
        _row("bytes of a game in the bucket", round(stored / GAMES_STORED / 1000), "KB", better="lower"),
        _row("share of widgets that caches carried (304 for the page, nothing else)", round(warm, 2), "share"),
        _row(
            f"a million, every cache cold, at Amazon S3, {said}",
            dollars("s3", *all_cold),
            "dollars",
            limit=8,
            better="lower",
        ),
        _row(
            "a million at the share that the log shows, at Amazon S3",
            dollars("s3", *mix),
            "dollars",
            limit=5,
            better="lower",
        ),
    ]
    rows += [
        _row(
            f"a million, every cache cold, at {prices(name).title}", dollars(name, *all_cold), "dollars", better="lower"
        )
        for name in ("s3-cloudfront", "r2", "b2", "own-server", "s3-2007")
    ]
    rows.append(_row("the million of 2007 (75 GB out)", 20, "dollars", better="lower"))
    return rows


def _nginx_of(pid: int) -> int:
    """The nginx that a process of ours has started."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _row(what: str, value: float, unit: str, *, limit: float | None = None, better: str = "higher") -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "limit": limit, "better": better}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--widgets", type=int, default=20_000)
    parser.add_argument(
        "--warm", type=float, default=0.5, help="share of widgets that a browser shows again (0.5 in 2007)"
    )
    parser.add_argument("--clients", type=int, default=1, help="processes of the crowd")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pictogame-bench-") as folder:
        rows = measure(chosen, Path(folder))
    for row in rows:
        print(f"{row['value']:>14,} {row['unit']:<11} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()

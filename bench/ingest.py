"""How fast logs become sums: lines a second and memory, beside a plain loop over a regular expression in the same run.

Lines are of S3's format, as a crowd over `--games` writes them: about `--day` of them are made by the crowd, and
written again and again as other days, back from `--newest` days ago, until there are at least as many as are asked for.
Of recent days sums are kept by the hour as well, which makes many more rows.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

# What a script would do: one expression for the line, sums by game and day in a dictionary.
PLAIN = re.compile(
    rb"(\S+) (\S+) \[([^\]]+)\] (\S+) (\S+) (\S+) (\S+) (\S+) "
    rb'"([^"]*)" (\d{3}|-) (\S+) (\S+) (\S+) (\S+) (\S+) "([^"]*)" "([^"]*)"'
)


class Plain:
    """A plain loop, which is run before ingest and after it: what a machine does for others changes meanwhile."""

    def __init__(self) -> None:
        self.lines = 0
        self.seconds = self.cpu = 0.0

    def run(self, path: Path, most: int) -> None:
        """Reads so many lines of the log."""
        sums: Counter[tuple[bytes, bytes]] = Counter()
        begun, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as file:
            for line in islice(file, most):
                found = PLAIN.match(line)
                if found:
                    sums[found[8], found[3][:11]] += int(found[12]) if found[12].isdigit() else 0
                self.lines += 1
        self.seconds += time.perf_counter() - begun
        self.cpu += time.process_time() - cpu


def write(path: Path, lines: int, *, games: int, day_lines: int, newest: int) -> int:
    """Writes the log; gives how many lines it holds."""
    from tests.stats.cast import publish

    from pictogame.stats.simulate import paper
    from pictogame.stats.simulate.crowd import Crowd

    world = publish(games)
    small = path.with_name("crowd")
    since = datetime(2026, 1, 1, tzinfo=UTC)
    last = datetime.now(UTC) - timedelta(days=newest)
    crowd = Crowd(world, seed=1, plays=day_lines // 5, since=since, days=1, address="http://127.0.0.1:9000", odd=1e-5)
    paper.write(crowd, world, format_name="s3", path=small, bucket="pictogame", address="http://127.0.0.1:9000", seed=1)
    each = small.read_bytes()
    held = each.count(b"\n")
    small.unlink()
    written = 0
    with path.open("wb") as out:
        while written < lines:
            day = (last - timedelta(days=written // held % 300)).strftime("[%d/%b/%Y:").encode()
            out.write(re.sub(rb"\[0[12]/Jan/2026:", day, each))
            written += held
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--plain-lines", type=int, default=1_000_000)
    parser.add_argument("--games", type=int, default=2_000)
    parser.add_argument("--day", type=int, default=200_000, help="Lines of a day, about.")
    parser.add_argument("--newest", type=int, default=1, help="How many days ago the last day is.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PICTOGAME_DATA": folder, "PICTOGAME_BUCKET_URL": "http://127.0.0.1:9000"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "pictogame.config.settings"
        from pictogame.cli import installation

        installation.prepare()
        log = Path(folder) / "access.log"
        lines = write(log, arguments.lines, games=arguments.games, day_lines=arguments.day, newest=arguments.newest)
        size = log.stat().st_size
        plain = Plain()
        plain.run(log, arguments.plain_lines // 2)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(log)], stdout=subprocess.PIPE, check=True, env=dict(os.environ)
        )
        plain.run(log, arguments.plain_lines // 2)
        said = json.loads(done.stdout.splitlines()[-1])
    if (said["counted"], said["unknown"]) != (lines, 0):
        raise SystemExit(f"Of {lines} lines {said['counted']} were counted.")
    rate, plain_rate = lines / said["seconds"], plain.lines / plain.seconds
    rows = [
        _row("lines", lines, "lines"),
        _row("bytes of a line", round(size / lines), "bytes"),
        _row("lines a second, to sums in the database", round(rate), "lines/s", 1_000_000, "higher"),
        _row("a plain loop over a regular expression, parsing alone", round(plain_rate), "lines/s"),
        _row("times as fast as the plain loop", round(rate / plain_rate, 2), "x", 2, "higher"),
        _row("processor seconds for a million lines", round(said["cpu"] / lines * 1e6, 2), "s"),
        _row("of the plain loop", round(plain.cpu / plain.lines * 1e6, 2), "s"),
        _row("games", arguments.games, "games"),
        _row("memory at a third of the log", said["third"], "MB"),
        _row("memory at its end: flat", said["memory"], "MB", 700),
        _row("rows in the database", said["rows"], "rows"),
    ]
    arguments.json.write_text(json.dumps({"rows": rows}, indent=2))


def _row(what: str, value: float, unit: str, limit: float | None = None, better: str = "lower") -> dict[str, object]:
    return {"what": what, "value": value, "unit": unit, "limit": limit, "better": better}


# A process of its own, so that memory is that of ingest alone.
CHILD = """
import json, resource, sys
from pictogame.cli import installation
installation.prepare()
from pictogame.stats import models
from pictogame.stats.ingest import ingest
usage = lambda: resource.getrusage(resource.RUSAGE_SELF)
# Not ru_maxrss, which begins with what the parent took.
status = lambda: dict(line.split(":", 1) for line in open("/proc/self/status"))
memory = lambda: int(status()["VmHWM"].split()[0]) // 1024
third = 0
def watch(name, done, total):
    global third
    if not third and done * 3 >= total:
        third = memory()
before = usage()
report = ingest(sys.argv[1:], on_progress=watch)
after = usage()
tables = (models.GameDay, models.GameMonth, models.GameHour, models.GameHost, models.SiteDay)
rows = sum(table.objects.count() for table in tables)
json.dump({"counted": report.counted, "unknown": report.unknown, "seconds": report.seconds, "third": third,
           "memory": memory(), "rows": rows,
           "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}, sys.stdout)
"""


if __name__ == "__main__":
    main()

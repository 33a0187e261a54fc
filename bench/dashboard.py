"""Pages of numbers with a year of sums: how long they take to answer.

`python -m bench.dashboard --json FILE [--games 100000 --days-each 365]`: that is all that there can be, and takes 7 GB
and minutes. The sums lie in an SQLite of their own, which goes afterwards, unless `--keep FOLDER` keeps it for another
run; with PICTOGAME_DATABASE_URL they lie in that PostgreSQL, empty before. Pages are asked for by Django's test client,
in this process, so what is measured is our part: queries, sums, template.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

LIMIT_MS = 100
ROUNDS = 15


def prepare(data: Path) -> None:
    """Django with a data folder of its own and the runtime of the tests."""
    os.environ.update(
        PICTOGAME_DATA=str(data),
        PICTOGAME_RUNTIME=str(data / "dist"),
        DJANGO_SETTINGS_MODULE="pictogame.config.settings",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from tests.cast import write_runtime

    write_runtime(data / "dist")


def milliseconds(ask: Callable[[], Any]) -> tuple[list[float], list[float]]:
    """How long each of ROUNDS answers took, the first one included: by the clock, and of the processor."""
    from django.db import connection

    taken, worked = [], []
    for _ in range(ROUNDS):
        if connection.vendor == "sqlite":
            connection.close()  # As after each request of the studio; the test client would keep what was read.
        start, begun = time.perf_counter(), time.process_time()
        answer = ask()
        taken.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - begun) * 1000)
        if answer.status_code != 200 or b"No visits counted yet" in answer.content:
            raise SystemExit(f"The page answered {answer.status_code}: this measures nothing.")
    return taken, worked


def measure(games: int, days_each: int) -> list[dict[str, Any]]:
    """The rows of the bench."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils import timezone

    from bench import _sums
    from pictogame.stats import storing

    start = time.perf_counter()
    empty = _database_bytes()
    made = _sums.make(games=games, days=365, days_each=days_each, today=timezone.now().date())
    each = (_database_bytes() - empty) / made.rows
    storing.take_reading()
    print(f"{made.rows:,} rows of sums in {time.perf_counter() - start:.1f} s")
    operator, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    office, creator = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    office.force_login(operator)
    path = f"/g/{made.games[0]}/edit/{_sums.SECRET}/numbers/"
    links = json.dumps([f"/g/{one}/edit/{_sums.SECRET}/" for one in made.games])

    def together(days: int, *, kind: str = "") -> Any:
        return creator.post("/mine/numbers/", {"games": links, "days": str(days), "as": kind})

    pages: dict[str, Callable[[], Any]] = {
        "the office's dashboard, 30 days": lambda: office.get("/office/money/"),
        "the office's dashboard, 90 days": lambda: office.get("/office/money/?days=90"),
        "the office's dashboard, a year": lambda: office.get("/office/money/?days=365"),
        "the site as CSV, a year": lambda: office.get("/office/money/days.csv?days=365"),
        "the site as JSON, a year": lambda: office.get("/office/money/numbers.json?days=365"),
        "a game, 30 days": lambda: creator.get(path),
        "a game, 90 days": lambda: creator.get(f"{path}?days=90"),
        "a game, a year": lambda: creator.get(f"{path}?days=365"),
        "a game as CSV, a year": lambda: creator.get(f"{path}days.csv?days=365"),
        "a game as JSON, a year": lambda: creator.get(f"{path}numbers.json?days=365"),
        "200 games together, 30 days": lambda: together(30),
        "200 games together, 90 days": lambda: together(90),
        "200 games together, a year": lambda: together(365),
        "200 games together as CSV, a year": lambda: together(365, kind="csv"),
        "200 games together as JSON, a year": lambda: together(365, kind="json"),
    }
    rows = []
    for name, ask in pages.items():
        taken, worked = milliseconds(ask)
        rows.append(_row(f"{name}: median", statistics.median(taken), limit=LIMIT_MS))
        rows.append(_row(f"{name}: median of the processor's time", statistics.median(worked)))
        rows.append(_row(f"{name}: worst of {ROUNDS}, the first one among them", max(taken)))
    rows.append({"what": "rows of sums", "value": made.rows, "unit": "rows", "limit": None, "better": "higher"})
    if each:
        what = "a row of sums in the database, indexes included"
        rows.append({"what": what, "value": round(each), "unit": "bytes", "limit": None, "better": "lower"})
    rows.append({"what": "games", "value": games, "unit": "games", "limit": None, "better": "higher"})
    return rows


def _database_bytes() -> int:
    """What the database takes on the disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Of pages, since some of them may still stand in the log beside the file.
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _row(what: str, value: float, *, limit: float | None = None) -> dict[str, Any]:
    return {"what": what, "value": round(value, 1), "unit": "ms", "limit": limit, "better": "lower"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--games", type=int, default=20_000)
    parser.add_argument("--days-each", type=int, default=30, help="days of the year on which a game was asked for")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the rows stay, for another run")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pictogame-bench-")))
        prepare(folder)
        rows = measure(chosen.games, chosen.days_each)
    for row in rows:
        print(f"{row['value']:>12,} {row['unit']:<6} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()

"""The office's pages over very many rows: how long they take to answer.

`python -m bench.office --json FILE [--games 1000000]`. The rows lie in an SQLite of their own, which goes afterwards,
unless `--keep FOLDER` keeps it for another run. Pages are asked for by Django's test client, in this process, nothing
is kept from one answer to the next: so what is measured is our part, by the clock and of the processor.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.dashboard import prepare

LIMIT_MS = 300
ROUNDS = 5

# One game with a revision, a picture, a crop, five objects and their uses for each number; one of 1,000 is set aside,
# one of 100 waits, one of 500 pictures is refused.
_ROWS = (
    """INSERT INTO media_picture (sha256, size, kind, width, height, state, refusal, note, received_at)
       SELECT printf('%064x', n), 900000, 'jpeg', 4000, 3000, iif(n % 500 = 0, 'refused', 'ready'),
              iif(n % 500 = 0, 'It is damaged.', ''), '', datetime(1700000000 + n, 'unixepoch') FROM numbers""",
    """INSERT INTO media_crop (picture_id, ratio, focus_x, focus_y, state, colours, attempts, faults, problem, cause,
                                lease_token, due_at, set_aside_at)
       SELECT n, '4:3', 500, 500, iif(n % 1000 = 0, 'wanted', 'ready'), 'a b', 0, 0, '', '', '', NULL,
              iif(n % 1000 = 0, '2026-01-01 00:00:00', NULL) FROM numbers""",
    """INSERT INTO games_game (id, secret_hash, listed, created_at, due_at, set_aside_at, attempts, faults, problem,
                                cause, lease_token, in_bulk, deleted_by)
       SELECT printf('%014d', n), '', 0, datetime(1700000000 + n, 'unixepoch'),
              iif(n % 100 = 1, datetime(1700000000 + n, 'unixepoch'), NULL),
              iif(n % 1000 = 0, '2026-01-01 00:00:00', NULL), 0, 0, '', '', '', 0, '' FROM numbers""",
    """INSERT INTO games_revision (id, game_id, number, template, skin, title, message, language, options, seed,
                                    runtime, origin, frozen_at, changed_at)
       SELECT n, printf('%014d', n), 1, 'jigsaw', 'paper', 'A title', '', 'en', '{}', 1, '{}', 'edit',
              '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers""",
    """INSERT INTO games_slotpicture (revision_id, slot, position, picture_id, alt, name, focus_x, focus_y)
       SELECT n, 'picture', 0, n, '', '', 500, 500 FROM numbers""",
    """INSERT INTO bucket_bucketobject (id, key, sha256, size, state, version, stored_at)
       SELECT 5 * n + k.column1, iif(k.column1 = 0, printf('g/%014d.html', n), printf('m/%060x%d.avif', n, k.column1)),
              printf('%064x', 5 * n + k.column1), 30000, 'stored', 1, '2026-01-01 00:00:00'
       FROM numbers, (VALUES (0), (1), (2), (3), (4)) AS k""",
    """INSERT INTO publishing_use (game_id, object_id)
       SELECT printf('%014d', n), 5 * n + k.column1 FROM numbers, (VALUES (0), (1), (2), (3), (4)) AS k""",
    "UPDATE games_game SET wanted_id = CAST(id AS INTEGER), published_id = CAST(id AS INTEGER)",
)


def fill(games: int) -> None:
    """Writes the rows of so many games."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        for setting in ("synchronous = OFF", "cache_size = -1000000", "wal_autocheckpoint = 200000"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.execute("CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY)")
        cursor.execute(
            "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < %s) "
            "INSERT INTO numbers SELECT n FROM up",
            [games],
        )
        for statement in _ROWS:
            cursor.execute(statement.replace("%", "%%"), [])
    connection.close()


def measure(games: int) -> list[dict[str, Any]]:
    """The rows of the bench."""
    from django.contrib.auth import get_user_model
    from django.core.cache import cache
    from django.test import Client

    from pictogame.games.models import Game
    from pictogame.office.figures import FRESH_SECONDS

    start = time.perf_counter()
    if not Game.objects.filter(pk=f"{games:014d}").exists():
        fill(games)
        print(f"{games:,} games in {time.perf_counter() - start:.1f} s")
    client = Client(HTTP_HOST="localhost")
    operator, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    client.force_login(operator)
    _ask(client, "/office/games/game/?q=none")  # What is loaded once is loaded.
    _ask(client, "/metrics")
    game = f"{games // 2:014d}"
    paths = {
        "games": "/office/games/game/",
        "games, page 90": "/office/games/game/?p=90",
        "games set aside": "/office/games/game/?state=aside",
        "games that wait": "/office/games/game/?state=waits",
        "a game by its id": f"/office/games/game/?q={game}",
        "games with a picture": f"/office/games/game/?q={games // 2:064x}",
        "a game's own page": f"/office/games/game/{game}/change/",
        "pictures refused": "/office/media/picture/?state=refused",
        "crops set aside": "/office/media/crop/?state=aside",
        "objects": "/office/bucket/bucketobject/",
        "objects of a game": f"/office/bucket/bucketobject/?q=g/{game}",
        "uses of a game": f"/office/publishing/use/?q={game}",
    }
    rows = []
    for name, path in paths.items():
        taken, worked = zip(*(_ask(client, path) for _ in range(ROUNDS)), strict=True)
        rows.append(_row(f"{name}: worst of {ROUNDS}", max(taken), limit=LIMIT_MS))
        rows.append(_row(f"{name}: median of the processor's time", statistics.median(worked)))
    cache.clear()
    rows.append(_row("status page, with the sums over the whole bucket", _ask(client, "/office/")[0]))
    _counted()
    kept = []
    for _ in range(ROUNDS):
        cache.delete_many(["office.figures", "office.parts"])
        kept.append(_ask(client, "/office/"))
    taken, worked = zip(*kept, strict=True)
    rows.append(_row("status page, as long as those sums are kept: median", statistics.median(taken), limit=LIMIT_MS))
    rows.append(_row("status page: median of the processor's time", statistics.median(worked)))
    cache.delete("office.figures")
    taken, worked = zip(_ask(client, "/metrics"), strict=True)
    rows.append(_row(f"metrics, first of {FRESH_SECONDS:g} seconds", taken[0], limit=LIMIT_MS))
    rows.append(_row("metrics: the processor's time", worked[0]))
    rows.append(_row("metrics, asked again", _ask(client, "/metrics")[0], limit=50))
    rows.append({"what": "games", "value": games, "unit": "games", "limit": None, "better": "higher"})
    return rows


def _counted() -> None:
    """Returns when nothing is counted on the side any more."""
    for thread in threading.enumerate():
        if thread.name == "figures":
            thread.join()


def _ask(client: Any, path: str) -> tuple[float, float]:
    """Milliseconds of the clock, and of the processor."""
    start, begun = time.perf_counter(), time.thread_time()
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}: this measures nothing.")
    return (time.perf_counter() - start) * 1000, (time.thread_time() - begun) * 1000


def _row(what: str, value: float, *, limit: float | None = None) -> dict[str, Any]:
    return {"what": what, "value": round(value, 1), "unit": "ms", "limit": limit, "better": "lower"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--games", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the rows stay, for another run")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pictogame-bench-")))
        prepare(folder)
        rows = measure(chosen.games)
    for row in rows:
        print(f"{row['value']:>12,} {row['unit']:<6} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()

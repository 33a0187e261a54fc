"""An audit of many rows against a listing: time and memory, and how both grow.

`python -m bench.audit --json FILE [--rows 1000000]`. The rows are whole games with their revisions, pictures and uses,
as SQLite holds them; the listing comes by pages of a thousand over HTTP from a server that speaks S3. Thirty things are
wrong with it, and these thirty must be found. Memory is the peak of a process of its own, beyond what the same process
takes for a twentieth of the rows.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PER_GAME = 7
GAMES_AT_ONCE = 4000
WRONG = 10
SHARE = 20
MEMORY_LIMIT_MB = 64


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


def fill(data: Path, rows: int) -> None:
    """Games that play, with all their rows, and beside them what a bucket would list."""
    from tests.cast import write_runtime

    write_runtime(data / "dist")
    left = rows // PER_GAME
    with (data / "keys").open("w") as file:
        while left > 0:
            count = min(left, GAMES_AT_ONCE)
            for key, size in _games(count):
                file.write(f"{key} {size}\n")
            left -= count
    _runtime_rows(data / "keys")
    os.environ["LC_ALL"] = "C"
    subprocess.run(["sort", "-o", str(data / "keys"), str(data / "keys")], check=True, env={**os.environ})
    _spoil(data / "keys")


def _games(count: int) -> Iterator[tuple[str, int]]:
    from django.db import transaction
    from django.db.models import OuterRef, Subquery
    from django.utils import timezone
    from tests.cast import COLOURS

    from pictogame.bucket import keys
    from pictogame.bucket.models import BucketObject
    from pictogame.catalog import queries as catalog
    from pictogame.catalog.rules import clean_options
    from pictogame.games import describing
    from pictogame.games.models import Game, Revision, SlotPicture
    from pictogame.lib.hashing import new_game_id
    from pictogame.lib.types import Sha256
    from pictogame.media.models import Crop, Picture, Rendition
    from pictogame.publishing.models import Use

    now = timezone.now()
    options = clean_options(catalog.template("jigsaw"), {})
    shapes = [
        ("large", "image/avif", 1280, 960), ("small", "image/avif", 640, 480),
        ("fallback", "image/jpeg", 960, 720), ("card", "image/jpeg", 1200, 630),
    ]  # fmt: skip
    with transaction.atomic():
        games = Game.objects.bulk_create([Game(id=new_game_id(), secret_hash="0" * 64) for _ in range(count)])
        made = [
            Revision(
                game=game, number=1, template="jigsaw", skin="paper", title="A cat", seed=1, options=options,
                frozen_at=now,
            )
            for game in games
        ]  # fmt: skip
        runtime = describing.runtime_for(made[0])
        for revision in made:
            revision.runtime = runtime
        revisions = Revision.objects.bulk_create(made)
        pictures = Picture.objects.bulk_create(
            [Picture(sha256=secrets.token_hex(32), size=1, kind="jpeg", width=4000, height=3000) for _ in games]
        )
        crops = Crop.objects.bulk_create(
            [Crop(picture=picture, ratio="4:3", state="ready", colours=COLOURS) for picture in pictures]
        )
        SlotPicture.objects.bulk_create(
            [
                SlotPicture(revision=revision, slot="picture", position=0, picture=picture)
                for revision, picture in zip(revisions, pictures, strict=True)
            ]
        )
        renditions = [
            Rendition(
                crop=crop, role=role, sha256=secrets.token_hex(32), media_type=kind, width=width, height=height,
                size=20_000,
            )
            for crop in crops
            for role, kind, width, height in shapes
        ]  # fmt: skip
        Rendition.objects.bulk_create(renditions)
        objects: list[tuple[Game, BucketObject]] = []
        for number, game in enumerate(games):
            for form in renditions[number * 4 : number * 4 + 3]:
                key = keys.media_key(Sha256(form.sha256), form.media_type)
                objects.append((game, BucketObject(key=key, sha256=form.sha256, size=form.size, state="stored")))
            for key_of in (keys.game_page_key, keys.game_xml_key, keys.game_oembed_key, keys.game_card_key):
                row = BucketObject(key=key_of(game.id), sha256=secrets.token_hex(32), size=3_000, state="stored")
                objects.append((game, row))
        its = Revision.objects.filter(game=OuterRef("pk")).values("pk")
        Game.objects.filter(wanted=None).update(wanted=Subquery(its), published=Subquery(its))
        BucketObject.objects.bulk_create([row for _, row in objects])
        Use.objects.bulk_create([Use(game=game, object=row) for game, row in objects])
    return ((row.key, row.size) for _, row in objects)


def _runtime_rows(listed: Path) -> None:
    from pictogame.bucket.models import BucketObject
    from pictogame.catalog import queries as catalog

    built = catalog.manifest().objects
    BucketObject.objects.bulk_create(
        [BucketObject(key=one.key, sha256=one.sha256, size=one.size, state="stored") for one in built]
    )
    with listed.open("a") as file:
        file.writelines(f"{one.key} {one.size}\n" for one in built)


def _spoil(listed: Path) -> None:
    """Takes ten objects away, gives ten another size, and adds ten that no row knows."""
    lines = listed.read_text().splitlines()
    odd: list[str] = []
    step = len(lines) // (3 * WRONG)
    for number in range(WRONG):
        key = lines[number * step].split()[0]
        odd.append(f"{key} 7")
        lines[number * step] = odd[-1]
        stray = f"m/{number:064x}.avif 9"
        odd.append(stray)
        lines.append(stray)
    gone = {(WRONG + number) * step for number in range(WRONG)}
    listed.write_text("".join(f"{line}\n" for number, line in enumerate(lines) if number not in gone))
    Path(f"{listed}.odd").write_text("".join(f"{line}\n" for line in odd))


def look(data: Path, port: int) -> dict[str, Any]:
    """Audits, in this process, and says what it took."""
    prepare(data)
    from pictogame.publishing.audit import Summary, audit
    from pictogame.storage.remote import S3Store

    credentials: Any = {"access_key_id": "a", "secret_access_key": "b", "token": None, "expires_at": None}
    store = S3Store("bench", endpoint=f"http://127.0.0.1:{port}", credentials=lambda: credentials)
    summary = Summary()
    start = time.perf_counter()
    found = Counter(finding.kind.value for finding in audit(bucket=store, deep=False, summary=summary))
    seconds = time.perf_counter() - start
    return {
        "found": found,
        "rows": summary.rows,
        "objects": summary.objects,
        "seconds": seconds,
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def audited(rows: int) -> dict[str, Any]:
    """The same in a process of its own, over a database and a listing of so many rows."""
    with tempfile.TemporaryDirectory(prefix="pictogame-bench-") as folder:
        data = Path(folder)
        here = [sys.executable, "-m", "bench.audit", "--data", folder]
        subprocess.run([*here, "--fill", str(rows)], check=True)
        command = [sys.executable, "-m", "bench._listing", str(data / "keys")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            if server.stdin is None or server.stdout is None:
                raise SystemExit("The listing did not start.")
            port = server.stdout.readline().strip()
            done = subprocess.run([*here, "--look", port], check=True, stdout=subprocess.PIPE, text=True)
            server.stdin.close()
        said: dict[str, Any] = json.loads(done.stdout)
    if said["found"] != {"missing": WRONG, "different": WRONG, "orphaned": WRONG}:
        raise SystemExit(f"{said['found']} was found, and not {WRONG} of each: this measures nothing.")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--look", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.fill:
        prepare(arguments.data)
        fill(arguments.data, arguments.fill)
        return
    if arguments.look:
        print(json.dumps(look(arguments.data, arguments.look)))
        return
    few, many = audited(max(arguments.rows // SHARE, 700)), audited(arguments.rows)
    grown = (many["peak_kib"] - few["peak_kib"]) / 1024
    rows = [
        _row("audit: rows compared with a listing", many["rows"], "rows", better="higher"),
        _row("audit: time", round(many["seconds"], 2), "s"),
        _row("audit: rows a second", round(many["rows"] / many["seconds"]), "rows/s", better="higher"),
        _row("audit: peak memory of the process", round(many["peak_kib"] / 1024, 1), "MB"),
        _row(f"audit: memory beyond that for a {SHARE}th of the rows", round(grown, 1), "MB", limit=MEMORY_LIMIT_MB),
    ]
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows}, indent=2))
    for row in rows:
        print(f"{row['what']}: {row['value']} {row['unit']}", file=sys.stderr)


def _row(what: str, value: float, unit: str, *, limit: float | None = None, better: str = "lower") -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "limit": limit, "better": better}


if __name__ == "__main__":
    main()

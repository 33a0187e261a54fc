"""The publisher against bare obstore PUTs: the same bytes, keys and headers, into a null sink.

`python -m bench.publisher --json FILE`. CPU is user and system time of all threads of a process. The publisher's is all
that it does from claim to finish: rows in the database (SQLite, with its fsyncs), reading the vault, composing. The
bare client is a process of its own that has the bytes in memory and reads nothing. The sink is a third one. Rounds
alternate, the medians of the rounds' ratios are reported.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

ROUNDS = 9
GAMES = 256

SIZES = {
    # Bytes of the large, small and fallback renditions and of the card: as the pipeline makes them of a camera's
    # photograph, and of the size that obstore itself was measured with.
    "photograph's": (27_000, 17_000, 63_000, 67_000),
    "20 KB": (20_000, 20_000, 20_000, 20_000),
}


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


def make_games(count: int, sizes: tuple[int, int, int, int]) -> None:
    """Games with one picture each, all different, that wait for the publisher."""
    from django.utils import timezone
    from tests.cast import COLOURS

    from pictogame.catalog import queries as catalog
    from pictogame.catalog.rules import clean_options
    from pictogame.games import describing
    from pictogame.games.models import Game, Revision, SlotPicture
    from pictogame.lib.hashing import new_game_id
    from pictogame.media.models import Crop, Picture, Rendition
    from pictogame.media.vault import vault

    now = timezone.now()
    template = catalog.template("jigsaw")
    roles = zip(
        ("large", "small", "fallback", "card"),
        ("image/avif", "image/avif", "image/jpeg", "image/jpeg"),
        ((1280, 960), (640, 480), (960, 720), (1200, 630)),
        sizes,
        strict=True,
    )
    shapes = list(roles)
    games = Game.objects.bulk_create([Game(id=new_game_id(), secret_hash="0" * 64) for _ in range(count)])
    revisions = [
        Revision(
            game=game, number=1, template="jigsaw", skin="paper", title=f"A cat in pieces, {game.id}", seed=1,
            options=clean_options(template, {}), frozen_at=now,
        )
        for game in games
    ]  # fmt: skip
    for revision in revisions:
        revision.runtime = describing.runtime_for(revision)
    revisions = Revision.objects.bulk_create(revisions)
    pictures = Picture.objects.bulk_create(
        [Picture(sha256=os.urandom(32).hex(), size=1, kind="jpeg", width=4000, height=3000) for _ in games]
    )
    crops = Crop.objects.bulk_create(
        [Crop(picture=picture, ratio="4:3", state="ready", colours=COLOURS) for picture in pictures]
    )
    renditions = []
    for crop in crops:
        for role, kind, (width, height), size in shapes:
            sha256 = vault().keep(os.urandom(size))
            renditions.append(
                Rendition(
                    crop=crop, role=role, sha256=sha256, media_type=kind, width=width, height=height, size=size
                )
            )  # fmt: skip
    Rendition.objects.bulk_create(renditions)
    SlotPicture.objects.bulk_create(
        [
            SlotPicture(revision=revision, slot="picture", position=0, picture=picture, alt="A tabby cat looks up")
            for revision, picture in zip(revisions, pictures, strict=True)
        ]
    )
    for game, revision in zip(games, revisions, strict=True):
        game.wanted, game.due_at = revision, now - timedelta(seconds=1)
    Game.objects.bulk_update(games, ["wanted", "due_at"])


def cpu_of(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU (all threads, user and system) and of the clock on the wall."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    act()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start


@contextmanager
def bare_puts(port: int) -> Iterator[Callable[[list[tuple[str, bytes, dict[str, Any]]]], float]]:
    """A process that does bare PUTs; what it gives takes what to put and gives the seconds of CPU that it took."""
    command = [sys.executable, "-m", "bench._bare_puts", str(port)]
    # It has obstore as it comes, and not with the number of threads that we choose for ourselves.
    environment = {name: value for name, value in os.environ.items() if name != "TOKIO_WORKER_THREADS"}
    with (
        tempfile.TemporaryDirectory(prefix="pictogame-bench-") as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process,
    ):
        if process.stdin is None or process.stdout is None:
            raise SystemExit("The bare client did not start.")
        asked, answered = process.stdin, process.stdout

        def cpu_of_bare(puts: list[tuple[str, bytes, dict[str, Any]]]) -> float:
            names = ("content_type", "cache_control", "content_encoding")
            told = [
                (key, len(data), {name.replace("_", "-").title(): said[name] for name in names if said[name]})
                for key, data, said in puts
            ]
            Path(folder, "puts.json").write_text(json.dumps(told))
            Path(folder, "bytes").write_bytes(b"".join(data for _, data, _ in puts))
            print(folder, file=asked, flush=True)
            return float(answered.readline())

        yield cpu_of_bare
        asked.close()


def measure(label: str, sizes: tuple[int, int, int, int], port: int) -> list[dict[str, Any]]:
    """The rows of one choice of sizes."""
    from pictogame.games.models import Game
    from pictogame.publishing.publisher import Publisher, rest_collector
    from pictogame.storage.remote import S3Store

    endpoint = f"http://127.0.0.1:{port}"
    puts: list[tuple[str, bytes, dict[str, Any]]] = []

    class Noting(S3Store):
        """Notes what is put, so that the bare client puts the very same."""

        def put(self, key: str, data: Any, **headers: Any) -> None:
            puts.append((key, data, headers))
            super().put(key, data, **headers)

    credentials: Any = {"access_key_id": "a", "secret_access_key": "b", "token": None, "expires_at": None}
    ours = Noting("bench", endpoint=endpoint, credentials=lambda: credentials)

    ratios, published, bares, per_minute = [], [], [], []
    with bare_puts(port) as cpu_of_bare, Publisher(bucket=ours) as publisher:
        publisher.install_runtime()
        make_games(8, sizes)
        while publisher.step():
            pass
        for _ in range(ROUNDS):
            make_games(GAMES, sizes)
            puts.clear()
            rest_collector()  # As the publisher's loop does at its start.

            def publish() -> None:
                while publisher.step():
                    pass

            cpu, wall = cpu_of(publish)
            bare_cpu = cpu_of_bare(puts)
            if len(puts) != GAMES * 7 or Game.objects.filter(due_at__isnull=False).exists():
                raise SystemExit(f"{len(puts)} objects were put and not {GAMES * 7}: this measures nothing.")
            ratios.append(cpu / bare_cpu)
            published.append(cpu / len(puts) * 1e6)
            bares.append(bare_cpu / len(puts) * 1e6)
            per_minute.append(GAMES / wall * 60)
    middle = statistics.median
    return [
        _row(f"publisher's CPU against bare PUTs ({label} objects)", middle(ratios), "times", limit=2.0),
        _row(f"publisher's CPU per object ({label} objects)", middle(published), "µs"),
        _row(f"bare PUT's CPU per object ({label} objects)", middle(bares), "µs"),
        _row(f"games published per minute ({label} objects)", middle(per_minute), "games/min", better="higher"),
    ]


def _row(
    what: str, value: float, unit: str, *, limit: float | None = None, better: str = "lower"
) -> dict[str, str | float | None]:
    return {"what": what, "value": round(value, 2), "unit": unit, "limit": limit, "better": better}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="pictogame-bench-") as folder:
        prepare(Path(folder))
        command = [sys.executable, "-m", "bench._null_sink"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink:
            if sink.stdin is None or sink.stdout is None:
                raise SystemExit("The sink did not start.")
            port = int(sink.stdout.readline())
            rows = [row for label, sizes in SIZES.items() for row in measure(label, sizes, port)]
            sink.stdin.close()
    for row in rows:
        print(f"{row['value']:>12,} {row['unit']:<10} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows, "games": GAMES, "rounds": ROUNDS}, indent=1))


if __name__ == "__main__":
    main()

"""Games published per minute by one publisher and by two, and thousands published once more by `publish --all`.

`python -m bench.publishers --json FILE [--games 10000]`. PostgreSQL is started for it; the bucket is a sink that takes
everything, so what is measured is ours: rows, vault, composing, sending. Publishers are processes of their own that
share the machine with the database and the sink. The run that publishes again is the command's own code, in a process
that is looked at before and after.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.servers.postgresql import postgresql

SMALL = (20_000, 20_000, 20_000, 20_000)


@contextmanager
def sink() -> Iterator[int]:
    """The port of a server that takes everything."""
    command = [sys.executable, "-m", "bench._null_sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SystemExit("The sink did not start.")
        yield int(process.stdout.readline())
        process.stdin.close()


class Process:
    """A publisher in a process of its own."""

    def __init__(self, opened: ExitStack) -> None:
        command = [sys.executable, "-m", "bench._publisher_process"]
        self._process = opened.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        opened.callback(self.end)

    def read(self) -> str:
        """The next line that it says."""
        if self._process.stdout is None:
            raise SystemExit("A publisher did not start.")
        return self._process.stdout.readline()

    def begin(self) -> None:
        """Lets it begin."""
        if self._process.stdin is not None:
            print("go", file=self._process.stdin, flush=True)

    def end(self) -> None:
        """Lets it end."""
        if self._process.stdin is not None:
            self._process.stdin.close()


def publish_with(publishers: int, games: int) -> dict[str, float]:
    """Games per minute and PUTs per game of so many publishers."""
    from bench.publisher import make_games

    with ExitStack() as opened:
        processes = [Process(opened) for _ in range(publishers)]
        for process in processes:
            process.read()
        make_games(games, SMALL)
        start = time.perf_counter()
        for process in processes:
            process.begin()
        told: list[dict[str, Any]] = [json.loads(process.read()) for process in processes]
        seconds = time.perf_counter() - start
    return {
        "per_minute": games / seconds * 60,
        "puts_per_game": sum(one["puts"] for one in told) / games,
        "least_share": min(one["puts"] for one in told) / sum(one["puts"] for one in told),
    }


def make_games_of_one_picture(count: int) -> None:
    """Games that wait for the publisher, all with the same picture: quick to make, and composed as any others."""
    from bench.publisher import make_games
    from pictogame.games import describing
    from pictogame.games.models import Game, Revision, SlotPicture
    from pictogame.lib.hashing import new_game_id

    make_games(1, SMALL)
    model = Revision.objects.order_by("-pk")[0]
    picture = SlotPicture.objects.get(revision=model).picture
    runtime = describing.runtime_for(model)
    for start in range(0, count - 1, 1000):
        ids = [new_game_id() for _ in range(min(1000, count - 1 - start))]
        games = Game.objects.bulk_create([Game(id=game_id, secret_hash="0" * 64) for game_id in ids])
        revisions = Revision.objects.bulk_create(
            Revision(
                game=game, number=1, template=model.template, skin=model.skin, title=f"Number {game.id}", seed=1,
                options=model.options, frozen_at=model.frozen_at, runtime=runtime,
            )
            for game in games
        )  # fmt: skip
        SlotPicture.objects.bulk_create(
            SlotPicture(revision=revision, slot="picture", position=0, picture=picture) for revision in revisions
        )
        for game, revision in zip(games, revisions, strict=True):
            game.wanted, game.due_at = revision, model.frozen_at
        Game.objects.bulk_update(games, ["wanted", "due_at"], batch_size=500)


def publish_again(games: int, endpoint: str) -> dict[str, float]:
    """All games once more, as they are and then with another title, by the code of `publish --all`."""
    from django.db.models import Value
    from django.db.models.functions import Concat

    from pictogame.games.models import Game, Revision
    from pictogame.publishing import bulk
    from pictogame.publishing.publisher import Publisher
    from pictogame.storage.remote import S3Store

    count = 0

    class Counting(S3Store):
        def put(self, key: str, data: Any, **headers: Any) -> None:
            nonlocal count
            count += 1
            super().put(key, data, **headers)

    credentials: Any = {"access_key_id": "a", "secret_access_key": "b", "token": None, "expires_at": None}
    bucket = Counting("bench", endpoint=endpoint, credentials=lambda: credentials)

    def run_all(publisher: Publisher) -> tuple[float, int, float]:
        before, start = count, time.perf_counter()
        run, _ = bulk.begin()
        grown = 0.0
        while not (now := bulk.progress(run)).is_over:
            while bulk.hand_on(run):
                pass
            publisher.step()
            if not grown and now.published > games // 10:
                grown = _peak_mb()
        if bulk.progress(run).published < games:
            raise SystemExit("Not every game was published again: this measures nothing.")
        return time.perf_counter() - start, count - before, _peak_mb() - grown

    with Publisher(bucket=bucket) as publisher:
        publisher.install_runtime()
        make_games_of_one_picture(games)
        while publisher.step():
            pass
        there = Game.objects.filter(deleted_at=None, wanted__isnull=False).count()
        games = there
        same_seconds, same_puts, _ = run_all(publisher)
        Revision.objects.update(title=Concat("title", Value("!")))
        new_seconds, new_puts, grown = run_all(publisher)
    return {
        "games": games,
        "same_seconds": same_seconds,
        "same_puts": same_puts,
        "new_seconds": new_seconds,
        "new_puts": new_puts,
        "grown_mb": grown,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _row(
    what: str, value: float, unit: str, *, limit: float | None = None, better: str = "lower"
) -> dict[str, str | float | None]:
    return {"what": what, "value": round(value, 2), "unit": unit, "limit": limit, "better": better}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--games", type=int, default=1000, help="games that are published again")
    arguments.add_argument("--new", type=int, default=384, help="games for one publisher, and for two")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="pictogame-bench-") as folder, postgresql() as database, sink() as port:
        endpoint = f"http://127.0.0.1:{port}"
        os.environ.update(PICTOGAME_DATABASE_URL=database, BENCH_SINK=endpoint, BENCH_BATCH="128")
        from bench.publisher import prepare

        prepare(Path(folder))
        again = publish_again(chosen.games, endpoint)
        one, two = publish_with(1, chosen.new), publish_with(2, chosen.new)
    games = int(again["games"])
    rows = [
        _row("games published per minute, one publisher", one["per_minute"], "games/min", better="higher"),
        _row("games published per minute, two publishers", two["per_minute"], "games/min", better="higher"),
        _row("PUTs for each game, one publisher", one["puts_per_game"], "PUTs", limit=7),
        _row("PUTs for each game, two publishers", two["puts_per_game"], "PUTs", limit=7.07),
        _row("part of the work that the idler of two did", two["least_share"], "of 1", better="higher"),
        _row(f"{games:,} games published again, nothing new in them", again["same_seconds"], "s"),
        _row("PUTs for that", again["same_puts"], "PUTs", limit=0),
        _row(f"{games:,} games published again, another title in each", again["new_seconds"], "s"),
        _row("PUTs for each of them (game.xml, page, oEmbed answer)", again["new_puts"] / games, "PUTs", limit=3),
        _row("memory's peak, from a tenth of them to the last", again["grown_mb"], "MB more", limit=16),
    ]
    for row in rows:
        print(f"{row['value']:>12,} {row['unit']:<10} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows, "games": games}, indent=1))


if __name__ == "__main__":
    main()

"""`pictogame simulate`: a crowd on paper and on the wire, and how far the sums agree with it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.stats.ingest import ours
from pictogame.stats.simulate import paper, truth, wire
from pictogame.stats.simulate.crowd import Crowd
from pictogame.stats.simulate.world import world

_SHOWN = 20


def on_paper(folder: Path, *, plays: int, days: int, seed: int, format_name: str, machine: bool) -> None:
    """Writes `logs/crowd.log` and `truth.json` into the folder. Raises Ended for a format that is not written."""
    if format_name not in paper.PAPERS:
        raise Ended(f"There is no format {format_name!r}: it is one of {', '.join(paper.PAPERS)}.", Exit.USAGE)
    games = world()
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    crowd = Crowd(games, seed=seed, plays=plays, since=since, days=days, address=settings.BUCKET_URL)
    one = ours()
    log = folder / "logs" / "crowd.log"
    try:
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        done = paper.write(
            crowd,
            games,
            format_name=format_name,
            path=log,
            bucket=settings.BUCKET_NAME,
            address=settings.BUCKET_URL,
            seed=seed,
            prefix=one.store_prefix if format_name in {"s3", "rgw"} else one.address_prefix,
        )
        (folder / "truth.json").write_text(json.dumps(done.document(), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Ended(f"{folder} can't be written: {error.strerror or error}.", Exit.PROBLEM) from error
    said = {"log": str(log), "truth": str(folder / "truth.json"), "lines": done.lines, "viral": crowd.viral}
    if machine:
        saying.document(said)
    else:
        saying.lines(f"{done.lines:,} lines in {log}", f"What happened: {said['truth']}")


def on_the_wire(address: str, *, plays: int, seed: int, connections: int, seconds: float, machine: bool) -> None:
    """Plays, and prints the truth. Raises NotLoopback; Ended when some stayed unanswered or none was made."""
    wire.check_loopback(address)
    games = world()
    crowd = Crowd(games, seed=seed, plays=plays, since=datetime.now(UTC), days=1, address=settings.BUCKET_URL)
    got = wire.play(crowd.requests(), address=address, connections=connections, most_seconds=seconds)
    said = {
        "requests": got.truth.lines,
        "bytes": got.bytes,
        "statuses": {str(status): count for status, count in sorted(got.statuses.items())},
        "failures": got.failures,
        "seconds": round(got.seconds, 3),
        "cut_short": got.cut_short,
        "truth": got.truth.document(),
    }
    if got.failures:
        raise Ended(f"{got.failures} requests stayed without an answer.", Exit.PROBLEM, **said)
    if not got.truth.lines:
        raise Ended(f"Not one request was made in {seconds:g} s: --seconds gives more.", Exit.PROBLEM, **said)
    if machine:
        saying.document(said)
    else:
        rate = got.truth.lines / max(got.seconds, 0.001)
        saying.lines(f"{got.truth.lines:,} requests, {got.bytes:,} bytes, {rate:,.0f} a second")
        if got.cut_short:
            saying.lines(f"The time ({seconds:g} s) was over before all {plays:,} had played: --seconds gives more.")


def compare(path: Path, *, machine: bool) -> None:
    """Compares the sums of the database with a truth that `simulate` wrote. Raises Ended where they differ."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        said = said.get("truth", said)
        found = truth.differences(said, totals="seconds" in said)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise Ended(f"{path} is no truth that `pictogame simulate` wrote.", Exit.PROBLEM) from error
    if found:
        if not machine:
            saying.lines(*found[:_SHOWN])
        raise Ended(f"The sums differ from what happened in {len(found)} numbers.", Exit.PROBLEM, differences=found)
    if machine:
        saying.document({"differences": []})
    else:
        saying.lines("The sums are exactly what happened.")

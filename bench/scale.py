"""What 1 million, 100 million and 10 billion plays a month need and cost: docs/scale.md, out of what was measured.

`python -m bench.scale --write` writes the page, `--json FILE` the rows of `python -m bench`. Nothing is measured here:
figures come from bench/measured.json, each with its command and date, prices from the lists of `stats cost`, and what
is assumed stands in ASSUMED, on the page as here.
"""

import argparse
import json
import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pictogame.stats.cost import Usage, bill
from pictogame.stats.pricing import prices

ROOT = Path(__file__).resolve().parent.parent
MEASURED = Path(__file__).resolve().parent / "measured.json"
PAGE = ROOT / "docs" / "scale.md"

STEPS = (1_000_000, 100_000_000, 10_000_000_000)
LISTS = ("own-server", "s3", "s3-cloudfront", "r2", "b2")
DAYS = 30

ASSUMED: Mapping[str, tuple[float, str]] = {
    "plays_of_a_game": (1000, "plays of a game in a month, on average"),
    "new_games": (0.10, "of all games are new in a month, or are published again"),
    "pictures": (2, "photographs of a new game"),
    "warm": (0.5, "of plays are carried by the browser's cache, as in 2007: one request, answered with 304"),
    "busiest_hour": (0.10, "of a day's plays, and of its new games, fall into one hour"),
    "viral_hour": (0.10, "of a month's plays fall into one hour when a game goes viral: the rush of a front page"),
    "days_played": (20, "days of a month on which a game is played at all"),
    "hosts": (2.0, "hosts that embed a game in a month"),
    "hours_played": (4, "hours of such a day in which it is played; kept for 35 days"),
    "edge": (0.95, "of requests a CDN answers by itself, where there is one"),
    "line_bits": (1e9, "bits a second of a rented machine's line"),
    "disk": (80e9, "bytes of a rented machine's disk"),
    "s3_gets": (5500, "GETs a second that S3 promises for a prefix"),
    "sqlite_rows": (100e6, "rows of sums that an SQLite file is trusted with; no limit of its own"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """What a number of plays a month needs."""

    plays: int
    requests: float
    bytes_out: float
    games: float
    objects: float
    bytes_stored: float
    originals: float
    puts: float
    requests_at_peak: float
    """A second."""
    bits_at_peak: float
    """A second."""
    requests_viral: float
    """A second, in an hour in which a game goes viral."""
    bits_viral: float
    """A second."""
    puts_at_peak: float
    """A second."""
    cpu_at_peak: float
    """Processors that prepare pictures in the busiest hour."""
    log_bytes: float
    ingest_seconds: float
    """Of a month's lines."""
    rows: float
    """Of sums, for each month that is kept."""
    row_bytes: float
    """Of them in SQLite."""
    row_bytes_postgresql: float

    @property
    def usage(self) -> Usage:
        """What is paid for."""
        return Usage(
            byte_days=Decimal(int(self.bytes_stored)) * DAYS,
            writes=int(self.puts),
            reads=int(self.requests),
            bytes_out=int(self.bytes_out),
            bytes_in=0,
        )


def measured() -> dict[str, float]:
    """The figures by name."""
    said = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {name: one["value"] for name, one in said["figures"].items()}


def need(plays: int, seen: Mapping[str, float]) -> Need:
    """The arithmetic."""
    take = {name: value for name, (value, _) in ASSUMED.items()}
    cold, warm = plays * (1 - take["warm"]), plays * take["warm"]
    requests = cold * seen["first_play_requests"] + warm
    weight = cold * seen["first_play_bytes"] + warm * seen["again_bytes"]
    games = plays / take["plays_of_a_game"]
    fresh = games * take["new_games"]
    puts = fresh * seen["objects_of_a_game"]
    hour = take["busiest_hour"] / DAYS / 3600
    active = games * take["days_played"]
    rows = active * (1 + take["hours_played"]) + games * (2 + take["hosts"])
    return Need(
        plays=plays,
        requests=requests,
        bytes_out=weight,
        games=games,
        objects=games * seen["objects_of_a_game"],
        bytes_stored=games * seen["bytes_of_a_game"],
        originals=games * take["pictures"] * seen["original_bytes"],
        puts=puts,
        requests_at_peak=requests * hour,
        bits_at_peak=weight * 8 * hour,
        requests_viral=requests * take["viral_hour"] / 3600,
        bits_viral=weight * 8 * take["viral_hour"] / 3600,
        puts_at_peak=puts * hour,
        cpu_at_peak=fresh * take["pictures"] * seen["photograph_cpu_seconds"] * hour,
        log_bytes=requests * seen["log_line_bytes"],
        ingest_seconds=requests / seen["ingest_lines_a_second"],
        rows=rows,
        row_bytes=rows * seen["row_bytes"],
        row_bytes_postgresql=rows * seen["row_bytes_postgresql"],
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the smallest installation: how much of it is used up, and what takes over when that is too much."""

    name: str
    used: float
    after: str


def parts(of: Need, seen: Mapping[str, float]) -> list[Part]:
    """One machine of 2 cores with SQLite and a folder bucket, part by part, the fullest first."""
    take = {name: value for name, (value, _) in ASSUMED.items()}
    found = [
        Part(
            "The machine's line, in a viral hour",
            of.bits_viral / take["line_bits"],
            "a CDN before it: `PICTOGAME_BUCKET_URL` names the CDN, and publishers write every page once more",
        ),
        Part(
            "The bucket's server, in a viral hour",
            of.requests_viral / seen["serve_requests_a_second"],
            "the same CDN; or S3 as bucket (`PICTOGAME_BUCKET=s3://…`), which has no server of ours",
        ),
        Part(
            "The machine's disk",
            (of.bytes_stored + of.originals) / take["disk"],
            "S3 as vault first (`PICTOGAME_VAULT=s3://…`: the originals are most of it), then as bucket",
        ),
        Part(
            "One publisher",
            max(of.puts_at_peak / seen["puts_a_second"], of.puts_at_peak / seen["objects_of_a_game"]
                / (seen["games_published_a_minute"] / 60)),
            "PostgreSQL (`PICTOGAME_DATABASE_URL`), then `pictogame publisher` on more machines",
        ),
        Part(
            "One worker's processor",
            of.cpu_at_peak,
            "PostgreSQL, then `pictogame worker` on more machines; meanwhile pictures wait, and nothing is lost",
        ),
        Part(
            "Reading logs, of a day's 24 hours",
            of.ingest_seconds / DAYS / 86_400,
            "more `PICTOGAME_STATS_THREADS`; then logs parted by hour or prefix, and the sums on PostgreSQL",
        ),
        Part(
            "A year of sums in SQLite",
            of.rows * 12 / take["sqlite_rows"],
            "PostgreSQL, its day and hour tables parted by month",
        ),
    ]  # fmt: skip
    return sorted(found, key=lambda part: -part.used)


def s3_prefixes(of: Need) -> float:
    """How many of S3's prefixes a viral hour fills where there is no CDN."""
    return of.requests_viral / ASSUMED["s3_gets"][0]


def dollars(of: Need, name: str) -> Decimal:
    """A month at list prices."""
    edge = Decimal(str(ASSUMED["edge"][0]))
    return bill(of.usage, prices(name), days_in_month=DAYS, edge_share=edge).total


def page() -> str:
    """docs/scale.md."""
    seen = measured()
    needs = [need(plays, seen) for plays in STEPS]
    said = json.loads(MEASURED.read_text(encoding="utf-8"))
    out = [
        "# Scale",
        "",
        _said(
            "Computed by `python -m bench.scale --write` from what was measured and from the price lists; a test "
            "compares this page with what the script says. Nothing here was run at that size: it is arithmetic, and "
            "its assumptions stand at the end."
        ),
        "",
        "## What a month needs",
        "",
        _head(["", *(f"{many(one.plays)} plays" for one in needs)]),
        *_table(
            [
                ("requests", [many(one.requests) for one in needs]),
                ("bytes out", [size(one.bytes_out) for one in needs]),
                ("games", [many(one.games) for one in needs]),
                ("objects in the bucket", [many(one.objects) for one in needs]),
                ("bytes in the bucket", [size(one.bytes_stored) for one in needs]),
                ("originals in the vault", [size(one.originals) for one in needs]),
                ("objects written", [many(one.puts) for one in needs]),
                ("requests a second, busiest hour", [many(one.requests_at_peak) for one in needs]),
                ("bits a second, busiest hour", [f"{size(one.bits_at_peak)[:-1]}bit" for one in needs]),
                ("requests a second, viral hour", [many(one.requests_viral) for one in needs]),
                ("bits a second, viral hour", [f"{size(one.bits_viral)[:-1]}bit" for one in needs]),
                ("publishers, busiest hour", [at_least_one(one.puts_at_peak / seen["puts_a_second"]) for one in needs]),
                ("processors for pictures, busiest hour", [at_least_one(one.cpu_at_peak) for one in needs]),
                ("lines of log", [many(one.requests) for one in needs]),
                ("bytes of log", [size(one.log_bytes) for one in needs]),
                ("time to read them", [duration(one.ingest_seconds) for one in needs]),
                ("rows of sums", [many(one.rows) for one in needs]),
                ("bytes of sums in SQLite", [size(one.row_bytes) for one in needs]),
                ("bytes of sums in PostgreSQL", [size(one.row_bytes_postgresql) for one in needs]),
            ]
        ),
        "",
        "## What it costs",
        "",
        _said(
            "Dollars a month at list prices, without free amounts. The machine's price is that of one machine and its "
            f"traffic, whether or not one is enough; CloudFront's edge answers {ASSUMED['edge'][0]:.0%} of requests. "
            "What the vault's originals and the logs cost is not in it."
        ),
        "",
        _head(["", *(f"{many(one.plays)} plays" for one in needs)]),
        *_table(
            [
                (f"{prices(name).title} ({prices(name).date:%Y-%m-%d})", [f"{dollars(one, name):,}" for one in needs])
                for name in LISTS
            ]
        ),
        "",
        "For a million plays:",
        "",
        _head(["", *(f"at {many(one.plays)}" for one in needs)]),
        *_table(
            [
                (prices(name).title, [f"{dollars(one, name) * 1_000_000 / one.plays:,.2f}" for one in needs])
                for name in LISTS
            ]
        ),
        "",
        "## What is full first",
        "",
        _said(
            "The smallest installation: one machine of 2 cores, SQLite, a folder as bucket and vault, one publisher, "
            "one worker. How much of each part the busiest hour of a day uses, or the hour in which a game goes viral, "
            "or the month, where there is no hour; and what takes over above 100 %."
        ),
    ]
    for one in needs:
        out += _full(one, seen)
    out += [
        "",
        _said(
            f"One bound is not of this machine. S3 promises {ASSUMED['s3_gets'][0]:,.0f} GETs a second for a prefix; "
            "a viral hour asks for "
            + ", ".join(f"{many(s3_prefixes(one))} times that at {many(one.plays)}" for one in needs)
            + " plays. Keys lie under `r/`, `m/<hash>` and `g/<id>`; hashes and ids are spread evenly, so S3 parts "
            "`m/` and `g/` by itself as they grow. The few keys of `r/` do not part: half of all requests are for "
            "them, and they never change, which is what a CDN is for."
        ),
        "",
        "## What was measured",
        "",
        f"On {said['machine']}.",
        "",
        _head(["figure", "value", "by", "on"]),
        *(
            f"| {one['unit']} | {one['value']:,} | `{one['command']}` | {one['date']} |"
            for one in said["figures"].values()
        ),
        "",
        "## What is assumed",
        "",
        _head(["value", "of what"]),
        *(f"| {_plain(value)} | {what} |" for value, what in ASSUMED.values()),
        "",
    ]
    return "\n".join(line.rstrip() for line in out)


def _full(one: Need, seen: Mapping[str, float]) -> list[str]:
    found = parts(one, seen)
    beyond = [part for part in found if part.used > 1]
    said = [
        "",
        f"### {many(one.plays)} plays a month",
        "",
        f"First: **{found[0].name.lower()}**, {_percent(found[0].used)} used."
        + (
            f" {len(beyond)} part{'s are' if len(beyond) > 1 else ' is'} beyond what one machine has."
            if beyond
            else " One machine does it."
        ),
        "",
        _head(["part", "used", "what takes over"]),
    ]
    return [*said, *(f"| {part.name} | {_percent(part.used)} | {part.after} |" for part in found)]


def _head(names: list[str]) -> str:
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def _table(rows: list[tuple[str, list[str]]]) -> list[str]:
    return [f"| {name} | {' | '.join(values)} |" for name, values in rows]


def many(number: float) -> str:
    """A count to three digits, in words from a million on."""
    for unit, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= unit:
            return f"{float(f'{number / unit:.3g}'):g} {name}"
    return f"{float(f'{number:.3g}'):,.0f}" if number >= 100 else f"{number:.2g}"


def size(number: float) -> str:
    """Bytes to three digits, in units of 1,000."""
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    place = min(int(math.log(max(number, 1), 1000)), len(units) - 1)
    return f"{float(f'{number / 1000**place:.3g}'):g} {units[place]}"


def duration(seconds: float) -> str:
    """A time in the unit that fits."""
    for unit, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.1f} seconds"


def at_least_one(number: float) -> str:
    """As many as are needed."""
    return f"{max(math.ceil(number), 1):,}"


def _percent(share: float) -> str:
    if share < 0.0001:
        return "under 0.01 %"
    return f"{share * 100:,.0f} %" if share >= 0.1 else f"{share * 100:.2g} %"


def _said(text: str) -> str:
    return textwrap.fill(text, 150, break_long_words=False, break_on_hyphens=False)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 and value == int(value) else f"{value:g}"


def _row(what: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "value": value, "unit": unit, "limit": None, "better": "lower"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="write docs/scale.md")
    chosen = parser.parse_args()
    if chosen.write:
        PAGE.write_text(page(), encoding="utf-8")
    seen = measured()
    rows: list[dict[str, Any]] = []
    for plays in STEPS:
        one = need(plays, seen)
        full = parts(one, seen)[0]
        step = f"{many(plays)} plays a month"
        rows += [_row(f"{step}: {prices(name).title}", float(dollars(one, name)), "dollars") for name in LISTS]
        rows.append(_row(f"{step}: {full.name.lower()} of one machine", round(full.used * 100, 2), "%"))
    for row in rows:
        print(f"{row['value']:>16,} {row['unit']:<8} {row['what']}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rows": rows}, indent=1))


if __name__ == "__main__":
    main()

"""What every format makes of a line."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple, Protocol

COLUMNS = (
    ("stamp", "TIMESTAMP"),
    ("op", "VARCHAR"),
    ("status", "SMALLINT"),
    ("bytes", "BIGINT"),
    ("target", "VARCHAR"),
    ("referer", "VARCHAR"),
    ("agent", "VARCHAR"),
    ("bucket", "VARCHAR"),
    ("also", "VARCHAR"),
    ("signed", "BOOLEAN"),
    ("country", "VARCHAR"),
    ("hit", "BOOLEAN"),
)
"""What DuckDB's reading of every format gives, and `Line` by `Line` the exact one: name and type."""


class Line(NamedTuple):
    """One request."""

    at: datetime
    op: str
    """A method, or what S3 calls an operation."""
    status: int
    """0 where no answer was given."""
    bytes: int
    target: str
    """What was asked for, as the log writes it: see `Format.target_sql`."""
    referer: str
    agent: str
    bucket: str | None
    """Bucket or host that was asked; None where the log does not say."""
    also: str | None = None
    """Another name of it."""
    signed: bool = False
    """Whether the request carried credentials."""
    country: str | None = None
    hit: bool | None = None
    """Whether a shared cache answered by itself; None where there is none."""


class Shape(NamedTuple):
    """What DuckDB must know of a log besides its format."""

    fields: tuple[str, ...] = ()
    """Names of its columns, where it has a heading."""
    columns: int = 0


class Format(Protocol):
    """A format of access logs. `parse` is exact; `select` is fast, and refuses what it is not sure of."""

    name: str
    place: Literal["origin", "edge"]
    prefix: Literal["store", "address"]
    """Whether targets begin with the prefix of the store, or with the path of the bucket's public address."""
    decodings: int
    """How often a target is percent-encoded."""
    heading: bytes
    """What a line begins with that is no request; empty when there are none."""
    mark: bytes
    """Of what all plain lines of a log have the same number; empty where that says nothing."""
    target_sql: str
    """SQL that takes the path, without the slash before it and the query behind it, out of `target`."""

    def shape(self, lines: Sequence[bytes]) -> Shape:
        """What `select` and `parse` must know, from the first lines of a log."""

    def select(self, path: str, shape: Shape) -> str:
        """SQL that gives COLUMNS for the file at `path`. `stamp` or `status` is null for a line that it can't read,
        or the line is missing.
        """

    def parse(self, line: bytes, shape: Shape) -> Line | None:
        """The request on the line; None when it is none."""

    def is_heading(self, line: bytes) -> bool:
        """Whether the line is no request and no fault."""


def read_csv(path: str, *, columns: Sequence[tuple[str, str]], delimiter: str, quote: str, time: str = "") -> str:
    """DuckDB's reader told everything, so that it guesses nothing.

    Without an escape, a quoted value holds no quote, so a line is either read right or refused. Nothing stands for
    null: columns too many are passed over where they hold what stands for null.
    """
    named = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
    times = f", timestampformat='{time}'" if time else ""
    return (
        f"read_csv('{path}', delim='{delimiter}', quote='{quote}', escape='', header=false, auto_detect=false, "
        f"columns={{{named}}}, strict_mode=true, ignore_errors=true, "
        f"new_line='\\n', nullstr='\x02', max_line_size={LONGEST_LINE * 2}{times})"
    )


LONGEST_LINE = 1 << 20
"""Bytes; a longer line is no request."""

_CLF_TIME = re.compile(r"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CLF_TIME_SQL = (
    "(CASE WHEN {zone} = '+0000]' THEN {time} WHEN regexp_full_match({zone}, '[+-][0-9]{{4}}\\]') THEN {time} - "
    "to_minutes(CAST(concat({zone}[1:1], "
    "CAST({zone}[2:3] AS INTEGER) * 60 + CAST({zone}[4:5] AS INTEGER)) AS INTEGER)) "
    "END)"
)


def clf_time(text: str) -> datetime | None:
    """A time such as `06/Feb/2019:00:00:38 +0000`, in UTC.

    >>> clf_time("06/Feb/2019:00:30:38 +0100").isoformat()
    '2019-02-05T23:30:38+00:00'
    """
    found = _CLF_TIME.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return None
    day, month, year = int(found[1]), _MONTHS.index(found[2]) + 1, int(found[3])
    ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
    try:
        zone = timezone(-ahead if found[7] == "-" else ahead)
        return datetime(year, month, day, int(found[4]), int(found[5]), int(found[6]), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def number(text: str) -> int:
    """A count of bytes; 0 for the dash that stands for none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def target_of_request(column: str) -> str:
    """SQL that takes the path out of `GET /path?query HTTP/1.1`."""
    return path_of(f"regexp_extract({column}, '^[A-Z]+ (.*) HTTP/[0-9.]+$', 1)")


def path_of(expression: str) -> str:
    """SQL that takes the path, without its first slash, out of an address such as `/g/x.html?a=b`."""
    return f"regexp_replace(split_part({expression}, '?', 1), '^/', '')"

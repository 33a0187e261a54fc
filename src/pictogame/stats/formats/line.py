"""What every format makes of a line."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple, Protocol

COLUMNS = (
    ("clock", "VARCHAR"),
    ("zone", "VARCHAR"),
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
"""What DuckDB's reading of every format gives, and `Line` by `Line` the exact one: name and type.

Times are texts to the hour or day, or longer where that does not say which one of UTC it is; `Format.stamp_sql`
understands them.
"""


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
    columns: int = 1
    """Parts of a line between delimiters."""


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
    delimiter: str
    """What parts a line into `Shape.columns`."""
    stamp_sql: str
    """SQL for the time in UTC that `clock` and `zone` say; null when they say none."""
    target_sql: str
    """SQL that takes the path, without the slash before it and the query behind it, out of `target`."""

    def shape(self, lines: Sequence[bytes]) -> Shape:
        """What `select` and `parse` must know, from the first lines of a log."""

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:
        """SQL that adds COLUMNS, and whether the line is `plain`, to the SQL `source` of its parts `c0`, `c1`...

        A line that is not plain needs the exact way. By the day, times that say their hour of UTC are told without it.
        """

    def parse(self, line: bytes, shape: Shape) -> Line | None:
        """The request on the line; None when it is none."""

    def is_heading(self, line: bytes) -> bool:
        """Whether the line is no request and no fault."""


def read_csv(path: str, *, columns: int, delimiter: str) -> str:
    """DuckDB's reader told everything, so that it guesses nothing: texts `c0`, `c1`... between delimiters.

    No quotes and no escapes, so what stands in a value moves nothing but the number of columns, and no line but its
    own is lost by it: lines with another number, and those that are no UTF-8, are named in the table `refused`.
    """
    named = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(columns))
    return (
        f"read_csv('{path}', delim='{delimiter}', quote='', escape='', header=false, auto_detect=false, "
        f"columns={{{named}}}, strict_mode=true, new_line='\\n', nullstr='\x02', max_line_size={LONGEST_LINE - 1}, "
        f"buffer_size={_BUFFER}, "
        "store_rejects=true, rejects_limit=0, rejects_table='refused', rejects_scan='refused_in')"
    )


def is_refused(line: bytes, *, columns: int, delimiter: str) -> bool:
    """Whether that reader refuses the line.

    >>> is_refused(b"a b", columns=2, delimiter=" "), is_refused(b"a b c", columns=2, delimiter=" ")
    (False, True)
    """
    try:
        return line.decode().count(delimiter) != columns - 1
    except UnicodeDecodeError:
        return True


def parted(lines: str, *, columns: int, delimiter: str) -> str:
    """SQL that parts the column `line` of the SQL relation `lines` as `read_csv` does."""
    named = ", ".join(f"parts[{at + 1}] AS c{at}" for at in range(columns))
    return f"SELECT * EXCLUDE (parts), {named} FROM (SELECT *, string_split(line, '{delimiter}') AS parts FROM {lines})"


def joined(columns: int, delimiter: str) -> str:
    """SQL for a line as it was before `read_csv` parted it."""
    values = ", ".join(f"coalesce(c{at}, chr(2))" for at in range(columns))
    return f"concat_ws('{delimiter}', {values})"


def width(columns: int) -> str:
    """SQL for the bytes of a line with its delimiters and its end."""
    plain = " + ".join(f"strlen(c{at})" for at in range(columns))
    careful = " + ".join(f"coalesce(strlen(c{at}), 1)" for at in range(columns))
    return f"coalesce({plain}, {careful}) + {columns}"


def between_quotes(lines: Sequence[bytes], usual: int) -> int:
    """How many parts most of the lines have between their quotes."""
    counts = [line.count(b'"') + 1 for line in lines]
    return max(set(counts), key=counts.count) if counts else usual


MARK = '"'
LONGEST_LINE = 1 << 20
"""Bytes; a longer line is no request."""
_BUFFER = 8 << 20
"""Bytes that are read at once: so few that the memory is used again, and not cleared by the system each time."""

_ZONE = "[+-](?:[01][0-9]|2[0-3])[0-5][0-9]"
_CLF_TIME = re.compile(rf"(\d{{2}})/([A-Z][a-z]{{2}})/(\d{{4}}):(\d{{2}}):(\d{{2}}):(\d{{2}}) (?={_ZONE})(.)(..)(..)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CLF_STAMP_SQL = (
    "(CASE WHEN zone = '+0000]' THEN try_strptime(clock, ['[%d/%b/%Y:%H', '[%d/%b/%Y']) "
    f"WHEN regexp_full_match(zone, '{_ZONE}\\]') THEN try_strptime(clock, '[%d/%b/%Y:%H:%M:%S') - "
    "to_minutes(CAST(concat(zone[1:1], CAST(zone[2:3] AS INTEGER) * 60 + CAST(zone[4:5] AS INTEGER)) AS INTEGER)) END)"
)
"""For `clock` and `zone` as `clf_clock` gives them."""


def clf_clock(time: str, zone: str, *, by_day: bool) -> str:
    """SQL of `clock` for the parts of a time such as `[06/Feb/2019:00:00:38` and `+0000]`: to the hour where it can, or
    to the day.
    """
    most = 12 if by_day else 15
    return f"CASE WHEN {zone} = '+0000]' AND strlen({time}) = 21 THEN left({time}, {most}) ELSE {time} END"


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

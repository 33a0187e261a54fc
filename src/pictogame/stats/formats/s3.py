"""Amazon S3 server access logs, and the log of our folder bucket, which is written in the same way.

Source: "Amazon S3 server access log format", Amazon S3 User Guide. Fields were added at the end over the years; S3
escapes no quotes in request, referrer and user agent.
"""

import re
from collections.abc import Sequence
from typing import Literal

from pictogame.stats.formats.line import CLF_TIME_SQL, Line, Shape, clf_time, number, read_csv

# The last quoted field is told by what follows it: a version (or a dash), and words without quotes to the end.
_LINE = re.compile(
    r"\S+ (?P<bucket>\S+) \[(?P<time>[^\]]+)\] \S+ (?P<requester>\S+) \S+ (?P<op>\S+) (?P<key>\S+) "
    r'(?:"(?P<request>.*?)"|-) (?P<status>\d{3}|-) \S+ (?P<bytes>\d+|-) (?:\d+|-) (?:[\d.]+|-) (?:[\d.]+|-) '
    r'(?:"(?P<referer>.*?)"|-) (?:"(?P<agent>.*)"|-)(?: [^"\s]\S*)*'
)
_NAMES = (
    *("owner", "bucket", "time", "zone", "address", "requester", "id", "op", "key", "request", "status", "error"),
    *("bytes", "size", "total", "turnaround", "referer", "agent"),
)
_TYPES = {"time": "TIMESTAMP", "status": "SMALLINT"}


class S3:
    """One line a request, blanks between fields, some of them in quotes."""

    name = "s3"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "store"
    decodings = 2
    heading = b""
    mark = b'"'
    target_sql = "target"

    def shape(self, lines: Sequence[bytes]) -> Shape:
        counts = [_columns(line) for line in lines if self.parse(line, Shape()) is not None]
        return Shape(columns=max(set(counts), key=counts.count) if counts else len(_NAMES))

    def select(self, path: str, shape: Shape) -> str:
        names = [*_NAMES, *(f"c{at}" for at in range(len(_NAMES), shape.columns))]
        source = read_csv(
            path,
            columns=[(name, _TYPES.get(name, "VARCHAR")) for name in names],
            delimiter=" ",
            quote='"',
            time="[%d/%b/%Y:%H:%M:%S",
        )
        return f"""
SELECT {CLF_TIME_SQL.format(time='"time"', zone='"zone"')} AS stamp, op, status,
  coalesce(TRY_CAST(bytes AS BIGINT), 0) AS bytes, "key" AS target, referer, agent, bucket, NULL AS also,
  requester <> '-' AS signed, NULL AS country, NULL::BOOLEAN AS hit
FROM {source}"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:  # noqa: ARG002  All versions are read alike.
        found = _LINE.fullmatch(line.decode(errors="replace"))
        at = clf_time(found["time"]) if found else None
        if found is None or at is None:
            return None
        return Line(
            at=at,
            op=found["op"],
            status=number(found["status"]),
            bytes=number(found["bytes"]),
            target=found["key"],
            referer=found["referer"] or "-",
            agent=found["agent"] or "-",
            bucket=found["bucket"],
            signed=found["requester"] != "-",
        )

    def is_heading(self, line: bytes) -> bool:
        return not line.strip()


def _columns(line: bytes) -> int:
    """Fields of a line as DuckDB counts them: a quoted one is one, and the time is two."""
    return sum(1 if at % 2 else len(part.split()) for at, part in enumerate(line.split(b'"')))

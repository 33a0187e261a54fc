"""Amazon S3 server access logs, and the log of our folder bucket, which is written in the same way.

Source: "Amazon S3 server access log format", Amazon S3 User Guide. Fields were added at the end over the years; S3
escapes no quotes in request, referrer and user agent.
"""

import re
from collections.abc import Sequence
from typing import Literal

from pictogame.stats.formats.line import (
    CLF_STAMP_SQL,
    MARK,
    Line,
    Shape,
    between_quotes,
    clf_clock,
    clf_time,
    number,
)

# The last quoted field is told by what follows it: a version (or a dash), and words without quotes to the end.
_LINE = re.compile(
    r"\S+ (?P<bucket>\S+) \[(?P<time>[^\]]+)\] \S+ (?P<requester>\S+) \S+ (?P<op>\S+) (?P<key>\S+) "
    r'(?:"(?P<request>.*?)"|-) (?P<status>\d{3}|-) \S+ (?P<bytes>\d+|-) (?:\d+|-) (?:[\d.]+|-) (?:[\d.]+|-) '
    r'(?:"(?P<referer>.*?)"|-) (?:"(?P<agent>.*)"|-)(?: [^"\s]\S*)*'
)
_PARTS = 7
"""Between quotes: what stands before the request, request, numbers, referrer, blank, user agent, the rest."""


class S3:
    """One line a request, blanks between fields, some of them in quotes."""

    name = "s3"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "store"
    decodings = 2
    heading = b""
    delimiter = MARK
    stamp_sql = CLF_STAMP_SQL
    target_sql = "target"

    def shape(self, lines: Sequence[bytes]) -> Shape:
        read = [line for line in lines if self.parse(line, Shape()) is not None]
        return Shape(columns=max(_PARTS, between_quotes(read, _PARTS)))

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:  # noqa: ARG002
        return f"""
SELECT *, {clf_clock("w[3]", "w[4]", by_day=by_day)} AS clock, w[4] AS zone, w[8] AS op,
  TRY_CAST(code AS SMALLINT) AS status,
  CASE WHEN said = '-' THEN 0 ELSE TRY_CAST(said AS BIGINT) END AS bytes, w[9] AS target, c3 AS referer, c5 AS agent,
  w[2] AS bucket, NULL AS also, w[6] <> '-' AS signed, NULL AS country, NULL::BOOLEAN AS hit,
  len(w) = 10 AND w[10] = '' AND len(n) = 8 AND strlen(code) = 3 AND bytes >= 0 AND c4 = ' '
    AND (c6 = '' OR starts_with(c6, ' ')) AS plain
FROM (
  SELECT *, n[2] AS code, n[4] AS said
  FROM (SELECT *, string_split(c0, ' ') AS w, string_split(c2, ' ') AS n FROM ({source}))
)"""

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

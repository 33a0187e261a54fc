"""The combined log format of nginx, Apache, Caddy and most others; more fields may follow.

Source: "Module ngx_http_log_module" (nginx.org), "Log Files" (Apache HTTP Server). nginx writes a quote in a value as
\\x22, Apache as a backslash and a quote.
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
    target_of_request,
)

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(rf"\S+ \S+ .*?\[([^\]]+)\] {_QUOTED} (\d{{3}}) (\d+|-) {_QUOTED} {_QUOTED}(?: .*)?")
# Values with bare quotes in them, as some servers write: the user agent then goes to the last quote.
_LOOSE = re.compile(r'\S+ \S+ .*?\[([^\]]+)\] "(.*)" (\d{3}) (\d+|-) "(.*?)" "(.*)"')
_PARTS = 7
"""Between quotes: what stands before the request, request, numbers, referrer, blank, user agent, the rest."""


class Combined:
    """Address, identity, user, time, request, status, bytes, referrer, user agent."""

    name = "combined"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "address"
    decodings = 1
    heading = b""
    delimiter = MARK
    stamp_sql = CLF_STAMP_SQL
    target_sql = target_of_request("target")

    def shape(self, lines: Sequence[bytes]) -> Shape:
        read = [line for line in lines if self.parse(line, Shape()) is not None]
        return Shape(columns=max(_PARTS, between_quotes(read, _PARTS)))

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:  # noqa: ARG002
        # A backslash before a quote makes it a part of the value.
        escaped = " OR ".join(f"ends_with({name}, '\\')" for name in ("c1", "c3", "c5"))
        return f"""
SELECT *, {clf_clock("w[4]", "w[5]", by_day=by_day)} AS clock, w[5] AS zone,
  CASE WHEN starts_with(c1, 'GET ') THEN 'GET' ELSE split_part(c1, ' ', 1) END AS op,
  TRY_CAST(code AS SMALLINT) AS status, CASE WHEN said = '-' THEN 0 ELSE TRY_CAST(said AS BIGINT) END AS bytes,
  c1 AS target, c3 AS referer, c5 AS agent, NULL AS bucket, NULL AS also, false AS signed, NULL AS country,
  NULL::BOOLEAN AS hit,
  len(w) = 6 AND w[6] = '' AND len(n) = 4 AND n[1] = '' AND n[4] = '' AND strlen(code) = 3 AND bytes >= 0 AND c4 = ' '
    AND (c6 = '' OR starts_with(c6, ' ')) AND NOT ({escaped}) AS plain
FROM (
  SELECT *, n[2] AS code, n[3] AS said
  FROM (SELECT *, string_split(c0, ' ') AS w, string_split(c2, ' ') AS n FROM ({source}))
)"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:  # noqa: ARG002
        text = line.decode(errors="replace")
        found = _LINE.fullmatch(text) or _LOOSE.fullmatch(text)
        at = clf_time(found[1]) if found else None
        if found is None or at is None:
            return None
        return Line(
            at=at,
            op=found[2].partition(" ")[0],
            status=number(found[3]),
            bytes=number(found[4]),
            target=found[2],
            referer=found[5],
            agent=found[6],
            bucket=None,
        )

    def is_heading(self, line: bytes) -> bool:
        return not line.strip()

"""The combined log format of nginx, Apache, Caddy and most others; more fields may follow.

Source: "Module ngx_http_log_module" (nginx.org), "Log Files" (Apache HTTP Server). nginx writes a quote in a value as
\\x22, Apache as a backslash and a quote.
"""

import re
from collections.abc import Sequence
from typing import Literal

from pictogame.stats.formats.line import CLF_TIME_SQL, Line, Shape, clf_time, number, read_csv, target_of_request

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(rf"\S+ \S+ .*?\[([^\]]+)\] {_QUOTED} (\d{{3}}) (\d+|-) {_QUOTED} {_QUOTED}(?: .*)?")
# Values with bare quotes in them, as some servers write: the user agent then goes to the last quote.
_LOOSE = re.compile(r'\S+ \S+ .*?\[([^\]]+)\] "(.*)" (\d{3}) (\d+|-) "(.*?)" "(.*)"')
_NAMES = ("address", "identity", "user", "time", "zone", "request", "status", "bytes", "referer", "agent")
_TYPES = {"time": "TIMESTAMP", "status": "SMALLINT"}


class Combined:
    """Address, identity, user, time, request, status, bytes, referrer, user agent."""

    name = "combined"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "address"
    decodings = 1
    heading = b""
    mark = b'"'
    target_sql = target_of_request("target")

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
SELECT {CLF_TIME_SQL.format(time='"time"', zone='"zone"')} AS stamp, split_part(request, ' ', 1) AS op, status,
  coalesce(TRY_CAST(bytes AS BIGINT), 0) AS bytes, request AS target, referer, agent, NULL AS bucket, NULL AS also,
  false AS signed, NULL AS country, NULL::BOOLEAN AS hit
FROM {source}"""

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


def _columns(line: bytes) -> int:
    return sum(1 if at % 2 else len(part.split()) for at, part in enumerate(line.split(b'"')))

"""Caddy's access log as it writes it unless told otherwise: JSON lines, among other lines of the server's.

Source: "How Logging Works" and the `log` directive, Caddy documentation. Authorization and cookies are left out there.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pictogame.stats.formats.line import Line, Shape, number, path_of
from pictogame.stats.formats.objects import NO_DELIMITER, extracted, text_of

_PATHS = (
    *("$.ts", "$.request.method", "$.status", "$.size", "$.request.uri", "$.request.headers.Referer[0]"),
    *('$.request.headers."User-Agent"[0]', "$.request.host"),
)


class Caddy:
    """`ts`, `request` with method, host, uri and headers, `status`, `size`."""

    name = "caddy"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "address"
    decodings = 1
    heading = b""
    delimiter = NO_DELIMITER
    stamp_sql = (
        "CASE WHEN zone = 'h' THEN make_timestamp(TRY_CAST(clock AS BIGINT) * 3600000000) "
        "ELSE TRY_CAST(clock AS TIMESTAMPTZ)::TIMESTAMP END"
    )
    target_sql = path_of("target")

    def shape(self, lines: Sequence[bytes]) -> Shape:  # noqa: ARG002
        return Shape()

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:  # noqa: ARG002
        time, method, status, size, uri, referer, agent, host = (f"v[{at + 1}]" for at in range(8))
        needed = f"{time} IS NOT NULL AND {method} IS NOT NULL AND {uri} IS NOT NULL AND {host} IS NOT NULL"
        hours = f"floor(TRY_CAST({time} AS DOUBLE) / {'86400) * 24' if by_day else '3600)'}"
        return f"""
SELECT *, CASE WHEN {hours} IS NULL THEN {time} ELSE CAST(CAST({hours} AS BIGINT) AS VARCHAR) END AS clock,
  CASE WHEN {hours} IS NULL THEN '' ELSE 'h' END AS zone,
  {method} AS op, TRY_CAST({status} AS SMALLINT) AS status, coalesce(TRY_CAST({size} AS BIGINT), 0) AS bytes,
  {uri} AS target, coalesce({referer}, '') AS referer, coalesce({agent}, '') AS agent, {host} AS bucket, NULL AS also,
  false AS signed, NULL AS country, NULL::BOOLEAN AS hit,
  TRY_CAST({status} AS SMALLINT) IS NOT NULL AND {needed} AS plain
FROM ({extracted(source, _PATHS)})"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:  # noqa: ARG002
        said = _object(line)
        request = said.get("request") if said else None
        if said is None or not isinstance(request, dict):
            return None
        try:
            at, status = _time(said["ts"]), int(said["status"])
            return Line(
                at=at,
                op=text_of(request["method"]),
                status=status,
                bytes=number(text_of(said.get("size"))),
                target=text_of(request["uri"]),
                referer=_first(request, "Referer"),
                agent=_first(request, "User-Agent"),
                bucket=text_of(request["host"]),
            )
        except (ValueError, TypeError, KeyError, OverflowError, OSError):
            return None

    def is_heading(self, line: bytes) -> bool:
        """What the server says besides, such as that it started, is no request and no fault."""
        said = _object(line)
        return not line.strip() or (said is not None and "level" in said and "request" not in said)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _time(said: object) -> datetime:
    if isinstance(said, int | float):
        return datetime.fromtimestamp(int(said), UTC)
    return datetime.fromisoformat(str(said)).astimezone(UTC)


def _first(request: dict[str, Any], name: str) -> str:
    headers = request.get("headers")
    values = headers.get(name) if isinstance(headers, dict) else None
    return text_of(values[0]) if isinstance(values, list) and values else ""

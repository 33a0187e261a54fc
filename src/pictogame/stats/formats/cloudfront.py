"""Amazon CloudFront standard logs: version 1 (tabs, a heading names the fields) and 2 (the same, or JSON lines).

Source: "Standard logs (access logs)", Amazon CloudFront Developer Guide. Values are percent-encoded.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from pictogame.stats.formats.line import Line, Shape, number, path_of
from pictogame.stats.formats.objects import NO_DELIMITER, extracted, text_of

_FIELDS = b"#Fields:"
_DEFAULT = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),
    *("x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port"),
    *("time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start"),
    "sc-range-end",
)
"""The fields of version 1; what a text without a heading has when it has as many."""
_NEEDED = frozenset({"cs-method", "cs-uri-stem", "sc-status", "sc-bytes"})
_HITS = ("Hit", "RefreshHit", "OriginShieldHit")
_COUNTRY = re.compile(r"[A-Z]{2}")
TAB = "\t"
_STAMP_SQL = (
    "CASE WHEN zone = 'h' THEN make_timestamp(TRY_CAST(clock AS BIGINT) * 3600000000) "
    "ELSE TRY_CAST(concat(clock, ' ', zone, ':00:00') AS TIMESTAMP) END"
)
"""Date and hour, or hours since 1970 where version 2 was told to write seconds or milliseconds."""


class CloudFront:
    """Tabs between fields; `#Fields:` names them."""

    name = "cloudfront"
    place: Literal["origin", "edge"] = "edge"
    prefix: Literal["store", "address"] = "address"
    decodings = 1
    heading = b"#"
    delimiter = TAB
    stamp_sql = _STAMP_SQL
    target_sql = path_of("target")

    def shape(self, lines: Sequence[bytes]) -> Shape:
        fields: tuple[str, ...] = _DEFAULT
        for line in lines:
            if line.startswith(_FIELDS):
                fields = tuple(line[len(_FIELDS) :].decode(errors="replace").split())
        return Shape(fields=fields, columns=len(fields))

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:
        def field(*names: str) -> str:
            at = next((shape.fields.index(name) for name in names if name in shape.fields), None)
            return "NULL" if at is None else f"c{at}"

        results = ", ".join(f"'{one}'" for one in _HITS)
        return f"""
SELECT *, {_clock_sql(field, by_day=by_day)}, {field("cs-method")} AS op,
  TRY_CAST({field("sc-status")} AS SMALLINT) AS status,
  coalesce(TRY_CAST({field("sc-bytes")} AS BIGINT), 0) AS bytes, {field("cs-uri-stem")} AS target,
  coalesce({field("cs(Referer)")}, '-') AS referer, coalesce({field("cs(User-Agent)")}, '-') AS agent,
  nullif({field("x-host-header")}, '-') AS bucket, nullif({field("cs(Host)")}, '-') AS also, false AS signed,
  CASE WHEN regexp_full_match({field("c-country")}, '[A-Z]{{2}}') THEN {field("c-country")} END AS country,
  coalesce({field("x-edge-response-result-type", "x-edge-result-type")} IN ({results}), false) AS hit,
  {_plain_sql(field)} AS plain
FROM ({source})"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:
        values = line.decode(errors="replace").split("\t")
        if line.startswith(b"#") or len(values) != len(shape.fields):
            return None
        return _line(dict(zip(shape.fields, values, strict=True)))

    def is_heading(self, line: bytes) -> bool:
        return line.startswith(b"#") or not line.strip()


class CloudFrontJson:
    """One JSON object a line, whose names are those of the fields."""

    name = "cloudfront-json"
    place: Literal["origin", "edge"] = "edge"
    prefix: Literal["store", "address"] = "address"
    decodings = 1
    heading = b""
    delimiter = NO_DELIMITER
    stamp_sql = _STAMP_SQL
    target_sql = path_of("target")

    def shape(self, lines: Sequence[bytes]) -> Shape:  # noqa: ARG002  Every line names its fields.
        return Shape()

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:  # noqa: ARG002
        names = (
            *("date", "time", "timestamp", "timestamp(ms)", "cs-method", "cs-uri-stem", "sc-status", "sc-bytes"),
            *("cs(Referer)", "cs(User-Agent)", "x-host-header", "cs(Host)", "c-country"),
            *("x-edge-response-result-type", "x-edge-result-type"),
        )

        def field(*wanted: str) -> str:
            found = [f"v[{names.index(name) + 1}]" for name in wanted if name in names]
            return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

        results = ", ".join(f"'{one}'" for one in _HITS)
        return f"""
SELECT *, {_clock_sql(field, by_day=by_day)}, {field("cs-method")} AS op,
  TRY_CAST({field("sc-status")} AS SMALLINT) AS status,
  coalesce(TRY_CAST({field("sc-bytes")} AS BIGINT), 0) AS bytes, {field("cs-uri-stem")} AS target,
  coalesce({field("cs(Referer)")}, '-') AS referer, coalesce({field("cs(User-Agent)")}, '-') AS agent,
  nullif({field("x-host-header")}, '-') AS bucket, nullif({field("cs(Host)")}, '-') AS also, false AS signed,
  CASE WHEN regexp_full_match({field("c-country")}, '[A-Z]{{2}}') THEN {field("c-country")} END AS country,
  coalesce({field("x-edge-response-result-type", "x-edge-result-type")} IN ({results}), false) AS hit,
  {_plain_sql(field)} AS plain
FROM ({extracted(source, [f'$."{name}"' for name in names])})"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:  # noqa: ARG002
        try:
            said = json.loads(line.decode(errors="replace"))
        except (ValueError, RecursionError):
            return None
        return _line({name: text_of(value) for name, value in said.items()}) if isinstance(said, dict) else None

    def is_heading(self, line: bytes) -> bool:
        return not line.strip()


def _plain_sql(field: Callable[[str], str]) -> str:
    needed = " AND ".join(f"{field(name)} IS NOT NULL" for name in sorted(_NEEDED))
    return f"TRY_CAST({field('sc-status')} AS SMALLINT) IS NOT NULL AND {needed}"


def _clock_sql(field: Callable[[str], str], *, by_day: bool) -> str:
    """SQL of `clock` and `zone`: date and hour, or a number of hours and the letter h; a day is its first hour."""
    date, time, seconds, thousandths = (field(name) for name in ("date", "time", "timestamp", "timestamp(ms)"))
    whole = f"coalesce(TRY_CAST({seconds} AS BIGINT), TRY_CAST({thousandths} AS BIGINT) // 1000)"
    hours = f"{whole} // 86400 * 24" if by_day else f"{whole} // 3600"
    clock = f"CASE WHEN {date} IS NOT NULL THEN {date} ELSE CAST({hours} AS VARCHAR) END AS clock"
    hour = "'00'" if by_day else f"{time}[:2]"
    zone = f"CASE WHEN {date} IS NULL THEN 'h' WHEN strlen({time}) = 8 THEN {hour} END AS zone"
    return f"{clock}, {zone}"


def _line(said: Mapping[str, str]) -> Line | None:
    at = _time(said)
    status = said.get("sc-status", "")
    if at is None or not said.keys() >= _NEEDED or not (status.isdecimal() and len(status) <= 4):
        return None
    country = said.get("c-country", "")
    return Line(
        at=at,
        op=said["cs-method"],
        status=int(status),
        bytes=number(said["sc-bytes"]),
        target=said["cs-uri-stem"],
        referer=said.get("cs(Referer)", "-"),
        agent=said.get("cs(User-Agent)", "-"),
        bucket=_name(said.get("x-host-header")),
        also=_name(said.get("cs(Host)")),
        country=country if _COUNTRY.fullmatch(country) else None,
        hit=(said.get("x-edge-response-result-type") or said.get("x-edge-result-type")) in _HITS,
    )


def _name(text: str | None) -> str | None:
    return None if text in {None, "-"} else text


def _time(said: Mapping[str, str]) -> datetime | None:
    try:
        if "date" in said and "time" in said:
            return datetime.strptime(f"{said['date']} {said['time']}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        if "timestamp" in said:
            return datetime.fromtimestamp(int(said["timestamp"]), UTC)
        return datetime.fromtimestamp(int(said["timestamp(ms)"]) // 1000, UTC)
    except (ValueError, KeyError, OverflowError, OSError):
        return None

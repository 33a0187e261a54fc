"""The ops log of Ceph's RADOS Gateway: JSON lines (`rgw_ops_log_file_path`).

Source: "Ceph Object Gateway Config Reference", and lines that the gateway of version 16.2 wrote. The request holds its
query twice; the user agent is written as it came, in whatever encoding.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pictogame.stats.formats.line import Line, Shape, number, target_of_request
from pictogame.stats.formats.objects import NO_DELIMITER, extracted, text_of

_NAMES = ("time", "operation", "uri", "http_status", "bytes_sent", "referrer", "user_agent", "bucket", "user")


class Rgw:
    """Bucket, time, user, operation, uri, http_status, bytes_sent, user_agent, referrer."""

    name = "rgw"
    place: Literal["origin", "edge"] = "origin"
    prefix: Literal["store", "address"] = "store"
    decodings = 1
    heading = b""
    delimiter = NO_DELIMITER
    stamp_sql = (
        "CASE WHEN strlen(clock) = 13 THEN TRY_CAST(concat(replace(clock, 'T', ' '), ':00:00') AS TIMESTAMP) "
        "ELSE TRY_CAST(replace(clock, 'Z', '') AS TIMESTAMP) END"
    )
    # What stands before the blank is the name of the bucket, with which a path begins unless the bucket is the host.
    target_sql = (
        "CASE WHEN starts_with({path}, concat(split_part(target, ' ', 1), '/')) "
        "THEN substr({path}, length(split_part(target, ' ', 1)) + 2) ELSE {path} END"
    ).format(path=target_of_request("substr(target, length(split_part(target, ' ', 1)) + 2)"))

    def shape(self, lines: Sequence[bytes]) -> Shape:  # noqa: ARG002
        return Shape()

    def select(self, source: str, shape: Shape, *, by_day: bool = False) -> str:  # noqa: ARG002
        time, operation, uri, status, size, referrer, agent, bucket, user = (f"v[{at + 1}]" for at in range(9))
        return f"""
SELECT *, CASE WHEN ends_with({time}, 'Z') THEN {time}[:{10 if by_day else 13}] ELSE {time} END AS clock, '' AS zone,
  CASE WHEN {operation} = 'list_bucket' THEN 'LIST' ELSE split_part({uri}, ' ', 1) END AS op,
  TRY_CAST({status} AS SMALLINT) AS status, coalesce(TRY_CAST({size} AS BIGINT), 0) AS bytes,
  concat({bucket}, ' ', {uri}) AS target, coalesce({referrer}, '') AS referer, coalesce({agent}, '') AS agent,
  nullif({bucket}, '') AS bucket, NULL AS also, coalesce({user}, '') NOT IN ('', 'anonymous') AS signed,
  NULL AS country, NULL::BOOLEAN AS hit,
  TRY_CAST({status} AS SMALLINT) IS NOT NULL AND {time} IS NOT NULL AS plain
FROM ({extracted(source, [f"$.{name}" for name in _NAMES])})"""

    def parse(self, line: bytes, shape: Shape) -> Line | None:  # noqa: ARG002
        try:
            said = json.loads(line.decode(errors="replace"))
            at = datetime.fromisoformat(said["time"].replace("Z", "+00:00"))
            uri, status = text_of(said["uri"]), int(said["http_status"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        bucket = text_of(said.get("bucket"))
        return Line(
            at=(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC),
            op="LIST" if said.get("operation") == "list_bucket" else uri.partition(" ")[0],
            status=status,
            bytes=number(text_of(said.get("bytes_sent"))),
            target=f"{bucket} {uri}",
            referer=text_of(said.get("referrer")),
            agent=text_of(said.get("user_agent")),
            bucket=bucket or None,
            signed=text_of(said.get("user")) not in {"", "anonymous"},
        )

    def is_heading(self, line: bytes) -> bool:
        return not line.strip()

"""SQL that says of every request what it is: one text for the quick and the exact way. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from pictogame.bucket import keys
from pictogame.stats.agents import who_sql
from pictogame.stats.formats.line import Format

KINDS = ("page", "xml", "picture", "card", "oembed", "runtime", "other", "stray")
"""By number in facts. A stray is counted as `other`: it is no key of ours."""
METHODS = ("get", "head", "write", "list", "delete", "other")
STATUSES = ("2xx", "304", "4xx", "5xx", "other")

FACTS = (
    ("hour", "TIMESTAMP"),
    ("game", "VARCHAR"),
    ("picture", "VARCHAR"),
    ("kind", "TINYINT"),
    ("who", "TINYINT"),
    ("method", "TINYINT"),
    ("status", "TINYINT"),
    ("hit", "BOOLEAN"),
    ("widget", "BOOLEAN"),
    ("play", "BOOLEAN"),
    ("host", "VARCHAR"),
    ("country", "VARCHAR"),
    ("strange", "BOOLEAN"),
    ("ours", "BOOLEAN"),
    ("edge", "BOOLEAN"),
    ("n", "BIGINT"),
    ("size", "BIGINT"),
)
"""What is left of requests: how many of them (`n`) are alike in all that counts, and their bytes (`size`)."""

HOST = r"[a-z0-9_][a-z0-9._-]{0,98}"
"""What is taken for the name of a host; whatever else a referrer holds is not kept."""
_PAGE = r"^https?://[^/?#]+/(?:[^?#]*/)?g/([a-z2-7]{14})\.html(?:[?#]|$)"
_SAFE = "([^%]|%[2-7][0-9A-Fa-f])*"


@dataclass(frozen=True, slots=True)
class Ours:
    """How requests for our bucket are told from others."""

    names: Collection[str]
    """Names of the bucket and hosts that answer for it, in lower case, without ports."""
    store_prefix: str = ""
    """What keys begin with in the bucket, with its slash."""
    address_prefix: str = ""
    """What paths begin with at the public address, without the first slash, with the last."""


def facts(lines: str, *, one: Format, ours: Ours, now: str) -> str:
    """SQL for FACTS of the normal columns that the SQL `lines` gives, read at `now`, an ISO time in UTC.

    Texts are looked at once for each value that is found, since a log says the same few things again and again.
    """
    prefix = ours.store_prefix if one.prefix == "store" else ours.address_prefix
    return f"""
WITH l AS MATERIALIZED ({lines}),
agents AS MATERIALIZED (SELECT agent, {who_sql("agent")} AS who FROM (SELECT DISTINCT agent FROM l)),
methods AS MATERIALIZED (SELECT op, {_METHOD} AS method FROM (SELECT DISTINCT op FROM l)),
paths AS (SELECT target, {_decoded(one)} AS path FROM (SELECT DISTINCT target FROM l)),
keyed AS (SELECT target, {_stripped("path", prefix)} AS key FROM paths),
targets AS MATERIALIZED (
  SELECT target, key IS NOT NULL AS inside, {_KIND} AS kind,
    CASE WHEN kind IN (0, 1, 3, 4) THEN substr(key, 3, 14)
      WHEN kind = 6 THEN regexp_extract(key, '/([a-z2-7]{{14}})', 1) END AS game,
    CASE WHEN kind = 2 THEN key END AS picture,
    coalesce(regexp_full_match(key, '{keys.TEMPLATE_PATTERN}')
      AND {" AND ".join(f"NOT ends_with(key, '{name}')" for name in keys.NO_TEMPLATES)}, false) AS template
  FROM keyed
),
referers AS MATERIALIZED (
  SELECT referer, nullif(regexp_extract(referer, '{_PAGE}', 1), '') AS page,
    lower(nullif(regexp_extract(referer, '^https?://(?:[^/?#@]*@)?([^/?#:@]+)', 1), '')) AS host
  FROM (SELECT DISTINCT referer FROM l)
),
buckets AS MATERIALIZED (SELECT bucket, also, {_ours(ours.names)} AS named FROM (SELECT DISTINCT bucket, also FROM l)),
told AS (
  SELECT l.stamp, l.status AS code, l.bytes, l.hit, l.country, methods.method,
    CASE WHEN agents.who = 3 THEN 3 WHEN l.signed THEN 2 ELSE agents.who END AS who,
    targets.kind,
    CASE WHEN targets.kind IN (2, 5) THEN referers.page ELSE nullif(targets.game, '') END AS game, targets.picture,
    targets.template, referers.page, referers.host, named AND (targets.inside OR l.target = '-') AS ours,
    l.stamp < TIMESTAMP '2006-03-14' OR l.stamp > TIMESTAMP '{now}' + INTERVAL 26 HOUR AS strange
  FROM l JOIN agents USING (agent) JOIN methods USING (op) JOIN targets USING (target) JOIN referers USING (referer)
    JOIN buckets ON l.bucket IS NOT DISTINCT FROM buckets.bucket AND l.also IS NOT DISTINCT FROM buckets.also
  WHERE l.stamp IS NOT NULL AND l.status IS NOT NULL
),
counted AS (
  SELECT *, ours AND who = 0 AND method = 0 AND code IN (200, 304)
      AND (kind = 0 OR (kind = 1 AND page IS DISTINCT FROM game)) AS widget
  FROM told
)
SELECT date_trunc('hour', CASE WHEN strange THEN TIMESTAMP '{now}' ELSE stamp END) AS hour, game,
  CASE WHEN game IS NULL AND ours THEN picture END AS picture, coalesce(kind, 7)::TINYINT AS kind, who::TINYINT AS who,
  method::TINYINT AS method, {_STATUS}::TINYINT AS status, hit, widget,
  ours AND who = 0 AND method = 0 AND code = 200 AND template AS play,
  CASE WHEN widget AND host IS NOT NULL AND {_not_ours(ours.names)} THEN
    CASE WHEN regexp_full_match(host, '{HOST}') THEN host ELSE '' END END AS host,
  country, strange, ours, {str(one.place == "edge").lower()} AS edge, count(*) AS n, sum(bytes)::BIGINT AS size
FROM counted GROUP BY ALL"""


_METHOD = """CASE
  WHEN op = 'GET' OR op LIKE '%.GET.OBJECT' THEN 0
  WHEN op = 'HEAD' OR op LIKE '%.HEAD.%' THEN 1
  WHEN op = 'LIST' OR op LIKE 'REST.GET.BUCKET%' THEN 3
  WHEN op = 'DELETE' OR op LIKE '%.DELETE.%' OR op LIKE '%MULTI_OBJECT_DELETE' THEN 4
  WHEN op IN ('PUT', 'POST', 'COPY') OR op LIKE 'REST.PUT.%' OR op LIKE 'REST.POST.%' OR op LIKE 'REST.COPY.%' THEN 2
  WHEN op LIKE '%.GET.%' THEN 0
  ELSE 5 END"""
_STATUS = (
    "CASE WHEN code BETWEEN 200 AND 299 THEN 0 WHEN code = 304 THEN 1 WHEN code BETWEEN 400 AND 499 THEN 2 "
    "WHEN code BETWEEN 500 AND 599 THEN 3 ELSE 4 END"
)


def _kind() -> str:
    number = {"scores": 6, "live": 6, "embed": 6} | {name: at for at, name in enumerate(KINDS)}
    cases = " ".join(
        f"WHEN regexp_full_match(key, '{pattern}') THEN {number[kind]}" for kind, pattern in keys.PATTERNS.items()
    )
    return f"CASE {cases} ELSE 7 END"


_KIND = _kind()


def _decoded(one: Format) -> str:
    """A path is decoded only to ASCII, of which our keys are made: what else it holds is no key."""
    text = one.target_sql
    for _ in range(one.decodings):
        can = f"contains({text}, '%') AND regexp_full_match({text}, '{_SAFE}')"
        text = f"(CASE WHEN {can} THEN url_decode({text}) ELSE {text} END)"
    return text


def _stripped(column: str, prefix: str) -> str:
    if not prefix:
        return column
    said = _quoted(prefix)
    return f"CASE WHEN starts_with({column}, {said}) THEN substr({column}, {len(prefix) + 1}) END"


def _ours(names: Collection[str]) -> str:
    some = ", ".join(map(_quoted, sorted(names)))
    return f"(bucket IS NULL OR {_host('bucket')} IN ({some}) OR coalesce({_host('also')} IN ({some}), false))"


def _not_ours(names: Collection[str]) -> str:
    return f"host NOT IN ({', '.join(map(_quoted, sorted(names)))})"


def _host(column: str) -> str:
    return f"lower(regexp_replace({column}, ':[0-9]+$', ''))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

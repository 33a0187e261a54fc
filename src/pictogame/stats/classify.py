"""SQL that says of every request what it is: one text for the quick and the exact way. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from pictogame.bucket import keys
from pictogame.stats.agents import who_sql
from pictogame.stats.formats.line import COLUMNS, Format

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

_WORDS = ("game", "picture", "host")
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


TABLES = f"""
CREATE TABLE words (number INTEGER, word VARCHAR);
CREATE TABLE targets (target VARCHAR, inside BOOLEAN, kind TINYINT, game INTEGER, picture INTEGER, template BOOLEAN);
CREATE TABLE referers (referer VARCHAR, page INTEGER, host INTEGER);
CREATE TABLE agents (agent VARCHAR, who TINYINT);
CREATE TABLE ways (op VARCHAR, bucket VARCHAR, also VARCHAR, method TINYINT, named BOOLEAN);
CREATE TABLE lines ({", ".join(f"{name} {kind}" for name, kind in COLUMNS)}, text VARCHAR);
CREATE TABLE counts ({", ".join(f"{name} {'INTEGER' if name in _WORDS else kind}" for name, kind in FACTS)});
CREATE VIEW facts AS SELECT counts.* REPLACE (games.word AS game, pictures.word AS picture, hosts.word AS host)
  FROM counts LEFT JOIN words games ON counts.game = games.number
    LEFT JOIN words pictures ON counts.picture = pictures.number LEFT JOIN words hosts ON counts.host = hosts.number;
"""
"""What the engine works with. Texts that lines say (keys, referrers, user agents) are looked at once, however often
they come; games, pictures and hosts are numbers until sums are made.
"""
LEARNED = ("words", "targets", "referers", "agents", "ways")
EXACT = "exact"
"""The `zone` of a line that was read the exact way: its clock is an ISO time in UTC."""


def coded(lines: str, *, one: Format, now: str) -> str:
    """SQL that gives of the SQL `lines` what counts, as numbers, where all texts were met before; of other lines
    (`fresh`) the texts. Impossible times are taken for `now`, an ISO time in UTC.
    """
    texts = ", ".join(f"CASE WHEN fresh THEN {name} END AS {name}" for name, _ in COLUMNS)
    return f"SELECT fresh, {', '.join(_CODED)}, {texts}, text FROM ({_looked_up(lines, one, now)})"


def learn(one: Format, *, ours: Ours) -> str:
    """SQL that looks at those texts of `lines` that were not met before."""
    prefix = ours.store_prefix if one.prefix == "store" else ours.address_prefix
    return f"""
CREATE OR REPLACE TABLE new_targets AS
WITH paths AS (SELECT target, {_decoded(one)} AS path
  FROM (SELECT DISTINCT target FROM lines WHERE clock IS NOT NULL) ANTI JOIN targets USING (target)),
keyed AS (SELECT target, {_stripped("path", prefix)} AS key FROM paths)
SELECT target, key IS NOT NULL AS inside, {_KIND} AS kind,
  nullif(CASE WHEN kind IN (0, 1, 3, 4) THEN substr(key, 3, 14)
    WHEN kind = 6 THEN regexp_extract(key, '/([a-z2-7]{{14}})', 1) END, '') AS game,
  CASE WHEN kind = 2 THEN key END AS picture,
  coalesce(regexp_full_match(key, '{keys.TEMPLATE_PATTERN}')
    AND {" AND ".join(f"NOT ends_with(key, '{name}')" for name in keys.NO_TEMPLATES)}, false) AS template
FROM keyed;
CREATE OR REPLACE TABLE new_referers AS
SELECT referer, nullif(regexp_extract(referer, '{_PAGE}', 1), '') AS page,
  lower(nullif(regexp_extract(referer, '^https?://(?:[^/?#@]*@)?([^/?#:@]+)', 1), '')) AS said,
  CASE WHEN {_not_ours(ours.names)} THEN CASE WHEN regexp_full_match(said, '{HOST}') THEN said ELSE '' END END AS host
FROM (SELECT DISTINCT referer FROM lines WHERE clock IS NOT NULL) ANTI JOIN referers USING (referer);
INSERT INTO words SELECT (SELECT count(*) FROM words) + row_number() OVER (), word FROM (
  SELECT game AS word FROM new_targets UNION SELECT picture FROM new_targets
  UNION SELECT page FROM new_referers UNION SELECT host FROM new_referers
) ANTI JOIN words USING (word) WHERE word IS NOT NULL;
INSERT INTO targets SELECT target, inside, kind, games.number, pictures.number, template FROM new_targets
  LEFT JOIN words games ON game = games.word LEFT JOIN words pictures ON picture = pictures.word;
INSERT INTO referers SELECT referer, pages.number, hosts.number FROM new_referers
  LEFT JOIN words pages ON page = pages.word LEFT JOIN words hosts ON host = hosts.word;
INSERT INTO agents SELECT agent, {who_sql("agent")}
  FROM (SELECT DISTINCT agent FROM lines WHERE clock IS NOT NULL) ANTI JOIN agents USING (agent);
INSERT INTO ways SELECT op, coalesce(bucket, ''), coalesce(also, ''), {_METHOD}, {_ours(ours.names)}
  FROM (SELECT DISTINCT op, bucket, also FROM lines WHERE clock IS NOT NULL AND op IS NOT NULL) said
  ANTI JOIN ways ON said.op = ways.op AND coalesce(said.bucket, '') = ways.bucket
    AND coalesce(said.also, '') = ways.also
"""


def facts(one: Format, *, now: str) -> str:
    """SQL for the facts of `coded` and of `lines`, whose texts were learned; words as numbers."""
    names = ", ".join(_CODED)
    return f"""
WITH told AS (
  SELECT {names} FROM coded WHERE NOT fresh
  UNION ALL SELECT {names} FROM ({_looked_up("FROM lines", one, now)}) WHERE NOT fresh
),
counted AS (
  SELECT *, ours AND who = 0 AND method = 0 AND code IN (200, 304)
      AND (kind = 0 OR (kind = 1 AND page IS DISTINCT FROM game)) AS widget
  FROM told
),
packed AS (
  SELECT hour, game, CASE WHEN game IS NULL AND ours THEN picture END AS picture,
    CASE WHEN widget THEN host END AS host, country, bytes,
    kind::INTEGER + 8 * who::INTEGER + 32 * method::INTEGER + 256 * ({_STATUS})
      + 2048 * CASE WHEN hit IS NULL THEN 2 ELSE hit::INTEGER END + 8192 * widget::INTEGER
      + 16384 * (ours AND who = 0 AND method = 0 AND code = 200 AND template)::INTEGER
      + 32768 * strange::INTEGER + 65536 * ours::INTEGER AS pack
  FROM counted
)
SELECT make_timestamp(hour * {_HOUR}) AS hour, game, picture, (pack % 8)::TINYINT AS kind,
  (pack // 8 % 4)::TINYINT AS who,  (pack // 32 % 8)::TINYINT AS method, (pack // 256 % 8)::TINYINT AS status,
  CASE WHEN pack // 2048 % 4 < 2 THEN pack // 2048 % 4 = 1 END AS hit, pack // 8192 % 2 = 1 AS widget,
  pack // 16384 % 2 = 1 AS play, host, country, pack // 32768 % 2 = 1 AS strange, pack // 65536 % 2 = 1 AS ours,
  {str(one.place == "edge").lower()} AS edge, n, size
FROM (
  SELECT hour, game, picture, host, country, pack, count(*) AS n, sum(bytes)::BIGINT AS size FROM packed GROUP BY ALL
)"""


_HOUR = 3_600_000_000
"""In microseconds."""
_CODED = (
    *("hour", "strange", "code", "bytes", "hit", "country", "method", "who", "kind", "game", "picture", "template"),
    *("page", "host", "ours"),
)


def _looked_up(lines: str, one: Format, now: str) -> str:
    return f"""
SELECT l.*, epoch_us(CASE WHEN l.strange THEN TIMESTAMP '{now}' ELSE l.stamp END) // {_HOUR} AS hour,
  l.status AS code, ways.method, CASE WHEN agents.who = 3 THEN 3 WHEN l.signed THEN 2 ELSE agents.who END AS who,
  coalesce(targets.kind, 7) AS kind, CASE WHEN targets.kind IN (2, 5) THEN referers.page ELSE targets.game END AS game,
  targets.picture, targets.template, referers.page, referers.host,
  ways.named AND (targets.inside OR l.target = '-') AS ours,
  l.stamp IS NULL OR ways.method IS NULL OR agents.who IS NULL OR targets.inside IS NULL OR referers.referer IS NULL
    OR l.status IS NULL AS fresh
FROM (
  SELECT *, stamp < TIMESTAMP '2006-03-14' OR stamp > TIMESTAMP '{now}' + INTERVAL 26 HOUR AS strange
  FROM (
    SELECT *, CASE WHEN zone = '{EXACT}' THEN TRY_CAST(clock AS TIMESTAMP) ELSE {one.stamp_sql} END AS stamp
    FROM ({lines})
  )
) l LEFT JOIN ways ON l.op = ways.op AND coalesce(l.bucket, '') = ways.bucket AND coalesce(l.also, '') = ways.also
  LEFT JOIN agents ON l.agent = agents.agent LEFT JOIN targets ON l.target = targets.target
  LEFT JOIN referers ON l.referer = referers.referer"""


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
    return f"said NOT IN ({', '.join(map(_quoted, sorted(names)))})"


def _host(column: str) -> str:
    return f"lower(regexp_replace({column}, ':[0-9]+$', ''))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

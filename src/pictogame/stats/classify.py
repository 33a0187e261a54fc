"""SQL that says of every request what it is: one text for the quick and the exact way. Pure."""

import re
from collections.abc import Collection, Sequence
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

_SHARED = "2, 5"
"""Kinds of which one object is of many games."""
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


_KEPT = """hour INTEGER, strange BOOLEAN, target INTEGER, page INTEGER, host INTEGER, country VARCHAR, pack INTEGER,
  n BIGINT, size BIGINT"""
TABLES = f"""
CREATE TABLE words (number INTEGER, word VARCHAR);
CREATE TABLE targets (target VARCHAR, number INTEGER, game INTEGER, picture INTEGER, pack INTEGER);
CREATE TABLE referers (referer VARCHAR, page INTEGER, host INTEGER, pack INTEGER);
CREATE TABLE agents (agent VARCHAR, pack INTEGER);
CREATE TABLE ways (op VARCHAR, bucket VARCHAR, also VARCHAR, pack INTEGER);
CREATE TABLE clocks (clock VARCHAR, zone VARCHAR, hour INTEGER, strange BOOLEAN);
CREATE TABLE kept ({_KEPT});
CREATE TABLE cut ({_KEPT});
CREATE TABLE counts ({", ".join(f"{name} {'INTEGER' if name in _WORDS else kind}" for name, kind in FACTS)});
CREATE VIEW facts AS SELECT counts.* REPLACE (games.word AS game, pictures.word AS picture, hosts.word AS host)
  FROM counts LEFT JOIN words games ON counts.game = games.number
    LEFT JOIN words pictures ON counts.picture = pictures.number LEFT JOIN words hosts ON counts.host = hosts.number;
"""
"""What all lanes work with. Texts that lines say (keys, referrers, user agents, hours) are looked at once, however
often they come; games, pictures and hosts are numbers until sums are made. Blocks add to `kept`, and sums are made of
`cut`.
"""
LANE_TABLES = f"""
CREATE TEMP TABLE odd_clocks (clock VARCHAR, zone VARCHAR);
CREATE TEMP TABLE lines (number INTEGER, times BIGINT, {", ".join(f"{name} {kind}" for name, kind in COLUMNS)});
CREATE TEMP TABLE second (number BIGINT, line VARCHAR);
CREATE TEMP TABLE coded (clock VARCHAR, zone VARCHAR, target INTEGER, page INTEGER, host INTEGER, country VARCHAR,
  pack INTEGER, again VARCHAR, n BIGINT, size BIGINT, width BIGINT);
"""
"""What each lane has for itself, about one block."""
LEARNED = ("words", "targets", "referers", "agents", "ways", "clocks")
WAYS = "SELECT op, bucket, also, pack FROM ways"
"""SQL for what `coded` may know of them."""
_WAY = ("op", "bucket", "also")
_FEW = 8
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]*", re.ASCII)
_HOUR = 3_600_000_000
"""In microseconds."""
ISO = "%Y-%m-%d %H:%M:%S"
"""How times are written in SQL."""
EXACT = "exact"
"""The `zone` of a line that was read the exact way: its clock is an ISO time in UTC."""

_KIND_OF, _TEMPLATE, _INSIDE, _METHOD_OF, _NAMED, _WHO, _SIGNED, _HIT, _CODE = 1, 8, 16, 32, 256, 512, 2048, 4096, 16384
"""Where in the number `pack` of a line each of these begins; the status is its last part."""
NOT_OURS = f"(pack & {_INSIDE} = 0 OR pack & {_NAMED} = 0)"
ODD_CLOCK = "(clock, zone) IN (FROM odd_clocks)"


_TARGET = f"CASE WHEN referers.page IS NULL OR targets.pack % 8 NOT IN ({_SHARED}) THEN targets.number ELSE 0 END"
"""What is told to a game by its referrer need not be told apart any further."""


Way = tuple[str, str, str, int]
"""A row of the table `ways`."""


def coded(lines: str, *, also: str, again: str, fresh: str, ways: Sequence[Way] = ()) -> str:
    """SQL for what lines come to: `clock`, `zone` and `country`, and as numbers `target`, `page`, `host` and `pack`.

    `lines` is SQL for COLUMNS; `also` more columns of them, with a comma before each. For lines of which `fresh` holds,
    SQL over these columns, there is `again`, else null. `ways` are all that are known, or none.
    """
    way, joined = _way(ways)
    return f"""
SELECT clock, zone, target, page, host, country, pack, bytes{also}, CASE WHEN {fresh} THEN {again} END AS again FROM (
  SELECT l.* EXCLUDE (target), {_TARGET} AS target, referers.page, referers.host,
    targets.pack + {way} + agents.pack + referers.pack + {_SIGNED} * l.signed::INTEGER
      + {_HIT} * CASE WHEN l.hit IS NULL THEN 2 ELSE l.hit::INTEGER END + {_CODE} * l.status::INTEGER AS pack
  FROM ({lines}) l LEFT JOIN targets ON l.target = targets.target LEFT JOIN referers ON l.referer = referers.referer
    LEFT JOIN agents ON l.agent = agents.agent{joined}
)"""


def _way(ways: Sequence[Way]) -> tuple[str, str]:
    """SQL for the number of a line's way, and for the join that it needs: few ways are compared one by one, quicker."""
    said = [f"l.{name}" if name == "op" else f"coalesce(l.{name}, '')" for name in _WAY]
    if 0 < len(ways) <= _FEW and all(_PLAIN.fullmatch(text) for *texts, _ in ways for text in texts):
        cases = " ".join(
            f"WHEN {' AND '.join(f'{at} = {_quoted(text)}' for at, text in zip(said, texts, strict=True))} THEN {pack}"
            for *texts, pack in ways
        )
        return f"(CASE {cases} END)", ""
    each = " AND ".join(f"{at} = ways.{name}" for at, name in zip(said, _WAY, strict=True))
    return "ways.pack", f"\n    LEFT JOIN ways ON {each}"


FRESH = "plain IS NOT TRUE OR pack IS NULL OR pack < 0 OR clock IS NULL OR zone IS NULL"
"""A line of which a text was never met, or that is not plain."""


def stamp(one: Format) -> str:
    """SQL for the time that `clock` and `zone` say; null when they say none."""
    return f"CASE WHEN zone = '{EXACT}' THEN TRY_CAST(clock AS TIMESTAMP) ELSE {one.stamp_sql} END"


_NEW = {
    "targets": "(SELECT DISTINCT target FROM lines) ANTI JOIN targets USING (target)",
    "referers": "(SELECT DISTINCT referer FROM lines) ANTI JOIN referers USING (referer)",
    "agents": "(SELECT DISTINCT agent FROM lines) ANTI JOIN agents USING (agent)",
    "ways": "(SELECT DISTINCT op, coalesce(bucket, '') AS bucket, coalesce(also, '') AS also FROM lines) "
    "ANTI JOIN ways USING (op, bucket, also)",
}
"""Texts of the table `lines` that were not met before."""
NEW = f"SELECT {', '.join(f'(SELECT count(*) FROM {some})' for some in _NEW.values())}"
"""SQL for how many there are for each statement of `learn`."""


def learn(one: Format, *, ours: Ours) -> tuple[str, ...]:
    """SQL that looks at those texts of the table `lines` that were not met before."""
    prefix = ours.store_prefix if one.prefix == "store" else ours.address_prefix
    template = " AND ".join(f"NOT ends_with(key, '{name}')" for name in keys.NO_TEMPLATES)
    return (
        f"""
CREATE OR REPLACE TEMP TABLE new_targets AS
WITH paths AS (SELECT target, {_decoded(one)} AS path FROM {_NEW["targets"]}),
keyed AS (SELECT target, {_stripped("path", prefix)} AS key FROM paths)
SELECT target, key IS NOT NULL OR target = '-' AS inside, {_KIND} AS kind,
  nullif(CASE WHEN kind IN (0, 1, 3, 4) THEN substr(key, 3, 14)
    WHEN kind = 6 THEN regexp_extract(key, '/([a-z2-7]{{14}})', 1) END, '') AS game,
  CASE WHEN kind = 2 THEN key END AS picture,
  coalesce(regexp_full_match(key, '{keys.TEMPLATE_PATTERN}') AND {template}, false) AS template
FROM keyed;
{_words("new_targets", "game", "picture")};
INSERT INTO targets SELECT target, (SELECT count(*) FROM targets) + row_number() OVER (), games.number, pictures.number,
  {_KIND_OF} * coalesce(kind, 7)::INTEGER + {_TEMPLATE} * template::INTEGER + {_INSIDE} * inside::INTEGER
  FROM new_targets LEFT JOIN words games ON game = games.word LEFT JOIN words pictures ON picture = pictures.word""",
        f"""
CREATE OR REPLACE TEMP TABLE new_referers AS
SELECT referer, nullif(regexp_extract(referer, '{_PAGE}', 1), '') AS page,
  lower(nullif(regexp_extract(referer, '^https?://(?:[^/?#@]*@)?([^/?#:@]+)', 1), '')) AS said,
  CASE WHEN {_not_ours(ours.names)} THEN CASE WHEN regexp_full_match(said, '{HOST}') THEN said ELSE '' END END AS host
FROM {_NEW["referers"]};
{_words("new_referers", "page", "host")};
INSERT INTO referers SELECT referer, pages.number, hosts.number, 0 FROM new_referers
  LEFT JOIN words pages ON page = pages.word LEFT JOIN words hosts ON host = hosts.word""",
        f"INSERT INTO agents SELECT agent, {_WHO} * ({who_sql('agent')}) FROM {_NEW['agents']}",
        f"INSERT INTO ways SELECT op, bucket, also, {_METHOD_OF} * ({_METHOD}) "
        f"+ {_NAMED} * {_ours(ours.names)}::INTEGER FROM {_NEW['ways']}",
    )


def _words(table: str, *columns: str) -> str:
    some = " UNION ".join(f"SELECT {column} AS word FROM {table}" for column in columns)
    return (
        "INSERT INTO words SELECT (SELECT count(*) FROM words) + row_number() OVER (), word "
        f"FROM ({some}) ANTI JOIN words USING (word) WHERE word IS NOT NULL"
    )


def learn_clocks(one: Format, *, now: str, hours_since: str, strange_too: bool) -> str:
    """SQL that looks at the times in the table `told` that were not met before, and puts those aside that say nothing.

    Impossible times are taken for `now`, an ISO time in UTC, and may be put aside too. Before `hours_since` an hour is
    the first of its day: no sums are kept of the others.
    """
    kept = f"CASE WHEN moment < TIMESTAMP '{hours_since}' THEN date_trunc('day', moment) ELSE moment END"
    return f"""
INSERT INTO clocks
  SELECT clock, zone, epoch_us({kept}) // {_HOUR}, strange
  FROM (SELECT *, CASE WHEN strange THEN TIMESTAMP '{now}' ELSE stamp END AS moment FROM (
    SELECT *, stamp < TIMESTAMP '2006-03-14' OR stamp > TIMESTAMP '{now}' + INTERVAL 26 HOUR AS strange
    FROM (SELECT clock, zone, {stamp(one)} AS stamp FROM told WHERE clock IS NOT NULL)
  )) said ANTI JOIN clocks USING (clock, zone);
TRUNCATE odd_clocks;
INSERT INTO odd_clocks SELECT clock, zone FROM clocks
  WHERE zone <> '{EXACT}' AND (hour IS NULL{" OR strange" if strange_too else ""})
"""


def later(one: Format, moment: str) -> str:
    """SQL for whether a time in the table `told` is none, or not before `moment`, an ISO time in UTC."""
    return (
        f"SELECT coalesce(bool_or(stamp IS NULL OR stamp >= TIMESTAMP '{moment}'), false) FROM (SELECT {stamp(one)} "
        "AS stamp FROM told WHERE clock IS NOT NULL)"
    )


PLAIN_CLOCKS = f"""
SELECT clock, zone, make_timestamp(hour::BIGINT * {_HOUR})
FROM clocks SEMI JOIN told USING (clock, zone)
WHERE hour IS NOT NULL AND NOT strange"""
"""SQL for the times in `told` that are possible ones, as `clock`, `zone` and time in UTC."""
KEEP = f"""
INSERT INTO kept SELECT hour, strange, target, page, host, country, pack, n, size
  FROM coded JOIN clocks USING (clock, zone) WHERE again IS NULL AND NOT {NOT_OURS}"""
"""SQL that puts what is ours of a block, the table `coded`, to that of others."""
SUMS = f"""
CREATE OR REPLACE TEMP TABLE told AS SELECT CASE WHEN again IS NULL THEN clock END AS clock,
  CASE WHEN again IS NULL THEN zone END AS zone, sum(width) AS width, sum(n) AS n, count(again) AS again,
  coalesce(sum(n) FILTER (again IS NULL AND {NOT_OURS}), 0) AS foreign_lines
FROM coded GROUP BY 1, 2;
FROM told"""
"""SQL that makes the table `told` of the times in `coded`, with bytes and lines, how many lines are to be looked at
again, and how many are not ours of the others; and gives it.
"""
SEEN = f"""
SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER ({NOT_OURS}), 0),
  coalesce(sum(n) FILTER (strange AND NOT {NOT_OURS}), 0)
FROM coded JOIN clocks USING (clock, zone) WHERE again IS NULL AND pack IS NOT NULL AND hour IS NOT NULL"""
"""SQL for the lines in `coded`: how many, of which how many are not ours, and how many are of an impossible time."""


def facts(one: Format, *, of: str) -> str:
    """SQL for the facts of the table `of`, which is `kept` or `cut`; words as numbers."""
    return f"""
WITH told AS (
  SELECT hour, picture, page, host, country, n, size, pack % 8 AS kind, pack // {_METHOD_OF} % 8 AS method,
    CASE WHEN pack // {_WHO} % 4 = 3 THEN 3 WHEN pack & {_SIGNED} <> 0 THEN 2 ELSE pack // {_WHO} % 4 END AS who,
    pack // {_HIT} % 4 AS hit, pack // {_CODE} AS code, strange, NOT {NOT_OURS} AS ours,
    CASE WHEN kind IN ({_SHARED}) THEN page ELSE game END AS game,
    ours AND who = 0 AND method = 0 AND code IN (200, 304)
      AND (kind = 0 OR (kind = 1 AND page IS DISTINCT FROM game)) AS widget,
    ours AND who = 0 AND method = 0 AND code = 200 AND pack & {_TEMPLATE} <> 0 AS play
  FROM (SELECT held.*, targets.picture, targets.game
    FROM {of} held LEFT JOIN targets ON held.target = targets.number)
)
SELECT make_timestamp(hour::BIGINT * {_HOUR}) AS hour, game,
  CASE WHEN game IS NULL AND ours THEN picture END AS picture,
  kind::TINYINT AS kind, who::TINYINT AS who, method::TINYINT AS method, ({_STATUS})::TINYINT AS status,
  CASE WHEN hit < 2 THEN hit = 1 END AS hit, widget, play, CASE WHEN widget THEN host END AS host, country, strange,
  ours, {str(one.place == "edge").lower()} AS edge, sum(n)::BIGINT AS n, sum(size)::BIGINT AS size
FROM told GROUP BY ALL"""


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
    return f"(bucket = '' OR {_host('bucket')} IN ({some}) OR coalesce({_host('also')} IN ({some}), false))"


def _not_ours(names: Collection[str]) -> str:
    return f"said NOT IN ({', '.join(map(_quoted, sorted(names)))})"


def _host(column: str) -> str:
    return f"lower(regexp_replace({column}, ':[0-9]+$', ''))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

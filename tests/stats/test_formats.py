"""Formats: told by their content, and read alike by the quick way and the exact one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from tests.stats.cast import s3_line, write

from pictogame.bucket import keys
from pictogame.games.models import Game
from pictogame.stats import formats
from pictogame.stats.agents import WHO, who_is
from pictogame.stats.classify import Ours
from pictogame.stats.engine import Engine
from pictogame.stats.ingest import ingest

RGW = (
    b'{"bucket":"games","time":"2026-11-23T06:08:07.121992Z","time_local":"2026-11-23T06:08:07.121992+0000",'
    b'"remote_addr":"127.0.0.1","object_owner":"tests","user":"anonymous","operation":"get_obj",'
    b'"uri":"GET /games/g/b5tq7nzk3xw2mc.html?x=1?x=1 HTTP/1.1","http_status":"200","error_code":"","bytes_sent":5,'
    b'"bytes_received":0,"object_size":5,"total_time":0,"user_agent":"Moz \\"quoted\\" \xe9",'
    b'"referrer":"https://blog.example/x","trans_id":"tx00000fad27267b1641d7a-006b03d847-100e-default",'
    b'"authentication_type":"Local","temp_url":false}'
)
"""As Ceph's gateway of version 16.2 wrote it."""
NGINX = (
    b'192.0.2.7 - - [23/Nov/2026:06:28:33 +0000] "GET /g/b5tq7nzk3xw2mc.html HTTP/1.1" 304 0 "-" '
    b'"Mozilla/5.0 \\x22odd\\x22"'
)
CADDY = (
    b'{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request",'
    b'"request":{"remote_ip":"127.0.0.1","remote_port":"41342","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/g/b5tq7nzk3xw2mc.html",'
    b'"headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]}},"bytes_read":0,"user_id":"","duration":0.000929675,'
    b'"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}'
)
CLOUDFRONT = (
    b"2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/g/b5tq7nzk3xw2mc.html\t200\t-\t"
    b"Mozilla/5.0%20(Windows)\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\tlocalhost\thttps\t23\t"
    b"0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-"
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine whose bucket is called pictogame, games and localhost."""
    names = {"pictogame", "games", "localhost"}
    with Engine(ours=Ours(names), now=datetime.now(UTC), scratch=tmp_path, memory_mb=256, threads=1) as one:
        yield one


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("s3", s3_line().rstrip(b"\n")),
        ("rgw", RGW),
        ("combined", NGINX),
        ("caddy", CADDY),
        ("cloudfront", CLOUDFRONT),
        ("cloudfront-json", json.dumps({"date": "2026-11-01", "time": "00:00:01", "cs-method": "GET", "sc-bytes": "5",
                                        "cs-uri-stem": "/g/b5tq7nzk3xw2mc.html", "sc-status": "200"}).encode()),
    ],
)  # fmt: skip
def test_a_format_is_told_by_what_it_holds(engine: Engine, name: str, line: bytes) -> None:
    one = formats.detect([line])
    assert one is not None
    assert one.name == name
    engine.add(memoryview(line + b"\n"), one=one, shape=one.shape([line]))
    assert engine.rows("SELECT game, kind, n FROM facts") == [("b5tq7nzk3xw2mc", 0, 1)]


SAID = b'{"level":"info","ts":1646861401.5,"logger":"admin","msg":"admin endpoint started"}'


def test_what_a_server_says_before_its_first_request_hides_no_log(place: Path, cat: Game, settings: Settings) -> None:
    settings.BUCKET_URL = "http://localhost:9000"
    log = write(place / "caddy.log", [SAID + b"\n"] * 12)
    report = ingest([str(place)])
    assert (report.problems, report.headings, report.counted) == ([], 12, 0)
    with log.open("ab") as file:
        file.write(CADDY + b"\n")
    assert ingest([str(place)]).counted == 1


def test_lines_that_nobody_can_read_hide_no_log_that_follows(place: Path, cat: Game) -> None:
    write(place / "a.log", [b"\0" * 40 + b"\n"] * 20 + [s3_line(number=at) for at in range(5)])
    report = ingest([str(place)])
    assert (report.problems, report.unknown, report.counted) == ([], 20, 5)


def test_what_is_no_log_is_of_no_format() -> None:
    assert formats.detect([b"", b"{}", b"[]", b"hello world", b"\x00\x01", b"1,2,3", b"# nothing"]) is None


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12)
ODD = st.lists(st.sampled_from(['"', '" "', " ", "\\", "-", "a", '""', "\t", "x y"]), max_size=6).map("".join)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agents=st.lists(st.one_of(TEXT, ODD), min_size=1, max_size=12))
def test_no_user_agent_hides_or_doubles_a_line(engine: Engine, agents: list[str]) -> None:
    """Whatever stands in a user agent, as many lines are read as there are, with their keys and bytes."""
    engine.clear()
    lines = [s3_line(number=at, agent=agent, size=str(at + 1)) for at, agent in enumerate(agents)]
    one = formats.by_name("s3")
    shape = one.shape([s3_line().rstrip(b"\n")])
    tally = engine.add(memoryview(b"".join(lines)), one=one, shape=shape)
    ((n, size),) = engine.rows("SELECT sum(n), sum(size) FROM facts WHERE game = 'b5tq7nzk3xw2mc' AND kind = 0")
    assert (tally.unknown, n, size) == (0, len(lines), sum(range(1, len(lines) + 1)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.one_of(st.from_regex(r"[+-][0-9]{4}", fullmatch=True), st.sampled_from(["+9999", "-2400", "+2359", "Z"]))
)
def test_a_zone_is_one_by_the_quick_way_where_it_is_one_by_the_exact_way(engine: Engine, zone: str) -> None:
    engine.clear()
    line = s3_line(time=f"06/Feb/2026:10:00:38 {zone}")
    one = formats.by_name("s3")
    shape = one.shape([line.rstrip(b"\n")])
    exact = one.parse(line.rstrip(b"\n"), shape)
    tally = engine.add(memoryview(line), one=one, shape=shape)
    assert tally.unknown == (exact is None)
    assert (exact is None) == (zone == "Z" or zone[1:3] > "23" or zone[3:] > "59")
    days = engine.rows("SELECT strftime(hour, '%Y-%m-%d') FROM facts")
    assert days == ([] if exact is None else [(f"{exact.at:%Y-%m-%d}",)])


KEYS = st.one_of(
    *(st.from_regex(pattern, fullmatch=True) for pattern in keys.PATTERNS.values()),
    st.from_regex(r"[gmrs]/[a-z2-7.]{1,20}\.(html|xml|js)", fullmatch=True),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=KEYS)
def test_sql_says_of_a_key_what_the_rules_of_keys_say(engine: Engine, key: str) -> None:
    engine.clear()
    line = s3_line(key, referer="-")
    one = formats.by_name("s3")
    engine.add(memoryview(line), one=one, shape=one.shape([line.rstrip(b"\n")]))
    ((kind, play),) = engine.rows("SELECT kind, play FROM facts")
    other = {"scores": "other", "live": "other", "embed": "other", None: "stray"}
    wanted = keys.kind_of(key)
    from pictogame.stats.classify import KINDS

    assert (KINDS[kind], play) == (other.get(wanted, wanted), keys.is_template_key(key))


@pytest.mark.parametrize(
    ("agent", "who"),
    [
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bot"),
        ("mozilla/5.0 (x11) headlesschrome/142", "bot"),
        ("-", "bot"),
        ("Mozilla/5.0 (Macintosh) Safari/605.1.15", "people"),
        ("Mozilla/5.0 (Linux; CUBOT X30) Chrome/120", "people"),
        ("Pictogame/0.1 (check)", "own"),
        ("Amazon CloudFront", "fill"),
        ("Amazon%20CloudFront", "fill"),
    ],
)
def test_programs_are_told_from_people_alike_in_both_languages(engine: Engine, agent: str, who: str) -> None:
    assert who_is(agent) == who
    line = s3_line(agent=agent)
    one = formats.by_name("s3")
    engine.add(memoryview(line), one=one, shape=one.shape([line.rstrip(b"\n")]))
    assert [WHO[number] for (number,) in engine.rows("SELECT who FROM facts")] == [who]

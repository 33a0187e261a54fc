"""What logs hold in practice: all of it is counted, waits, or is said; nothing is dropped in silence."""

import gzip
import json
import resource
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.stats.cast import environment, s3_line, write

from pictogame.games.models import Game
from pictogame.stats.errors import NoSuchLog
from pictogame.stats.ingest import ingest
from pictogame.stats.models import GameDay, GameHost, SiteDay, Source
from pictogame.stats.report import Report

PAGE = "g/b5tq7nzk3xw2mc.html"


def views() -> int:
    """Widgets that the database counts."""
    return sum(GameDay.objects.values_list("widgets", flat=True))


def read(place: Path) -> Report:
    """One ingest of the folder."""
    return ingest([str(place)])


def test_unknown_lines_are_counted_and_shown_without_addresses(place: Path, cat: Game) -> None:
    write(place / "a.log", [s3_line(), b"what is this from 10.9.8.7 and 2001:db8::7?token=abc\n", s3_line(number=2)])
    report = read(place)
    assert (report.counted, report.unknown) == (2, 1)
    ((_, example),) = report.examples
    assert example.startswith("what is this from [address] and [address]")
    assert not {"10.9.8.7", "2001:db8", "abc"} & set(example.replace("?", " ").split())
    assert Source.objects.get().example == example
    assert views() == 2


@pytest.mark.parametrize(
    "agent",
    [
        'Mozilla/5.0 "quoted" agent',
        'two" "fields',
        '"',
        'ends with "',
        ' " ',
        "blanks  and\ttabs",
        'back\\slash \\" and é ünï',
        '- "-" - ',
    ],
)
def test_quotes_and_blanks_in_a_user_agent_hide_no_line(place: Path, cat: Game, agent: str) -> None:
    write(place / "a.log", [s3_line(), s3_line(number=2, agent=agent), s3_line(number=3)])
    report = read(place)
    assert (report.counted, report.unknown, views()) == (3, 0, 3)
    assert GameHost.objects.get().widgets == 3


def test_bytes_that_are_no_text_hide_no_line(place: Path, cat: Game) -> None:
    write(
        place / "a.log", [s3_line(), s3_line(number=2).replace(b"Firefox", b"Fire\xff\xfe\x00fox"), s3_line(number=3)]
    )
    assert (read(place).counted, views()) == (3, 3)


def test_percent_encoded_keys_are_keys(place: Path, cat: Game) -> None:
    """S3 encodes a key twice; a browser that encodes a slash asks for the same object."""
    write(
        place / "a.log",
        [
            s3_line("g%252Fb5tq7nzk3xw2mc.html"),
            s3_line("g%2Fb5tq7nzk3xw2mc.html", number=2),
            s3_line("g/%25625tq7nzk3xw2mc.html", number=3),
            s3_line("g/caf%25C3%25A9+%2522x%2522.html", number=4, status="404"),
            s3_line("g/%25ZZ%.html", number=5, status="404"),
        ],
    )
    assert (read(place).counted, views()) == (5, 3)
    assert SiteDay.objects.get().stray_requests == 2


def test_a_log_of_another_bucket_is_told_and_not_summed(place: Path, cat: Game) -> None:
    write(
        place / "a.log", [s3_line(bucket="somebody-else"), s3_line(number=2), s3_line(number=3, bucket="pictogame-2")]
    )
    report = read(place)
    assert (report.foreign, report.counted, views()) == (2, 1, 1)
    assert Source.objects.get().foreign_lines == 2


def test_a_bucket_of_another_name_can_be_said_to_be_ours(place: Path, cat: Game) -> None:
    write(place / "a.log", [s3_line(bucket="Old-Name")])
    assert ingest([str(place)], names=["old-name"]).counted == 1


def test_wrong_clocks_are_counted_today_and_flagged(place: Path, cat: Game) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(hours=20)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    write(
        place / "a.log",
        [
            s3_line(time="01/Jan/1970:00:00:03 +0000"),
            s3_line(number=2, time="31/Dec/2099:23:59:59 +0000"),
            s3_line(number=3, time=tomorrow),
            s3_line(number=4, time="30/Feb/2026:00:00:00 +0000"),
        ],
    )
    before = datetime.now(UTC).date()
    report = read(place)
    assert (report.counted, report.strange_times, report.unknown) == (3, 2, 1)
    assert (
        sum(
            GameDay.objects.filter(day__gte=before, day__lte=datetime.now(UTC).date()).values_list("widgets", flat=True)
        )
        >= 2
    )
    assert Source.objects.get().strange_times == 2


def test_times_of_other_zones_are_of_utc(place: Path, cat: Game) -> None:
    write(
        place / "a.log",
        [s3_line(time="07/Feb/2026:00:10:00 +0530"), s3_line(number=2, time="06/Feb/2026:23:10:00 -0800")],
    )
    read(place)
    assert dict(GameDay.objects.values_list("day", "widgets")) == {
        date(2026, 2, 6): 1,
        date(2026, 2, 7): 1,
    }


@pytest.mark.servers
def test_a_line_longer_than_any_is_passed_over_in_bounded_memory(place: Path, cat: Game) -> None:
    """A thousand megabytes in one line, packed: a process that may hold little reads it to its end."""
    log = place / "a.log.gz"
    with gzip.open(log, "wb", compresslevel=1) as file:
        file.write(s3_line())
        for _ in range(1000):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + s3_line(number=2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = read(place)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (report.counted, report.unknown, report.overlong, views()) == (2, 1, 1, 2)
    assert report.bytes > 1_000_000_000
    assert grown < 400_000  # Kilobytes.


def test_lines_that_end_as_on_windows_are_lines(place: Path, cat: Game) -> None:
    write(place / "a.log", [s3_line(number=n).replace(b"\n", b"\r\n") for n in range(5)])
    assert (read(place).counted, views()) == (5, 5)


def test_empty_lines_are_no_fault(place: Path, cat: Game) -> None:
    write(place / "a.log", [s3_line(), b"\n", b"\n", s3_line(number=2)])
    report = read(place)
    assert (report.counted, report.unknown, report.headings) == (2, 0, 2)


def test_a_file_that_is_no_log_is_said_and_stops_no_other(place: Path, cat: Game) -> None:
    (place / "a.bin").write_bytes(bytes(range(256)) * 40)
    (place / "empty.log").write_bytes(b"")
    write(place / "b.log", [s3_line()])
    report = read(place)
    assert [Path(name).name for name, _ in report.problems] == ["a.bin"]
    assert (report.counted, views()) == (1, 1)


def test_nothing_at_a_place_is_said(place: Path) -> None:
    with pytest.raises(NoSuchLog):
        ingest(["/nowhere/at/all"])


def test_neither_addresses_nor_agents_nor_pages_are_kept(place: Path, cat: Game) -> None:
    write(
        place / "a.log", [s3_line(agent="Mozilla/5.0 VerySpecial", referer="https://user:pw@blog.example/diary?id=77")]
    )
    read(place)
    with (place.parent / "dump").open("w") as out:
        from django.core.management import call_command

        call_command("dumpdata", "stats", stdout=out)
    kept = (place.parent / "dump").read_text()
    assert "blog.example" in kept
    assert not [one for one in ("192.0.2.3", "VerySpecial", "diary", "user:pw", "id=77") if one in kept]


@pytest.mark.servers
def test_two_ingests_at_once_count_once(place: Path, cat: Game, tmp_path: Path) -> None:
    """Two processes on one data folder: one reads, the other is told or finds nothing new."""
    environment = {"PICTOGAME_DATA": str(tmp_path / "own"), "PATH": "/usr/bin:/bin"}
    log = write(tmp_path / "logs" / "a.log", [s3_line(number=n) for n in range(20_000)])
    command = [sys.executable, "-m", "pictogame.cli", "stats", "ingest", "--json", str(log)]
    subprocess.run(
        [sys.executable, "-m", "pictogame.cli", "templates", "--json"],
        env=environment,
        check=False,
        capture_output=True,
    )
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [json.loads(one.communicate(timeout=120)[0]) for one in both]
    assert sum(one.get("counted", 0) for one in said) == 20_000


def test_a_large_log_with_headings_and_odd_lines_is_counted_whole(place: Path, cat: Game) -> None:
    """CloudFront's text, of more than a block that is read with others: its headings are no lines."""
    heading = (
        b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
        b"cs(Referer) cs(User-Agent)\n"
    )
    line = (
        b"2026-02-06\t10:00:%02d\tLAX1\t392\t192.0.2.1\tGET\tpictogame\t/g/b5tq7nzk3xw2mc.html\t200\t-\tMozilla/5.0\n"
    )
    lines = [line % (number % 60) for number in range(20_000)]
    lines[15_000] = b"what is this\n"
    write(place / "a.log", [heading, *lines[:12_000], heading, *lines[12_000:]])
    report = read(place)
    assert (report.headings, report.unknown, report.counted, views()) == (4, 1, 19_999, 19_999)


@pytest.mark.parametrize(
    "odd", [b"no line of a log, one of very many: %d\n", s3_line(agent="x \xff%d").replace(b"\xc3\xbf", b"\xff")]
)
def test_a_flood_of_odd_lines_takes_no_more_memory_than_others(place: Path, cat: Game, odd: bytes) -> None:
    """The reader of CSV keeps kilobytes of each line that it refuses."""
    lines = [s3_line(number=number) for number in range(40_000)]
    write(place / "a.log", [*lines, *(odd % number for number in range(200_000))])
    code = (
        "import sys; from pictogame.cli import installation; installation.prepare()\n"
        "from pictogame.stats.ingest import ingest; report = ingest(sys.argv[1:])\n"
        "most = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(report.lines, report.unknown, int(most.split()[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(place)],
        env=environment(PICTOGAME_DATA=str(place.parent / "other"), PICTOGAME_BUCKET_URL="http://127.0.0.1:9000",
                        DJANGO_SETTINGS_MODULE="pictogame.config.settings"),
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    counted, unknown, megabytes = map(int, done.stdout.split())
    assert (counted, unknown) == (240_000, 200_000 if b"no line" in odd else 0)
    assert megabytes < 450

"""Many small logs at once: what is odd in one of them is said of that one, and costs the others nothing."""

from collections import Counter
from pathlib import Path

import pytest
from tests.stats.cast import s3_line, write

from pictogame.games.models import Game
from pictogame.stats.ingest import ingest
from pictogame.stats.models import GameDay, SiteDay, Source


def test_odd_lines_are_told_to_the_logs_that_hold_them(place: Path, cat: Game) -> None:
    for number in range(40):
        lines = [s3_line(number=100 * number + at) for at in range(5)]
        if number % 4 == 1:
            lines[2] = b"no line of a log %d\n" % number
        if number % 5 == 2:
            lines[3] = s3_line(number=100 * number + 3, bucket="somebody-else")
        if number % 7 == 3:
            lines[1] = s3_line(number=100 * number + 1, agent='odd "quoted" agent')
        if number % 8 == 4:
            lines[4] = s3_line(number=100 * number + 4, time="01/Jan/2099:00:00:00 +0000")
        if number % 9 == 5:
            lines[0] = s3_line(number=100 * number, agent="Mozilla/5.0 \xff").replace(b"\xc3\xbf", b"\xff")
        write(place / f"{number:02}.log", lines)
    report = ingest([str(place)])
    assert (report.logs, report.lines, report.unknown, report.foreign, report.strange_times) == (40, 200, 10, 8, 5)
    for number in range(40):
        said = Source.objects.get(name__endswith=f"/{number:02}.log")
        assert said.lines_done == 5
        assert said.unknown_lines == (number % 4 == 1)
        assert said.foreign_lines == (number % 5 == 2)
        assert said.strange_times == (number % 8 == 4)
        assert said.example == (f"no line of a log {number}" if number % 4 == 1 else "")
    assert sum(GameDay.objects.values_list("widgets", flat=True)) == report.counted == 182
    assert ingest([str(place)]).unchanged == 40


def test_the_same_odd_line_in_two_logs_is_told_to_both(place: Path, cat: Game) -> None:
    for name in ("a", "b"):
        write(place / f"{name}.log", [s3_line(referer=f"https://{name}.example/"), b"the same\n", b"the same\n"])
    assert ingest([str(place)]).unknown == 4
    assert list(Source.objects.values_list("unknown_lines", flat=True)) == [2, 2]


def test_empty_lines_and_ends_of_windows_are_no_fault_of_small_logs(place: Path, cat: Game) -> None:
    for name in ("a", "b"):
        lines = [s3_line(referer=f"https://{name}.example/"), b"\n", b"what is this\n", s3_line(number=1)]
        write(place / f"{name}.log", [line.replace(b"\n", b"\r\n") for line in lines])
    report = ingest([str(place)])
    assert (report.lines, report.unknown, report.headings, report.counted) == (8, 2, 2, 4)


def test_copies_of_small_logs_in_one_handful_count_once(place: Path, cat: Game) -> None:
    for number in range(6):
        write(place / f"{number}.log", [s3_line(number=at) for at in range(2 + number % 3)])
    assert ingest([str(place)]).counted == 4
    assert Source.objects.get().lines_done == 4


@pytest.mark.servers
def test_ten_thousand_small_logs_are_counted_each(place: Path, cat: Game) -> None:
    for number in range(10_000):
        odd = [b"what is this\n"] if number % 10 == 0 else []
        write(place / str(number % 100) / f"{number}.log", [s3_line(number=9 * number + at) for at in range(9)] + odd)
    report = ingest([str(place)])
    assert (report.logs, report.counted, report.unknown) == (10_000, 90_000, 1_000)
    assert Counter(Source.objects.values_list("lines_done", "unknown_lines")) == {(10, 1): 1_000, (9, 0): 9_000}
    assert SiteDay.objects.get().widgets == 90_000
    assert ingest([str(place)]).unchanged == 10_000

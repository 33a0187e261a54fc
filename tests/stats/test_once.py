"""Every line counts once: however often, under whatever name and in whatever piece it is met."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.db import DatabaseError, connection
from tests.stats.cast import s3_line, write

from pictogame.games.models import Game
from pictogame.stats import ingest as work
from pictogame.stats import sums
from pictogame.stats.errors import Busy, NoRoom
from pictogame.stats.identity import LAST, last_lines
from pictogame.stats.ingest import ingest
from pictogame.stats.lock import only_ingest
from pictogame.stats.models import GameDay, Source
from pictogame.stats.report import Report

LINES = [s3_line(number=number) for number in range(200)]


def views() -> int:
    """Widgets that the database counts."""
    return sum(GameDay.objects.values_list("widgets", flat=True))


def read(place: Path) -> Report:
    """One ingest of the folder."""
    return ingest([str(place)])


def test_a_log_read_twice_counts_once(place: Path, cat: Game) -> None:
    write(place / "a.log", LINES)
    assert read(place).counted == 200
    assert (read(place).lines, views()) == (0, 200)


def test_a_log_under_another_name_or_compressed_is_the_same(place: Path, cat: Game) -> None:
    log = write(place / "access.log", LINES)
    read(place)
    log.rename(place / "access.log.1")
    assert read(place).lines == 0
    (place / "access.log.2.gz").write_bytes(gzip.compress((place / "access.log.1").read_bytes()))
    (place / "access.log.1").unlink()
    assert (read(place).lines, views(), Source.objects.count()) == (0, 200, 1)


def test_two_copies_in_one_run_count_once(place: Path, cat: Game) -> None:
    write(place / "a.log", LINES)
    write(place / "b" / "a.log", LINES[:120])
    write(place / "c.log", LINES[:3])
    assert (read(place).lines, views(), Source.objects.count()) == (200, 200, 1)


def test_two_logs_of_the_same_name_both_count(place: Path, cat: Game) -> None:
    write(place / "one" / "access.log", LINES[:100])
    write(place / "two" / "access.log", LINES[100:])
    assert (read(place).counted, views(), Source.objects.count()) == (200, 200, 2)


def test_logs_that_begin_alike_and_go_on_otherwise_both_count(place: Path, cat: Game) -> None:
    write(place / "one.log", LINES[:60])
    read(place)
    write(place / "two.log", [*LINES[:30], *LINES[100:160]])
    assert (read(place).counted, views()) == (90, 150)


def test_a_log_that_grew_is_continued_after_its_last_whole_line(place: Path, cat: Game) -> None:
    whole = b"".join(LINES)
    cut = len(b"".join(LINES[:50])) + 17
    (place / "a.log").write_bytes(whole[:cut])
    assert read(place).counted == 50
    (place / "a.log").write_bytes(whole)
    assert (read(place).counted, views()) == (150, 200)
    assert Source.objects.get().bytes_done == len(whole)


def test_a_log_that_grew_from_one_line_is_still_the_same(place: Path, cat: Game) -> None:
    for end in (1, 2, 40):
        write(place / "a.log", LINES[:end])
        read(place)
    assert (views(), Source.objects.count()) == (40, 1)


def test_a_log_copied_and_truncated_loses_and_doubles_nothing(place: Path, cat: Game) -> None:
    log = write(place / "access.log", LINES[:80])
    read(place)
    write(place / "access.log.1", LINES[:90])
    log.write_bytes(b"".join(LINES[90:130]))
    assert (read(place).counted, views()) == (50, 130)


@pytest.mark.parametrize("many", [6, 150])
@pytest.mark.parametrize("torn", [b"", b"79a5 pictogame [06/Feb/2026:10:0"], ids=["at an end", "within a line"])
def test_a_log_that_lost_its_end_and_goes_on_counts_what_is_new(place: Path, cat: Game, many: int, torn: bytes) -> None:
    log = write(place / "access.log", LINES[:many])
    read(place)
    cut = b"".join(LINES[: many - 4]) + torn
    log.write_bytes(cut)
    assert (read(place).counted, views()) == (0, many)
    cut += b"".join(LINES[150:152])
    log.write_bytes(cut)
    # A line that was torn takes the next one with it.
    lost = bool(torn)
    assert (read(place).counted, views()) == (2 - lost, many + 2 - lost)
    log.write_bytes(cut + b"".join(LINES[152:200]))
    assert (read(place).counted, views()) == (48, many + 50 - lost)
    assert Source.objects.count() == 1
    assert read(place).unchanged == 1


def test_a_log_that_is_copied_over_itself_is_an_earlier_state_meanwhile(place: Path, cat: Game) -> None:
    log = write(place / "access.log", LINES[:100])
    read(place)
    whole = b"".join(LINES[:120])
    for end in (len(LINES[0]) // 2, len(b"".join(LINES[:40])), len(b"".join(LINES[:70])) + 11):
        log.write_bytes(whole[:end])
        assert (read(place).counted, views()) == (0, 100)
    log.write_bytes(whole)
    assert (read(place).counted, views(), Source.objects.count()) == (20, 120, 1)


def test_what_is_kept_of_the_last_lines_is_bounded_and_needs_the_key(place: Path, cat: Game) -> None:
    log = write(place / "access.log", [s3_line(number=number) for number in range(LAST + 1000)])
    read(place)
    kept = bytes(Source.objects.get().last_lines)
    assert len(kept) == LAST * 12
    with log.open("rb") as file:
        assert kept[:8] != last_lines(file, log.stat().st_size, key=b"another")[:8]


def test_a_first_line_without_an_end_waits(place: Path, cat: Game) -> None:
    write(place / "a.log", [LINES[0][:-1]])
    assert (read(place).lines, Source.objects.count()) == (0, 0)
    write(place / "a.log", LINES[:1])
    assert (read(place).counted, views()) == (1, 1)


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_a_compressed_log_cut_short_counts_once(place: Path, cat: Game, packed: "type[bytes]") -> None:
    lines = [s3_line(number=number, referer=f"https://{os.urandom(8).hex()}.example/") for number in range(4000)]
    data = packed(b"".join(lines))
    (place / "a.log").write_bytes(data[: len(data) * 2 // 3])
    report = read(place)
    assert report.torn == [str(place / "a.log")]
    again = read(place)
    assert (again.unchanged, again.lines, again.torn) == (1, 0, report.torn)
    assert views() == report.counted < 4000
    (place / "a.log").write_bytes(data)
    assert (read(place).torn, views(), Source.objects.get().state) == ([], 4000, "read")


def test_logs_without_a_whole_line_are_named_until_there_is_one(place: Path, cat: Game) -> None:
    packed = gzip.compress(LINES[0])
    (place / "torn.gz").write_bytes(packed[:-12])
    (place / "writing.log").write_bytes(LINES[1][:-1])
    (place / "empty.log").touch()
    (place / "empty.gz").write_bytes(gzip.compress(b""))
    for _ in range(2):
        report = read(place)
        assert (report.torn, report.unended) == ([str(place / "torn.gz")], [str(place / "writing.log")])
        assert report.problems == []
    (place / "torn.gz").write_bytes(packed)
    write(place / "writing.log", [LINES[1]])
    report = read(place)
    assert (report.torn, report.unended, views()) == ([], [], 2)


def test_of_a_log_and_its_copy_that_was_cut_short_the_copy_is_named(place: Path, cat: Game) -> None:
    packed = gzip.compress(b"".join(LINES))
    (place / "a.gz").write_bytes(packed)
    (place / "b.gz").write_bytes(packed[:-30])
    for _ in range(2):
        assert read(place).torn == [str(place / "b.gz")]
    assert views() == 200


def test_a_gzip_that_grew_by_another_member_is_continued(place: Path, cat: Game) -> None:
    (place / "a.gz").write_bytes(gzip.compress(b"".join(LINES[:100])))
    read(place)
    (place / "a.gz").write_bytes(gzip.compress(b"".join(LINES[:100])) + gzip.compress(b"".join(LINES[100:])))
    assert (read(place).counted, views()) == (100, 200)


def test_a_damaged_gzip_is_said_and_stops_no_other(place: Path, cat: Game) -> None:
    data = bytearray(gzip.compress(b"".join(LINES)))
    data[len(data) // 2] ^= 0xFF
    (place / "a.gz").write_bytes(data)
    write(place / "b.log", [s3_line(number=number, status="304") for number in range(900, 950)])
    report = read(place)
    assert [name for name, _ in report.problems] == [str(place / "a.gz")]
    assert views() >= 50


def test_a_crash_between_sums_and_progress_counts_nothing(
    place: Path, cat: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place / "a.log", LINES)

    def broken(rows: sums.Rows) -> None:
        add(rows)
        if rows.model.__name__ == "SiteHour":
            raise DatabaseError("The power is gone.")

    add = sums.add
    with monkeypatch.context() as patched:
        patched.setattr(sums, "add", broken)
        with pytest.raises(DatabaseError):
            read(place)
    assert (views(), Source.objects.count()) == (0, 0)
    assert (read(place).counted, views()) == (200, 200)


def test_what_was_committed_before_a_crash_is_not_counted_again(
    place: Path, cat: Game, monkeypatch: pytest.MonkeyPatch, pieces: str
) -> None:
    """What was read first is committed; what comes after it fails."""
    write(place / "a.log", [s3_line(number=number) for number in range(20_000)])
    commits = iter(range(100))
    commit = work._Ingest._commit

    def sometimes(self: work._Ingest, **more: Any) -> None:
        if next(commits) == 1:
            raise KeyboardInterrupt
        commit(self, **more)

    with monkeypatch.context() as patched:
        patched.setattr(work._Ingest, "_commit", sometimes)
        with pytest.raises(KeyboardInterrupt):
            ingest([str(place)], commit_lines=10)
    assert 0 < views() < 20_000
    assert Source.objects.get().lines_done == views()
    read(place)
    assert views() == 20_000


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_loses_nothing_that_a_second_run_would_not_bring(place: Path, cat: Game) -> None:
    write(place / "a.log", [s3_line(number=n, referer=f"https://{n}.example/") for n in range(3000)])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
        try:
            with pytest.raises(NoRoom) as refused:
                read(place)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert "full" in refused.value.sentence
    assert views() == 0
    assert (read(place).counted, views()) == (3000, 3000)


def test_a_second_ingest_is_told_that_one_is_at_work(place: Path, cat: Game) -> None:
    write(place / "a.log", LINES)
    with only_ingest(), pytest.raises(Busy) as refused:
        read(place)
    assert "Another ingest" in refused.value.sentence
    assert read(place).counted == 200


def test_a_log_of_many_pieces_counts_once_while_rows_are_written(place: Path, cat: Game, pieces: str) -> None:
    """Lanes read on while each piece's rows are written, and the run is ended and begun anew in between."""
    lines = [s3_line(number=number, size=str(number)) for number in range(30_000)]
    write(place / "a.log", lines)
    asked = iter(range(100))
    report = ingest([str(place)], commit_lines=10, should_stop=lambda: next(asked) == 2)
    assert report.stopped
    assert 0 < views() == report.counted <= 30_000
    assert views() + read(place).counted == 30_000
    assert sum(GameDay.objects.values_list("bytes", flat=True)) == sum(range(30_000))


def test_rows_that_fail_while_lanes_read_on_are_brought_by_the_next_run(
    place: Path, cat: Game, monkeypatch: pytest.MonkeyPatch, pieces: str
) -> None:
    """What was read beyond the transaction that failed is forgotten with it, and read again."""
    write(place / "a.log", [s3_line(number=number, size=str(number)) for number in range(30_000)])
    transactions = iter(range(100))

    def broken(rows: sums.Rows) -> None:
        if rows.model is GameDay and next(transactions) == 1:
            raise DatabaseError("The power is gone.")
        add(rows)

    add = sums.add
    with monkeypatch.context() as patched:
        patched.setattr(sums, "add", broken)
        with pytest.raises(DatabaseError):
            ingest([str(place)], commit_lines=10)
    assert 0 < views() == Source.objects.get().lines_done < 30_000
    assert views() + read(place).counted == 30_000
    assert sum(GameDay.objects.values_list("bytes", flat=True)) == sum(range(30_000))


def test_what_a_killed_ingest_left_of_logs_is_gone_with_the_next(place: Path, cat: Game) -> None:
    """It holds the addresses of visitors."""
    left = write(place.parent / "stats-scratch" / "log-abc" / "log", LINES)
    write(place / "a.log", LINES)
    assert (read(place).counted, left.exists()) == (200, False)

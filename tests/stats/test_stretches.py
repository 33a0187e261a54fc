"""Lines that stay in their file are counted as held ones are; where they can't be read so, they are held after all."""

import gzip
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from tests.stats.cast import s3_line, write

from pictogame.games.models import Game
from pictogame.stats import feed, lane, models
from pictogame.stats.errors import LostMeanwhile, NoRoom
from pictogame.stats.formats.line import LONGEST_LINE
from pictogame.stats.ingest import ingest
from pictogame.stats.models import SiteDay, Source
from pictogame.stats.reading import Section
from pictogame.stats.stretch import InFile, InMemory

KEYS = ("g/b5tq7nzk3xw2mc.html", "g/b5tq7nzk3xw2mc.xml", "r/222222222222/jigsaw.js", "what/else")
TABLES = (models.GameDay, models.GameHour, models.GameMonth, models.GameHost, models.SiteDay, models.SiteHour)


def lines(count: int = 30_000) -> list[bytes]:
    """Lines of some days, of many referrers, user agents and sizes."""
    return [
        s3_line(
            KEYS[number % 4],
            number=number,
            size=str(number),
            referer=f"https://blog{number % 97}.example/{number % 5}",
            agent=f"Mozilla/5.0 Firefox/{number % 89}.0",
            time=f"{number % 20 + 1:02}/Feb/2026:{number % 24:02}:00:38 +0000",
        )
        for number in range(count)
    ]


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """The bytes of all that was read out of its file, and whether it could be."""
    seen: list[tuple[int, bool]] = []
    add = lane.Lane.add_unheld

    def noted(self: lane.Lane, stretch: InFile, **more: Any) -> lane.Tally | None:
        tally = add(self, stretch, **more)
        seen.append((stretch.size, tally is not None))
        return tally

    monkeypatch.setattr(lane.Lane, "add_unheld", noted)
    return seen


def rows() -> dict[str, list[str]]:
    """All sums."""
    return {table.__name__: sorted(map(repr, table.objects.values_list())) for table in TABLES}


def pipes() -> set[str]:
    """Those that this process holds an end of."""
    ends = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            ends.add(str(descriptor.readlink()))
    return {end for end in ends if end.startswith("pipe:")}


def plain(some: list[bytes]) -> None:
    """As they are."""


def quoted(some: list[bytes]) -> None:
    some[9_000] = s3_line(number=9_000, size="9000", agent='odd "quoted" agent')
    some[21_000] = s3_line(number=21_000, size="21000", agent="x \xff").replace(b"\xc3\xbf", b"\xff")


def unknown(some: list[bytes]) -> None:
    some[12_345] = b"what is this\n"
    some[12_346] = b"\n"


def foreign(some: list[bytes]) -> None:
    some[12_345] = s3_line(bucket="somebody-else")


def strange(some: list[bytes]) -> None:
    some[12_345] = s3_line(time="01/Jan/2099:00:00:00 +0000")
    some[22_222] = s3_line(time="06/Feb/2026:23:30:00 -0100")


def long(some: list[bytes]) -> None:
    some[12_345] = b"x" * (3 * LONGEST_LINE) + b"\n"


def long_and_plain(some: list[bytes]) -> None:
    some[12_345] = s3_line(agent="x" * (LONGEST_LINE + 1000))


def windows(some: list[bytes]) -> None:
    some[20_000:] = [line.replace(b"\n", b"\r\n") for line in some[20_000:]]


@pytest.mark.parametrize("spoil", [plain, quoted, unknown, foreign, strange, long, long_and_plain, windows])
def test_sums_are_those_of_a_log_that_is_packed(
    place: Path,
    cat: Game,
    pieces: str,
    unheld: list[tuple[int, bool]],
    spoil: Callable[[list[bytes]], None],
) -> None:
    some = lines()
    spoil(some)
    packed = place.parent / "packed.gz"
    packed.write_bytes(gzip.compress(b"".join(some), compresslevel=1))
    told = ingest([str(packed)])
    expected = rows()
    for table in (*TABLES, Source):
        table.objects.all().delete()
    assert len(unheld) == 0
    write(place / "a.log", [*some, b"79a5 an end that is not writ"])
    report = ingest([str(place)])
    assert (report.lines, report.counted, report.unknown, report.foreign, report.strange_times, report.overlong) == (
        told.lines,
        told.counted,
        told.unknown,
        told.foreign,
        told.strange_times,
        told.overlong,
    )
    assert rows() == expected
    assert bool(unheld) == (pieces == "in their file")
    assert Source.objects.get().bytes_done == sum(map(len, some))
    if unheld and spoil is plain:
        assert all(could for _, could in unheld)
        assert sum(size for size, _ in unheld) > 3_000_000
    with (place / "a.log").open("ab") as log:
        log.write(b"ten\n" + s3_line(number=1, size="5"))
    assert ingest([str(place)]).lines == 2


@pytest.mark.usefixtures("cat", "pieces")
@pytest.mark.parametrize("pieces", ["in their file"], indirect=True)
@pytest.mark.parametrize(
    "size", [LONGEST_LINE - 2, LONGEST_LINE - 1, LONGEST_LINE, LONGEST_LINE + 1, 3 * LONGEST_LINE // 2]
)
def test_a_long_line_amid_a_piece_is_what_it_is_in_a_log_that_is_packed(
    place: Path, unheld: list[tuple[int, bool]], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(feed, "_LEAST", 4 << 20)
    monkeypatch.setattr(feed, "_MOST", 4 << 20)
    some = lines()
    some[14_000] = s3_line(agent="x" * (size + 1 - len(s3_line(agent=""))))
    assert len(some[14_000]) == size + 1
    report = ingest([str(write(place / "a.log", some))])
    assert unheld
    is_long = size >= LONGEST_LINE
    assert (report.lines, report.overlong, report.counted) == (30_000, is_long, 30_000 - is_long)


@pytest.mark.parametrize("pieces", ["in their file"], indirect=True)
def test_what_finds_no_room_at_once_is_read_in_smaller_pieces(
    place: Path, cat: Game, pieces: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = lane.Lane._quick

    def narrow(self: lane.Lane, stretch: Any, *some: Any, **more: Any) -> lane.Tally | None:
        if isinstance(stretch, InFile):
            raise NoRoom("There is too little memory.")
        return quick(self, stretch, *some, **more)

    monkeypatch.setattr(lane.Lane, "_quick", narrow)
    write(place / "a.log", lines())
    assert ingest([str(place)]).counted == 30_000
    assert SiteDay.objects.aggregate(Sum("bytes"))["bytes__sum"] == sum(range(30_000))


def test_a_block_that_finds_no_room_is_read_in_parts(place: Path, cat: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    code = lane.Lane._code
    refused: list[int] = []

    def narrow(self: lane.Lane, stretch: Any, *some: Any, **more: Any) -> Any:
        if stretch.size > 5 << 20:
            refused.append(stretch.size)
            raise NoRoom("There is too little memory.")
        return code(self, stretch, *some, **more)

    monkeypatch.setattr(lane.Lane, "_code", narrow)
    write(place / "a.log", lines())
    assert ingest([str(place)]).counted == 30_000
    assert refused
    assert SiteDay.objects.aggregate(Sum("bytes"))["bytes__sum"] == sum(range(30_000))


@pytest.mark.parametrize("pieces", ["in their file"], indirect=True)
def test_where_no_thread_can_be_started_lines_are_held_and_nothing_stays_open(
    place: Path, cat: Game, pieces: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start
    refused: list[threading.Thread] = []

    def none_left(self: threading.Thread) -> None:
        if self.name == "stats-pipe":
            refused.append(self)
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", none_left)
    write(place / "a.log", lines())
    before = pipes()
    assert ingest([str(place)]).counted == 30_000
    assert refused
    assert pipes() == before
    assert SiteDay.objects.aggregate(Sum("bytes"))["bytes__sum"] == sum(range(30_000))


@pytest.mark.parametrize("pieces", ["in their file"], indirect=True)
@pytest.mark.parametrize("left", [0, 20_000])
def test_a_log_that_is_copied_and_cut_while_it_is_read_is_counted_by_the_next_run(
    place: Path, cat: Game, pieces: str, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """As `logrotate` does with `copytruncate`: what was cut away lies in the copy."""
    some = lines()
    path = write(place / "a.log", some)
    named = InFile.named
    one_at_a_time = threading.Lock()

    def cut(self: InFile) -> Any:
        with one_at_a_time:
            if not (place / "a.log.1").exists():
                shutil.copy(path, place / "a.log.1")
                os.truncate(path, sum(map(len, some[:left])))
        return named(self)

    with monkeypatch.context() as patched:
        patched.setattr(InFile, "named", cut)
        with nullcontext() if left else pytest.raises(LostMeanwhile, match="shorter"):
            ingest([str(path)])
    ingest([str(place)])
    assert SiteDay.objects.aggregate(all=Sum("requests"))["all"] == 30_000


@pytest.mark.parametrize("pieces", ["in their file"], indirect=True)
def test_a_log_that_can_be_read_no_longer_is_told_to_nobody_as_read(
    place: Path, cat: Game, pieces: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may have read what stands behind: nothing of it is counted, and the next run brings all."""

    def broken(self: Section, target: memoryview) -> int:
        raise OSError(5, "Input/output error")

    write(place / "a.log", lines())
    with monkeypatch.context() as patched:
        patched.setattr(lane.Lane, "add_unheld", lambda *_, **__: None)
        patched.setattr(Section, "readinto", broken)
        with pytest.raises(LostMeanwhile, match=r"a\.log: The log can't be read to its end: Input/output error"):
            ingest([str(place)])
    assert Source.objects.count() == 0
    assert ingest([str(place)]).counted == 30_000


def test_lines_that_are_refused_are_looked_at_without_what_follows(
    place: Path, cat: Game, pieces: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log may hold millions of them: of each a megabyte is an hour."""
    looked = 0
    parts: dict[type, Any] = {kind: kind.part for kind in (InFile, InMemory)}

    def noted(self: InFile | InMemory, at: int, size: int) -> bytes:
        nonlocal looked
        looked += size
        return bytes(parts[type(self)](self, at, size))

    for kind in parts:
        monkeypatch.setattr(kind, "part", noted)
    some = [line.replace(b"Mozilla", b'"Mozilla"') if at % 10 == 9 else line for at, line in enumerate(lines())]
    write(place / "a.log", some)
    assert ingest([str(place)]).counted == 30_000
    assert looked < 100 << 20


def test_whoever_stops_reading_leaves_nobody_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", lines(50_000))
    with path.open("rb") as file:
        stretch = InFile(file.fileno(), 0, path.stat().st_size)
        with stretch.named() as name:
            # He keeps his end open, as DuckDB does after an error.
            reader = os.open(name, os.O_RDONLY)
            assert os.read(reader, 4) == b"79a5"
        os.close(reader)
    assert not [thread for thread in threading.enumerate() if thread.name == "stats-pipe"]

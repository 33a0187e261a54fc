"""One block of lines after another, read and added up by one thread, beside the lanes of other threads.

A block goes the quick way, DuckDB's own reader of CSV or JSON, which adds up at once whatever is made of texts that
were met before. Lines with new texts are looked at again, once those are understood. Lines that the reader refuses or
that look odd go the exact way, a regular expression in Python, and join the others. What was read must be as many bytes
as the block holds: where it is not, the whole block goes the exact way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import duckdb

from pictogame.stats.classify import (
    EXACT,
    FRESH,
    ISO,
    KEEP,
    LANE_TABLES,
    NEW,
    NOT_OURS,
    ODD_CLOCK,
    PLAIN_CLOCKS,
    SEEN,
    SUMS,
    WAYS,
    Ours,
    coded,
    later,
    learn,
    learn_clocks,
    stamp,
)
from pictogame.stats.database import Database
from pictogame.stats.errors import NoRoom
from pictogame.stats.formats.line import (
    COLUMNS,
    LONGEST_LINE,
    Format,
    Line,
    Shape,
    is_refused,
    joined,
    parted,
    read_csv,
    width,
)
from pictogame.stats.learned import Learned
from pictogame.stats.side import Side, json_lines
from pictogame.stats.stretch import InFile, InMemory, Stretch
from pictogame.stats.window import Window

_NAMES = ", ".join(name for name, _ in COLUMNS)
_CODED = "clock, zone, target, page, host, country, pack, again"

CRLF = b"\r\n"
HEAD = 4096
"""Bytes that are enough to see how lines end, and to hold most lines."""
_REFUSED_MOST = 20_000
"""Lines that the reader of CSV may refuse of a block: it keeps three kilobytes of each until it ends."""
_SAMPLES = 256
_PORTION = 4 * LONGEST_LINE
"""Bytes of lines that are read one by one."""
_AT_ONCE = 10_000
"""Lines that are read one by one until they are handed on: they take ten times the memory meanwhile."""
_Clock = tuple[str, str]
"""`clock` and `zone` of lines."""
Verdict = Literal["unknown", "foreign", "heading", "strange"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the lines of a block. What is left of them is counted."""

    lines: int = 0
    unknown: int = 0
    foreign: int = 0
    headings: int = 0
    strange: int = 0
    example: bytes = b""
    """One of the unknown lines."""
    told: Mapping[bytes, Verdict] = field(default_factory=dict)
    """Each of the lines that are not plainly counted, where that was asked for."""


def together(tallies: Iterable[Tally]) -> Tally:
    """What became of the lines of several blocks."""
    some = list(tallies)
    return Tally(
        lines=sum(one.lines for one in some),
        unknown=sum(one.unknown for one in some),
        foreign=sum(one.foreign for one in some),
        headings=sum(one.headings for one in some),
        strange=sum(one.strange for one in some),
        example=next((one.example for one in some if one.example), b""),
        told={line: verdict for one in some for line, verdict in one.told.items()},
    )


class _Sums(NamedTuple):
    """What is in `coded`."""

    clocks: Sequence[_Clock]
    """Times of what was added up, each once."""
    width: int
    lines: int
    again: int
    """Different lines that are to be looked at again."""
    foreign: int
    """Lines of others, of those that were added up."""


class Lane:
    """A thread's own connection to the database of an engine, and the window in which its blocks stand."""

    def __init__(
        self,
        database: Database,
        *,
        ours: Ours,
        now: datetime,
        hours_since: datetime,
        window: Window,
        learned: Learned,
    ) -> None:
        """`learned` is what all lanes know."""
        self.window = window
        """Where blocks are read without a copy."""
        self._database = database
        self._ours = ours
        self._now = now.strftime(ISO)
        self._hours_since = hours_since.strftime(ISO)
        self._days_until = hours_since.replace(hour=0)
        """Of days before it no hours are kept."""
        self._learned = learned
        self._side = Side()
        self._database.run(LANE_TABLES)

    def close(self) -> None:
        self._database.close()
        self.window.close()
        self._side.close()

    def add(self, data: memoryview, *, one: Format, shape: Shape, tell: bool) -> Tally:
        """Adds the facts of `data`, whole lines, to the table `kept`. Raises NoRoom where there is none to spill to.

        Told so, it names the lines that are not plainly counted, which costs time where there are many.
        """
        if CRLF in bytes(data[:HEAD]):
            data = memoryview(bytes(data).replace(CRLF, b"\n"))
        try:
            return self._held(data, one, shape, tell=tell)
        except OSError as error:
            raise NoRoom(f"There is no room for a block of lines: {error.strerror or error}.") from error

    def _held(self, data: memoryview, one: Format, shape: Shape, *, tell: bool) -> Tally:
        """Adds lines that are held. Where they and those of other lanes find no room, half of them, and then the rest,
        beside nobody else who found none.
        """
        stretch = InMemory(data, window=self.window, side=self._side)
        try:
            tally = self._quick(stretch, one, shape, tell=tell)
        except NoRoom:
            middle = bytes(data[: len(data) // 2]).rfind(b"\n") + 1
            if len(data) < _PORTION or not middle:
                raise
            # What stands in the window is read there from its beginning; copies are not.
            halves = (memoryview(bytes(data[:middle])), memoryview(bytes(data[middle:])))
            with self._learned.narrow:
                return together([self._held(half, one, shape, tell=tell) for half in halves])
        return tally or self._line_by_line(data, one, shape, tell=tell)

    def add_unheld(self, stretch: InFile, *, one: Format, shape: Shape) -> Tally | None:
        """The same for lines that stay in their file. None where they must be held to be read: nothing was added."""
        try:
            return self._quick(stretch, one, shape, tell=False)
        except (NoRoom, OSError):
            # Held, there are fewer of them at once.
            return None

    def _quick(self, stretch: Stretch, one: Format, shape: Shape, *, tell: bool) -> Tally | None:
        """Adds what is known of all at once; None, with nothing added, unless every single byte was accounted for."""
        if self._is_odd(stretch, one, shape):
            return None
        fresh = f"{FRESH} OR {NOT_OURS}" if tell else FRESH
        by_day = self._is_old(stretch, one, shape)
        try:
            sums = self._code(stretch, one, shape, fresh, by_day=by_day)
            if by_day and not self._are_before(sums.clocks, self._days_until, one):
                sums = self._code(stretch, one, shape, fresh)
            if self._learn_clocks(sums.clocks, one, strange_too=tell):
                # Few blocks hold such times; their lines are looked at one by one.
                sums = self._code(stretch, one, shape, f"{fresh} OR {ODD_CLOCK}")
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None
        refused = self._refused(stretch)
        if sums.width + sum(len(line) + 1 for line in refused) != stretch.size:
            return None
        odd = [(line, 1) for line in refused]
        if sums.again:
            odd += self._looked_at_again(one, shape)
        elif not odd and self._are_plain(sums.clocks):
            self._database.run(KEEP)
            return Tally(lines=sums.lines, foreign=sums.foreign)
        return self._filled(odd, sums.lines + len(refused), one, shape, tell=tell)

    def _is_odd(self, stretch: Stretch, one: Format, shape: Shape) -> bool:
        """Whether the reader would refuse too many lines, judging by some that lie all over."""
        seen = refused = size = 0
        for number in range(_SAMPLES):
            # What is begun in is passed over, and so is a line that is longer than what is looked at.
            line, end, _ = stretch.part(stretch.size * number // _SAMPLES, HEAD).partition(b"\n")[2].partition(b"\n")
            if end:
                seen += 1
                size += len(line) + 1
                refused += is_refused(line, columns=shape.columns, delimiter=one.delimiter)
        return refused * stretch.size > _REFUSED_MOST * size

    def _is_old(self, stretch: Stretch, one: Format, shape: Shape) -> bool:
        """Whether the first and the last line are of days of which no hours are kept, as are those between then."""
        first = stretch.part(0, LONGEST_LINE)
        last = stretch.part(max(0, stretch.size - LONGEST_LINE), LONGEST_LINE)
        ends = (first.partition(b"\n")[0], last.rstrip(b"\n").rpartition(b"\n")[2])
        read = [one.parse(line, shape) for line in ends]
        return all(line is not None and line.at < self._days_until for line in read)

    def _are_plain(self, clocks: Iterable[_Clock]) -> bool:
        """Whether all times were understood, and are possible ones."""
        return all(clock in self._learned.clocks for clock in clocks)

    def _are_before(self, clocks: Sequence[_Clock], moment: datetime, one: Format) -> bool:
        """Whether all times in `told`, which are these, are."""
        if self._are_plain(clocks):
            return all(self._learned.clocks[clock] < moment for clock in clocks)
        return not self._database.ask(later(one, moment.strftime(ISO)))[0][0]

    def _code(self, stretch: Stretch, one: Format, shape: Shape, fresh: str, *, by_day: bool = False) -> _Sums:
        """Fills `coded` with the lines added up, by the day far fewer rows; those of which `fresh` holds are there as
        they stand.
        """
        with stretch.named() as name:
            source = read_csv(name, columns=shape.columns, delimiter=one.delimiter)
            selected = one.select(f"FROM {source}", shape, by_day=by_day)
            lines = coded(
                f"SELECT *, {width(shape.columns)} AS width FROM ({selected})",
                also=", width",
                again=joined(shape.columns, one.delimiter),
                fresh=fresh,
                ways=self._learned.ways,
            )
            self._database.run(
                "DROP TABLE IF EXISTS refused; DROP TABLE IF EXISTS refused_in; TRUNCATE coded; TRUNCATE lines; "
                f"INSERT INTO coded SELECT {_CODED}, count(*), sum(bytes), sum(width) FROM ({lines}) GROUP BY ALL"
            )
        return self._sums()

    def _sums(self) -> _Sums:
        by_clock = self._database.ask(SUMS)
        width, lines, again, foreign = (sum(int(row[at]) for row in by_clock) for at in range(2, 6))
        clocks = [(clock, zone) for clock, zone, *_ in by_clock if clock is not None and zone is not None]
        return _Sums(clocks, width, lines, again, foreign)

    def _learn_clocks(self, clocks: Sequence[_Clock], one: Format, *, strange_too: bool) -> bool:
        """Understands the times in `told`, which are these; gives whether some of them are odd."""
        if self._are_plain(clocks):
            return False
        with self._learned.changing():
            self._database.run(learn_clocks(one, now=self._now, hours_since=self._hours_since, strange_too=strange_too))
            plain = self._database.ask(PLAIN_CLOCKS)
            self._learned.clocks.update({(clock, zone): hour.replace(tzinfo=UTC) for clock, zone, hour in plain})
        return bool(self._database.ask("SELECT count(*) FROM told SEMI JOIN odd_clocks USING (clock, zone)")[0][0])

    def _refused(self, stretch: Stretch) -> list[bytes]:
        """Lines that the reader of CSV refused, as they stand in the file."""
        # Positions are counted from one.
        places = [at - 1 for (at,) in self._database.ask("SELECT DISTINCT line_byte_position FROM refused")]
        return [_line_at(stretch, at) for at in places]

    def _looked_at_again(self, one: Format, shape: Shape) -> list[tuple[bytes, int]]:
        """Puts into `lines` what was new in the block and is plain; gives the lines that are not, with how often."""
        texts = "(SELECT row_number() OVER () AS number, again AS line, n AS times FROM coded WHERE again IS NOT NULL)"
        parts = parted(texts, columns=shape.columns, delimiter=one.delimiter)
        columns = ("zone", "op", "target", "referer", "agent", "signed", "bytes")
        needed = " AND ".join([f"{name} IS NOT NULL" for name in columns] + [f"{stamp(one)} IS NOT NULL"])
        self._database.run(
            f"CREATE OR REPLACE TEMP TABLE second AS SELECT number, line, times, {_NAMES}, "
            f"coalesce(plain AND status >= 0 AND {needed}, false) AS plain FROM ({one.select(parts, shape)}); "
            f"INSERT INTO lines SELECT number, times, {_NAMES} FROM second WHERE plain"
        )
        return [
            (text.encode(), int(n)) for text, n in self._database.ask("SELECT line, times FROM second WHERE NOT plain")
        ]

    def _line_by_line(self, data: memoryview, one: Format, shape: Shape, *, tell: bool) -> Tally:
        """Adds lines the exact way alone, some at a time, since they take far more memory than their bytes."""
        tallies = []
        at = 0
        while at < len(data):
            some = bytes(data[at : at + _PORTION])
            end = some.rfind(b"\n") + 1
            lines = some[: end - 1].split(b"\n")
            self._database.run("TRUNCATE coded; TRUNCATE lines")
            tally = self._filled([(line, 1) for line in lines], len(lines), one, shape, tell=tell)
            if tally is None:
                raise AssertionError("A line that was read exactly was not counted.")
            tallies.append(tally)
            at += end
        return together(tallies)

    def _filled(
        self, odd: Sequence[tuple[bytes, int]], count: int, one: Format, shape: Shape, *, tell: bool
    ) -> Tally | None:
        """Adds what is in `coded`, in `lines` and what goes the exact way, each with how often it comes.

        None, with nothing added, unless these are all of `count` lines.
        """
        exact: list[bytes] = []
        unread: list[tuple[bytes, int, bool]] = []
        for at in range(0, len(odd), _AT_ONCE):
            lines: list[tuple[int, Line]] = []
            for text, n in odd[at : at + _AT_ONCE]:
                line = one.parse(text.removesuffix(b"\r"), shape)
                if line is None:
                    unread.append((text, n, one.is_heading(text)))
                else:
                    lines.append((n, line))
                    exact.append(text)
            self._exact(lines, before=len(exact) - len(lines))
        told: dict[bytes, Verdict] = {}
        if self._database.ask("SELECT count(*) FROM lines")[0][0]:
            known = coded("FROM lines", also=", number, times", again="NULL::VARCHAR", fresh="false")
            add = f"INSERT INTO coded SELECT {_CODED}, sum(times), sum(times * bytes), 0 FROM ({known}) GROUP BY ALL"
            self._database.run(add)
            if self._database.ask("SELECT count(*) FROM coded WHERE pack IS NULL AND again IS NULL")[0][0]:
                with self._learned.changing():
                    for new, statement in zip(self._database.ask(NEW)[0], learn(one, ours=self._ours), strict=True):
                        if new:
                            self._database.run(statement)
                    self._learned.ways = self._database.ask(WAYS)
                # Lines that were read take their width from there.
                self._database.run(f"DELETE FROM coded WHERE width = 0; {add}")
            self._learn_clocks(self._sums().clocks, one, strange_too=tell)
            if tell:
                # Lines that were read the exact way are numbered below nothing.
                for number, text, foreign in self._database.ask(
                    f"SELECT number, line, foreign_line FROM (SELECT number, {NOT_OURS} AS foreign_line FROM ({known}) "
                    f"JOIN clocks USING (clock, zone) WHERE {NOT_OURS} OR strange) "
                    "LEFT JOIN (SELECT number, line FROM second) USING (number)"
                ):
                    told[exact[-1 - number] if number < 0 else text.encode()] = "foreign" if foreign else "strange"
        ((counted, foreign, strange),) = self._database.ask(SEEN)
        if int(counted) + sum(n for _, n, _ in unread) != count:
            return None
        if tell:
            told |= {text: "heading" if heading else "unknown" for text, _, heading in unread}
        self._database.run(KEEP)
        return Tally(
            lines=count,
            unknown=sum(n for _, n, heading in unread if not heading),
            foreign=int(foreign),
            headings=sum(n for _, n, heading in unread if heading),
            strange=int(strange),
            example=next((text for text, _, heading in unread if not heading), b""),
            told=told,
        )

    def _exact(self, lines: Sequence[tuple[int, Line]], *, before: int) -> None:
        """Adds what was read line by line to `lines`, each with how often it comes; `before` were added already."""
        if not lines:
            return
        columns = (("number", "INTEGER"), ("times", "BIGINT"), *COLUMNS)
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        plain = [
            (-1 - at, n, line.at.replace(minute=0, second=0, microsecond=0, tzinfo=None).isoformat(sep=" "), EXACT,
             *line[1:])
            for at, (n, line) in enumerate(lines, before)
        ]  # fmt: skip
        path = self._side.hold(json_lines([name for name, _ in columns], plain))
        self._database.run(
            f"INSERT INTO lines FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})"
        )


def _line_at(stretch: Stretch, at: int) -> bytes:
    """The line that begins there; nothing where it is too long, so that bytes are missing.

    There may be millions of them: few bytes are looked at first.
    """
    size = HEAD
    while b"\n" not in (some := stretch.part(at, size)) and size < LONGEST_LINE:
        size = LONGEST_LINE
    line, end, _ = some.partition(b"\n")
    return line if end else b""

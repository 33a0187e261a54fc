"""DuckDB at work: blocks of lines in, facts out, with flat memory. It reads nothing from the network, ever.

A block goes the quick way, DuckDB's own reader of CSV or JSON, which adds up at once whatever is made of texts that
were met before. Lines with new texts are looked at again, once those are understood. Lines that the reader refuses or
that look odd go the exact way, a regular expression in Python, and join the others. What was read must be as many bytes
as the block holds: where it is not, the whole block goes the exact way.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import duckdb

from pictogame.stats.classify import (
    EXACT,
    FACTS,
    FRESH,
    KEEP,
    LEARNED,
    NEW,
    NOT_OURS,
    ODD_CLOCK,
    SEEN,
    TABLES,
    Ours,
    coded,
    facts,
    learn,
    learn_clocks,
    stamp,
)
from pictogame.stats.errors import NoRoom
from pictogame.stats.formats.line import COLUMNS, LONGEST_LINE, Format, Line, Shape, joined, parted, read_csv, width
from pictogame.stats.reading import BLOCK
from pictogame.stats.window import Window

_WORDS_MOST = 1_000_000
"""Games, pictures and hosts that are remembered from transaction to transaction."""
_BESIDES = 48
"""Bytes that a text takes besides its own."""
_NAMES = ", ".join(name for name, _ in COLUMNS)
_ISO = "%Y-%m-%d %H:%M:%S"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_CODED = "clock, zone, target, page, host, country, pack, again"

Verdict = Literal["unknown", "foreign", "heading", "strange"]
_MERGED = ", ".join(name for name, _ in FACTS if name not in {"n", "size"})


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


class Engine:
    """Facts of many blocks, of one ingest. Use it in a `with`."""

    def __init__(
        self, *, ours: Ours, now: datetime, scratch: Path, memory_mb: int, threads: int, hours_since: datetime = _NEVER
    ) -> None:
        """`now` takes the place of impossible times; facts from before `hours_since` need no hour, but their day.

        DuckDB spills into `scratch` beyond `memory_mb`.
        """
        self._ours = ours
        self._now = now.strftime(_ISO)
        self._hours_since = hours_since.strftime(_ISO)
        self._scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)
        self.window = Window(min(BLOCK, memory_mb << 18), scratch=scratch)
        """Where blocks are read without a copy: a quarter of the memory, since one full of new texts is held twice."""
        self._learned_most = memory_mb << 17
        """Bytes of texts that are remembered from block to block: an eighth of the memory."""
        self._side = _Side()
        self._learned_of: Format | None = None
        """The format by which texts were understood."""
        self._database = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(scratch),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                # Blocks come under the same name one after another.
                "enable_external_file_cache": False,
            },
        )
        self._database.execute(
            # What was learned is small: without a look at sizes it is what a join looks up, and lines stream past it.
            "SET disabled_optimizers = 'build_side_probe_side,join_order,join_filter_pushdown'; SET TimeZone = 'UTC'; "
            f"SET enable_progress_bar = false; {TABLES}"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self.window.close()
        self._side.close()

    def add(self, data: memoryview, *, one: Format, shape: Shape, tell: bool = False) -> Tally:
        """Adds the facts of `data`, whole lines. Raises NoRoom where there is none to spill to.

        Told so, it names the lines that are not plainly counted, which costs time where there are many.
        """
        if b"\r\n" in bytes(data[:4096]):
            data = memoryview(bytes(data).replace(b"\r\n", b"\n"))
        try:
            self._understand_as(one)
            tally = self._quick(data, one, shape, tell=tell) or self._line_by_line(data, one, shape, tell=tell)
            self._run(KEEP)
        except OSError as error:
            raise NoRoom(f"There is no room for a block of lines: {error.strerror or error}.") from error
        return tally

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over the table `facts` gives. Raises NoRoom."""
        self._fold()
        return self._ask(sql)

    def keep(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Makes a table of the rows, texts and numbers, for queries beside `facts`."""
        self._run(f"CREATE OR REPLACE TABLE {table} ({columns})")
        names = [column.split()[0] for column in columns.split(", ")]
        kinds = ", ".join(f"'{column.split()[0]}': '{column.split()[1]}'" for column in columns.split(", "))
        if rows:
            path = self._side.hold(_json_lines(names, rows))
            self._run(f"INSERT INTO {table} FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})")

    def compact(self) -> int:
        """Merges facts that are alike; gives how many are left."""
        self._fold()
        self._run(
            f"CREATE OR REPLACE TABLE merged AS SELECT {_MERGED}, sum(n)::BIGINT AS n, sum(size)::BIGINT AS size "
            "FROM counts GROUP BY ALL; TRUNCATE counts; INSERT INTO counts BY NAME FROM merged; DROP TABLE merged"
        )
        return self.facts

    @property
    def facts(self) -> int:
        """How many are held."""
        return int(self._ask("SELECT (SELECT count(*) FROM counts) + (SELECT count(*) FROM kept)")[0][0])

    def clear(self) -> None:
        """Forgets the facts: they are in the database of record."""
        self._run("TRUNCATE counts; TRUNCATE kept")
        if self.rows("SELECT count(*) FROM words")[0][0] > _WORDS_MOST:
            self._forget()

    def _fold(self) -> None:
        """Makes facts of what was kept of blocks."""
        if self._learned_of and self._ask("SELECT count(*) FROM kept")[0][0]:
            self._run(f"INSERT INTO counts {facts(self._learned_of)}; TRUNCATE kept")

    def _run(self, sql: str) -> Any:
        """The connection, with what the SQL gives. Raises NoRoom where DuckDB finds none."""
        # An annotation that holds DuckDB's type at the end of the process makes its library complain of leaks.
        try:
            return self._database.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise NoRoom(
                "There is too little memory for the sums: raise PICTOGAME_STATS_MEMORY_MB, or make room on the disk."
            ) from error
        except duckdb.IOException as error:
            raise NoRoom(f"Sums could not be put aside in {self._scratch}: is the disk full?") from error

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._run(sql).fetchall()
        return rows

    def _quick(self, data: memoryview, one: Format, shape: Shape, *, tell: bool) -> Tally | None:
        """Fills `block`; None unless every single byte was accounted for."""
        source = read_csv(self._path_of(data), columns=shape.columns, delimiter=one.delimiter)
        lines = f"SELECT *, {width(shape.columns)} AS width FROM ({one.select(f'FROM {source}', shape)})"
        line = joined(shape.columns, one.delimiter)
        fresh = f"{FRESH} OR {NOT_OURS}" if tell else FRESH
        try:
            self._code(coded(lines, also=", width", again=line, fresh=fresh))
            if self._learn_clocks(one, strange_too=tell):
                # Few blocks hold such times; their lines are looked at one by one.
                self._code(coded(lines, also=", width", again=line, fresh=f"{fresh} OR {ODD_CLOCK}"))
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None
        refused = self._refused(data)
        ((seen, counted, again),) = self._ask(
            "SELECT coalesce(sum(width), 0), coalesce(sum(n), 0), count(again) FROM coded"
        )
        if int(seen) + sum(len(line) + 1 for line in refused) != len(data):
            return None
        odd = [(line, 1) for line in refused]
        if again:
            odd += self._looked_at_again(one, shape)
        return self._filled(odd, int(counted) + len(refused), one, shape, tell=tell)

    def _code(self, lines: str) -> None:
        """Fills `coded` with what the SQL `lines` gives, added up."""
        self._run(
            "DROP TABLE IF EXISTS refused; DROP TABLE IF EXISTS refused_in; TRUNCATE coded; TRUNCATE lines; "
            f"INSERT INTO coded SELECT {_CODED}, count(*), sum(bytes), sum(width) FROM ({lines}) GROUP BY ALL"
        )

    def _learn_clocks(self, one: Format, *, strange_too: bool) -> bool:
        """Understands the times in `coded`; gives whether some of them are odd."""
        self._run(learn_clocks(one, now=self._now, hours_since=self._hours_since, strange_too=strange_too))
        return bool(
            self._ask("SELECT count(*) FROM coded SEMI JOIN odd_clocks USING (clock, zone) WHERE again IS NULL")[0][0]
        )

    def _path_of(self, data: memoryview) -> str:
        """A name by which DuckDB finds these bytes: that of the window, where they begin it."""
        return self.window.cut(len(data)) if data.obj is self.window.view.obj else self._side.hold(data)

    def _refused(self, data: memoryview) -> list[bytes]:
        """Lines that the reader of CSV refused, as they stand in the block."""
        # Positions are counted from one.
        places = [at - 1 for (at,) in self._ask("SELECT DISTINCT line_byte_position FROM refused")]
        return [bytes(data[at : at + LONGEST_LINE]).partition(b"\n")[0] for at in places]

    def _looked_at_again(self, one: Format, shape: Shape) -> list[tuple[bytes, int]]:
        """Puts into `lines` what was new in the block and is plain; gives the lines that are not, with how often."""
        texts = "(SELECT row_number() OVER () AS number, again AS line, n AS times FROM coded WHERE again IS NOT NULL)"
        parts = parted(texts, columns=shape.columns, delimiter=one.delimiter)
        columns = ("zone", "op", "target", "referer", "agent", "signed", "bytes")
        needed = " AND ".join([f"{name} IS NOT NULL" for name in columns] + [f"{stamp(one)} IS NOT NULL"])
        self._run(
            f"CREATE OR REPLACE TABLE second AS SELECT number, line, times, {_NAMES}, "
            f"coalesce(plain AND status >= 0 AND {needed}, false) AS plain FROM ({one.select(parts, shape)}); "
            f"INSERT INTO lines SELECT number, times, {_NAMES} FROM second WHERE plain"
        )
        return [(text.encode(), int(n)) for text, n in self._ask("SELECT line, times FROM second WHERE NOT plain")]

    def _line_by_line(self, data: memoryview, one: Format, shape: Shape, *, tell: bool) -> Tally:
        """Fills `block` the exact way alone."""
        self._run("TRUNCATE coded; TRUNCATE lines")
        lines = bytes(data[:-1]).split(b"\n")
        tally = self._filled([(line, 1) for line in lines], len(lines), one, shape, tell=tell)
        if tally is None:
            raise AssertionError("A line that was read exactly was not counted.")
        return tally

    def _filled(
        self, odd: Sequence[tuple[bytes, int]], count: int, one: Format, shape: Shape, *, tell: bool
    ) -> Tally | None:
        """Makes `block` of `coded`, of `lines` and of those that go the exact way, each with how often it comes.

        None unless all of `count` lines are in it.
        """
        read = [(text, n, one.parse(text, shape)) for text, n in odd]
        exact = [(text, n, line) for text, n, line in read if line is not None]
        self._exact([(n, line) for _, n, line in exact])
        told: dict[bytes, Verdict] = {}
        if self._ask("SELECT count(*) FROM lines")[0][0]:
            for new, statement in zip(self._ask(NEW)[0], learn(one, ours=self._ours), strict=True):
                if new:
                    self._run(statement)
            known = coded("FROM lines", also=", number, times", again="NULL::VARCHAR", fresh="false")
            self._run(
                f"INSERT INTO coded SELECT {_CODED}, sum(times), sum(times * bytes), 0 FROM ({known}) GROUP BY ALL"
            )
            self._learn_clocks(one, strange_too=tell)
            if tell:
                # Lines that were read the exact way are numbered below nothing.
                for number, text, foreign in self._ask(
                    f"SELECT number, line, foreign_line FROM (SELECT number, {NOT_OURS} AS foreign_line FROM ({known}) "
                    f"JOIN clocks USING (clock, zone) WHERE {NOT_OURS} OR strange) "
                    "LEFT JOIN (SELECT number, line FROM second) USING (number)"
                ):
                    line = exact[-1 - number][0] if number < 0 else text.encode()
                    told[line] = "foreign" if foreign else "strange"
        ((counted, foreign, strange),) = self._ask(SEEN)
        unread = [(text, n, one.is_heading(text)) for text, n, line in read if line is None]
        if int(counted) + sum(n for _, n, _ in unread) != count:
            return None
        if tell:
            told |= {text: "heading" if heading else "unknown" for text, _, heading in unread}
        return Tally(
            lines=count,
            unknown=sum(n for _, n, heading in unread if not heading),
            foreign=int(foreign),
            headings=sum(n for _, n, heading in unread if heading),
            strange=int(strange),
            example=next((text for text, _, heading in unread if not heading), b""),
            told=told,
        )

    def _exact(self, lines: Sequence[tuple[int, Line]]) -> None:
        """Adds what was read line by line to `lines`, each with how often it comes."""
        if not lines:
            return
        columns = (("number", "INTEGER"), ("times", "BIGINT"), *COLUMNS)
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        plain = [
            (-1 - at, n, line.at.replace(minute=0, second=0, microsecond=0, tzinfo=None).isoformat(sep=" "), EXACT,
             *line[1:])
            for at, (n, line) in enumerate(lines)
        ]  # fmt: skip
        path = self._side.hold(_json_lines([name for name, _ in columns], plain))
        self._run(f"INSERT INTO lines FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})")

    def _understand_as(self, one: Format) -> None:
        """Forgets what texts mean in another format, or when there are too many; facts hold the numbers of words."""
        ((known,),) = self._ask(
            f"SELECT sum(bytes) FROM (SELECT coalesce(sum(strlen(target) + {_BESIDES}), 0) AS bytes FROM targets "
            f"UNION ALL SELECT coalesce(sum(strlen(referer) + {_BESIDES}), 0) FROM referers "
            f"UNION ALL SELECT coalesce(sum(strlen(agent) + {_BESIDES}), 0) FROM agents)"
        )
        if self._learned_of is None or self._learned_of.name != one.name or known > self._learned_most:
            self._fold()
            self._run("; ".join(f"TRUNCATE {table}" for table in LEARNED if table != "words"))
            self._learned_of = one

    def _forget(self) -> None:
        self._fold()
        self._run("; ".join(f"TRUNCATE {table}" for table in LEARNED))


def _json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return b"".join(json.dumps(dict(zip(names, row, strict=True))).encode() + b"\n" for row in rows)


class _Side:
    """A file in memory that DuckDB reads by name, used again and again; a file on the disk where there are no such."""

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self._descriptor = os.memfd_create("pictogame-log")
            self.name = f"/proc/self/fd/{self._descriptor}"
        else:
            self._descriptor, self.name = tempfile.mkstemp(prefix="pictogame-log-")

    def hold(self, data: bytes | memoryview) -> str:
        """Makes these bytes what the name stands for, and gives the name."""
        left, at = memoryview(data), 0
        while left:
            written = os.pwrite(self._descriptor, left, at)
            left, at = left[written:], at + written
        os.ftruncate(self._descriptor, at)
        return self.name

    def close(self) -> None:
        os.close(self._descriptor)
        if not self.name.startswith("/proc/"):
            os.unlink(self.name)  # noqa: PTH108

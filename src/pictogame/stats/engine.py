"""DuckDB at work: blocks of lines in, facts out, with flat memory. It reads nothing from the network, ever.

A block goes the quick way, DuckDB's own reader of CSV or JSON. Lines that it refuses or that look odd go the exact
way, a regular expression in Python, and join the others; what both read must be as many lines as the block holds. Where
it is not, the whole block goes the exact way.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from pictogame.stats.classify import EXACT, FACTS, LEARNED, TABLES, Ours, coded, facts, learn
from pictogame.stats.errors import NoRoom
from pictogame.stats.formats.line import COLUMNS, LONGEST_LINE, Format, Line, Shape

_LEARNED_MOST = 1_000_000
"""Texts that are remembered from block to block."""
_NAMES = ", ".join(name for name, _ in COLUMNS)
_MERGED = ", ".join(name for name, _ in FACTS if name not in {"n", "size"})


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the lines of a block. What is left is counted."""

    unknown: int = 0
    foreign: int = 0
    headings: int = 0
    strange: int = 0
    example: bytes = b""
    """One of the unknown lines."""


class Engine:
    """Facts of many blocks, of one ingest. Use it in a `with`."""

    def __init__(self, *, ours: Ours, now: datetime, scratch: Path, memory_mb: int, threads: int) -> None:
        """`now` takes the place of impossible times. DuckDB spills into `scratch` beyond `memory_mb`."""
        self._ours = ours
        self._now = now.strftime("%Y-%m-%d %H:%M:%S")
        self._scratch = scratch
        self._window = _Window()
        self._learned_of = ""
        """The format by which texts were understood."""
        scratch.mkdir(parents=True, exist_ok=True)
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
            f"SET disabled_optimizers = 'build_side_probe_side,join_order,join_filter_pushdown'; SET TimeZone = 'UTC'; "
            f"{TABLES}; CREATE TABLE block AS FROM counts"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._window.close()

    def add(self, data: memoryview, *, lines: int, one: Format, shape: Shape) -> Tally:
        """Adds the facts of `data`, whole lines that number `lines`. Raises NoRoom where there is none to spill to."""
        if b"\r\n" in bytes(data[:4096]):
            data = memoryview(bytes(data).replace(b"\r\n", b"\n"))
        try:
            tally = self._quick(data, lines, one, shape) or self._line_by_line(data, one, shape)
            self._database.execute("INSERT INTO counts FROM block WHERE ours")
        except duckdb.OutOfMemoryException as error:
            raise NoRoom(
                "There is too little memory for the sums: raise PICTOGAME_STATS_MEMORY_MB, or make room on the disk."
            ) from error
        except duckdb.IOException as error:
            raise NoRoom(f"Sums could not be put aside in {self._scratch}: is the disk full?") from error
        return tally

    def add_clean(self, data: bytes, *, lines: int, one: Format, shape: Shape) -> bool:
        """Adds the facts of lines of several logs, if all are of our bucket and none is odd; else nothing."""
        tally = self._quick(memoryview(data), lines, one, shape)
        if tally != Tally():
            return False
        self._database.execute("INSERT INTO counts FROM block")
        return True

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query over the table `facts` gives."""
        return self._database.execute(sql, list(parameters)).fetchall()

    def keep(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Makes a table of the rows, texts and numbers, for queries beside `facts`."""
        self._database.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
        names = [column.split()[0] for column in columns.split(", ")]
        kinds = ", ".join(f"'{column.split()[0]}': '{column.split()[1]}'" for column in columns.split(", "))
        if rows:
            path = self._window.hold(_json_lines(names, rows))
            self._database.execute(
                f"INSERT INTO {table} FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})"
            )

    def compact(self) -> int:
        """Merges facts that are alike; gives how many are left."""
        self._database.execute(
            f"CREATE OR REPLACE TABLE merged AS SELECT {_MERGED}, sum(n)::BIGINT AS n, sum(size)::BIGINT AS size "
            "FROM counts GROUP BY ALL; TRUNCATE counts; INSERT INTO counts BY NAME FROM merged; DROP TABLE merged"
        )
        return self.facts

    @property
    def facts(self) -> int:
        """How many are held."""
        return int(self.rows("SELECT count(*) FROM counts")[0][0])

    def clear(self) -> None:
        """Forgets the facts: they are in the database of record."""
        self._database.execute("TRUNCATE counts")
        if self.rows("SELECT count(*) FROM words")[0][0] > _LEARNED_MOST:
            self._forget()

    def _quick(self, data: memoryview, lines: int, one: Format, shape: Shape) -> Tally | None:
        """Fills `block`; None unless every single line was accounted for."""
        path = self._window.hold(data)
        try:
            self._understand_as(one)
            self._database.execute(
                "TRUNCATE lines; DROP TABLE IF EXISTS refused; DROP TABLE IF EXISTS refused_in; "
                f"CREATE OR REPLACE TABLE coded AS {self._coded(one.select(path, shape), one)}; "
                f"INSERT INTO lines BY NAME SELECT {_NAMES} FROM coded WHERE fresh AND text IS NULL"
            )
            odd = self._refused(data)
            odd += [text.encode() for (text,) in self.rows("SELECT text FROM coded WHERE text IS NOT NULL")]
            plain = int(self.rows("SELECT count(*) - count(text) FROM coded")[0][0])
            return self._filled(odd, lines, one, shape) if plain + len(odd) == lines else None
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None

    def _refused(self, data: memoryview) -> list[bytes]:
        """Lines that the reader of CSV refused, as they stand in the block."""
        # Positions are counted from one.
        places = [at - 1 for (at,) in self.rows("SELECT DISTINCT line_byte_position FROM refused")]
        return [bytes(data[at : at + LONGEST_LINE]).partition(b"\n")[0] for at in places]

    def _line_by_line(self, data: memoryview, one: Format, shape: Shape) -> Tally:
        """Fills `block` the exact way alone."""
        self._understand_as(one)
        self._database.execute(f"TRUNCATE lines; CREATE OR REPLACE TABLE coded AS {self._coded('FROM lines', one)}")
        lines = bytes(data[:-1]).split(b"\n")
        tally = self._filled(lines, len(lines), one, shape)
        if tally is None:
            raise AssertionError("A line that was read exactly was not counted.")
        return tally

    def _filled(self, odd: Sequence[bytes], count: int, one: Format, shape: Shape) -> Tally | None:
        """Makes `block` of `lines` and of those that go the exact way; None unless all of `count` lines are in it."""
        read = [one.parse(line, shape) for line in odd]
        self._exact([line for line in read if line is not None])
        if self.rows("SELECT count(*) FROM lines")[0][0]:
            self._database.execute(learn(one, ours=self._ours))
        self._database.execute(f"CREATE OR REPLACE TABLE block AS {facts(one, now=self._now)}")
        ((counted, foreign, strange),) = self.rows(
            "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (NOT ours), 0), "
            "coalesce(sum(n) FILTER (ours AND strange), 0) FROM block"
        )
        unread = [text for text, line in zip(odd, read, strict=True) if line is None]
        if int(counted) + len(unread) != count:
            return None
        unknown = [line for line in unread if not one.is_heading(line)]
        return Tally(
            unknown=len(unknown),
            foreign=int(foreign),
            headings=len(unread) - len(unknown),
            strange=int(strange),
            example=unknown[0] if unknown else b"",
        )

    def _exact(self, lines: Sequence[Line]) -> None:
        """Adds what was read line by line to `lines`."""
        if not lines:
            return
        names = [name for name, _ in COLUMNS]
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS)
        plain = [(line.at.replace(tzinfo=None).isoformat(sep=" "), EXACT, *line[1:]) for line in lines]
        path = self._window.hold(_json_lines(names, plain))
        self._database.execute(
            f"INSERT INTO lines ({_NAMES}) SELECT {_NAMES} "
            f"FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})"
        )

    def _coded(self, lines: str, one: Format) -> str:
        return coded(lines, one=one, now=self._now)

    def _understand_as(self, one: Format) -> None:
        """Forgets what texts mean in another format, or when there are too many; facts hold the numbers of words."""
        known = self.rows("SELECT (SELECT count(*) FROM targets) + (SELECT count(*) FROM referers)")[0][0]
        if self._learned_of != one.name or known > _LEARNED_MOST:
            self._database.execute("; ".join(f"TRUNCATE {table}" for table in LEARNED if table != "words"))
            self._learned_of = one.name

    def _forget(self) -> None:
        self._database.execute("; ".join(f"TRUNCATE {table}" for table in LEARNED))


def _json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return b"".join(json.dumps(dict(zip(names, row, strict=True))).encode() + b"\n" for row in rows)


class _Window:
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

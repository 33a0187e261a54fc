"""DuckDB at work: blocks of lines in, facts out, with flat memory. It reads nothing from the network, ever.

A block goes the quick way, DuckDB's own reader of CSV or JSON, and is taken only when every line of it was read. Where
some were not, those go the exact way, a regular expression in Python, and the rest goes the quick way again.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from pictogame.stats.classify import FACTS, Ours, facts
from pictogame.stats.errors import NoRoom
from pictogame.stats.formats.line import COLUMNS, Format, Line, Shape

_FACTS = ", ".join(f"{name} {kind}" for name, kind in FACTS)
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
        self._met_odd = False
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
        self._database.execute(f"SET TimeZone = 'UTC'; CREATE TABLE facts ({_FACTS}); CREATE TABLE block ({_FACTS})")

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
            # Where the last block held odd lines, this one does, too: to find out would be to read it twice.
            tally = None if self._met_odd else self._quick(data, lines, one, shape)
            if tally is None:
                tally = self._sorted_out(data, one, shape)
            self._database.execute("INSERT INTO facts FROM block WHERE ours")
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
        self._database.execute("INSERT INTO facts FROM block")
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
            "FROM facts GROUP BY ALL; DROP TABLE facts; ALTER TABLE merged RENAME TO facts"
        )
        return int(self.rows("SELECT count(*) FROM facts")[0][0])

    def clear(self) -> None:
        """Forgets the facts: they are in the database of record."""
        self._database.execute("TRUNCATE facts")

    def _quick(self, data: memoryview, lines: int, one: Format, shape: Shape) -> Tally | None:
        """Fills `block`; None unless every single line was read."""
        path = self._window.hold(data)
        try:
            self._fill(one.select(path, shape), one)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return None
        read, foreign, strange = self._counts()
        return Tally(foreign=foreign, strange=strange) if read == lines else None

    def _sorted_out(self, data: memoryview, one: Format, shape: Shape) -> Tally:
        """Fills `block` where some lines need the exact way."""
        lines = bytes(data[:-1]).split(b"\n")
        suspect = self._suspects(lines, one, shape)
        self._met_odd = bool(suspect)
        read = [one.parse(lines[at], shape) for at in suspect]
        rest = b"".join(line + b"\n" for at, line in enumerate(lines) if at not in suspect)
        if (len(suspect) < len(lines)) and self._quick(memoryview(rest), len(lines) - len(suspect), one, shape) is None:
            suspect = dict.fromkeys(range(len(lines)))
            read, rest = [one.parse(line, shape) for line in lines], b""
        if not rest:
            self._database.execute("TRUNCATE block")
        self._exact([line for line in read if line is not None], one)
        _, foreign, strange = self._counts()
        odd = [lines[at] for at, line in zip(suspect, read, strict=True) if line is None]
        unknown = [line for line in odd if not one.is_heading(line)]
        return Tally(
            unknown=len(unknown),
            foreign=foreign,
            headings=len(odd) - len(unknown),
            strange=strange,
            example=unknown[0] if unknown else b"",
        )

    def _suspects(self, lines: Sequence[bytes], one: Format, shape: Shape) -> dict[int, None]:
        """Numbers of the lines that the quick way may refuse: those unlike most others, and those that are no ASCII."""
        if not one.mark:
            return dict.fromkeys(
                at for at, line in enumerate(lines) if not line.isascii() or one.parse(line, shape) is None
            )
        counts = [line.count(one.mark) for line in lines]
        ((usual, _),) = Counter(counts).most_common(1)
        return dict.fromkeys(at for at, line in enumerate(lines) if counts[at] != usual or not line.isascii())

    def _exact(self, lines: Sequence[Line], one: Format) -> None:
        """Adds what was read line by line to `block`."""
        if not lines:
            return
        names = [name for name, _ in COLUMNS]
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS)
        plain = [(line.at.replace(tzinfo=None).isoformat(sep=" "), *line[1:]) for line in lines]
        path = self._window.hold(_json_lines(names, plain))
        source = f"SELECT * FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})"
        self._database.execute(f"INSERT INTO block {facts(source, one=one, ours=self._ours, now=self._now)}")

    def _fill(self, source: str, one: Format) -> None:
        self._database.execute("TRUNCATE block")
        self._database.execute(f"INSERT INTO block {facts(source, one=one, ours=self._ours, now=self._now)}")

    def _counts(self) -> tuple[int, int, int]:
        ((read, foreign, strange),) = self.rows(
            "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (NOT ours), 0), "
            "coalesce(sum(n) FILTER (ours AND strange), 0) FROM block"
        )
        return int(read), int(foreign), int(strange)


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

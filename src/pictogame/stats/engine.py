"""DuckDB at work: blocks of lines in, by several lanes at once, facts out, with flat memory."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pictogame.stats.classify import FACTS, LEARNED, TABLES, Ours, facts
from pictogame.stats.database import Database
from pictogame.stats.formats.line import Format, Shape
from pictogame.stats.lane import Lane, Tally
from pictogame.stats.learned import Learned
from pictogame.stats.reading import BLOCK
from pictogame.stats.side import Side, json_lines
from pictogame.stats.stretch import InFile
from pictogame.stats.window import Window

_WORDS_MOST = 1_000_000
"""Games, pictures and hosts that are remembered from transaction to transaction."""
_BESIDES = 48
"""Bytes that a text takes besides its own."""
_LANE_MB = 64
"""Memory that a lane needs at least."""
_SWAP = "ALTER TABLE cut RENAME TO empty; ALTER TABLE kept RENAME TO cut; ALTER TABLE empty RENAME TO kept"
"""SQL that makes what was kept the cut; there is none before."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_MERGED = ", ".join(name for name, _ in FACTS if name not in {"n", "size"})


class Engine:
    """Facts of many blocks, of one ingest. Use it in a `with`."""

    def __init__(
        self, *, ours: Ours, now: datetime, scratch: Path, memory_mb: int, threads: int, hours_since: datetime = _NEVER
    ) -> None:
        """`now` takes the place of impossible times; facts from before `hours_since` need no hour, but their day.

        DuckDB spills into `scratch` beyond `memory_mb`.
        """
        scratch.mkdir(parents=True, exist_ok=True)
        self._learned_most = memory_mb << 17
        """Bytes of texts that are remembered from block to block: an eighth of the memory."""
        self._learned_of: Format | None = None
        """The format by which texts were understood."""
        self._turn = threading.Condition()
        self._users = 0
        """Lanes, and a cut, that work with what was learned: it is forgotten when there are none."""
        self._cutting = False
        self._folds = 0
        """How often facts were added to the table `counts`: those of one time are merged already."""
        self._side = Side()
        self._database = Database.new(scratch=scratch, memory_mb=memory_mb)
        self._database.run(TABLES)
        self._keeper = self._database.another()
        """The connection of whoever holds `_turn`."""
        self._learned = Learned()
        self._is_full = False
        count = max(1, min(threads, memory_mb // _LANE_MB))
        # A quarter of the memory for all windows, since one full of new texts is held twice.
        size = min(BLOCK, (memory_mb << 18) // count)
        self.lanes = tuple(
            Lane(
                self._database.another(),
                ours=ours,
                now=now,
                hours_since=hours_since,
                window=Window(size, scratch=scratch),
                learned=self._learned,
            )
            for _ in range(count)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for lane in self.lanes:
            lane.close()
        self._keeper.close()
        self._database.close()
        self._side.close()

    def add(
        self, data: memoryview, *, one: Format, shape: Shape, tell: bool = False, lane: Lane | None = None
    ) -> Tally:
        """Adds the facts of `data`, whole lines, in the thread of a lane. Raises NoRoom.

        Told so, it names the lines that are not plainly counted, which costs time where there are many.
        """
        with self._understanding(one):
            return (lane or self.lanes[0]).add(data, one=one, shape=shape, tell=tell)

    def add_unheld(self, stretch: InFile, *, one: Format, shape: Shape, lane: Lane) -> Tally | None:
        """The same for lines that stay in their file; None where they must be held: then nothing was added."""
        with self._understanding(one):
            return lane.add_unheld(stretch, one=one, shape=shape)

    def knows(self, one: Format) -> bool:
        """Whether texts of the format were looked at already."""
        return self._learned_of is not None and self._learned_of.name == one.name

    @contextmanager
    def cut(self) -> Iterator[bool]:
        """What was added until now is what `rows` tells of inside; it is forgotten at the end.

        No lane may be at work when it begins. Gives whether they may be until it ends: not when so many words
        were met that they are forgotten then.
        """
        full = self._database.ask("SELECT count(*) FROM words")[0][0] > _WORDS_MOST
        with self._turn:
            self._users += 1
        try:
            self._database.run(_SWAP)
            self._cutting = True
            yield not full
            if full:
                self.clear()
            self._database.run("TRUNCATE cut; TRUNCATE counts")
            self._folds = 0
        finally:
            with self._turn:
                self._cutting = False
                self._users -= 1
                self._turn.notify_all()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over the table `facts` gives. Raises NoRoom."""
        self._fold(self._database)
        return self._database.ask(sql)

    def keep(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Makes a table of the rows, texts and numbers, for queries beside `facts`."""
        self._database.run(f"CREATE OR REPLACE TABLE {table} ({columns})")
        names = [column.split()[0] for column in columns.split(", ")]
        kinds = ", ".join(f"'{column.split()[0]}': '{column.split()[1]}'" for column in columns.split(", "))
        if rows:
            path = self._side.hold(json_lines(names, rows))
            self._database.run(
                f"INSERT INTO {table} FROM read_json('{path}', format='newline_delimited', columns={{{kinds}}})"
            )

    def compact(self) -> None:
        """Merges facts that are alike."""
        self._fold(self._database)
        if self._folds > 1:
            self._database.run(
                f"CREATE OR REPLACE TABLE merged AS SELECT {_MERGED}, sum(n)::BIGINT AS n, sum(size)::BIGINT AS size "
                "FROM counts GROUP BY ALL; TRUNCATE counts; INSERT INTO counts BY NAME FROM merged; DROP TABLE merged"
            )
            self._folds = 1

    @property
    def facts(self) -> int:
        """How many are held."""
        return int(self._database.ask("SELECT (SELECT count(*) FROM counts) + (SELECT count(*) FROM kept)")[0][0])

    def clear(self) -> None:
        """Forgets all facts and words. No lane may be at work."""
        self._database.run("; ".join(f"TRUNCATE {table}" for table in ("kept", "cut", "counts", *LEARNED)))
        self._learned.forget()
        self._folds = 0

    def _fold(self, database: Database) -> None:
        """Makes facts of what was kept of blocks: of the cut, where there is one, since lanes add to the rest."""
        of = "cut" if self._cutting else "kept"
        if self._learned_of and database.ask(f"SELECT count(*) FROM {of}")[0][0]:
            database.run(f"INSERT INTO counts {facts(self._learned_of, of=of)}; TRUNCATE {of}")
            self._folds += 1

    @contextmanager
    def _understanding(self, one: Format) -> Iterator[None]:
        """What was learned stays meanwhile, and is of this format and not too much."""
        with self._turn:
            while not self.knows(one) or self._has_too_much():
                if self._users == 0:
                    # Facts hold the numbers of words, which stay.
                    self._fold(self._keeper)
                    self._keeper.run("; ".join(f"TRUNCATE {table}" for table in LEARNED if table != "words"))
                    self._learned.forget()
                    self._learned_of = one
                    break
                self._turn.wait()
            self._users += 1
        try:
            yield
        finally:
            with self._turn:
                self._users -= 1
                self._turn.notify_all()

    def _has_too_much(self) -> bool:
        if not self._learned.has_grown:
            return self._is_full
        self._learned.has_grown = False
        texts = " UNION ALL ".join(
            f"SELECT coalesce(sum(strlen({text}) + {_BESIDES}), 0) AS bytes FROM {text}s"
            for text in ("target", "referer", "agent")
        )
        ((known,),) = self._keeper.ask(f"SELECT sum(bytes) FROM ({texts})")
        self._is_full = int(known) > self._learned_most
        return self._is_full

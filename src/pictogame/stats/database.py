"""DuckDB in memory, asked in SQL. It reads nothing from the network, ever."""

from pathlib import Path
from typing import Any, Self

import duckdb

from pictogame.stats.errors import NoRoom

_SETTINGS = (
    # What was learned is small: without a look at sizes it is what a join looks up, and lines stream past it.
    "SET disabled_optimizers = 'build_side_probe_side,join_order,join_filter_pushdown'; SET TimeZone = 'UTC'; "
    "SET enable_progress_bar = false"
)


class Database:
    """A connection to a database, for one thread."""

    def __init__(self, connection: Any, *, scratch: Path) -> None:
        self._connection = connection
        self._scratch = scratch
        self.run(_SETTINGS)

    @classmethod
    def new(cls, *, scratch: Path, memory_mb: int) -> Self:
        """The first connection. It spills into `scratch` beyond `memory_mb`."""
        config: dict[str, Any] = {
            # Each connection works in the thread that asks; there are as many of them as shall work.
            "threads": 1,
            # It reads by itself as well: threads for that each hold memory of their own.
            "async_threads": 0,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(scratch),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # Blocks come under the same name one after another.
            "enable_external_file_cache": False,
            # Buffers are used again: given back after each block, the system would have to clear them each time.
            "allocator_flush_threshold": f"{memory_mb}MB",
            "allocator_bulk_deallocation_flush_threshold": f"{memory_mb}MB",
        }
        return cls(duckdb.connect(":memory:", config=config), scratch=scratch)

    def another(self) -> Self:
        """Another connection to the same database."""
        return type(self)(self._connection.cursor(), scratch=self._scratch)

    def run(self, sql: str) -> Any:
        """The connection, with what the SQL gives. Raises NoRoom where DuckDB finds none."""
        # An annotation that holds DuckDB's type at the end of the process makes its library complain of leaks.
        try:
            return self._connection.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise NoRoom(
                "There is too little memory for the sums: raise PICTOGAME_STATS_MEMORY_MB, or make room on the disk."
            ) from error
        except duckdb.IOException as error:
            raise NoRoom(f"Sums could not be put aside in {self._scratch}: is the disk full?") from error

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that the SQL gives. Raises NoRoom."""
        rows: list[tuple[Any, ...]] = self.run(sql).fetchall()
        return rows

    def close(self) -> None:
        self._connection.close()

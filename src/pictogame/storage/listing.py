"""A listing that is kept on disk, so that a million objects take no memory."""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from pictogame.lib.types import Key
from pictogame.storage.errors import StoreFull, StoreProblem

PAGE = 1000
_MEMORY_KIB = 16_384
_T = TypeVar("_T")


class Listing:
    """Keys by the word they were noted under. A context manager, for one thread.

    They lie in a file without a name in the system's temporary folder (TMPDIR), which ends with the process, however
    that ends. Stores have no common order of listing, so keys are looked up and not merged.
    """

    def __enter__(self) -> Self:
        # An empty name is SQLite's own word for such a file.
        self._file = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_MEMORY_KIB}"):
            self._file.execute(f"PRAGMA {setting}")
        # As bytes: a folder may hold names that are no text.
        self._file.execute("CREATE TABLE noted (word TEXT, key BLOB, PRIMARY KEY (word, key)) WITHOUT ROWID")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, word: str, keys: Iterable[Key]) -> None:
        """Keeps the keys under that word, each once."""
        with _sentences():
            self._file.execute("BEGIN")
            self._file.executemany(
                "INSERT OR IGNORE INTO noted VALUES (?, ?)", ((word, os.fsencode(key)) for key in keys)
            )
            self._file.execute("COMMIT")

    def without(self, word: str, keys: Collection[Key]) -> list[Key]:
        """Those of the keys that were not noted under that word."""
        marks = ", ".join("?" * len(keys))
        asked = f"SELECT key FROM noted WHERE word = ? AND key IN ({marks})"  # noqa: S608  Marks alone.
        with _sentences():
            noted = {key for (key,) in self._file.execute(asked, [word, *map(os.fsencode, keys)])}
        return [key for key in keys if os.fsencode(key) not in noted]

    def count(self, word: str) -> int:
        """How many keys were noted under that word."""
        with _sentences():
            return int(self._file.execute("SELECT COUNT(*) FROM noted WHERE word = ?", [word]).fetchone()[0])

    def pages(self, word: str) -> Iterator[list[Key]]:
        """The keys noted under that word, in their order, by pages."""
        asked = "SELECT key FROM noted WHERE word = ? AND key > ? ORDER BY key LIMIT ?"
        last = b""
        while True:
            with _sentences():
                found = [key for (key,) in self._file.execute(asked, [word, last, PAGE])]
            if not found:
                return
            yield [Key(os.fsdecode(key)) for key in found]
            last = found[-1]


def paged(things: Iterable[_T], size: int = PAGE) -> Iterator[list[_T]]:
    """Lists of up to `size` things.

    >>> list(paged("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(things)
    while page := list(islice(left, size)):
        yield page


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StoreFull("The system's temporary folder is full, where the audit keeps its notes.") from error
        raise StoreProblem(f"The audit can't keep notes in the system's temporary folder: {error}.") from error

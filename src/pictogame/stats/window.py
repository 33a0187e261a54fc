"""Bytes in memory that DuckDB reads by a name, without a copy: a file without a folder, mapped into ours."""

import mmap
import os
import tempfile
from pathlib import Path


class Window:
    """A file of `size` bytes, mapped: in memory, or below `scratch` where the system has no such files.

    Raises OSError where there is no room.
    """

    def __init__(self, size: int, *, scratch: Path) -> None:
        self._path = ""
        if hasattr(os, "memfd_create"):
            self._descriptor = os.memfd_create("pictogame-log")
            self.name = f"/proc/self/fd/{self._descriptor}"
        else:
            self._descriptor, self.name = tempfile.mkstemp(prefix="log-", dir=scratch)
            self._path = self.name
            # A page of a map that finds no room would end the process.
            os.posix_fallocate(self._descriptor, 0, size)
        self._size = size
        os.ftruncate(self._descriptor, size)
        self._map = mmap.mmap(self._descriptor, size)
        self.view = memoryview(self._map)

    def cut(self, size: int) -> str:
        """Makes the name stand for the first `size` bytes; what is behind them is lost."""
        os.ftruncate(self._descriptor, size)
        return self.name

    def whole(self) -> None:
        """Makes all of `view` usable again after a cut. Its first bytes are as they were."""
        if self._path:
            os.posix_fallocate(self._descriptor, 0, self._size)
        os.ftruncate(self._descriptor, self._size)

    def find(self, wanted: bytes, begin: int, end: int) -> int:
        """Where the first of these bytes stand between the two places; -1 where they don't."""
        return self._map.find(wanted, begin, end)

    def last(self, wanted: bytes, begin: int, end: int) -> int:
        """The same for the last."""
        return self._map.rfind(wanted, begin, end)

    def close(self) -> None:
        """Gives the memory back. Whoever still holds a part of `view` holds it, and no more."""
        os.close(self._descriptor)
        if self._path:
            os.unlink(self._path)  # noqa: PTH108

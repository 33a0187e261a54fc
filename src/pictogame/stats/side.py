"""Rows and bytes of ours, handed to DuckDB by the name of a file in memory."""

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any


def json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    return b"".join(json.dumps(dict(zip(names, row, strict=True))).encode() + b"\n" for row in rows)


class Side:
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

"""Folders for files that live as long as one picture is worked on, and the removal of those whose owner died."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PREFIX = "pictogame-picture-"
_HELD = ".held"
"""The file in each folder that its owner holds locked. The kernel unlocks it when the owner dies, however it dies."""

YOUNG_SECONDS = 60.0
"""A folder is made a moment before it is held."""


class Scratch:
    """A folder of its own below TMPDIR, gone with its contents when the context ends, or by `sweep` when that never
    comes. `path` is there from the beginning."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._held = os.open(self.path / _HELD, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Removes the folder and all that is in it. Once."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._held)


def sweep() -> int:
    """Removes the folders below TMPDIR that nobody holds any more; gives how many. Those of others are left alone."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _is_left(folder):
                shutil.rmtree(folder)
                removed += 1
    return removed


def _is_left(folder: Path) -> bool:
    status = folder.lstat()
    if status.st_uid != os.getuid() or time.time() - status.st_mtime < YOUNG_SECONDS:
        return False
    try:
        held = os.open(folder / _HELD, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True  # Its owner died before it held it, or while it was removing it.
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True

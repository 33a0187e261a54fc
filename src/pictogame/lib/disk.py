"""Whether a disk is full: databases don't always say so."""

import shutil
from pathlib import Path

_LEAST = 1 << 20
"""Bytes. With less SQLite opens no database that others work on too, and speaks of a failure of the disk."""
_FULL = ("disk is full", "disk full", "no space left")
_DOUBTFUL = ("disk i/o error", "unable to open database file")


def is_full(error: Exception, folder: Path) -> bool:
    """Whether what a database or the system said of files in `folder` means that there is no room.

    >>> is_full(Exception("database or disk is full"), Path("/")), is_full(Exception("disk I/O error"), Path("/"))
    (True, False)
    """
    said = str(error).lower()
    if any(words in said for words in _FULL):
        return True
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return any(words in said for words in _DOUBTFUL) and shutil.disk_usage(there).free < _LEAST

"""Keeps the log of the folder's server from filling the disk: parts of bounded size, the oldest of which go first."""

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

NAME = "access.log"
_PARTS = 16
"""The log that is written is one part of as many, of all that is kept."""


def rotate(folder: Path, *, pid: int, most: int, force: bool = False) -> bool:
    """Begins a new log once the one that is written has its share of `most` bytes, and deletes the oldest beyond them.

    `pid` is nginx's, which is told to go on in a new file; what it writes meanwhile still comes into the old one, so
    no line is lost. True when a new log was begun.
    """
    log = folder / NAME
    with suppress(FileNotFoundError):
        if log.stat().st_size >= most // _PARTS or (force and log.stat().st_size):
            now = datetime.now(UTC)
            log.rename(folder / f"access-{now:%Y%m%dT%H%M%S}{now.microsecond:06d}.log")
            os.kill(pid, signal.SIGUSR1)
            _forget(folder, most=most)
            return True
    return False


def _forget(folder: Path, *, most: int) -> None:
    parts = sorted(folder.glob("access-*.log"), reverse=True)
    kept = 0
    for part in parts:
        kept += part.stat().st_size
        if kept > most - most // _PARTS:
            part.unlink()

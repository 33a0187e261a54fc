"""One publisher on SQLite: a lock of the operating system's, which ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pictogame.publishing.errors import AlreadyRunning

_NAME = "publisher.lock"


@contextmanager
def only_publisher(data: Path) -> Iterator[None]:
    """Holds the lock in the data folder. Raises AlreadyRunning, with who holds it, when another process does."""
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(_sentence(os.pread(descriptor, 20, 0))) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_publisher_running(data: Path) -> bool:
    """Whether some process holds the lock."""
    try:
        with only_publisher(data):
            return False
    except AlreadyRunning:
        return True


def _sentence(pid: bytes) -> str:
    who = f"process {pid.decode()}" if pid.isdigit() else "another process"
    return (
        f"A publisher already runs here ({who}). With SQLite one is all there can be: let it work, or stop it first. "
        "With PostgreSQL there may be several."
    )

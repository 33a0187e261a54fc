"""One ingest at a time: a lock of the system's and of PostgreSQL's, which ends with its process."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from pictogame.stats.errors import Busy

_NAME = "stats.lock"
_NUMBER = 0x7069_6375
"""The number of the advisory lock on PostgreSQL."""
_LOOK_SECONDS = 0.2


@contextmanager
def only_ingest(*, wait_seconds: float = 0.0) -> Iterator[None]:
    """Holds the lock. Raises Busy when another process still does after `wait_seconds`."""
    until = time.monotonic() + wait_seconds
    with ExitStack() as held:
        held.enter_context(_system(until))
        if connection.vendor == "postgresql":
            held.enter_context(_postgresql(until))
        yield


@contextmanager
def _system(until: float) -> Iterator[None]:
    data = Path(settings.DATA)
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise Busy(_sentence(os.pread(descriptor, 20, 0))) from error
                time.sleep(_LOOK_SECONDS)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _postgresql(until: float) -> Iterator[None]:
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_NUMBER])
            if cursor.fetchone()[0]:
                break
            if time.monotonic() >= until:
                raise Busy(_sentence(b""))
            time.sleep(_LOOK_SECONDS)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_NUMBER])


def _sentence(pid: bytes) -> str:
    who = f" (process {pid.decode()})" if pid.isdigit() else ""
    return f"Another ingest is at work{who}. Nothing was read; run it again later, or wait with --wait SECONDS."

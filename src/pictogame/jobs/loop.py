"""The loop of every background process: work while there is some, look again after a short rest, stop when told."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import close_old_connections

_LONGEST_REST_SECONDS = 30.0
_BROKEN_OFF = frozenset({"40P01", "40001"})
"""PostgreSQL's codes for a transaction that it ended since another one was in its way: doing it again is the cure."""

logger = logging.getLogger(__name__)


def run(
    step: Callable[[], bool],
    *,
    idle_seconds: float,
    stop: threading.Event,
    turned: Callable[[], None] = lambda: None,
) -> None:
    """Calls `step` until `stop` is set. A step gives True when there was work: then the next follows at once.

    A step that raises, because the database is away or there is a mistake in it, is written to the log and tried again
    after a rest that doubles up to 30 seconds; the loop never dies of it. Steps move a failing row forward themselves.
    `turned` is called after each step that went well: a sign of life that a loop which hangs, or fails, does not give.
    """
    rest = idle_seconds
    while not stop.is_set():
        try:
            worked = step()
        except Exception as error:
            if getattr(error.__cause__, "sqlstate", "") in _BROKEN_OFF:
                logger.warning("Two transactions waited for each other, and the database ended ours: it is done again.")
            else:
                logger.exception("A step failed; the loop goes on after a rest.")
            rest = min(max(rest, 0.5) * 2, _LONGEST_REST_SECONDS)
            close_old_connections()
            stop.wait(rest)
            continue
        turned()
        rest = idle_seconds
        if not worked:
            close_old_connections()
            stop.wait(idle_seconds)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set. For the main thread; the handlers of before come back at the end."""
    stop = threading.Event()

    def _set(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, _set) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

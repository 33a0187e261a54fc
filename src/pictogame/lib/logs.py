"""What is told to whoever runs the installation: an event in a word or few, and the ids of what it happened to.

`log = logs.named(__name__)`, then `log.info("published", game=game.id, revision=3)`. One event for each thing that
matters, not one for each object. What is warned of wants somebody's eye; an error is a mistake of ours.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[Mapping[str, object]] = ContextVar("pictogame_log_about")


class Log:
    """A logger of the standard library that takes ids as keywords. A level that is not written costs one look."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **ids: object) -> None:
        """For whoever looks for a mistake."""
        self._tell(logging.DEBUG, event, ids)

    def info(self, event: str, **ids: object) -> None:
        """Something that matters went well."""
        self._tell(logging.INFO, event, ids)

    def warning(self, event: str, *, cause: BaseException | None = None, **ids: object) -> None:
        """Something wants an eye. `cause` adds the way to where it was raised."""
        self._tell(logging.WARNING, event, ids, cause)

    def error(self, event: str, *, cause: BaseException | None = None, **ids: object) -> None:
        """Something that should not be."""
        self._tell(logging.ERROR, event, ids, cause)

    def exception(self, event: str, **ids: object) -> None:
        """The same, with the way to where the exception was raised that is being handled."""
        self._tell(logging.ERROR, event, ids, sys.exception())

    def _tell(self, level: int, event: str, ids: Mapping[str, object], cause: BaseException | None = None) -> None:
        if self._logger.isEnabledFor(level):
            # The event is no template: a percent sign in it stands for itself.
            self._logger.log(level, "%s", event, exc_info=cause, extra={"ids": ids}, stacklevel=3)


def named(name: str) -> Log:
    """The log of a module."""
    return Log(name)


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Adds these ids to every event of this thread, and of this task, while the context lasts."""
    before = _ABOUT.set({**current(), **ids})
    try:
        yield
    finally:
        _ABOUT.reset(before)


def current() -> Mapping[str, object]:
    """The ids that events have now."""
    return _ABOUT.get({})

"""How events look: a line for people, or a JSON document a line for machines; without secrets either way."""

import logging
import sys
from collections.abc import MutableMapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pictogame.config import environment
from pictogame.lib import logs
from pictogame.studio.logs import without_secrets

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter
    from structlog.typing import Processor

FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


class Formatter(logging.Formatter):
    """Renders with structlog, which is imported when the first event is written: most processes write none at first.

    Secrets are cut out of the finished line, whatever brought them there: an id, a path, the text of an exception.
    """

    def __init__(self, form: str = "") -> None:
        """`form` is one of FORMS, or else what the variable says."""
        super().__init__()
        self._form = form or _form()

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return without_secrets(self._inner.format(record))

    @cached_property
    def _inner(self) -> "ProcessorFormatter":
        import structlog  # noqa: PLC0415  It takes 0.3 seconds.

        before: list[Processor] = [
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _ids,
        ]
        remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        last: list[Processor]
        if self._form == "json":
            last = [
                _whose,
                remove,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ]
        else:
            plain = structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
            )
            last = [remove, plain]
        return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=last)


def configuration(form: str, level: str) -> dict[str, Any]:
    """What logging is configured with: everything goes to stderr, in that form, from that level on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"house": {"()": "pictogame.config.logs.Formatter", "form": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "house"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "pictogame": {"level": level.upper()},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # What strangers ask for that is not there wants nobody's eye; each request is told with its status anyhow.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


def _form() -> str:
    return environment.one_of("PICTOGAME_LOG", "text", FORMS)


def _ids(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = event["_record"]
    event.update(logs.current())
    event.update(getattr(record, "ids", {}))
    return event


def _whose(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What people see for themselves, and machines that gather the lines of many processes do not."""
    record: logging.LogRecord = event["_record"]
    event.update(logger=record.name, process=record.processName, pid=record.process)
    return event

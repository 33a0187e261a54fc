"""Events reach people as lines and machines as documents, and no secret reaches either."""

import json
import logging
import subprocess
import sys

import pytest

from pictogame.config.logs import Formatter
from pictogame.lib import logs

SECRET = "abcdefghijklmnopqrstuvwxyz234567"
PATH = f"/g/b5tq7nzk3xw2mc/edit/{SECRET}/share/"


class Lines(logging.Handler):
    """Keeps the lines that a handler would write."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.setFormatter(Formatter(form))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(params=["json", "text"])
def lines(request: pytest.FixtureRequest) -> object:
    handler = Lines(request.param)
    logger = logging.getLogger("pictogame.tests.log")
    logger.addHandler(handler)
    before, logger.level = logger.level, logging.DEBUG
    logger.propagate = False
    yield handler.lines
    logger.removeHandler(handler)
    logger.level = before
    logger.propagate = True


@pytest.fixture
def documents() -> object:
    handler = Lines("json")
    logger = logging.getLogger("pictogame.tests.json")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield handler.lines
    logger.removeHandler(handler)


def test_a_document_holds_the_event_and_its_ids(documents: list[str]) -> None:
    log = logs.named("pictogame.tests.json")
    with logs.about(request="r1"):
        log.info("published 100 %s", game="b5tq7nzk3xw2mc", revision=3)
    log.warning("set aside", crop=7)
    first, second = (json.loads(line) for line in documents)
    assert {name: first[name] for name in ("event", "level", "game", "revision", "request")} == {
        "event": "published 100 %s",
        "level": "info",
        "game": "b5tq7nzk3xw2mc",
        "revision": 3,
        "request": "r1",
    }
    assert {"timestamp", "pid", "process", "logger"} <= first.keys()
    assert "request" not in second


def test_records_of_other_libraries_become_documents_too(documents: list[str]) -> None:
    logging.getLogger("pictogame.tests.json").error("A %s failed", "step", exc_info=ValueError("why"))
    [said] = [json.loads(line) for line in documents]
    assert said["event"] == "A step failed"
    assert "ValueError: why" in said["exception"]


def test_a_line_break_in_an_id_makes_no_second_document(documents: list[str]) -> None:
    logs.named("pictogame.tests.json").info("refused", name='x"\n{"event": "published"}')
    assert len(documents) == 1
    assert "\n" not in documents[0]


def test_no_edit_secret_and_no_password_is_written(lines: list[str]) -> None:
    log = logs.named("pictogame.tests.log")

    def fails() -> None:
        raise ValueError(f"can't reach postgresql://us:{SECRET}@db/games after {PATH}")

    try:
        fails()
    except ValueError:
        log.exception("broke", path=PATH)
    log.info(f"Not found: {PATH}", asked=[PATH])
    with logs.about(address=PATH):
        log.debug("asked")
    logging.getLogger("pictogame.tests.log").warning("Not Found: %s", PATH)
    assert len(lines) == 4
    assert not any(SECRET in line for line in lines)
    assert all("/edit/…/share/" in line for line in lines)


def test_a_level_that_is_not_written_renders_nothing() -> None:
    class Costly:
        def __repr__(self) -> str:
            raise AssertionError

    logging.getLogger("pictogame.tests.quiet").setLevel(logging.ERROR)
    logs.named("pictogame.tests.quiet").info("published", game=Costly())


def test_nothing_is_loaded_for_a_log_that_stays_empty() -> None:
    code = (
        "import sys, django; django.setup(); import pictogame.publishing.publisher, pictogame.media.worker;"
        "sys.exit(len({'structlog', 'prometheus_client', 'duckdb'} & set(sys.modules)))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "src:.", "PATH": ""}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0

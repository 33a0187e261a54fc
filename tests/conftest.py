"""The permanent cast: a runtime, a creator's game with its secret, and what every test of rows stands on."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench._chromium import chromium as run_chromium
from hypothesis import settings as hypothesis
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from tests.cast import a_picture, write_runtime

from pictogame.games import actions

# No test looks at the clock, and a busy machine is no defect.
hypothesis.register_profile("pictogame", deadline=None)
hypothesis.load_profile("pictogame")
expect.set_options(timeout=30_000)

# A shell starts what runs in the background deaf to Ctrl-C, and so would be the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a process: a second one beside it can't be driven."""
    with run_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def runtime_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a runtime build with the templates `jigsaw` and `pairs` and the skins `paper` and `felt`."""
    return write_runtime(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def runtime(runtime_dist: Path, settings: Settings) -> Path:
    """The runtime of the tests is the one that is installed."""
    settings.RUNTIME_DIST = runtime_dist
    return runtime_dist


@pytest.fixture
def data(tmp_path: Path, settings: Settings) -> Path:
    """A data folder of its own, with a bucket and a vault in it."""
    settings.DATA = tmp_path
    settings.BUCKET = (tmp_path / "bucket").as_uri()
    settings.VAULT = (tmp_path / "vault").as_uri()
    return tmp_path


@pytest.fixture
def jigsaw(db: None, runtime: Path) -> actions.Created:
    """A creator's jigsaw with one picture in its draft, not yet processed."""
    created = actions.create(template="jigsaw", title="A cat, in pieces")
    actions.add_picture(game=created.game, picture=a_picture(1), name="cat.jpg", alt="A tabby cat")
    return created


@pytest.fixture
def pairs(db: None, runtime: Path) -> actions.Created:
    """A creator's game of pairs, without pictures."""
    return actions.create(template="pairs", title="Who is who?")

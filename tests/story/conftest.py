"""The two worlds, each made once for every test that takes place in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.story.worlds import EMBEDDED, SERVERS, World, told


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(EMBEDDED, marks=pytest.mark.xdist_group("story embedded")),
        pytest.param(SERVERS, marks=[pytest.mark.xdist_group("story on servers"), pytest.mark.servers]),
    ],
)
def world(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[World]:
    """Four games made in the studio; then everything but the bucket was switched off."""
    with told(request.param, chromium) as one:
        yield one

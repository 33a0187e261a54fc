"""One Pictogame whole for all tests of a process: real processes, real pictures."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, Page
from tests.story.installation import Installation

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}

Visit = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Every part of Pictogame, on ports of its own."""
    with Installation(tmp_path_factory.mktemp("house")) as installation:
        installation.start("bucket", "studio", "worker", "publisher")
        yield installation


@pytest.fixture
def visit(chromium: Browser, house: Installation) -> Visit:
    """A visitor's page; an error of a script on it, or an answer of 500, fails the test."""

    @contextmanager
    def page(
        size: str = "desktop", scheme: str = "light", *, script: bool = True, motion: str = "no-preference"
    ) -> Iterator[Page]:
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=house.site_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce" if motion == "reduce" else "no-preference",
            has_touch=size == "phone",
            java_script_enabled=script,
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        wrong: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None)
        try:
            yield page
        finally:
            context.close()
        assert wrong == []

    return page

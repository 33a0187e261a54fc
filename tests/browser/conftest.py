"""One Pictogame whole for all tests of a process: real processes, real pictures."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.story.installation import Installation

PASSWORD = "a-table-of-wood-and-paper-17"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}

Visit = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Every part of Pictogame, on ports of its own."""
    with Installation(tmp_path_factory.mktemp("house")) as installation:
        installation.start("bucket", "studio", "worker", "publisher")
        yield installation


@pytest.fixture(scope="session")
def operator(house: Installation) -> None:
    """Olga may enter the office."""
    subprocess.run(
        house.command("operator", "add", "olga"), env=house.environment, input=f"{PASSWORD}\n", text=True, check=True
    )


def enter(page: Page) -> None:
    """Into the office, by its door."""
    page.goto("/office/money/")
    page.locator("#id_username").fill("olga")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Plays and money", level=1)).to_be_visible()


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

"""Two worlds in which the story is told: all embedded, and on PostgreSQL with a production S3 server."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.servers.ceph import ceph
from tests.servers.postgresql import postgresql
from tests.story.installation import ROOT, Installation

EMBEDDED = "embedded"
SERVERS = "postgresql and ceph"
TEMPLATES = ("swap", "jigsaw", "sliding", "memory")
PHOTOGRAPHS = sorted((ROOT / "fixtures" / "pictures" / "cameras").glob("*.jpg"))
#: The choices that make the shortest game of each template, so that a robot's patience is enough.
SHORTEST: Mapping[str, Mapping[str, str]] = {
    "swap": {"size": "2"},
    "jigsaw": {"pieces": "6"},
    "sliding": {"size": "3"},
    "memory": {},
}


@dataclass(slots=True)
class World:
    """An installation in which one game of each template was made in the studio; only its bucket still runs."""

    installation: Installation
    pages: dict[str, str] = field(default_factory=dict)
    """Template to the address of the player page."""
    edit_links: dict[str, str] = field(default_factory=dict)


@contextmanager
def installed(kind: str) -> Iterator[Installation]:
    """An installation of the kind, its bucket serving, nothing else started."""
    with tempfile.TemporaryDirectory(prefix="pictogame-story-") as folder:
        if kind == EMBEDDED:
            with Installation(Path(folder)) as installation:
                installation.start("bucket")
                yield installation
            return
        with ceph() as s3, postgresql() as database:
            environment = {
                **s3.environment(),
                "PICTOGAME_DATABASE_URL": database,
                "PICTOGAME_BUCKET": "s3://games",
                "PICTOGAME_BUCKET_URL": f"{s3.endpoint}/games",
            }
            with Installation(Path(folder), environment) as installation:
                done = installation.run("bucket", "init")
                assert done.returncode == 0, done.stdout + done.stderr
                yield installation


@contextmanager
def told(kind: str, browser: Browser) -> Iterator[World]:
    """The first half of the story: each template is made by hand in the studio, which is then switched off."""
    with installed(kind) as installation:
        installation.start("worker", "publisher", "studio")
        world = World(installation)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
        page = context.new_page()
        page.set_default_timeout(30_000)
        for template in TEMPLATES:
            world.edit_links[template], world.pages[template] = make(page, installation, template)
        context.close()
        installation.stop("studio", "publisher", "worker")
        yield world


def make(page: Page, installation: Installation, template: str) -> tuple[str, str]:
    """Makes a game in the studio as a creator does. Gives the edit link and the address of its player page."""
    page.goto(f"{installation.site_url}/make/{template}/")
    pictures = PHOTOGRAPHS[:3] if template == "memory" else PHOTOGRAPHS[:1]
    page.locator("input[type=file]").first.set_input_files(pictures)
    page.wait_for_url("**/edit/**")
    edit_link = page.url
    rows = page.locator("li.picture")
    expect(rows).to_have_count(len(pictures))
    expect(page.locator(".sending")).to_have_count(0)
    for number in range(len(pictures)):
        words = rows.nth(number).get_by_role("textbox", name="In words, for those who can't see it")
        words.fill(f"Photograph number {number + 1}")
    for name, value in SHORTEST[template].items():
        page.locator(f"label:has(input[name='option-{name}'][value='{value}'])").click()
    page.get_by_role("textbox", name="Title").fill(f"A {template} of photographs")
    page.get_by_role("textbox", name="When it is won").fill("That was the whole of it.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/share/**")
    expect(page.locator("#state")).to_have_attribute("data-state", "in_bucket", timeout=60_000)
    return edit_link, page.get_by_role("textbox", name="Send it to somebody").input_value()

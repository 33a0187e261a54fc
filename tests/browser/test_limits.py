"""A studio in public, where one network may send two files: what its visitors see, and that nobody gets round it."""

import http.client
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bench.upload_to_play import Creator
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import SIZES
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

SENTENCE = "Your network has sent all it can for now: nothing is lost, and this picture is welcome in"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A studio alone; a proxy before it is played by whoever asks."""
    with Installation(tmp_path_factory.mktemp("public"), {"PICTOGAME_UPLOAD_FILES": "2"}) as installation:
        installation.start("studio")
        yield installation


@pytest.fixture
def visitor(chromium: Browser, studio: Installation) -> Iterator[Page]:
    """A visitor with a phone, whom a proxy names."""
    width, height = SIZES["phone"]
    context = chromium.new_context(
        base_url=studio.site_url,
        viewport={"width": width, "height": height},
        extra_http_headers={"X-Forwarded-For": "203.0.113.7"},
    )
    yield context.new_page()
    context.close()


def photographs(folder: Path, count: int) -> list[Path]:
    """Of several megabytes each, so that an answer comes while they are still being sent."""
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for path in paths:
        Image.effect_noise((2400, 1800), 90).save(path, "JPEG", quality=90)
    return paths


def test_each_file_beyond_the_limit_says_so_where_it_stands(visitor: Page, tmp_path: Path) -> None:
    visitor.goto("/make/memory/")
    visitor.set_input_files("input[type=file]", photographs(tmp_path, 4))
    visitor.wait_for_url(re.compile("/edit/"))
    outside = visitor.locator(".sending[data-out], .sending:has(.problem)")
    expect(outside).to_have_count(2)
    for row in outside.all():
        expect(row.get_by_role("alert")).to_contain_text(SENTENCE)
        expect(row.get_by_role("button", name="again")).to_be_visible()
    expect(visitor.locator("li.picture")).to_have_count(2)
    outside.first.get_by_role("button", name="again").click()
    expect(outside.first.get_by_role("alert")).to_contain_text(SENTENCE)
    visitor.reload()
    expect(visitor.locator("li.picture")).to_have_count(2)


def test_of_many_files_at_once_none_gets_in_beyond_the_limit(studio: Installation) -> None:
    creator = Creator(studio.site_url)
    edit = creator.begin("memory")

    def put(number: int) -> int:
        out = io.BytesIO()
        Image.new("RGB", (400, 300), (number * 20, 80, 160)).save(out, "JPEG")
        connection = http.client.HTTPConnection(urlsplit(studio.site_url).netloc, timeout=30)
        own = {"Content-Type": "application/octet-stream", "X-Forwarded-For": "2001:db8::1", **creator.own()}
        connection.request("PUT", f"{edit}pictures/", out.getvalue(), own)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(10))) == [201] * 2 + [429] * 8

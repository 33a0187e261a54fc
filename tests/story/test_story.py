"""From photographs to a game that is won on somebody else's page, with all of ours but the bucket switched off."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from tests.browser.robot import finish_by_keyboard, finish_by_mouse, finish_by_touch
from tests.story.host import host_page, page_with, sandboxed
from tests.story.worlds import TEMPLATES, World

pytestmark = pytest.mark.browser

WAYS: dict[str, Callable[[Page, Frame, str], None]] = {
    "mouse": finish_by_mouse,
    "touch": finish_by_touch,
    "keyboard": finish_by_keyboard,
}


def frame_of(page: Page, address: str) -> Frame:
    """The frame that shows this address."""
    found = next((frame for frame in page.frames if frame.url.startswith(address)), None)
    assert found, f"No frame of the page shows {address}"
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_game_is_won_in_a_sandboxed_frame_on_another_site(
    world: World, chromium: Browser, template: str, way: str
) -> None:
    context = chromium.new_context(viewport={"width": 800, "height": 700}, has_touch=way == "touch")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with host_page(page_with(sandboxed(world.pages[template]))) as address:
        page.goto(address, wait_until="networkidle")
        frame = frame_of(page, world.pages[template])
        WAYS[way](page, frame, template)
        expect(frame.get_by_role("paragraph").filter(has_text="That was the whole of it.")).to_be_visible()
        expect(frame.get_by_text(re.compile(r"^Time: \d\d?:\d\d"))).to_be_visible()
        expect(frame.get_by_role("button", name="Play again")).to_be_visible()
        assert complaints == []
    context.close()


def test_four_widgets_live_on_one_page_and_talk_to_nobody_but_the_bucket(world: World, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 800, "height": 700})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with host_page(page_with(*(sandboxed(url) for url in world.pages.values()))) as address:
        page.goto(address, wait_until="networkidle")
        for url in world.pages.values():
            play = frame_of(page, url).get_by_role("button", name="Play", exact=True)
            play.scroll_into_view_if_needed()
            play.click()
            expect(play).to_have_count(0)
    bucket = world.installation.bucket_url
    assert [url for url in asked if not url.startswith((bucket, "http://localhost:"))] == []
    assert context.cookies() == []
    context.close()


def test_the_best_time_is_kept_where_storage_is_allowed(world: World, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 640, "height": 560})
    page = context.new_page()
    page.goto(world.pages["sliding"], wait_until="networkidle")
    finish_by_mouse(page, page.main_frame, "sliding")
    expect(page.get_by_text("A new best!")).to_be_visible()
    first = page.get_by_text(re.compile("My (best time|fewest moves): "))
    expect(first).to_be_visible()
    page.reload(wait_until="networkidle")
    finish_by_mouse(page, page.main_frame, "sliding")
    expect(page.get_by_text(re.compile("My (best time|fewest moves): "))).to_be_visible()
    expect(page.get_by_text("A new best!")).to_have_count(0)
    context.close()


def test_a_first_play_is_at_most_six_requests(world: World, chromium: Browser) -> None:
    for template in ("swap", "jigsaw", "sliding"):
        context = chromium.new_context(viewport={"width": 640, "height": 540})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))  # noqa: B023  The page closes within the loop.
        page.goto(world.pages[template], wait_until="networkidle")
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_load_state("networkidle")
        assert len(asked) <= 6, asked
        context.close()


def test_the_bucket_passes_its_check(world: World) -> None:
    steps = world.installation.run_json("bucket", "check")["steps"]
    assert steps
    assert [step for step in steps if not step["ok"]] == []

"""A creator with an account, in a real browser: a letter, a game, another device, a receipt."""

import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import SIZES, Visit
from tests.browser.test_studio import begin, photographs, ready
from tests.browser.test_studio_pages import find_nothing_wrong
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

PASSWORD = "four words beside a lake"


def link_for(house: Installation, address: str) -> str:
    """The link in the newest letter to that address, out of the folder where letters lie."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        letters = sorted(Path(house.folder, "data", "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        for path in reversed(letters):
            letter = message_from_bytes(path.read_bytes().split(b"\n" + b"-" * 79)[0], policy=policy.default)
            if letter["To"] == address and (
                found := re.search(r"http://localhost:\S+/account/\S+", letter.get_content())
            ):
                return found[0]
        time.sleep(0.1)
    raise TimeoutError(address)


def fine(page: Page) -> None:
    """Nothing that axe-core knows of: on a phone by day, on a desk by night."""
    for size, scheme in (("phone", "light"), ("desktop", "dark")):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
        find_nothing_wrong(page, size)


def opened(page: Page, path: str) -> None:
    page.goto(path)
    fine(page)


def sign_up(page: Page, house: Installation, address: str) -> None:
    """From the form to where one came from, by the letter."""
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    page.goto(link_for(house, address))
    page.get_by_role("button", name="Yes, it is mine").click()


def test_a_game_of_an_account_is_deleted_from_another_device(visit: Visit, house: Installation) -> None:
    with visit(motion="reduce") as page:
        page.goto("/")
        page.get_by_role("link", name="Sign in").click()
        fine(page)
        page.get_by_role("link", name="Make an account").click()
        page.get_by_label("E-mail address").fill("mia@example.org")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_text("too short")).to_be_visible()
        fine(page)
        sign_up(page, house, "mia@example.org")
        expect(page.get_by_role("heading", level=1)).to_have_text("Games in your account")
        fine(page)
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.get_by_label("Title").fill("Kept for good")
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(re.compile("/share/"))
        expect(page.get_by_role("status").first).to_contain_text("It is on the web")
        game = page.url.split("/")[4]
    with visit() as stranger:
        stranger.goto(f"/g/{game}/edit/mine/share/")
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Sign in")
        stranger.goto("/account/sign-up/")
        sign_up(stranger, house, "tom@example.org")
        answer = stranger.goto(f"/g/{game}/edit/mine/share/")
        assert answer
        assert answer.status == 404
    with visit(motion="reduce") as page:
        page.goto("/account/sign-in/")
        page.get_by_label("E-mail address").fill("mia@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        card = page.locator(".kept", has_text="Kept for good")
        expect(card).to_contain_text("On the web")
        fine(page)
        card.get_by_role("link", name="Share").click()
        expect(page.get_by_role("heading", name="In your account")).to_be_visible()
        # No edit link is in this browser, and none is made up.
        assert page.evaluate("localStorage.getItem('pictogame.mine')") in {None, "[]"}
        page.get_by_role("link", name="Make a new edit link").click()
        fine(page)
        page.get_by_role("link", name="Leave it").click()
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete it for good").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your game is deleted.")
        expect(page.get_by_text("by the account that it belonged to")).to_be_visible()
        page.goto("/mine/")
        page.get_by_text("Receipts of deleted games").click()
        expect(page.get_by_role("link", name="Deleted")).to_have_count(1)


def test_a_game_that_was_made_before_is_kept_by_its_edit_link(visit: Visit, house: Installation) -> None:
    with visit(motion="reduce") as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(re.compile("/share/"))
        before = page.evaluate("localStorage.getItem('pictogame.mine')")
        page.get_by_role("link", name="sign in or make one").click()
        page.get_by_role("link", name="Make an account").click()
        sign_up(page, house, "eva@example.org")
        # Her game lies there as this browser remembers it: the server was not told its edit link.
        page.get_by_role("button", name="Keep this game in my account").click()
        expect(page.locator(".kept")).to_have_count(1)
        expect(page.get_by_text("None besides those of your account.")).to_be_visible()
        fine(page)
        page.locator(".kept").get_by_role("link", name="Edit").click()
        expect(page.get_by_text("It is in your account:")).to_be_visible()
        # The edit link that this browser remembers is not put out by the owner's way in.
        kept = page.evaluate("JSON.parse(localStorage.getItem('pictogame.mine')).map(one => one.edit)")
        assert len(kept) == 1
        assert kept[0] in before
        for path in ("/account/", "/account/email/", "/account/password/change/"):
            opened(page, path)
        page.goto("/account/delete/")
        page.get_by_label("It stays", exact=False).check()
        page.get_by_label("Your password").fill("wrong wrong wrong")
        page.get_by_role("button", name="Delete the account").click()
        expect(page.get_by_text("That is not your password.")).to_be_visible()
        fine(page)
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Delete the account").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account is deleted.")
        answer = page.goto(kept[0])
        assert answer
        assert answer.status == 200
        assert answer.url.endswith(kept[0])
        for path in ("/account/password/reset/", "/account/confirm-email/not-a-key/"):
            opened(page, path)


def test_whoever_was_signed_out_meanwhile_reads_so_where_they_look(visit: Visit, house: Installation) -> None:
    with visit(size="phone", motion="reduce") as page:
        page.goto("/account/sign-up/")
        sign_up(page, house, "ida@example.org")
        expect(page.get_by_role("heading", level=1)).to_have_text("Games in your account")
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.goto(f"/g/{page.url.split('/')[4]}/edit/mine/")
        page.context.clear_cookies(name="creator")
        page.get_by_label("Title").fill("A day by the lake")
        page.get_by_label("Title").press("Tab")
        told = page.get_by_text("You are signed out in this browser")
        expect(told).to_be_in_viewport(ratio=1)
        # Nothing of the page lies over it.
        assert told.evaluate(
            "one => { const {x, y} = one.getBoundingClientRect();"
            " return one.contains(document.elementFromPoint(x + 2, y + 2)) }"
        )

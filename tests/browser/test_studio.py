"""A creator at the studio, in a real browser: from photographs to a game on the web."""

import gzip
import re
import urllib.request
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Visit
from tests.story.installation import Installation

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "fixtures" / "pictures"
SAMPLES = Path(__file__).parents[2] / "src" / "pictogame" / "studio" / "samples"
SHOWN = "[data-stage] iframe:not([data-behind])"
DESCRIBED = re.compile(r"/pictures/[0-9]+/$")


def photographs(count: int) -> list[Path]:
    """So many different pictures."""
    return sorted(SAMPLES.glob("*.avif"))[:count]


def begin(page: Page, template: str, files: list[Path]) -> None:
    """Chooses pictures on the first page of a template, and waits until their rows are there."""
    page.goto(f"/make/{template}/")
    page.set_input_files("input[type=file]", files)
    page.wait_for_url(re.compile("/edit/"))
    expect(page.locator("li.picture")).to_have_count(len(files))
    expect(page.locator(".sending")).to_have_count(0)


def ready(page: Page) -> None:
    """Waits until the pictures are made and the preview is the creator's own game."""
    expect(page.locator("#preview")).to_contain_text("This is your game")
    expect(page.locator("[data-behind]")).to_have_count(0)


def names(page: Page) -> list[str]:
    return page.locator("li.picture .name").all_inner_texts()


def test_a_creator_makes_publishes_changes_and_deletes_a_game(visit: Visit) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.get_by_role("radio", name="12", exact=True).check(force=True)
        page.get_by_label("Title").fill("A garden, in pieces")
        # At once, without leaving the field first: what was typed is published all the same.
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(re.compile("/share/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("A garden, in pieces")
        expect(page.get_by_role("status").first).to_contain_text("It is on the web")
        frame = page.frame_locator("iframe[data-playing]")
        expect(frame.get_by_role("button", name="Play")).to_be_visible()
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.get_by_text("Copied")).to_be_visible()
        assert 'title="A garden, in pieces"' in page.evaluate("navigator.clipboard.readText()")
        edit = page.url.removesuffix("share/")

        page.goto("/mine/")
        page.get_by_role("link", name="Edit").click()
        assert page.url == edit
        page.get_by_label("When it is won").fill("Happy birthday!")
        page.get_by_label("Title").focus()
        expect(page.get_by_role("button", name="Publish the changes")).to_be_visible()
        page.get_by_role("button", name="Publish the changes").click()
        expect(page.get_by_role("status").first).to_contain_text("It is on the web")

        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete it for good").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your game is deleted.")
        page.goto("/mine/")
        expect(page.get_by_text("Your games will lie here")).to_be_visible()
        answer = page.goto(edit)
        assert answer
        assert answer.url.endswith("/receipt/")
        expect(page.get_by_text("the stores that held them have confirmed each")).to_be_visible()


def test_the_preview_follows_each_choice(visit: Visit) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        before = page.locator(SHOWN).get_attribute("src")
        page.get_by_role("radio", name="Wood").check(force=True)
        expect(page.locator(SHOWN)).not_to_have_attribute("src", before or "")
        expect(page.locator("[data-stage] iframe")).to_have_count(1)
        page.get_by_label("Title").press_sequentially("Roses")
        expect(page.frame_locator("[data-stage] iframe").last.get_by_text("Roses").first).to_be_visible()


def test_each_file_that_is_no_picture_gets_its_sentence_and_the_others_stay(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "drawing.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "nothing.jpg").write_bytes(b"")
    (tmp_path / "film.mov").write_bytes(b"\0\0\0\x14ftypqt  " + bytes(20_000_000))
    with visit() as page:
        page.goto("/make/memory/")
        page.set_input_files(
            "input[type=file]",
            [*photographs(2), tmp_path / "drawing.png", tmp_path / "nothing.jpg", tmp_path / "film.mov"],
        )
        page.wait_for_url(re.compile("/edit/"))
        expect(page.locator("li.picture")).to_have_count(2)
        expect(page.locator(".sending .problem")).to_have_count(3)
        expect(page.locator(".sending", has_text="nothing.jpg")).to_contain_text("empty")
        expect(page.locator(".sending", has_text="drawing.png").locator(".problem")).to_be_visible()
        # Refused after its first bytes, and said at once all the same.
        expect(page.locator(".sending", has_text="film.mov").locator(".problem")).not_to_contain_text("connection")
        page.get_by_role("button", name="Put nothing.jpg away").click()
        expect(page.locator(".sending")).to_have_count(2)
        expect(page.locator("#next")).to_contain_text("1 more to go")


def test_a_picture_that_breaks_in_the_middle_is_refused_at_its_row(visit: Visit, tmp_path: Path) -> None:
    whole = (PICTURES / "rocket.jpg").read_bytes()
    (tmp_path / "torn.jpg").write_bytes(whole[: len(whole) // 3])
    with visit() as page:
        page.goto("/make/jigsaw/")
        page.set_input_files("input[type=file]", tmp_path / "torn.jpg")
        row = page.locator("li.picture", has_text="torn.jpg")
        expect(row.locator(".problem")).to_be_visible()
        expect(page.locator("#next")).to_contain_text("can't be used")
        page.set_input_files("input[type=file]", photographs(1))
        ready(page)
        expect(page.get_by_role("button", name="Publish")).to_be_visible()


def test_a_picture_that_must_go_is_what_the_one_button_takes_away(visit: Visit, tmp_path: Path) -> None:
    whole = (PICTURES / "rocket.jpg").read_bytes()
    (tmp_path / "torn.jpg").write_bytes(whole[: len(whole) * 2 // 5])
    with visit() as page:
        begin(page, "memory", [*photographs(4), tmp_path / "torn.jpg"])
        expect(page.locator("#next")).to_contain_text("torn.jpg can't be used")
        expect(page.locator("#next").get_by_role("button")).to_have_text("Remove it")
        page.locator("#next").get_by_role("button").click()
        expect(page.locator("li.picture")).to_have_count(4)
        expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()


def test_the_same_file_twice_is_kept_once(visit: Visit) -> None:
    with visit() as page:
        begin(page, "memory", photographs(2))
        page.set_input_files("input[type=file]", photographs(1))
        expect(page.locator(".sending .problem")).to_contain_text("already in this game")
        expect(page.locator("li.picture")).to_have_count(2)


def test_500_files_at_once_are_taken_as_far_as_there_is_room(visit: Visit, tmp_path: Path) -> None:
    files = []
    for number in range(500):
        path = tmp_path / f"{number:03}.avif"
        path.write_bytes(photographs(14)[number % 14].read_bytes() if number < 12 else b"x")
        files.append(path)
    with visit() as page:
        page.goto("/make/memory/")
        with page.expect_response("**/pictures/order/"):
            page.set_input_files("input[type=file]", files)
            page.wait_for_url(re.compile("/edit/"))
            expect(page.locator("#said")).to_contain_text("Of the 500 you brought, 488 stay out.")
            expect(page.locator("li.picture")).to_have_count(12)
        expect(page.locator("#next")).to_contain_text("right to use")
        # They lie as they were chosen, whichever arrived first.
        assert names(page) == [path.name for path in files[:12]]
        page.reload()
        assert names(page) == [path.name for path in files[:12]]


def test_a_press_counts_although_its_button_is_brought_anew_meanwhile(visit: Visit) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        button = page.get_by_role("button", name="Publish", exact=True)
        button.scroll_into_view_if_needed()
        box, pressed = button.bounding_box(), button.element_handle()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.evaluate(
            "() => { const next = document.querySelector('#next');"
            " htmx.ajax('GET', next.dataset.progress, { source: next, target: next, swap: 'none' }); }"
        )
        page.wait_for_function("button => !button.isConnected", arg=pressed)
        page.mouse.up()
        page.wait_for_url("**/share/**")


def test_words_for_a_picture_that_are_on_their_way_are_published_too(visit: Visit, house: Installation) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route(DESCRIBED, hold)
        page.get_by_label("In words").fill("Lilac in May")
        button = page.get_by_role("button", name="Publish", exact=True)
        button.click()
        button.click()
        page.wait_for_timeout(300)
        assert "/share/" not in page.url
        assert len(held) == 1
        held[0].continue_()
        page.wait_for_url("**/share/**")
        expect(page.get_by_role("status").first).to_contain_text("It is on the web")
        expect(page.get_by_text("not published yet")).to_have_count(0)
        game = page.url.split("/")[4]
        with urllib.request.urlopen(f"{house.bucket_url}/g/{game}.xml") as answer:
            assert b'alt="Lilac in May"' in gzip.decompress(answer.read())


def test_publish_waits_no_longer_than_people_do(visit: Visit) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        ready(page)
        page.route(DESCRIBED, lambda _: None)
        page.get_by_label("In words").fill("Never heard")
        page.get_by_role("button", name="Publish", exact=True).click()
        page.wait_for_url("**/share/**")


def test_pictures_are_put_in_order_by_keyboard_and_by_dragging(visit: Visit) -> None:
    with visit() as page:
        begin(page, "memory", photographs(3))
        first, second, third = names(page)
        told: list[str] = []
        orders = re.compile("/order/$")
        page.on(
            "requestfinished",
            lambda request: (
                told.append(unquote(request.post_data or "").split("&")[0]) if orders.search(request.url) else None
            ),
        )

        def kept() -> None:
            """Waits until the server was told the order that is shown."""
            rows = page.locator("li.picture")
            shown = "order=" + ",".join(rows.evaluate_all("rows => rows.map((row) => row.dataset.id)"))
            for _ in range(300):
                if told and told[-1] == shown:
                    return
                page.wait_for_timeout(100)
            raise AssertionError(f"The server was told {told}, not {shown}")

        page.get_by_role("button", name=f"Move {third} up").focus()
        page.keyboard.press("Enter")
        assert names(page) == [first, third, second]
        kept()
        page.locator("li.picture .thumb").nth(0).drag_to(page.locator("li.picture").nth(2))
        moved = names(page)
        kept()
        assert moved[-1] == first or moved[1] == first
        page.reload()
        assert names(page) == moved


def test_the_focus_point_moves_by_click_and_by_arrow_keys(visit: Visit) -> None:
    with visit() as page:
        begin(page, "jigsaw", photographs(1))
        page.get_by_text("What must stay in view").click()
        pad = page.get_by_role("slider")
        image = page.locator("[data-pad] img")
        expect(image).to_have_js_property("complete", value=True)
        page.wait_for_function("document.querySelector('[data-pad] img').naturalWidth > 0")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        with page.expect_response(re.compile(r"/pictures/\d+/$")):
            page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5)
        assert abs(int(page.locator("[name=focus_x]").input_value()) - 250) <= 10
        pad.focus()
        with page.expect_response(re.compile(r"/pictures/\d+/$")):
            page.keyboard.press("ArrowRight")
        expected = page.locator("[name=focus_x]").input_value()
        assert abs(int(expected) - 270) <= 10
        page.reload()
        page.get_by_text("What must stay in view").click()
        expect(page.locator("[name=focus_x]")).to_have_value(expected)


def test_a_dropped_and_a_pasted_picture_count_as_chosen_ones(visit: Visit) -> None:
    hand = """([kind, name, bytes]) => {
        const held = new DataTransfer();
        held.items.add(new File([new Uint8Array(bytes)], name, { type: "image/avif" }));
        const event = kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true })
            : new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
    }"""
    with visit() as page:
        page.goto("/make/memory/")
        page.evaluate(hand, ["drop", "dropped.avif", list(photographs(1)[0].read_bytes())])
        page.wait_for_url(re.compile("/edit/"))
        expect(page.locator("li.picture")).to_have_count(1)
        page.evaluate(hand, ["paste", "pasted.avif", list(photographs(2)[1].read_bytes())])
        expect(page.locator("li.picture")).to_have_count(2)
        assert names(page) == ["dropped.avif", "pasted.avif"]


def test_a_broken_connection_is_retried_and_then_offered_again(visit: Visit) -> None:
    with visit() as page:
        begin(page, "memory", photographs(1))
        broken = 0

        def fail(route: object) -> None:
            nonlocal broken
            broken += 1
            route.abort() if broken <= 3 else route.continue_()  # type: ignore[attr-defined]

        page.route(re.compile("/pictures/\\?slot="), fail)
        page.set_input_files("input[type=file]", photographs(2)[1:])
        expect(page.locator(".sending .problem")).to_contain_text("The connection broke")
        assert broken == 3
        page.get_by_role("button", name=re.compile("^Send .* again$")).click()
        expect(page.locator("li.picture")).to_have_count(2)


def test_a_game_is_made_without_javascript(visit: Visit) -> None:
    with visit(script=False) as page:
        page.goto("/")
        page.get_by_role("link", name="Make one of your own").click()
        page.set_input_files("input[type=file]", photographs(1))
        page.get_by_role("button", name="Add it").click()
        page.wait_for_url(re.compile("/edit/"))
        page.get_by_label("Title").fill("By hand")
        page.get_by_role("button", name="Keep these choices").click()
        expect(page.get_by_label("Title")).to_have_value("By hand")
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(re.compile("/share/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("By hand")
        page.goto("/mine/")
        expect(page.get_by_text("needs JavaScript")).to_be_visible()


def test_your_games_says_so_where_the_browser_keeps_nothing(visit: Visit) -> None:
    with visit() as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"
        )
        page.goto("/mine/")
        expect(page.get_by_text("This browser keeps nothing for this site")).to_be_visible()


def test_the_edit_secret_is_in_no_referer(visit: Visit) -> None:
    with visit() as page:
        told: list[str] = []
        page.on("request", lambda request: told.append(request.all_headers().get("referer", "")))
        begin(page, "jigsaw", photographs(1))
        page.reload()
        page.get_by_role("link", name="Templates").click()
        page.wait_for_url(re.compile("/templates/"))
        assert told
        assert not any("/edit/" in referer for referer in told)


def test_two_windows_show_each_others_pictures_and_keep_each_others_words(visit: Visit) -> None:
    with visit() as page:
        page.goto("/make/memory/")
        page.set_input_files("input[type=file]", photographs(2))
        page.wait_for_url(re.compile("/edit/"))
        expect(page.locator("li.picture")).to_have_count(2)
        other = page.context.new_page()
        other.goto(page.url)
        page.set_input_files("[data-upload] input[type=file]", photographs(3)[2:])
        expect(page.locator("li.picture")).to_have_count(3)
        page.get_by_label("Title").fill("Of the first window")
        expect(page.locator("#was")).to_have_value(re.compile("Of the first window"))
        other.get_by_label("When it is won").fill("Of the second")
        other.get_by_label("When it is won").blur()
        expect(other.locator("li.picture")).to_have_count(3)
        expect(other.locator("#said")).to_contain_text("the title")
        other.get_by_label("Title").fill("Of the second too")
        expect(other.locator("#problem-title")).to_contain_text("Of the first window")
        expect(other.get_by_label("Title")).to_have_value("Of the second too")
        page.reload()
        expect(page.get_by_label("Title")).to_have_value("Of the first window")
        expect(page.get_by_label("When it is won")).to_have_value("Of the second")

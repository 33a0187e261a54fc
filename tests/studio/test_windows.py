"""Two windows on one game lose nothing of each other's."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.cast import a_picture, runtime_manifest
from tests.studio.conftest import Mine

from pictogame.catalog import manifest as manifests
from pictogame.games import actions, queries
from pictogame.studio.forms import Choices
from pictogame.studio.merging import merge, was_in, written

ISLAND = {"HX-Request": "true"}
TEMPLATE = manifests.read(json.dumps(runtime_manifest()[0]).encode()).templates["jigsaw"]
WAS = re.compile(r'id="was" name="was" value="([^"]*)"')


class Window:
    """A page that was opened once: it sends every field of its form, and what it has learned of them."""

    def __init__(self, client: Client, mine: Mine) -> None:
        self.client, self.mine = client, mine
        html = client.get(mine.at("edit")).content.decode()
        self.was = unescape(WAS.findall(html)[0])
        self.fields = json.loads(self.was)

    def change(self, name: str, value: str) -> str:
        """Changes one field; gives the answer."""
        self.fields[name] = value
        form = {name: value for name, value in self.fields.items() if value or not name.startswith("option-")}
        answer = self.client.post(self.mine.at("change"), {**form, "choices": "all", "was": self.was}, headers=ISLAND)
        html = answer.content.decode()
        self.was = unescape(WAS.findall(html)[0])
        self.status = answer.status_code
        return html


def test_each_window_changes_what_was_changed_in_it(client: Client, mine: Mine) -> None:
    one, two = Window(client, mine), Window(client, mine)
    one.change("title", "A title of the first window")
    two.change("option-pieces", "24")
    one.change("message", "Well done")
    two.change("option-turned", "on")
    draft = queries.newest_of(mine.game)
    assert (draft.title, draft.message) == ("A title of the first window", "Well done")
    assert (draft.options["pieces"], draft.options["turned"]) == (24, True)


def test_the_same_field_in_two_windows_is_asked_about_and_keeps_what_was_typed(client: Client, mine: Mine) -> None:
    one, two = Window(client, mine), Window(client, mine)
    one.change("title", "First")
    html = two.change("title", "Second")
    assert two.status == 422
    assert "This was changed to “First” in another window meanwhile." in unescape(html)
    assert queries.newest_of(mine.game).title == "First"
    two.change("title", "Second")
    assert (two.status, queries.newest_of(mine.game).title) == (200, "Second")


def test_a_window_is_told_what_another_has_changed(client: Client, mine: Mine) -> None:
    one, two = Window(client, mine), Window(client, mine)
    one.change("title", "First")
    html = unescape(two.change("option-pieces", "24"))
    assert "Changed in another window meanwhile: the title." in html
    assert "meanwhile: pieces." in unescape(one.change("message", "Well done"))


def test_what_comes_late_of_what_was_published_changes_nothing(client: Client, mine: Mine) -> None:
    one, late = Window(client, mine), Window(client, mine)
    form = {name: value for name, value in one.fields.items() if value or not name.startswith("option-")}
    said = {**form, "title": "Typed, then published at once", "choices": "all", "was": one.was}
    assert client.post(mine.at("publish"), said).status_code == 302
    late.change("title", "Typed, then published at once")
    assert late.status == 200
    assert queries.draft_of(mine.game) is None


def test_without_script_too_nothing_typed_is_lost(client: Client, mine: Mine) -> None:
    one, two = Window(client, mine), Window(client, mine)
    one.change("title", "First")
    form = {**two.fields, "title": "Second", "message": "Typed as well", "choices": "all", "was": two.was}
    form.pop("option-turned")
    answer = client.post(two.mine.at("publish"), form)
    html = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert 'value="Second"' in html
    assert ">Typed as well</textarea>" in html
    form["was"] = unescape(WAS.findall(answer.content.decode())[0])
    assert client.post(two.mine.at("publish"), form).status_code == 302
    mine.game.refresh_from_db()
    assert mine.game.wanted
    assert (mine.game.wanted.title, mine.game.wanted.message) == ("Second", "Typed as well")


def test_words_for_a_picture_are_asked_about_too(client: Client, mine: Mine) -> None:
    pk = queries.newest_of(mine.game).pictures.get().pk
    first = client.post(mine.at("describe", pk), {"alt": "One", "was_alt": "A tabby cat"}, headers=ISLAND)
    assert first.status_code == 200
    assert 'name="was_alt" value="One" hx-swap-oob="true"' in first.content.decode()
    second = client.post(mine.at("describe", pk), {"alt": "Two", "was_alt": "A tabby cat"}, headers=ISLAND)
    assert second.status_code == 409
    assert "changed to “One” in another window" in second.content.decode()
    assert queries.newest_of(mine.game).pictures.get().alt == "One"
    third = client.post(mine.at("describe", pk), {"alt": "Two", "was_alt": "One"}, headers=ISLAND)
    assert third.status_code == 200
    assert queries.newest_of(mine.game).pictures.get().alt == "Two"


def test_pictures_that_another_window_added_come_and_those_it_removed_go(client: Client, cards: Mine) -> None:
    rows = [
        actions.add_picture(game=cards.game, picture=a_picture(one * 16**60), name=f"{one}.jpg") for one in range(3)
    ]
    keys = [f"cards-{row.picture.sha256[:12]}" for row in rows]
    actions.remove_picture(game=cards.game, slot_picture_id=rows[0].pk)
    html = client.get(cards.at("progress"), {"have": ["", *keys[:2]]}, headers=ISLAND).content.decode()
    assert f'<li id="row-{keys[0]}" hx-swap-oob="delete">' in html
    assert f'id="thumb-{keys[1]}" data-state="processing" hx-swap-oob="true"' in html
    added = html.split('<ol hx-swap-oob="beforeend:#list-cards">')
    assert len(added) == 2
    assert f'id="row-{keys[2]}"' in added[1]


@pytest.mark.parametrize("have", ['"><script>', "x" * 1000])
def test_what_a_page_says_that_it_has_is_never_markup(client: Client, mine: Mine, have: str) -> None:
    html = client.get(mine.at("progress"), {"have": [have]}, headers=ISLAND).content.decode()
    assert have not in html


@given(st.text(max_size=50))
def test_nonsense_about_the_past_counts_as_nothing(text: str) -> None:
    assert was_in({"was": text}) is None or isinstance(was_in({"was": text}), dict)


@given(
    st.dictionaries(st.sampled_from(["title", "message"]), st.sampled_from("abc")),
    st.dictionaries(st.sampled_from(["title", "message"]), st.sampled_from("abc")),
    st.dictionaries(st.sampled_from(["title", "message"]), st.sampled_from("abc")),
)
def test_a_merge_never_overwrites_what_its_window_did_not_show(
    was: dict[str, str], now: dict[str, str], sent: dict[str, str]
) -> None:
    now = {"title": "a", "message": "a", **now}
    was = {**now, **was}
    choices = Choices(words=dict(sent), sent={**sent, "was": written(was)})
    merged = merge(choices, now=now, template=TEMPLATE)
    for name, value in sent.items():
        touched, moved = value != was[name], now[name] != was[name]
        kept = name in merged.words
        assert kept == (touched and not moved)
        assert merged.conflicts or not touched or merged.was[name] == value
        assert (name in merged.conflicts) == (touched and moved and now[name] != value)

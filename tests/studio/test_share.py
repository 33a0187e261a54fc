"""What a creator does with a game that is published."""

from datetime import timedelta
from html import unescape

from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from tests.cast import process_all
from tests.studio.conftest import Mine

from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.studio.views.share import qr_of


def test_the_share_page_gives_code_link_qr_and_edit_link(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    html = unescape(client.get(mine.at("share")).content.decode())
    page = f"{settings.BUCKET_URL}/g/{mine.game.id}.html"
    assert f'<iframe src="{page}" title="A cat, in pieces"' in html
    assert f'value="{page}"' in html
    assert f'value="{settings.SITE_URL}{mine.at("edit")}"' in html
    assert "keep it safe" in html
    assert 'class="qr"' in html


def test_the_qr_code_is_a_picture_without_colours_of_its_own() -> None:
    svg = qr_of("https://games.example.org/g/b5tq7nzk3xw2mc.html")
    assert svg.startswith("<svg")
    assert "style=" not in svg
    assert "viewBox" in svg


def test_a_game_that_is_on_the_web_is_not_said_to_be_off_it(client: Client, mine: Mine) -> None:
    process_all()
    revision = actions.publish(game=mine.game)
    Game.objects.filter(pk=mine.game.pk).update(attempts=1, problem="The bucket did not answer.")
    assert "It is not on the web yet: The bucket" in client.get(mine.at("state")).content.decode()
    Game.objects.filter(pk=mine.game.pk).update(published=revision)
    said = client.get(mine.at("state")).content.decode()
    assert "went wrong: The bucket did not answer." in said
    assert "not on the web yet" not in said


def test_a_game_that_was_never_published_has_nothing_to_share(client: Client, mine: Mine) -> None:
    answer = client.get(mine.at("share"))
    assert answer.status_code == 302
    assert answer.headers["Location"] == mine.at("edit")


def test_the_state_is_told_as_it_is(client: Client, mine: Mine) -> None:
    def state() -> str:
        return client.get(mine.at("state")).content.decode()

    revision = actions.publish(game=mine.game)
    assert 'data-state="processing"' in state()
    process_all()
    assert 'data-state="queued"' in state()
    Game.objects.update(lease_until=Now() + timedelta(minutes=1), lease_token="t")
    assert 'data-state="publishing"' in state()
    Game.objects.update(lease_until=None, attempts=1, problem="The bucket did not answer.")
    assert "The bucket did not answer." in state()
    assert "tried again" in state()
    assert "hx-get" in state()
    Game.objects.update(problem="The bucket does not take anything. It is tried again by itself.")
    assert state().count("tried again") == 1
    Game.objects.update(attempts=0, problem="")
    actions.mark_published(game=mine.game, revision=revision)
    assert 'data-state="in_bucket"' in state()
    assert "hx-get" not in state()


def test_a_published_game_plays_from_the_bucket_on_its_share_page(client: Client, mine: Mine) -> None:
    revision = actions.publish(game=mine.game)
    assert '<iframe src="/preview/' in client.get(mine.at("share")).content.decode()
    process_all()
    actions.mark_published(game=mine.game, revision=revision)
    assert f'<iframe src="{settings.BUCKET_URL}/g/' in client.get(mine.at("share")).content.decode()


def test_unpublishing_leaves_the_draft(client: Client, mine: Mine) -> None:
    actions.publish(game=mine.game)
    asked = client.get(mine.at("unpublish")).content.decode()
    assert "Take “<bdi>A cat, in pieces</bdi>” off the web?" in asked
    assert Game.objects.exclude(wanted=None).exists()
    answer = client.post(mine.at("unpublish"), follow=True)
    assert "Publish it again" in answer.content.decode()
    mine.game.refresh_from_db()
    assert mine.game.wanted is None
    assert "taking a rest" in client.get(mine.at("state")).content.decode()
    assert client.get(mine.at("edit")).status_code == 200


def test_a_game_that_leaves_the_web_says_so_until_it_has_left(client: Client, mine: Mine) -> None:
    process_all()
    actions.mark_published(game=mine.game, revision=actions.publish(game=mine.game))
    client.post(mine.at("unpublish"))
    state = client.get(mine.at("state")).content.decode()
    assert "being taken off the web" in state
    assert "hx-get" in state
    actions.mark_published(game=mine.game, revision=None)
    state = client.get(mine.at("state")).content.decode()
    assert "taking a rest" in state
    assert "hx-get" not in state


def test_a_game_at_rest_is_published_again_with_one_button(client: Client, mine: Mine) -> None:
    revision = actions.publish(game=mine.game)
    client.post(mine.at("unpublish"))
    answer = client.post(mine.at("again"))
    assert answer.headers["Location"] == mine.at("share")
    mine.game.refresh_from_db()
    assert mine.game.wanted == revision


def test_listing_is_the_creators_choice(client: Client, mine: Mine) -> None:
    client.post(mine.at("listing"), {"listed": "on"})
    mine.game.refresh_from_db()
    assert mine.game.listed
    client.post(mine.at("listing"))
    mine.game.refresh_from_db()
    assert not mine.game.listed


def test_deleting_asks_first_then_says_that_it_is_gone(client: Client, mine: Mine) -> None:
    asked = client.get(mine.at("delete"))
    assert "A cat, in pieces" in asked.content.decode()
    assert Game.objects.filter(deleted_at=None).exists()
    answer = client.post(mine.at("delete"), follow=True)
    assert answer.redirect_chain == [(mine.at("receipt"), 302)]
    assert "Your game is deleted." in answer.content.decode()
    assert not Game.objects.filter(deleted_at=None).exists()

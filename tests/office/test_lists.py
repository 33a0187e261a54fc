"""What operators find, and what they do with it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.functions import Now
from django.test import Client
from tests.cast import a_picture
from tests.publishing.cast import Faulty, a_game, keys_in

from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.media.models import Crop, Picture
from pictogame.office.admin import reading
from pictogame.office.figures import forget
from pictogame.office.views import status
from pictogame.publishing import line
from pictogame.publishing.publisher import Publisher


def _act(office: Client, action: str, *games: Game, model: str = "games/game", **more: str) -> str:
    answer = office.post(
        f"/office/{model}/", {"action": action, "_selected_action": [game.pk for game in games], **more}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def _set_aside(game: Game) -> None:
    Game.objects.filter(pk=game.pk).update(
        due_at=None, set_aside_at=Now(), attempts=9, problem="It can't be published.", cause="m/abc.avif: StoreRefused"
    )


def test_a_game_that_is_set_aside_is_shown_with_its_cause_and_tried_again(office: Client) -> None:
    game = a_game()
    _set_aside(game)
    for page in ("/office/", "/office/games/game/", "/office/games/game/?state=aside"):
        assert "m/abc.avif: StoreRefused" in office.get(page).content.decode()
    _act(office, "try_again", game)
    game.refresh_from_db()
    assert game.set_aside_at is None
    assert game.attempts == 0
    assert game.due_at is not None
    assert "m/abc.avif" not in office.get("/office/games/game/?state=aside").content.decode()


def test_what_was_set_aside_is_said_first_of_all(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "parts", list)
    game = a_game()
    assert "Everything works." in office.get("/office/").content.decode()
    _set_aside(game)
    forget()
    html = office.get("/office/").content.decode()
    assert "1 game was set aside." in html
    assert 'class="verdict bad"' in html
    Crop.objects.update(state="wanted", due_at=None, set_aside_at=Now())
    forget()
    line.pause(by="anna")
    html = office.get("/office/").content.decode()
    assert "1 game and 1 crop were set aside." in html
    assert "anna" in html.partition("</section>")[0]
    assert "Everything works." not in html


def test_one_button_tries_everything_again(office: Client) -> None:
    game = a_game()
    _set_aside(game)
    Crop.objects.update(state="wanted", due_at=None, set_aside_at=Now())
    assert "1 games and 1 crops" in office.post("/office/retry/", follow=True).content.decode()
    assert not Crop.objects.filter(due_at=None).exists()
    assert not Game.objects.filter(due_at=None).exists()


def test_a_crop_that_is_set_aside_is_tried_again(office: Client) -> None:
    a_game()
    crop = Crop.objects.get()
    Crop.objects.update(state="wanted", due_at=None, set_aside_at=Now(), cause="killed by SIGKILL")
    assert "killed by SIGKILL" in office.get("/office/media/crop/?state=aside").content.decode()
    office.post("/office/media/crop/", {"action": "try_again", "_selected_action": [crop.pk]})
    crop.refresh_from_db()
    assert crop.set_aside_at is None
    assert crop.due_at is not None


def test_a_takedown_is_asked_about_and_then_takes_everything_out_of_the_bucket(
    office: Client, publisher: Publisher, bucket: Faulty
) -> None:
    game, other = a_game(1), a_game(2)
    publisher.step()
    assert f"g/{game.pk}.xml" in keys_in(bucket)
    asked = _act(office, "take_down", game)
    game.refresh_from_db()
    assert game.deleted_at is None
    assert "Leave it" in asked
    _act(office, "take_down", game, sure="yes")
    publisher.step()
    game.refresh_from_db()
    assert game.deleted_by == "moderator"
    assert keys_in(bucket, "g") == {
        f"g/{game.pk}.html",
        *(f"g/{other.pk}.{kind}" for kind in ("html", "xml", "json", "jpg")),
    }
    assert LogEntry.objects.get().get_change_message() == "Taken down"
    assert "anna" in office.get("/office/admin/logentry/").content.decode()


def test_unpublishing_lets_the_game_rest(office: Client, publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    _act(office, "unpublish", game)
    game.refresh_from_db()
    assert game.wanted is None
    assert game.deleted_at is None


def test_the_line_is_paused_and_goes_on(office: Client, publisher: Publisher) -> None:
    game = a_game()
    assert "paused by anna" in office.post("/office/pause/", follow=True).content.decode()
    publisher.step()
    game.refresh_from_db()
    assert game.published is None
    office.post("/office/resume/")
    publisher.step()
    game.refresh_from_db()
    assert game.published is not None


def test_whoever_paused_or_tried_again_stands_among_the_deeds(office: Client) -> None:
    for deed in ("pause", "resume", "retry"):
        office.post(f"/office/{deed}/")
    page = office.get("/office/admin/logentry/").content.decode()
    assert "<h1>Deeds</h1>" in page
    for word in (
        "anna",
        "Paused the line",
        "Let the line go on",
        "Tried again what was set aside: 0 games and 0 crops",
    ):
        assert word in page


def test_deeds_need_a_form_of_ours(anna: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)  # type: ignore[arg-type]
    assert strict.post("/office/pause/").status_code == 403
    assert strict.get("/office/pause/").status_code == 405


def test_games_are_found_by_id_by_address_and_by_picture(office: Client) -> None:
    game, other = a_game(1), a_game(2)
    hashes = [f"{number:064x}" for number in (1, 2)]
    for term in (game.pk, game.pk[:10], f"http://127.0.0.1:9000/g/{game.pk}.html", hashes[0]):
        page = office.get("/office/games/game/", {"q": term}).content.decode()
        assert f"/{game.pk}/change/" in page
        assert f"/{other.pk}/change/" not in page
    assert "0 games" in office.get("/office/games/game/", {"q": "%_'"}).content.decode()


def test_a_games_page_says_what_it_is_made_of_and_never_its_secret(office: Client, publisher: Publisher) -> None:
    game = a_game(title="<b>Ours</b>")
    publisher.step()
    page = office.get(f"/office/games/game/{game.pk}/change/").content.decode()
    assert f"g/{game.pk}.html" in page
    assert "&lt;b&gt;Ours&lt;/b&gt;" in page
    assert game.secret_hash not in page
    for key in keys_in(publisher._bucket, "m"):
        assert key in page


def test_objects_uses_pictures_and_receipts_are_found(office: Client, publisher: Publisher) -> None:
    game = a_game()
    publisher.step()
    picture = Picture.objects.get()
    assert f"g/{game.pk}.xml" in office.get("/office/bucket/bucketobject/", {"q": f"g/{game.pk}"}).content.decode()
    assert f"g/{game.pk}.xml" in office.get("/office/publishing/use/", {"q": game.pk}).content.decode()
    assert picture.sha256[:16] in office.get("/office/media/picture/", {"q": picture.sha256[:8]}).content.decode()
    assert game.pk in office.get(f"/office/media/picture/{picture.pk}/change/").content.decode()
    _act(office, "take_down", game, sure="yes")
    publisher.step()
    receipt = office.get("/office/publishing/receipt/", {"q": game.pk}).content.decode()
    assert f"/office/games/game/{game.pk}/change/" in receipt
    pk = game.receipt.pk
    assert f"g/{game.pk}.html" in office.get(f"/office/publishing/receipt/{pk}/change/").content.decode()


def test_refused_pictures_are_listed_with_what_their_creators_read(office: Client) -> None:
    a_picture(1)
    a_picture(2, state="refused", refusal="Your picture is damaged.")
    page = office.get("/office/media/picture/?state=refused").content.decode()
    assert "Your picture is damaged." in page
    assert "1 picture" in page
    assert "Your picture is damaged." in office.get("/office/").content.decode()


@pytest.mark.parametrize("model", ["games/game", "media/picture", "media/crop", "bucket/bucketobject"])
def test_nothing_can_be_added_changed_or_deleted_by_hand(office: Client, publisher: Publisher, model: str) -> None:
    game = a_game()
    publisher.step()
    row = {
        "games/game": game.pk,
        "media/picture": Picture.objects.get().pk,
        "media/crop": Crop.objects.get().pk,
        "bucket/bucketobject": BucketObject.objects.earliest("pk").pk,
    }[model]
    for deed in ("add/", f"{row}/delete/"):
        assert office.post(f"/office/{model}/{deed}", {"post": "yes"}).status_code == 403
    assert office.post(f"/office/{model}/{row}/change/", {"problem": "x"}).status_code == 403
    assert "delete_selected" not in office.get(f"/office/{model}/").content.decode()


def test_a_list_counts_no_further_than_anybody_looks(
    office: Client, monkeypatch: pytest.MonkeyPatch, runtime: Path
) -> None:
    monkeypatch.setattr(reading, "COUNTED", 3)
    for _ in range(5):
        actions.create(template="jigsaw")
    assert "3 games" in office.get("/office/games/game/").content.decode()


def test_a_row_that_waits_is_told_with_its_tries(office: Client) -> None:
    game = a_game()
    [claimed] = leases.claim(Game.objects.all, limit=1, seconds=30)
    leases.fail(claimed, problem="It is tried again.", cause="the bucket is away", tries=None)
    page = office.get("/office/games/game/?state=failing").content.decode()
    assert game.pk in page
    assert "tried 1 times" in page
    assert "the bucket is away" in page


def test_a_game_that_rests_is_no_draft(office: Client, publisher: Publisher) -> None:
    game = a_game(1)
    publisher.step()
    actions.unpublish(game=game)
    publisher.step()
    for page in ("/office/games/game/", f"/office/games/game/{game.pk}/change/"):
        shown = office.get(page).content.decode()
        assert "unpublished</span>" in shown
        assert "draft</span>" not in shown
    begun = actions.create(template="jigsaw").game
    assert "draft</span>" in office.get(f"/office/games/game/{begun.pk}/change/").content.decode()


def test_a_game_that_waits_for_its_next_try_is_tried_now(office: Client) -> None:
    game = a_game()
    Game.objects.filter(pk=game.pk).update(due_at=Now() + timedelta(minutes=5), attempts=9, problem="No answer.")
    assert "1 games are tried again" in _act(office, "try_again", game)
    assert Game.objects.filter(pk=game.pk, due_at__lte=Now(), attempts=0).exists()

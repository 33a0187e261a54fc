"""What a creator does with a game that is published: show it to others, delete it."""

from io import BytesIO

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from pictogame.accounts.errors import SignedOut
from pictogame.catalog import queries as catalog
from pictogame.games import actions, ownership, queries
from pictogame.games.errors import NotFound
from pictogame.games.models import DeletedBy, Game
from pictogame.games.page import embed_code, size
from pictogame.games.queries import PublishState
from pictogame.studio.addresses import MINE, edit_path, edit_url, page_url, share_path
from pictogame.studio.desk import creator_of, posted, with_game
from pictogame.studio.maker import maker_of
from pictogame.studio.standing import standing


@with_game
@require_safe
def share(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """The finished game, the code that embeds it, its link and QR code, and the edit link to keep."""
    told = {**_told(game, secret), **standing(request, game, secret)}
    if game.wanted is not None:
        return render(request, "studio/share.html", told)
    if game.revisions.filter(frozen_at__isnull=False).exists():
        return render(request, "studio/resting.html", told)
    return redirect(edit_path(game.id, secret))


@with_game
@require_safe
def state(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Where the game is on its way into the bucket; asked again until it is there."""
    return render(request, "studio/share/state.html", _told(game, secret))


def _told(game: Game, secret: str) -> dict[str, object]:
    revision = game.wanted or queries.newest_of(game)
    title = revision.title or catalog.template(revision.template).title
    frame = queries.frame_of(revision)
    width, height = size(frame)
    maker = maker_of(game, secret)
    leaving = game.wanted is None and game.published is not None
    return {
        "game": game,
        "secret": secret,
        "title": title,
        "template": catalog.template(revision.template),
        "state": maker.state,
        "preview": maker.preview,
        "width": width,
        "height": height,
        "page": page_url(game.id),
        "code": embed_code(game.id, title, frame=frame, bucket_url=settings.BUCKET_URL),
        "qr": qr_of(page_url(game.id)),
        "edit_url": edit_url(game.id, secret),
        "again": 1 if leaving else again_after(maker.state),
        "leaving": leaving,
    }


def again_after(state: PublishState) -> int:
    """Seconds until the page asks again; 0 when there is nothing more to wait for."""
    return {"in_bucket": 0, "draft": 0, "resting": 0, "failed": 5}.get(state.word, 1)


def qr_of(url: str) -> SafeString:
    """The address as a QR code: an SVG without colours or sizes of its own, so that the style sheet gives them."""
    out = BytesIO()
    segno.make(url, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, nl=False, svgclass="qr", lineclass=None, border=3
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308  Paths made from numbers; the address is not in it.


@with_game
@posted
def listing(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Shows the game on the home page, or no longer."""
    actions.set_listed(game=game, listed=request.POST.get("listed") == "on")
    return redirect(f"{edit_path(game.id, secret)}share/")


@with_game
@posted
def keep(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Puts the game into the account of who is signed in and came with its edit link."""
    creator = creator_of(request)
    if creator is None:
        raise SignedOut
    ownership.keep(game=game, owner=creator)
    return redirect("studio:mine" if request.POST.get("from") == "mine" else share_path(game.id, secret))


@with_game
def link(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Asks, then gives its owner another edit link; the one before opens nothing any more."""
    if secret != MINE:
        raise NotFound
    if request.method == "POST":
        return redirect(share_path(game.id, ownership.new_edit_link(game=game)))
    told = {"game": game, "secret": secret, "title": queries.title_of(queries.newest_of(game))}
    return render(request, "studio/link.html", told)


@with_game
def delete(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Asks, then deletes for good."""
    if request.method == "POST":
        actions.delete(game=game, by=DeletedBy.OWNER if secret == MINE else DeletedBy.CREATOR)
        return redirect("studio:receipt", game.id, secret)
    told = {
        "game": game,
        "secret": secret,
        "title": queries.newest_of(game).title,
        "state": queries.publish_state(game),
    }
    return render(request, "studio/delete.html", told)

"""How a view comes by a game: loaded with the right to change it, or not at all."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_protect

from pictogame.games import queries
from pictogame.games.errors import NotFound
from pictogame.games.models import Game
from pictogame.studio.addresses import edit_path

P = ParamSpec("P")


def by_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def private(response: HttpResponse) -> HttpResponse:
    """Marks an answer whose address holds a secret: no cache keeps it, no search engine lists it."""
    patch_cache_control(response, private=True, no_store=True)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def posted(
    view: Callable[Concatenate[HttpRequest, Game, str, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """For addresses that only take forms: whoever comes there in another way is led to the maker's page."""

    @wraps(view)
    def wrapped(request: HttpRequest, game: Game, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST":
            return redirect(edit_path(game.id, secret))
        return view(request, game, secret, *args, **kwargs)

    return wrapped


def with_game(
    view: Callable[Concatenate[HttpRequest, Game, str, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Gives the view the game and its secret. A stranger gets NotFound, as for a game that does not exist.

    Who comes with its secret to a game that was deleted is led to the receipt.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, game_id: str, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            game = queries.game_for_editing(game_id, secret)
        except NotFound:
            shown = request.method in {"GET", "HEAD"} or "text/html" in request.headers.get("Accept", "")
            if not shown or by_htmx(request):
                raise
            # Its creator comes back to a game that was deleted, or deletes it in a second window: there is a receipt,
            # for nobody else.
            queries.deleted_game(game_id, secret)
            return private(redirect("studio:receipt", game_id, secret))
        return private(view(request, game, secret, *args, **kwargs))

    return csrf_protect(wrapped)


def with_deleted_game(
    view: Callable[Concatenate[HttpRequest, Game, str, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """The same for a game that was deleted; NotFound for one that is there."""

    @wraps(view)
    def wrapped(request: HttpRequest, game_id: str, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return private(view(request, queries.deleted_game(game_id, secret), secret, *args, **kwargs))

    return wrapped

"""How a view comes by a game: loaded with the right to change it, or not at all."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_protect

from pictogame.accounts.errors import SignedOut
from pictogame.accounts.models import User
from pictogame.games import queries
from pictogame.games.errors import NotFound
from pictogame.games.models import Game
from pictogame.studio.addresses import MINE, edit_path

P = ParamSpec("P")


def by_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def creator_of(request: HttpRequest) -> User | None:
    """The creator who is signed in; None for everybody else, operators included."""
    user = request.user
    return user if isinstance(user, User) and user.is_active and user.is_creator else None


def private(response: HttpResponse) -> HttpResponse:
    """Marks an answer that is for one reader: no cache keeps it, no search engine lists it."""
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
    """Gives the view the game and its secret, or MINE for its owner. A stranger gets NotFound, as for a game that does
    not exist. An owner who is not signed in is led to the door.

    Who comes with its secret, or as its owner, to a game that was deleted is led to the receipt.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, game_id: str, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            game = game_of(request, game_id, secret)
        except SignedOut:
            if not by_htmx(request) and (door := _door(request, secret)):
                return door
            raise
        except NotFound:
            shown = request.method in {"GET", "HEAD"} or "text/html" in request.headers.get("Accept", "")
            if not shown or by_htmx(request):
                raise
            # Its creator comes back to a game that was deleted, or deletes it in a second window: there is a receipt,
            # for nobody else.
            _deleted_game(request, game_id, secret)
            return private(redirect("studio:receipt", game_id, secret))
        return private(view(request, game, secret, *args, **kwargs))

    return csrf_protect(wrapped)


def with_deleted_game(
    view: Callable[Concatenate[HttpRequest, Game, str, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """The same for a game that was deleted; NotFound for one that is there."""

    @wraps(view)
    def wrapped(request: HttpRequest, game_id: str, secret: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not by_htmx(request) and (door := _door(request, secret)):
            return door
        return private(view(request, _deleted_game(request, game_id, secret), secret, *args, **kwargs))

    return wrapped


def game_of(request: HttpRequest, game_id: str, secret: str) -> Game:
    """The game, for whoever comes with its secret or, with MINE, as its owner.

    Raises NotFound for a stranger, and SignedOut for whoever comes as an owner and is not signed in: for every game,
    there or not, so that a stranger learns nothing.
    """
    if secret == MINE:
        creator = creator_of(request)
        if creator is None:
            raise SignedOut
        return queries.game_of_owner(game_id, creator)
    return queries.game_for_editing(game_id, secret)


def _deleted_game(request: HttpRequest, game_id: str, secret: str) -> Game:
    if secret == MINE:
        return queries.deleted_game_of_owner(game_id, creator_of(request))
    return queries.deleted_game(game_id, secret)


def _door(request: HttpRequest, secret: str) -> HttpResponse | None:
    """Where an owner comes in who is not signed in; for every game, there or not, so that a stranger learns nothing."""
    if secret == MINE and request.method in {"GET", "HEAD"} and creator_of(request) is None:
        return private(redirect_to_login(request.get_full_path()))
    return None

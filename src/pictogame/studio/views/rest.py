"""A game is taken off the web for a while, and comes back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pictogame.games import actions, queries
from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.studio.addresses import edit_path, share_path
from pictogame.studio.desk import posted, with_game
from pictogame.studio.errors import status_of
from pictogame.studio.views.make import edit_page


@with_game
def unpublish(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Asks, then takes the game off the web."""
    if request.method == "POST":
        actions.unpublish(game=game)
        return redirect(share_path(game.id, secret))
    if game.wanted is None:
        return redirect(edit_path(game.id, secret))
    told = {"game": game, "secret": secret, "title": queries.title_of(game.wanted)}
    return render(request, "studio/unpublish.html", told)


@with_game
@posted
def again(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Publishes a game that rests, with what was changed meanwhile."""
    try:
        actions.publish(game=game)
    except Problem as problem:
        return edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem))
    return redirect(share_path(game.id, secret))

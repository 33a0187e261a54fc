"""Earlier versions of a game: looked at, played, brought back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pictogame.bucket.keys import media_key
from pictogame.games import actions, history, queries
from pictogame.games.errors import NoRevision
from pictogame.games.history import Version
from pictogame.games.models import Game
from pictogame.games.revisions import KEPT
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.studio.addresses import share_path, version_base
from pictogame.studio.desk import posted, with_game
from pictogame.studio.errors import status_of


@with_game
@require_safe
def versions(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Everything that was published once, newest first."""
    return _list(request, game, secret)


@with_game
@require_safe
def version(request: HttpRequest, game: Game, secret: str, number: int) -> HttpResponse:
    """One of them, to play it as it was."""
    found = next((one for one in history.revisions_of(game) if one.number == number), None)
    if not game.revisions.filter(number=number, frozen_at__isnull=False).exists():
        raise NoRevision(f"There is no version {number} of this game.")
    if found is None or found.picture is None:
        raise NoRevision(f"Version {number} can't be shown any more: only the last {KEPT} keep their pictures.")
    revision = game.revisions.get(number=number)
    told = {
        "game": game,
        "secret": secret,
        "version": found,
        "frame": f"{version_base(game.id, number)}g/{game.id}.html",
        "ratio": queries.frame_of(revision),
        "changed": queries.draft_of(game) is not None,
    }
    return render(request, "studio/version.html", told)


@with_game
@posted
def bring_back(request: HttpRequest, game: Game, secret: str, number: int) -> HttpResponse:
    """Publishes an earlier version again; unpublished changes stay where they are."""
    try:
        actions.roll_back(game=game, number=number)
    except Problem as problem:
        return _list(request, game, secret, problem)
    return redirect(share_path(game.id, secret))


@with_game
@posted
def discard(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Throws the unpublished changes away."""
    try:
        actions.discard_draft(game=game)
    except Problem as problem:
        return _list(request, game, secret, problem)
    return redirect("studio:versions", game.id, secret)


def _list(request: HttpRequest, game: Game, secret: str, problem: Problem | None = None) -> HttpResponse:
    found = history.revisions_of(game)
    told = {
        "game": game,
        "secret": secret,
        "title": queries.title_of(queries.newest_of(game)),
        "rows": [(one, _thumbnail(game, one)) for one in found],
        "changed": bool(found) and queries.draft_of(game) is not None,
        "kept": KEPT,
        "sentences": [problem.sentence] if problem else [],
    }
    return render(request, "studio/versions.html", told, status=status_of(problem) if problem else 200)


def _thumbnail(game: Game, one: Version) -> str:
    if one.picture is None:
        return ""
    key = media_key(Sha256(one.picture.sha256), one.picture.media_type)
    return f"{version_base(game.id, one.number)}{key}"

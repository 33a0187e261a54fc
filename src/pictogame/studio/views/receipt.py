"""What a creator can read after a game was deleted: the receipt, on a page and as a file."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pictogame.games.models import Game
from pictogame.publishing.queries import Told, receipt_of
from pictogame.publishing.receipt_words import asked_by, document, sentences, text
from pictogame.studio.desk import with_deleted_game

_TITLES = (
    ("page", "Its page says that the game is gone"),
    ("object", "Gone from the web"),
    ("original", "Your pictures as you sent them"),
    ("rendition", "What was made of them"),
)


@with_deleted_game
@require_safe
def receipt(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """What went, line by line, and which copies may still be about."""
    return render(request, "studio/receipt.html", _page(game, secret))


@with_deleted_game
@require_safe
def receipt_state(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """The part of the page that changes until the receipt is finished."""
    return render(request, "studio/receipt/state.html", _page(game, secret))


@with_deleted_game
@require_safe
def receipt_text(request: HttpRequest, game: Game, secret: str) -> HttpResponse:  # noqa: ARG001
    """The receipt as a text to keep."""
    return _file(text(receipt_of(game)), "text/plain; charset=utf-8", f"receipt-{game.id}.txt")


@with_deleted_game
@require_safe
def receipt_json(request: HttpRequest, game: Game, secret: str) -> HttpResponse:  # noqa: ARG001
    """The receipt for machines."""
    content = json.dumps(document(receipt_of(game)), indent=2) + "\n"
    return _file(content, "application/json", f"receipt-{game.id}.json")


def _page(game: Game, secret: str) -> dict[str, object]:
    told = receipt_of(game)
    return {
        "game": game,
        "secret": secret,
        "told": told,
        "asked_by": asked_by(told),
        "sentences": list(sentences(told)),
        "groups": _groups(told),
        "by_age": told.by == "age",
        "was_published": game.revisions.filter(frozen_at__isnull=False).exists(),
        "days": settings.DRAFT_DAYS,
        "again": 0 if told.finished_at else 1 if told.waits_for.startswith(("It is", "The publisher")) else 5,
    }


def _groups(told: Told) -> list[tuple[str, list[object]]]:
    groups = [(title, [line for line in told.lines if line.kind == kind]) for kind, title in _TITLES]
    return [(title, list(lines)) for title, lines in groups if lines]


def _file(content: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

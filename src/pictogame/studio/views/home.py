"""The pages that anybody may see."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.games import queries
from pictogame.studio.addresses import card_url, page_url
from pictogame.studio.desk import creator_of, private
from pictogame.studio.shelf import shelf_of

SHOWN = 12
"""Listed games on the home page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A game that its creator lists."""

    title: str
    template: str
    page: str
    card: str


def favourite(templates: list[Template]) -> Template:
    """The template that plays large on the home page: the jigsaw, which everybody knows, where it is installed."""
    return next((one for one in templates if one.name == "jigsaw"), templates[0])


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A game to play, the templates, what others made."""
    templates = catalog.templates()
    titles = {one.name: one.title for one in templates}
    games = [
        Shown(
            title=game.published.title or titles.get(game.published.template, game.published.template),
            template=titles.get(game.published.template, game.published.template),
            page=page_url(game.id),
            card=card_url(game.id),
        )
        for game in queries.recent_listed(SHOWN)
        if game.published
    ]
    return render(
        request, "studio/home.html", {"templates": templates, "favourite": favourite(templates), "games": games}
    )


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Every template, each playing by itself."""
    return render(request, "studio/templates.html", {"templates": catalog.templates()})


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The games that this browser remembers, of which the server knows nothing; before them those of the account."""
    creator = creator_of(request)
    if creator is None:
        return render(request, "studio/mine.html")
    return private(render(request, "studio/mine.html", {"shelf": shelf_of(creator, request.GET.get("page", ""))}))


@requires_csrf_token
def forbidden(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django gives its reason.
    """A form whose token is missing or too old."""
    sentence = "This page has been open for too long, or its cookie is gone. Load it again, then try once more."
    if request.headers.get("HX-Request"):
        return render(request, "studio/part/said.html", {"sentence": sentence}, status=403)
    return render(request, "403.html", {"sentence": sentence}, status=403)

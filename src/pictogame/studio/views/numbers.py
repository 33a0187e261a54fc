"""Numbers of a creator's games: out of the bucket's own log, for whoever holds the edit link."""

import csv
import json
import re
from dataclasses import dataclass
from io import StringIO

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from pictogame.games import queries, several
from pictogame.games.models import Game
from pictogame.stats import counts, words
from pictogame.stats import numbers as stats
from pictogame.stats.counts import Counts
from pictogame.stats.numbers import Numbers
from pictogame.studio.addresses import MINE, edit_paths
from pictogame.studio.converters import GameIdConverter, SecretConverter
from pictogame.studio.desk import creator_of, private, with_game

MOST_GAMES = 200
"""As many as a browser remembers."""
_LINK = re.compile(f"/g/({GameIdConverter.regex})/edit/({SecretConverter.regex})/")


@dataclass(frozen=True, slots=True)
class Listed:
    """A game among several: its name, its own page of numbers, and what it brought."""

    title: str
    url: str
    widgets: str
    first_plays: str
    weight: str


@with_game
@require_safe
def numbers(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Plays, bytes, places and hours of one game."""
    found = _numbers(request, [game.id])
    told = {
        "game": game,
        "secret": secret,
        "title": queries.title_of(queries.newest_of(game)),
        "state": queries.publish_state(game),
        **_told(found),
    }
    return render(request, "studio/numbers/game.html", told)


@with_game
@require_safe
def as_csv(request: HttpRequest, game: Game, secret: str) -> HttpResponse:  # noqa: ARG001
    """A line for each day, for a spreadsheet."""
    return sheet(_numbers(request, [game.id]), name=f"pictogame-{game.id}")


@with_game
@require_safe
def as_json(request: HttpRequest, game: Game, secret: str) -> HttpResponse:  # noqa: ARG001
    """The same and more, for a program."""
    return document(_numbers(request, [game.id]), name=f"pictogame-{game.id}")


@csrf_protect
def mine(request: HttpRequest) -> HttpResponse:
    """All games that a browser remembers, or of an account, together. Their edit links come in the form: no address
    holds them.
    """
    if request.method != "POST":
        return redirect("studio:mine")
    sent = request.POST.get("games", "")
    secrets = _links(sent)
    ids = several.ids_for_editing(secrets)
    if creator := creator_of(request):
        named = [game_id for game_id, secret in secrets.items() if secret == MINE]
        ids += several.games_of(creator).filter(pk__in=named).values_list("pk", flat=True)
    days, today = stats.period(request.POST.get("days")), timezone.now().date()
    kind = request.POST.get("as")
    if kind in _SAVED:
        return private(_SAVED[kind](stats.of_games(ids, days=days, today=today), name="pictogame-games"))
    titles, (found, each) = several.titles_of(ids), stats.together(ids, days=days, today=today)
    paths = edit_paths({game_id: secrets[game_id] for game_id in ids})
    brought = [(game_id, each.get(game_id, Counts())) for game_id in ids]
    games = [
        Listed(
            title=titles.get(game_id, ""),
            url=f"{paths[game_id]}numbers/?days={days}",
            widgets=words.count(one.widgets),
            first_plays=words.count(one.first_plays),
            weight=words.weight(one.bytes),
        )
        for game_id, one in sorted(brought, key=lambda pair: -pair[1].widgets)
    ]
    told = {"games": games, "sent": sent, "of_account": MINE in secrets.values(), **_told(found)}
    return private(render(request, "studio/numbers/mine.html", told))


def sheet(found: Numbers, *, name: str) -> HttpResponse:
    """The days as CSV, to be saved."""
    out = StringIO()
    csv.writer(out).writerows(counts.lines(Counts(), found.counted))
    return _saved(HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8"), f"{name}.csv")


def document(found: Numbers, *, name: str) -> HttpResponse:
    """Everything as JSON, to be saved."""
    return _saved(JsonResponse(found.told()), f"{name}.json")


_SAVED = {"csv": sheet, "json": document}


def _saved(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _numbers(request: HttpRequest, ids: list[str]) -> Numbers:
    return stats.of_games(ids, days=stats.period(request.GET.get("days")), today=timezone.now().date())


def _told(found: Numbers) -> dict[str, object]:
    total, best = found.total, found.best_hour
    shown = "a page with one of your games was opened" if found.games > 1 else "a page with your game was opened"
    plays = f"by a browser that had nothing of {'that game' if found.games > 1 else 'it'} yet"
    hours = f"{words.hour(best or 0)} UTC, in the last {found.hourly_days} days"
    return {
        "numbers": found,
        "days": found.days,
        "periods": stats.PERIODS,
        "span": words.days(found.since, found.until),
        "figures": [
            ("Widgets shown", words.count(total.widgets), shown),
            ("First plays", words.count(total.first_plays), plays),
            ("Out of the bucket", words.weight(total.bytes), f"in {words.many(total.requests, 'request')}"),
            ("Best hour", *(("not yet", "") if best is None else (f"{best}:00", hours))),
        ],
    }


def _links(sent: str) -> dict[str, str]:
    """Secrets by id, out of edit links as a browser keeps them: `["/g/<id>/edit/<secret>/"]`. The rest is left out."""
    try:
        links = json.loads(sent or "[]")
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for link in links[:MOST_GAMES] if isinstance(links, list) else []:
        if isinstance(link, str) and (parts := _LINK.fullmatch(link)):
            found.setdefault(parts[1], parts[2])
    return found

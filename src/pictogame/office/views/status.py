"""The first page: how it goes, and what to do about it."""

import platform
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import cast

import django
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from pictogame.accounts.models import User
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.jobs.tallies import hour_of
from pictogame.media.models import Crop
from pictogame.office import words
from pictogame.office.figures import Figures, Held, Queue, figures, forget, parts
from pictogame.office.views.desk import for_operators
from pictogame.office.words import Mood
from pictogame.publishing import health, line
from pictogame.stats.words import count, weight

SHOWN = 8
"""Rows that were set aside, of each kind; the lists have them all."""
_LATE_SECONDS = 60

_HAPPENED = (
    ("published", "Games published"),
    ("taken_down", "Games taken down"),
    ("unpublished", "Games unpublished"),
    ("failed", "Tries that failed"),
    ("pictures_ready", "Crops made"),
    ("pictures_refused", "Crops refused"),
    ("objects_deleted", "Objects deleted"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name."""

    name: str
    value: str
    aside: str = ""
    mood: Mood = ""


@dataclass(frozen=True, slots=True)
class Process:
    """One process as the page shows it."""

    role: str
    where: str
    version: str
    since: str
    seen: str
    mood: Mood


def status(request: HttpRequest, **more: object) -> TemplateResponse:
    """Everything that an operator looks for first."""
    now = figures()
    found = parts()
    games = Game.objects.filter(set_aside_at__isnull=False).select_related("wanted")
    crops = Crop.objects.filter(set_aside_at__isnull=False).select_related("picture")
    context = {
        **admin.site.each_context(request),
        "title": "How it goes",
        "now": now,
        "ill": [part for part in found if not part.ok],
        "aside": _aside(now),
        "parts": found,
        "tiles": _tiles(now),
        "games": games.order_by("-set_aside_at")[:SHOWN],
        "crops": crops.order_by("-set_aside_at")[:SHOWN],
        "happened": [
            (name, count(now.last_hour.get(key, 0)), count(now.last_day.get(key, 0)), count(now.all_time.get(key, 0)))
            for key, name in _HAPPENED
        ],
        "since": f"{hour_of(now.at) - timedelta(hours=1):%H:%M}",
        "held": [(one.state, count(one.objects), weight(one.bytes)) for one in now.held],
        "refusals": [(one.sentence, count(one.pictures)) for one in now.refusals],
        "processes": _processes(now),
        "versions": _versions(),
        **more,
    }
    return TemplateResponse(request, "office/status.html", context)


@for_operators
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Nothing new goes into the bucket until somebody resumes."""
    line.pause(by=request.user.get_username())
    return _done(request, "The line is paused. Whatever is deleted still leaves the bucket.", deed="Paused the line")


@for_operators
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """The line goes on."""
    line.resume()
    return _done(request, "The line goes on.", deed="Let the line go on")


@for_operators
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Everything that was set aside is tried again: games, and crops of pictures."""
    games = leases.retry(Game.objects.filter(set_aside_at__isnull=False))
    crops = leases.retry(Crop.objects.filter(set_aside_at__isnull=False))
    what = f"{count(games)} games and {count(crops)} crops"
    return _done(request, f"{what} are tried again.", deed=f"Tried again what was set aside: {what}")


def _done(request: HttpRequest, sentence: str, *, deed: str) -> HttpResponse:
    """Says it, and writes down who did it."""
    LogEntry.objects.create(user=cast("User", request.user), action_flag=CHANGE, change_message=deed)
    forget()
    messages.success(request, sentence)
    return redirect("admin:index")


def _aside(now: Figures) -> str:
    """What was given up, which no part's health knows of; empty when nothing was."""
    games, crops = now.games.set_aside + now.bulk.set_aside, now.crops.set_aside
    said = [
        *([f"{count(games)} game{'' if games == 1 else 's'}"] if games else []),
        *([f"{count(crops)} crop{'' if crops == 1 else 's'}"] if crops else []),
    ]
    return f"{' and '.join(said)} {'was' if games + crops == 1 else 'were'} set aside" if said else ""


def _tiles(now: Figures) -> list[Tile]:
    aside, stored = now.games.set_aside + now.bulk.set_aside, _stored(now)
    return [
        Tile("Games that wait", count(now.games.length), _waiting(now.games), _late(now.games)),
        *([Tile("Games in bulk", count(now.bulk.length), _waiting(now.bulk))] if now.bulk.length else []),
        Tile("Crops that wait", count(now.crops.length), _waiting(now.crops), _late(now.crops)),
        Tile("Games set aside", count(aside), "given up until somebody asks", "bad" if aside else ""),
        Tile("Crops set aside", count(now.crops.set_aside), "their games wait", "bad" if now.crops.set_aside else ""),
        Tile("Objects to delete", count(now.deletions.length), _waiting(now.deletions), _late(now.deletions)),
        Tile(
            "Receipts to finish",
            count(now.receipts_unfinished),
            f"oldest {words.span(now.receipts_age_seconds)}" if now.receipts_unfinished else "everything is confirmed",
        ),
        *([Tile("In the bucket", weight(stored.bytes), f"{count(stored.objects)} objects")] if stored else []),
        Tile("Room on the disk", weight(now.disk_free), f"of {weight(now.disk_size)}"),
    ]


def _waiting(queue: Queue) -> str:
    if not queue.length:
        return "nothing waits"
    failing = f", {count(queue.failing)} have failed" if queue.failing else ""
    return f"the first is due for {words.span(queue.age_seconds)}{failing}"


def _late(queue: Queue) -> Mood:
    return "wait" if queue.age_seconds > _LATE_SECONDS else ""


def _stored(now: Figures) -> Held | None:
    return next((one for one in now.held if one.state == "stored"), None)


def _processes(now: Figures) -> list[Process]:
    return [
        Process(
            role=one.role,
            where=f"{one.host}, process {one.pid}",
            version=one.version,
            since=f"{one.since:%Y-%m-%d %H:%M}",
            seen=f"{words.span(one.seconds_ago)} ago"
            + ("" if one.is_here else ", gone")
            + (", hangs" if one.is_here and health.hangs(one) else ""),
            mood="good" if one.is_here and not health.hangs(one) else "bad",
        )
        for one in now.processes
    ]


def _versions() -> list[tuple[str, str]]:
    database = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    number = ".".join(map(str, connection.get_database_version()))
    return [
        ("Pictogame", version("pictogame")),
        ("Django", django.get_version()),
        ("Python", platform.python_version()),
        (database, number),
        ("obstore", version("obstore")),
    ]

"""The maker: from a template and pictures to a game."""

import re
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from pictogame.accounts.senders import sender_of
from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.games import actions, queries
from pictogame.games.models import Game, SlotPicture
from pictogame.lib.errors import Problem
from pictogame.studio import forms
from pictogame.studio.addresses import edit_path
from pictogame.studio.desk import by_htmx, creator_of, posted, private, with_game
from pictogame.studio.errors import status_of, told
from pictogame.studio.maker import Maker, maker_of, new_preview, row_key
from pictogame.studio.merging import Merged, merge, shown, written
from pictogame.studio.standing import standing
from pictogame.studio.uploads import UPLOAD_LIMIT, files_of, receive_all, refuse_too_large

_ROW = re.compile(r"[a-z0-9_-]{1,60}")


@csrf_exempt
def new(request: HttpRequest, template: str) -> HttpResponse:
    """A page that asks for the first picture; a POST makes the draft. Its size is looked at before it is read."""
    chosen = catalog.template(template)
    if problem := refuse_too_large(request):
        return _new_page(request, chosen, [problem.sentence], status_of(problem))
    return _new(request, chosen)


@csrf_protect
def _new(request: HttpRequest, template: Template) -> HttpResponse:
    if request.method != "POST":
        return _new_page(request, template, [], 200)
    if request.headers.get("Accept") == "application/json":
        created = actions.create(template=template.name, owner=creator_of(request))
        return private(JsonResponse({"edit": edit_path(created.game.id, created.secret)}, status=201))
    try:
        arrived = receive_all(files_of(request), sender=sender_of(request))
    except Problem as problem:
        return _new_page(request, template, [problem.sentence], status_of(problem))
    if not arrived.pictures:
        status = status_of(arrived.stopped_by) if arrived.stopped_by else 422
        return told(_new_page(request, template, arrived.sentences, status), arrived.stopped_by)
    sentences = list(arrived.sentences)
    created = actions.create(template=template.name, owner=creator_of(request))
    for picture, name in arrived.pictures:
        try:
            actions.add_picture(game=created.game, picture=picture, name=name)
        except Problem as problem:
            sentences.append(problem.sentence)
    if sentences:
        return private(edit_page(request, created.game, created.secret, sentences=sentences, status=200))
    return private(redirect(edit_path(created.game.id, created.secret)))


def _new_page(request: HttpRequest, template: Template, sentences: list[str], status: int) -> HttpResponse:
    told = {"template": template, "preview": new_preview(template), "sentences": sentences, "limit": UPLOAD_LIMIT}
    return render(request, "studio/new.html", told, status=status)


def edit_page(
    request: HttpRequest,
    game: Game,
    secret: str,
    *,
    sentences: list[str] | None = None,
    problems: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
    merged: Merged | None = None,
    status: int = 200,
) -> HttpResponse:
    """The maker's page; `sentences` stand above the pictures, `problems` beside their fields."""
    maker = maker_of(game, secret, problems=problems, sent=sent)
    told = {
        **standing(request, game, secret),
        "was": written(merged.was if merged else shown(maker.revision, maker.template)),
        "maker": maker,
        "sentences": sentences or [],
        "limit": UPLOAD_LIMIT,
        "templates": catalog.templates(),
    }
    return render(request, "studio/edit.html", told, status=status)


def refreshed(
    request: HttpRequest,
    game: Game,
    secret: str,
    *,
    problems: Mapping[str, str] | None = None,
    merged: Merged | None = None,
    described: SlotPicture | None = None,
    status: int = 200,
) -> HttpResponse:
    """Those parts of the maker's page that follow from others, for htmx to put in their places."""
    maker = maker_of(game, secret, problems=problems)
    have = _have(request)
    told: dict[str, object] = {"maker": maker, "have": have, "lost": _lost(have or (), maker)}
    if merged is not None:
        told |= {"was": written(merged.was), "elsewhere": merged.elsewhere}
    if described is not None:
        told |= {"described": (row_key(described), described.alt)}
    return render(request, "studio/maker/refresh.html", told, status=status)


def _have(request: HttpRequest) -> frozenset[str] | None:
    """The rows of pictures that the page shows, as it says itself; None when it says nothing of them."""
    sent = request.POST if request.method == "POST" else request.GET
    return frozenset(sent.getlist("have")[:1000]) if "have" in sent else None


def _lost(have: Iterable[str], maker: Maker) -> list[str]:
    """Those of them that are no longer in the game: another window took them out."""
    there = {row.key for one in maker.slots for row in one.rows}
    return sorted(key for key in have if key not in there and _ROW.fullmatch(key))


@with_game
def edit(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """The maker's page of a game."""
    return edit_page(request, game, secret)


@transaction.atomic
def _keep(request: HttpRequest, game: Game) -> tuple[forms.Choices, Merged]:
    """Keeps what was changed in a form when all of it fits and no other window changed the same.

    A form that says nothing new opens no draft.
    """
    Game.objects.select_for_update().get(pk=game.pk)
    revision = queries.newest_of(game)
    chosen = catalog.template(revision.template)
    choices = forms.read(chosen, request.POST.dict())
    merged = merge(choices, now=shown(revision, chosen), template=chosen)
    choices.problems |= merged.conflicts
    if not choices.problems and (merged.options or merged.words):
        actions.change(game=game, options=merged.options, **merged.words)
    return choices, merged


@with_game
@posted
def change(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Options, skin and words; all of them or, with a sentence beside each that does not fit, none."""
    choices, merged = _keep(request, game)
    if not choices.problems and not by_htmx(request):
        return redirect(edit_path(game.id, secret))
    status = 422 if choices.problems else 200
    if by_htmx(request):
        return refreshed(request, game, secret, problems=choices.problems, merged=merged, status=status)
    return edit_page(request, game, secret, problems=choices.problems, sent=choices.sent, merged=merged, status=status)


@with_game
@posted
def template(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Makes another game of the same pictures."""
    actions.change(game=game, template=request.POST.get("template", ""))
    return redirect(edit_path(game.id, secret))


@with_game
@require_safe
def progress(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """What has become of the pictures that were in the making."""
    return refreshed(request, game, secret)


@with_game
@posted
def publish(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """Keeps the choices that the page shows, publishes, and leads to the page that shows what to do with it."""
    choices, merged = _keep(request, game)
    if choices.problems:
        return edit_page(request, game, secret, problems=choices.problems, sent=choices.sent, merged=merged, status=422)
    try:
        actions.publish(game=game)
    except Problem as problem:
        return edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem))
    return HttpResponseRedirect(f"{edit_path(game.id, secret)}share/")

"""Pictures of a draft: add, describe, arrange, remove."""

import mimetypes
from collections.abc import Mapping
from urllib.parse import unquote

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from pictogame.accounts.senders import sender_of
from pictogame.catalog import queries as catalog
from pictogame.games import actions, queries, rules
from pictogame.games.errors import ChangedElsewhere, NotFound, SlotFull
from pictogame.games.models import Game, SlotPicture
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media import actions as media
from pictogame.media import allowance
from pictogame.media.models import Picture
from pictogame.media.vault import vault
from pictogame.studio import forms
from pictogame.studio.addresses import edit_path
from pictogame.studio.desk import by_htmx, game_of, posted, private, with_game
from pictogame.studio.errors import NoFile, status_of, told
from pictogame.studio.maker import maker_of, row_key
from pictogame.studio.merging import conflict_of
from pictogame.studio.uploads import body_of, files_of, receive_all, refuse_too_large
from pictogame.studio.views.make import edit_page, refreshed


@csrf_exempt
def pictures(request: HttpRequest, game_id: str, secret: str) -> HttpResponse:
    """PUT brings one picture as it is, POST a form with any number. Its size is looked at before it is read."""
    if problem := refuse_too_large(request):
        game = game_of(request, game_id, secret)
        if request.method == "PUT":
            return private(_said(request, problem))
        return private(edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem)))
    return _pictures(request, game_id, secret)


@csrf_protect
@with_game
def _pictures(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    slot = request.GET.get("slot")
    if request.method == "PUT":
        return _one(request, game, secret, slot)
    if request.method != "POST":
        return redirect(edit_path(game.id, secret))
    try:
        arrived = receive_all(files_of(request), sender=sender_of(request))
        if not arrived.pictures and not arrived.sentences:
            raise NoFile("No picture was chosen yet: choose one, then add it.")
    except Problem as problem:
        return edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem))
    sentences = list(arrived.sentences)
    for picture, name in arrived.pictures:
        try:
            add(game, picture, name, slot)
        except Problem as problem:
            sentences.append(problem.sentence)
    if sentences:
        status = status_of(arrived.stopped_by) if arrived.stopped_by else 422
        return told(edit_page(request, game, secret, sentences=sentences, status=status), arrived.stopped_by)
    return redirect(edit_path(game.id, secret))


def _one(request: HttpRequest, game: Game, secret: str, slot: str | None) -> HttpResponse:
    name = unquote(request.headers.get("X-File-Name", ""))
    size = int(request.headers.get("Content-Length") or 0)
    try:
        if slot is not None:
            _check_room(game, slot, name)
        allowance.spend(sender=sender_of(request), size=size)
        received = media.receive(chunks=body_of(request), name=name, declared_size=size)
        added = add(game, received.picture, name, slot)
    except Problem as problem:
        return _said(request, problem)
    maker = maker_of(game, secret)
    row = next((row for one in maker.slots for row in one.rows if row.picture.pk == added.pk), None)
    return render(request, "studio/maker/added.html", {"maker": maker, "row": row}, status=201)


def _said(request: HttpRequest, problem: Problem) -> HttpResponse:
    page = render(request, "studio/part/said.html", {"sentence": problem.sentence}, status=status_of(problem))
    return told(page, problem)


def _check_room(game: Game, slot_name: str, name: str) -> None:
    """Says no before the bytes come, where there is no room. A slot for one picture takes another instead."""
    draft = queries.newest_of(game)
    template = catalog.template(draft.template)
    slot = template.slot(slot_name)
    if slot is not None and 1 < slot.most <= draft.pictures.filter(slot=slot_name).count():
        raise SlotFull(f"{template.title} takes {slot.most} pictures. Remove one to make room for {name or 'another'}.")


@transaction.atomic
def add(game: Game, picture: Picture, name: str, slot: str | None) -> SlotPicture:
    """Adds a picture; where the slot takes only one, the new picture takes the place of the old. One that the game had,
    and that got lost on our side, is itself again.
    """
    if returned := actions.return_picture(game=game, picture=picture):
        return returned
    draft = actions.open_draft(game=game)
    template = catalog.template(draft.template)
    chosen = template.slot(slot) if slot else template.slots[0]
    if chosen is not None and chosen.most == 1:
        for old in draft.pictures.filter(slot=chosen.name).exclude(picture=picture):
            actions.remove_picture(game=game, slot_picture_id=old.pk)
    return actions.add_picture(game=game, picture=picture, name=name, slot=slot)


@with_game
@posted
def describe(request: HttpRequest, game: Game, secret: str, pk: int) -> HttpResponse:
    """What a picture shows, in words, and the point that its crop keeps."""
    try:
        row = _describe(game, pk, request.POST.dict())
    except Problem as problem:
        if by_htmx(request):
            said = {"sentence": problem.sentence, "now": _now(game, pk)}
            page = render(request, "studio/maker/alt-said.html", said, status=status_of(problem))
        else:
            page = edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem))
        return told(page, problem)
    if by_htmx(request):
        return refreshed(request, game, secret, described=row)
    return redirect(edit_path(game.id, secret))


def _now(game: Game, pk: int) -> tuple[str, str] | None:
    """The row on the page, and what the picture is called in words by now."""
    asked = SlotPicture.objects.filter(pk=pk, revision__game=game).first()
    if asked is None:
        return None
    # It may have been asked for by the id that it had before the draft was opened.
    newest = queries.newest_of(game).pictures.select_related("picture")
    row = newest.filter(slot=asked.slot, picture=asked.picture_id).first()
    return (row_key(row), row.alt) if row else None


@transaction.atomic
def _describe(game: Game, pk: int, sent: Mapping[str, str]) -> SlotPicture:
    """Raises ChangedElsewhere when another window gave the picture other words meanwhile."""
    Game.objects.select_for_update().get(pk=game.pk)
    alt, now = sent.get("alt"), _now(game, pk)
    sentence = conflict_of(sent.get("was_alt"), now[1], rules.clean_alt(alt)) if now and alt is not None else ""
    if sentence:
        raise ChangedElsewhere(sentence)
    return actions.describe_picture(game=game, slot_picture_id=pk, alt=alt, focus=forms.focus_in(sent))


@with_game
@posted
def arrange(request: HttpRequest, game: Game, secret: str) -> HttpResponse:
    """A new order: all ids in `order`, or one id in `up` or `down`."""
    order = forms.order_in(request.POST.get("order", "")) or _moved(game, request)
    try:
        actions.arrange(game=game, order=order)
    except Problem as problem:
        if by_htmx(request):
            return _said(request, problem)
        return edit_page(request, game, secret, sentences=[problem.sentence], status=status_of(problem))
    if by_htmx(request):
        return refreshed(request, game, secret)
    return redirect(edit_path(game.id, secret))


def _moved(game: Game, request: HttpRequest) -> list[int]:
    order = [row.pk for row in queries.pictures_of(queries.newest_of(game))]
    for name, step in (("up", -1), ("down", 1)):
        for pk in forms.order_in(request.POST.get(name, "")):
            if pk in order:
                at = order.index(pk)
                to = min(len(order) - 1, max(0, at + step))
                order.insert(to, order.pop(at))
    return order


@with_game
@posted
def remove(request: HttpRequest, game: Game, secret: str, pk: int) -> HttpResponse:
    """Takes a picture out of the draft."""
    actions.remove_picture(game=game, slot_picture_id=pk)
    if by_htmx(request):
        return refreshed(request, game, secret)
    return redirect(edit_path(game.id, secret))


@with_game
@require_safe
def whole(request: HttpRequest, game: Game, secret: str, pk: int) -> HttpResponse:  # noqa: ARG001
    """The original as it was sent, for its creator alone, to choose the focus point on. Browsers turn it upright."""
    row = queries.newest_of(game).pictures.select_related("picture").filter(pk=pk).first()
    if row is None:
        raise NotFound
    kind = mimetypes.types_map.get(f".{row.picture.kind}", "application/octet-stream")
    response = HttpResponse(vault().read(Sha256(row.picture.sha256)), content_type=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

"""Games, and what there is to know about one."""

import hmac
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q
from django.db.models.functions import Now

from pictogame.accounts.models import User
from pictogame.catalog import queries as catalog
from pictogame.catalog.rules import frame_of as board_ratio
from pictogame.games.errors import NotFound, NotReady, PictureSetAside
from pictogame.games.models import Game, Revision, SlotPicture
from pictogame.games.parts import parts_of_many, used_of
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import hash_of_secret


def game_for_reading(game_id: str) -> Game:
    """The game of that id. Raises NotFound when there is none, or it was deleted."""
    game = Game.objects.select_related("wanted", "published").filter(id=game_id, deleted_at=None).first()
    if game is None:
        raise NotFound
    return game


def game_for_editing(game_id: str, secret: str) -> Game:
    """The game of that id, for somebody who knows its secret. A wrong secret is like no game at all: NotFound."""
    game = game_for_reading(game_id)
    _check_secret(game, secret)
    return game


def game_of_owner(game_id: str, owner: User | None) -> Game:
    """The game of that id, for the account that it is kept in. Anybody else's is like no game at all: NotFound."""
    game = game_for_reading(game_id)
    if owner is None or game.owner_id != owner.pk:
        raise NotFound
    return game


def deleted_game(game_id: str, secret: str | None = None) -> Game:
    """The tombstone of a deleted game: for whoever runs the installation, or, with `secret`, for its creator alone.

    Raises NotFound when there is none, the game was not deleted, or the secret is wrong.
    """
    game = Game.objects.filter(id=game_id, deleted_at__isnull=False).first()
    if game is None:
        raise NotFound
    if secret is not None:
        _check_secret(game, secret)
    return game


def deleted_game_of_owner(game_id: str, owner: User | None) -> Game:
    """The tombstone of a deleted game, for the account that it was kept in. Raises NotFound as `deleted_game` does."""
    game = deleted_game(game_id)
    if owner is None or game.owner_id != owner.pk:
        raise NotFound
    return game


def _check_secret(game: Game, secret: str) -> None:
    if not hmac.compare_digest(game.secret_hash, hash_of_secret(secret)):
        raise NotFound


def draft_of(game: Game) -> Revision | None:
    """The open revision; None when the newest one is frozen."""
    return game.revisions.filter(frozen_at=None).first()


def newest_of(game: Game) -> Revision:
    """The draft, or else the newest frozen revision: what its creator sees."""
    newest = game.revisions.order_by("-number").first()
    if newest is None:
        raise NotFound
    return newest


def pictures_of(revision: Revision) -> list[SlotPicture]:
    """The pictures of a revision in the order of the template's slots, then of position; with `picture` loaded.

    Those beyond what a slot takes are among them: they wait for a template that has room. `spares` tells which.
    """
    template = catalog.template(revision.template)
    order = {slot.name: number for number, slot in enumerate(template.slots)}
    rows = revision.pictures.select_related("picture")
    return sorted(rows, key=lambda row: (order.get(row.slot, len(order)), row.slot, row.position, row.pk))


def spares(revision: Revision) -> list[SlotPicture]:
    """Pictures that the template has no room for."""
    template = catalog.template(revision.template)
    pictures = pictures_of(revision)
    used = {row.pk for row in used_of(template, pictures)}
    return [row for row in pictures if row.pk not in used]


def title_of(revision: Revision) -> str:
    """What a game is called; by its template when its creator gave no title."""
    return revision.title or catalog.template(revision.template).title


def frame_of(revision: Revision) -> tuple[int, int]:
    """The ratio of the board of a revision, as width and height: (4, 3)."""
    return board_ratio(catalog.template(revision.template), revision.options)


StateWord = Literal["draft", "resting", "processing", "queued", "publishing", "in_bucket", "failed"]


@dataclass(frozen=True, slots=True)
class PublishState:
    """Where a game is on its way into the bucket."""

    word: StateWord
    problem: str = ""
    """Why it failed, or what the last try met; empty otherwise."""
    changed: bool = False
    """A draft holds changes that are not wanted yet."""
    mendable: bool = False
    """No further try is made by itself: a picture can't be used, or the game was set aside after many tries. Its
    creator changes it, or publishes it once more."""


def publish_state(game: Game) -> PublishState:
    """The state as the database has it now; `game` itself may be older.

    `draft`: it was never published. `resting`: it was, and its creator took it off the web. `processing`: pictures are
    being made. `queued`: waits for the publisher. `publishing`: a publisher has it. `in_bucket`: what is wanted plays.
    `failed`: a try failed, `problem` says why; it is tried again.
    """
    row = Game.objects.select_related("wanted").annotate(leased=Q(lease_until__gt=Now())).filter(pk=game.pk).first()
    if row is None:
        raise NotFound
    changed = row.revisions.filter(frozen_at=None).exists()
    wanted = row.wanted
    if wanted is None:
        was_published = row.revisions.filter(frozen_at__isnull=False).exists()
        return PublishState("resting" if was_published else "draft", changed=changed)
    if row.published_id == wanted.pk and row.due_at is None and row.set_aside_at is None:
        return PublishState("in_bucket", changed=changed)
    match parts_of_many([wanted])[wanted.pk]:
        case NotReady() as waiting if not isinstance(waiting, PictureSetAside):
            return PublishState("processing", changed=changed)
        case Problem() as problem:
            return PublishState("failed", problem.sentence, changed=changed, mendable=True)
    if row.attempts and row.problem:
        return PublishState("failed", row.problem, changed=changed, mendable=row.set_aside_at is not None)
    return PublishState("publishing" if row.leased else "queued", changed=changed)


def recent_listed(limit: int) -> list[Game]:
    """Listed games that play, newest first, with `published` loaded."""
    games = Game.objects.select_related("published").filter(listed=True, deleted_at=None, published__isnull=False)
    return list(games.order_by("-created_at")[:limit])

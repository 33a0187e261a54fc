"""Several games at once, for whoever holds their edit links or owns them: a handful of queries, however many."""

import hmac
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from pictogame.accounts.models import User
from pictogame.catalog import queries as catalog
from pictogame.games.models import Game, Revision
from pictogame.jobs.among import among
from pictogame.lib.hashing import hash_of_secret


def ids_for_editing(secrets: Mapping[str, str]) -> list[str]:
    """Those of the games (by id) that are there and whose secret is right, in the order in which they are named.

    The others are left out without a word, as if they had never been.
    """
    there = Game.objects.filter(pk__in=among(secrets), deleted_at=None)
    hashes = dict(there.values_list("pk", "secret_hash"))
    return [
        game_id
        for game_id, secret in secrets.items()
        if game_id in hashes and hmac.compare_digest(hashes[game_id], hash_of_secret(secret))
    ]


def games_of(owner: User) -> QuerySet[Game]:
    """What is kept in an account and was not deleted, the newest first, with what plays and what shall."""
    found = Game.objects.filter(owner=owner, deleted_at=None).select_related("wanted", "published")
    return found.order_by("-created_at", "pk")


def deleted_games_of(owner: User) -> QuerySet[Game]:
    """The tombstones of games that were kept in an account, the last that was deleted first: each has a receipt."""
    return Game.objects.filter(owner=owner, deleted_at__isnull=False).order_by("-deleted_at", "pk")


def titles_of(games: Iterable[str]) -> dict[str, str]:
    """What each game is called by its newest revision; by its template where its creator gave no title."""
    rows = Revision.objects.filter(game__in=among(list(games))).order_by("game_id", "number")
    titles = {template.name: template.title for template in catalog.templates()}
    return {
        game_id: title or titles.get(template, template)
        for game_id, title, template in rows.values_list("game_id", "title", "template")
    }

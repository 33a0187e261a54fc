"""Several games at once, for whoever holds their edit links: a handful of queries, however many there are."""

import hmac
from collections.abc import Iterable, Mapping

from pictogame.catalog import queries as catalog
from pictogame.games.models import Game, Revision
from pictogame.lib.hashing import hash_of_secret


def games_for_editing(secrets: Mapping[str, str]) -> list[Game]:
    """Those of the games (by id) that are there and whose secret is right, in the order in which they are named.

    The others are left out without a word, as if they had never been.
    """
    found = Game.objects.in_bulk([game_id for game_id in secrets if game_id])
    return [
        found[game_id]
        for game_id, secret in secrets.items()
        if game_id in found
        and found[game_id].deleted_at is None
        and hmac.compare_digest(found[game_id].secret_hash, hash_of_secret(secret))
    ]


def titles_of(games: Iterable[str]) -> dict[str, str]:
    """What each game is called by its newest revision; by its template where its creator gave no title."""
    rows = Revision.objects.filter(game_id__in=list(games)).order_by("game_id", "number")
    titles = {template.name: template.title for template in catalog.templates()}
    return {
        game_id: title or titles.get(template, template)
        for game_id, title, template in rows.values_list("game_id", "title", "template")
    }

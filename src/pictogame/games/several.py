"""Several games at once, for whoever holds their edit links: a handful of queries, however many there are."""

import hmac
from collections.abc import Iterable, Mapping

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


def titles_of(games: Iterable[str]) -> dict[str, str]:
    """What each game is called by its newest revision; by its template where its creator gave no title."""
    rows = Revision.objects.filter(game__in=among(list(games))).order_by("game_id", "number")
    titles = {template.name: template.title for template in catalog.templates()}
    return {
        game_id: title or titles.get(template, template)
        for game_id, title, template in rows.values_list("game_id", "title", "template")
    }

"""`pictogame revisions`, `rollback` and `unpublish`: what of a game plays."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from pictogame.cli.exits import Ended, Exit
from pictogame.cli.waiting import hands, wait_for
from pictogame.games import actions, history, page, queries
from pictogame.games.history import Version
from pictogame.games.models import Game


def listed(game_id: str) -> dict[str, Any]:
    """The versions of a game for machines, newest first. Raises NotFound."""
    game = queries.game_for_reading(game_id)
    return {"id": game.id, "revisions": [_told(one) for one in history.revisions_of(game)]}


def lines(said: dict[str, Any]) -> Iterator[str]:
    """The same for a person."""
    if not said["revisions"]:
        yield "It was never published: there are no versions yet."
    for one in said["revisions"]:
        notes = [
            "plays now" if one["plays"] else "",
            f"version {one['copy_of']} brought back" if one["origin"] == "rollback" else "",
            f"version {one['copy_of']} with a newer runtime" if one["origin"] == "upgrade" else "",
            "" if one["can_come_back"] or one["plays"] else "can't come back",
        ]
        said_of_it = ", ".join(note for note in notes if note)
        yield (
            f"{one['number']:>4}  {one['published_at']}  {one['template']}, {one['skin']}  “{one['title']}”"
            + (f"  ({said_of_it})" if said_of_it else "")
        )


def roll_back(game_id: str, number: int, *, seconds: float) -> dict[str, Any]:
    """Brings a version back and waits until it plays. Raises NotFound, NoRevision, Ended as `wait_for` does."""
    game = queries.game_for_reading(game_id)
    revision = actions.roll_back(game=game, number=number)
    if seconds > 0:
        with hands(pictures=True) as working:
            wait_for(game, working, seconds=seconds, saying=lambda _state: None)
    return {**_about(game), "number": revision.number, "brought_back": number}


def unpublish(game_id: str, *, seconds: float) -> dict[str, Any]:
    """Takes a game off the web and waits for the bucket. Raises NotFound, Ended with WAITING."""
    game = queries.game_for_reading(game_id)
    actions.unpublish(game=game)

    def done() -> bool:
        game.refresh_from_db()
        return game.due_at is None and game.published is None

    if seconds > 0:
        with hands(pictures=False) as working:
            if not working.until(done, seconds=seconds):
                raise Ended(
                    "The game rests here, but the bucket still plays it. The publisher goes on trying.", Exit.WAITING
                )
    return _about(game)


def _about(game: Game) -> dict[str, Any]:
    return {
        "id": game.id,
        "title": queries.title_of(queries.newest_of(game)),
        "state": queries.publish_state(game).word,
        "page": page.page_url(game.id, bucket_url=settings.BUCKET_URL),
    }


def _told(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "published_at": version.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": version.title,
        "template": version.template,
        "skin": version.skin,
        "origin": version.origin,
        "copy_of": version.copy_of,
        "plays": version.plays,
        "can_come_back": version.can_come_back,
    }

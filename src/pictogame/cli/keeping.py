"""Commands about games that are there: where they are, the demo."""

from django.conf import settings

from pictogame.cli.waiting import hands, wait_for
from pictogame.games import demo as demos
from pictogame.games import page, queries
from pictogame.games.models import Game

_DEMO_SECONDS = 120.0


def status(game_id: str) -> dict[str, object]:
    """What is known of a game; it is `stuck` when it failed and nobody tries it again by itself. Raises NotFound."""
    game = queries.game_for_reading(game_id)
    state = queries.publish_state(game)
    return {
        "id": game.id,
        "title": queries.title_of(queries.newest_of(game)),
        "state": state.word,
        "problem": state.problem,
        "set_aside": game.set_aside_at is not None,
        "stuck": state.mendable or game.set_aside_at is not None,
        "changed": state.changed,
        "page": page.page_url(game.id, bucket_url=settings.BUCKET_URL),
    }


def status_line(said: dict[str, object]) -> str:
    """The same for a person."""
    words = {
        "draft": "is a draft",
        "resting": "is taking a rest, off the web",
        "processing": "has its pictures prepared",
        "queued": "waits for the publisher",
        "publishing": "is being published",
        "in_bucket": "plays from the bucket",
        "failed": "could not be published, and is tried again by itself",
    }
    word = "could not be published, and nobody tries it again" if said["stuck"] else words[str(said["state"])]
    line = f"“{said['title']}” {word}: {said['page']}"
    retry = f"`pictogame retry {said['id']}` tries it again." if said["set_aside"] else ""
    return "\n".join(filter(None, (line, str(said["problem"]), retry)))


def demo() -> list[dict[str, object]]:
    """Makes the demo games that were never made, waits for the bucket, and gives those that play."""
    games = demos.install()
    waiting = [game for game in games if queries.publish_state(game).word != "in_bucket"]
    if waiting:
        with hands(pictures=True) as working:
            for game in waiting:
                wait_for(game, working, seconds=_DEMO_SECONDS, saying=lambda _state: None)
    return [_told(game) for game in games]


def _told(game: Game) -> dict[str, object]:
    said = status(game.id)
    return {name: said[name] for name in ("id", "title", "state", "page")}

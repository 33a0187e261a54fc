"""`pictogame delete` and `pictogame receipt`."""

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.waiting import hands
from pictogame.games import actions, queries
from pictogame.games.errors import NotFound
from pictogame.publishing.queries import Told, receipt_of
from pictogame.publishing.receipt_words import document, text


def question(game_id: str) -> str:
    """What is asked before a game is deleted. Raises NotFound."""
    title = queries.title_of(queries.newest_of(queries.game_for_reading(game_id)))
    return f"Delete “{title}” for good?"


def delete(game_id: str, *, seconds: float, machine: bool) -> None:
    """Deletes a game, waits until everything is confirmed, and prints the receipt.

    Raises NotFound; Ended with WAITING, which holds the receipt as far as it is, when it takes longer.
    """
    game = queries.game_for_reading(game_id)
    actions.delete(game=game, by="command")
    if seconds > 0:
        with hands(pictures=False) as working:
            working.until(lambda: receipt_of(game).finished_at is not None, seconds=seconds)
    told = receipt_of(game)
    if told.finished_at is None:
        _unfinished(told, "The game is deleted here, but not all of it is confirmed gone yet.", machine=machine)
    if machine:
        saying.document({"id": game_id, "deleted": True, "in_bucket": False, "receipt": document(told)})
    else:
        saying.lines(f"{game_id} is deleted.", "", text(told).rstrip())


def show(game_id: str, *, machine: bool) -> None:
    """Prints the receipt. Raises NotFound for a game that is not deleted; Ended with WAITING while it is open."""
    try:
        game = queries.deleted_game(game_id)
    except NotFound:
        queries.game_for_reading(game_id)
        raise NotFound("There is no receipt: this game is not deleted.") from None
    told = receipt_of(game)
    if told.finished_at is None:
        _unfinished(told, "The receipt is not finished.", machine=machine)
    if machine:
        saying.document(document(told))
    else:
        saying.lines(text(told).rstrip())


def _unfinished(told: Told, sentence: str, *, machine: bool) -> None:
    if not machine:
        saying.lines(text(told).rstrip())
    raise Ended(
        f"{sentence} {told.waits_for} The publisher goes on trying.",
        Exit.WAITING,
        deleted=True,
        in_bucket=not told.lines or told.confirmed < len(told.lines),
        receipt=document(told),
    )

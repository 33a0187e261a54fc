"""Brings a game into the bucket from a command: works itself where nobody else does, and waits for those who do."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from pictogame.cli.exits import Ended, Exit
from pictogame.games import queries
from pictogame.games.errors import PictureUnusable
from pictogame.games.models import Game
from pictogame.games.parts import parts_of_many
from pictogame.games.queries import PublishState
from pictogame.media import worker
from pictogame.media.child import Children
from pictogame.media.upkeep import Upkeep
from pictogame.publishing import line
from pictogame.publishing.errors import AlreadyRunning
from pictogame.publishing.publisher import Publisher

_REST_SECONDS = 0.03
_TRIES = 3
"""Failed tries after which a command gives up waiting; the row is tried again later by any publisher."""


class Hands:
    """The loops of this process: pictures are always worked on here too, the bucket only without another publisher."""

    def __init__(self, work: Callable[[], bool], publisher: Publisher | None) -> None:
        self._work = work
        self._publisher = publisher

    def until(self, done: Callable[[], bool], *, seconds: float) -> bool:
        """Works until `done`, or for so long; gives whether it is done."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() >= end:
                return False
            worked = self._work()
            if self._publisher is not None:
                worked = self._publisher.step() or worked
            if not worked:
                time.sleep(_REST_SECONDS)
        return True


@contextmanager
def hands(*, pictures: bool) -> Iterator[Hands]:
    """The loops of this process, as long as the context lasts; `pictures` tells whether any are to be made."""
    with ExitStack() as opened:
        publisher: Publisher | None = None
        # Where another one works, this process only waits for it.
        with suppress(AlreadyRunning):
            publisher = opened.enter_context(Publisher())
            publisher.install_runtime()
        if not pictures:
            yield Hands(lambda: False, publisher)
            return
        Upkeep().step()
        children = opened.enter_context(Children())
        yield Hands(lambda: worker.step(children), publisher)


def wait_for(game: Game, working: Hands, *, seconds: float, saying: Callable[[PublishState], None]) -> None:
    """Waits until the game plays from the bucket.

    Raises PictureUnusable when one of its pictures is refused, Ended with WAITING when the line is paused or time is
    over, with PROBLEM when the bucket refuses it again and again.
    """
    state = PublishState("queued")

    def done() -> bool:
        nonlocal state
        state = queries.publish_state(game)
        saying(state)
        if state.word != "failed":
            return state.word == "in_bucket"
        game.refresh_from_db()
        return game.attempts >= _TRIES or not _may_pass(game)

    if (whole := line.state()).is_paused and not done():
        raise Ended(f"The game is made, and waits for the line. {whole.sentence}", Exit.WAITING, state=state.word)
    finished = working.until(done, seconds=seconds)
    if not finished:
        why = f" The last try met this: {state.problem}" if state.problem else ""
        raise Ended(
            f"The game is made, but not in the bucket after {seconds:g} seconds. "
            f"It gets there by itself as soon as a publisher runs.{why}",
            Exit.WAITING,
            state=state.word,
        )
    if state.word == "failed":
        if not _may_pass(game):
            raise PictureUnusable(state.problem)
        raise Ended(
            f"The game is made, but the bucket did not take it: {state.problem} A running publisher tries it again.",
            Exit.WAITING,
            state=state.word,
        )


def _may_pass(game: Game) -> bool:
    """Whether trying again can help: a refused picture stays refused."""
    if game.wanted is None:
        return False
    found = parts_of_many([game.wanted])[game.wanted.pk]
    return not isinstance(found, PictureUnusable)

"""The parts that work in the background until they are told to stop: publisher and worker."""

from pictogame.jobs import loop
from pictogame.media import worker as pictures
from pictogame.media.child import Children
from pictogame.publishing.publisher import Publisher

_IDLE_SECONDS = 0.05


def publisher() -> None:
    """Moves games into the bucket. Raises AlreadyRunning where SQLite allows one and there is one."""
    with loop.stopped_by_signals() as stop, Publisher() as one:
        one.run(stop)


def worker() -> None:
    """Makes renditions of pictures, two at a time."""
    with loop.stopped_by_signals() as stop, Children() as children:
        loop.run(lambda: pictures.step(children), idle_seconds=_IDLE_SECONDS, stop=stop)

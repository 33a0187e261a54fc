"""The parts that work in the background until they are told to stop: publisher and worker."""

import multiprocessing

from pictogame.jobs import loop
from pictogame.jobs.heartbeats import beating
from pictogame.media import worker as pictures
from pictogame.media.child import Children
from pictogame.media.upkeep import Upkeep
from pictogame.publishing.publisher import Publisher

_IDLE_SECONDS = 0.05


def publisher() -> None:
    """Moves games into the bucket. Raises AlreadyRunning where SQLite allows one and there is one."""
    multiprocessing.current_process().name = "publisher"  # What the log calls it.
    with loop.stopped_by_signals() as stop, Publisher() as one, beating("publisher") as beat:
        one.run(stop, turned=beat.turned)


def worker() -> None:
    """Makes renditions of pictures, two at a time."""
    multiprocessing.current_process().name = "worker"
    upkeep = Upkeep()

    def step() -> bool:
        upkeep.step()
        return pictures.step(children, stop=stop)

    with loop.stopped_by_signals() as stop, Children() as children, beating("worker") as beat:
        loop.run(step, idle_seconds=_IDLE_SECONDS, stop=stop, turned=beat.turned)

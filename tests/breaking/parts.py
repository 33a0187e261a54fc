"""The processes of an installation that is to be broken, with leases of seconds."""

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.breaking.nursery import Nursery, Role

LEASE_SECONDS = 3
"""As short as the database's clock and a busy machine allow."""
PUT_SECONDS = 1.0


def publisher() -> None:
    """A publisher with short leases, as a process; ends with 1 where it may not work."""
    from pictogame.jobs import loop
    from pictogame.publishing.errors import AlreadyRunning
    from pictogame.publishing.publisher import Publisher

    try:
        with loop.stopped_by_signals() as stop, Publisher(lease_seconds=LEASE_SECONDS, put_seconds=PUT_SECONDS) as one:
            one.run(stop)
    except AlreadyRunning:
        sys.exit(1)


def worker() -> None:
    """A media worker with short leases, as a process."""
    from pictogame.jobs import loop
    from pictogame.media import worker as pictures
    from pictogame.media.child import Children
    from pictogame.media.upkeep import Upkeep

    upkeep = Upkeep()

    def step() -> bool:
        upkeep.step()
        return pictures.step(children, lease_seconds=LEASE_SECONDS)

    with loop.stopped_by_signals() as stop, Children(slots=1) as children:
        loop.run(step, idle_seconds=0.02, stop=stop)


ROLES = {"publisher": publisher, "worker": worker}


@contextlib.contextmanager
def installation(roles: Mapping[str, Role], *, log: Path) -> Iterator[tuple[Nursery, str]]:
    """The installation of the settings, migrated, its bucket served: a nursery for its processes, and its address."""
    from pictogame.cli import installation as installing

    installing.set_up()
    from django.conf import settings

    import pictogame.media.child
    import pictogame.media.upkeep
    import pictogame.media.worker
    import pictogame.publishing.publisher  # noqa: F401  What is imported now, every child has at once.
    from pictogame.publishing import bucket_check
    from pictogame.publishing.server import FolderServer

    with Nursery(roles, log=log) as nursery, contextlib.ExitStack() as open_parts:
        installing.prepare()
        bad = [step for step in bucket_check.init() if not step.ok]
        if bad:
            raise AssertionError(bad)
        if settings.BUCKET.startswith("file:"):
            open_parts.enter_context(FolderServer())
        yield nursery, settings.BUCKET_URL


def unforeseen(log: Path) -> list[str]:
    """Lines of the processes' log that speak of what nobody foresaw."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [line for line in lines if "Error" in line]


def obey_sigterm() -> None:
    """SIGTERM ends this process as an error does: what it opened is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

"""`pictogame up`: everything at once, embedded, with a neat word about where to go.

What the parts need is imported here before they are started: each is a copy of this process, and finds it there.
"""

import socket
import sys
import threading
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from pictogame.accounts import queries as accounts
from pictogame.catalog import queries as catalog
from pictogame.cli import loops, part, saying, servers  # noqa: F401  The loops are for the parts.
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.supervisor import Supervisor
from pictogame.games import demo, page, queries
from pictogame.games.models import Game
from pictogame.jobs import loop
from pictogame.lib.errors import Problem
from pictogame.publishing.lock import is_publisher_running

_START_SECONDS = 60.0
_DEMO_SECONDS = 90.0


def up() -> None:
    """Runs studio, bucket, publisher and worker until it is told to stop.

    Raises Ended for a taken port and for one that two parts should share, RuntimeMissing.
    """
    catalog.manifest()
    folder = servers.folder_of_bucket()
    if folder is not None and settings.BUCKET_PORT == settings.SITE_PORT:
        port = settings.SITE_PORT
        raise Ended(
            f"PICTOGAME_SITE_PORT and PICTOGAME_BUCKET_PORT are both {port}: give each a port of its own.", Exit.PROBLEM
        )
    servers.check_port("127.0.0.1", settings.SITE_PORT, "PICTOGAME_SITE_PORT")
    wanted = ["studio", "worker", "stats"]
    doors = [("127.0.0.1", settings.SITE_PORT)]
    if folder is not None:
        servers.check_port("127.0.0.1", settings.BUCKET_PORT, "PICTOGAME_BUCKET_PORT")
        wanted.append("bucket")
        doors.append(("127.0.0.1", settings.BUCKET_PORT))
    if is_publisher_running(settings.DATA):
        saying.note("A publisher runs already; it is left to its work.")
    else:
        wanted.append("publisher")
    connections.close_all()  # No two processes may use one.
    with loop.stopped_by_signals() as stop, Supervisor(wanted, work=part.work, command=_command) as supervisor:
        if not supervisor.wait_until(lambda: all(map(_open, doors)), seconds=_START_SECONDS, stop=stop):
            return
        games = _demo(supervisor, stop)
        if stop.is_set():
            return
        _say_where(games)
        supervisor.watch(stop)
    saying.note("Stopped.")


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "pictogame.cli.part", name]


def _open(door: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(door, timeout=0.2):
            return True
    except OSError:
        return False


def _demo(supervisor: Supervisor, stop: threading.Event) -> list[Game]:
    """The demo games; on the first start they are made and waited for. That they fail stops nothing else."""
    if demo.is_installed():
        return demo.installed()
    from pictogame.cli.progress import progress  # noqa: PLC0415  Rich is for the first start, and for the end of all.

    try:
        with progress(100, "Making three games for the first page") as advance:
            games = demo.install()
            advance("Publishing them", steps=30)
            playing: set[str] = set()
            end = time.monotonic() + _DEMO_SECONDS

            def ready() -> bool:
                for game in games:
                    if game.id not in playing and queries.publish_state(game).word == "in_bucket":
                        playing.add(game.id)
                        advance("Publishing them", steps=70 // len(games))
                return len(playing) == len(games) or time.monotonic() > end

            supervisor.wait_until(ready, seconds=_DEMO_SECONDS + 5, stop=stop)
    except Problem as problem:
        saying.note(f"The demo games could not be made: {problem.sentence}")
        return []
    return games


def _say_where(games: list[Game]) -> None:
    from rich.console import Console  # noqa: PLC0415  The parts start meanwhile.
    from rich.panel import Panel  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="bold")
    rows.add_column(overflow="fold")
    rows.add_row("Make a game", Text(f"{settings.SITE_URL}/", style="underline"))
    rows.add_row("The bucket", Text(settings.BUCKET_URL))
    for number, game in enumerate(games):
        address = page.page_url(game.id, bucket_url=settings.BUCKET_URL)
        rows.add_row("Play" if number == 0 else "", Text(address))
    operators = accounts.operators().exists()
    rows.add_row("The office", f"{settings.SITE_URL}/office/" if operators else "pictogame operator add NAME opens it")
    rows.add_row("Your data", Text(str(settings.DATA)))
    host = urlsplit(settings.SITE_URL).hostname or ""
    console.print(
        Panel(
            rows, title="Pictogame is running", subtitle="Ctrl-C stops it", title_align="left", subtitle_align="left"
        ),
        soft_wrap=False,
    )
    if host not in {"localhost", "127.0.0.1"}:
        saying.note(f"The studio listens on 127.0.0.1:{settings.SITE_PORT}; let your web server lead {host} there.")

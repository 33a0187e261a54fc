"""The parts that listen: the studio, and the server of a folder bucket."""

import json
import multiprocessing
import socket
from pathlib import Path

from django.conf import settings
from django.db import connections

from pictogame.cli.exits import Ended, Exit
from pictogame.jobs import loop
from pictogame.lib import logs
from pictogame.publishing.server import FolderServer

_GRANIAN_LOG = Path(__file__).with_name("granian.json")
"""How granian itself logs, which knows nothing of our settings: as all the rest does."""

log = logs.named(__name__)


def bucket() -> None:
    """Serves the folder bucket. Raises CannotServe for a taken port."""
    multiprocessing.current_process().name = "bucket"  # What the log calls it.
    with loop.stopped_by_signals() as stop, FolderServer() as server:
        log.info("bucket_serves", port=settings.BUCKET_PORT)
        while not stop.wait(0.5):
            if not server.is_running():
                raise Ended(
                    "The bucket's server ended by itself; its error.log in the data folder says why.", Exit.PROBLEM
                )
            server.rotate_log()


def studio(host: str, processes: int) -> None:
    """Runs the studio's web server until it is told to stop. Raises Ended for a taken port."""
    check_port(host, settings.SITE_PORT, "PICTOGAME_SITE_PORT")
    serve_studio(host, processes)


def serve_studio(host: str, processes: int) -> None:
    """The same, of a port that is known to be free. Ends the process when its children can't be kept running."""
    from granian.constants import Interfaces  # noqa: PLC0415  Only the studio needs them.
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    connections.close_all()  # No two processes may use one, and granian forks.
    Server(
        "pictogame.config.wsgi:application",
        address=host,
        port=settings.SITE_PORT,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=8,
        websockets=False,
        http1_settings=HTTP1Settings(),
        log_level=LogLevels.error,
        log_dictconfig=json.loads(_GRANIAN_LOG.read_text(encoding="utf-8")),
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def check_port(host: str, port: int, variable: str) -> None:
    """Raises Ended, with the variable that changes it, when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Ended(f"Port {port} may only be used by root: set {variable} above 1023.", Exit.PROBLEM) from error
        except OSError as error:
            raise Ended(
                f"Port {port} is taken: stop what uses it, or set {variable} to another, such as {port + 10}.",
                Exit.PROBLEM,
            ) from error


def folder_of_bucket() -> Path | None:
    """The folder that is the bucket; None when a store elsewhere is."""
    return Path(settings.BUCKET.removeprefix("file://")) if settings.BUCKET.startswith("file://") else None

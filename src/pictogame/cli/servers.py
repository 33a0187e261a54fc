"""The parts that listen: the studio, and the server of a folder bucket."""

import multiprocessing
import os
import socket
import sys
from pathlib import Path

from django.conf import settings

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
    """Becomes the web server of the studio. Raises Ended for a taken port."""
    check_port(host, settings.SITE_PORT, "PICTOGAME_SITE_PORT")
    os.execv(sys.executable, studio_command(host, processes))  # noqa: S606  Our own arguments.


def studio_command(host: str, processes: int) -> list[str]:
    """The command line of the studio's web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(settings.SITE_PORT)),
        *("--workers", str(processes), "--blocking-threads", "8", "--no-ws", "--log-level", "error"),
        *("--log-config", str(_GRANIAN_LOG)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "5", "pictogame.config.wsgi:application"),
    ]


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

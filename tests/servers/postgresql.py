"""PostgreSQL in a folder of its own. `python -m tests.servers.postgresql` runs one by hand."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.servers.processes import folder, free_port, listens, program, running, until

PACKAGES = "apt-get install --no-install-recommends postgresql"
_USER = "pictogame"


class Database:
    """A server whose data lie in a folder; it may be stopped for a while."""

    def __init__(self, *, address: str, command: list[str], data: Path, log: Path) -> None:
        self.address = address
        self._command = command
        self._data = data
        self._log = log
        self._running = ExitStack()

    def start(self) -> None:
        """Returns when it answers."""
        process = self._running.enter_context(running(self._command, log=self._log))
        until(self._answers, process=process, log=self._log, what="PostgreSQL")

    def _answers(self) -> bool:
        """It listens before it can do anything, after it died above all."""
        if not listens(urlsplit(self.address).port or 0):
            return False
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends the server and all its helpers at once, as a failure does: what was committed is there again later."""
        _end(self._data)
        self._running.close()


@contextmanager
def database() -> Iterator[Database]:
    """A server with an empty database, until the `with` ends. Fast instead of safe: the data are thrown away.

    What was committed outlives a server that dies, though not a machine.
    """
    places = sorted(
        (str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")), key=lambda path: float(Path(path).parts[-2])
    )
    also = places[::-1]
    initdb = program("initdb", package=PACKAGES, also=also)
    postgres = str(Path(initdb).with_name("postgres"))
    with folder("postgresql") as home:
        become = _other_user(home)
        data, log, port = home / "data", home / "log", free_port()
        log.touch()
        done = subprocess.run(
            [
                *become, initdb, "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        if done.returncode:
            pytest.fail(f"initdb failed:\n{done.stderr}", pytrace=False)
        quick = ("fsync=off", "full_page_writes=off", "max_wal_senders=0", "wal_level=minimal")
        settings = (*quick, "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={home}")
        command = [*become, postgres, "-D", str(data), *(part for setting in settings for part in ("-c", setting))]
        one = Database(address=f"postgresql://{_USER}@127.0.0.1:{port}/postgres", command=command, data=data, log=log)
        one.start()
        try:
            yield one
        finally:
            one.stop()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database, until the `with` ends."""
    with database() as one:
        yield one.address


def _other_user(home: Path) -> list[str]:
    """PostgreSQL does not run as root: then the folder is given to the user that its package made."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.fail(f"There is no user postgres, and PostgreSQL does not run as root. Install it with: {PACKAGES}")
    shutil.chown(home, user.pw_uid, user.pw_gid)
    return [
        program("setpriv", package="apt-get install util-linux"),
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        "--pdeathsig=SIGINT",  # What was asked for before is forgotten with the change of the user.
    ]


def _end(data: Path) -> None:
    """Ends the server and all its helpers at once, by the signal that it knows for that."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return
    os.kill(pid, signal.SIGQUIT)
    while Path(f"/proc/{pid}").exists() and (data / "postmaster.pid").exists():
        time.sleep(0.005)


if __name__ == "__main__":
    with postgresql() as address:
        input(f"{address}\nEnter ends it.\n")

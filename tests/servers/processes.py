"""Programs that a test starts: found or named in a sentence, waited for, and ended without a trace."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pytest
from tests.servers.ending import die_with_parent

START_SECONDS = 60.0


def program(name: str, *, package: str, also: Sequence[str] = ()) -> str:
    """The path of a program. Fails the test with the package to install when it is not on this machine."""
    places = [os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent), "/usr/sbin", *also]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.fail(f"{name} is not on this machine. Install it with: {package}", pytrace=False)
    return found


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    return free_ports(1)[0]


def free_ports(count: int, *, pair: int = 0) -> list[int]:
    """So many ports that nobody uses now, nor those that are `pair` above them.

    All lie below those that the system gives to outgoing connections (32768 and up), so nothing takes them by chance.
    """
    tries = random.sample(range(11_000, 32_000 - pair), 500)
    return list(islice((port for port in tries if _is_free(port) and _is_free(port + pair)), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextlib.contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder right below the system's temporary one, so that names stay short enough for sockets; it goes away."""
    path = Path(tempfile.mkdtemp(prefix=f"pictogame-{name}-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The command, until the `with` ends; then it is killed, since its data are thrown away."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment or os.environ),
            preexec_fn=die_with_parent,  # noqa: PLW1509  From the main thread, as all that the tests start.
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(ready: Callable[[], bool], *, process: subprocess.Popen[bytes], log: Path, what: str) -> None:
    """Waits until it is ready. Fails with the end of its log when it dies or takes too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    said = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
    pytest.fail(f"{what} did not start:\n{said}", pytrace=False)


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

"""Faults of store, database and disk while creators work: what is said meanwhile is true, and nothing is left after.

`python -m tests.breaking.faulting --world servers --seed 7` runs it by hand; it prints what came of it as JSON.
Run by test_faults.py. Requests to S3 give up after a second here, so that seconds of fault are long.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.breaking import parts
from tests.breaking.fault_proxy import Fault, FaultProxy
from tests.breaking.nursery import Nursery

REQUEST_SECONDS = 1
PROXY_PORT = "BREAKING_PROXY_PORT"
CEPH_CONFIG = "BREAKING_CEPH_CONFIG"
CEPH_USER = "BREAKING_CEPH_USER"
DATABASE = "BREAKING_DATABASE"
"""The environment variables by which the test says what there is to break."""
FAKE_TIME = "*/faketime/libfaketimeMT.so.1"
"""Of Debian's package libfaketime."""
FAULT_SECONDS = 2.5
SETTLE_SECONDS = 180

_XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>Not now.</Message></Error>'


class Trouble(NamedTuple):
    """A fault that begins and ends."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    creators_work: bool = True
    """Whether creators can do anything meanwhile."""


def publisher() -> None:
    """A publisher whose requests to S3 go through the proxy and have short deadlines."""
    from pictogame.jobs import loop
    from pictogame.publishing.publisher import Publisher

    _through_the_proxy()
    seconds = 3 * REQUEST_SECONDS
    with loop.stopped_by_signals() as stop, Publisher(lease_seconds=2 * seconds, put_seconds=seconds) as one:
        one.run(stop)


def worker() -> None:
    """A worker likewise."""
    _through_the_proxy()
    parts.worker()


def _through_the_proxy() -> None:
    from django.conf import settings

    from pictogame.storage import remote

    remote.REQUEST_SECONDS = remote.RETRY_SECONDS = REQUEST_SECONDS
    if port := os.environ.get(PROXY_PORT):
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        # A second until a database that another process holds is called locked, and not twenty.
        settings.DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA busy_timeout=1000;"


def publisher_ahead() -> None:
    """A publisher whose clock is an hour ahead of everybody's, so that S3 refuses what it signs."""
    (library,) = Path("/usr/lib").glob(FAKE_TIME)
    os.environ |= {"LD_PRELOAD": str(library), "FAKETIME": "+1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    os.execv(sys.executable, [sys.executable, "-m", "pictogame.cli", "publisher"])


ROLES = {"publisher": publisher, "worker": worker, "publisher ahead": publisher_ahead}


class Faults:
    """Trouble after trouble in one installation."""

    def __init__(self, *, seed: int, nursery: Nursery, address: str) -> None:
        from tests.breaking.load import Load

        self.load = Load(seed)
        self.said: dict[str, dict[str, Any]] = {}
        self._rng = random.Random(seed)
        self._nursery = nursery
        self._address = address
        self._living = {role: nursery.start(role) for role in ("publisher", "worker")}

    def endure(self, trouble: Trouble) -> None:
        """Work begins, the trouble comes, what is said meanwhile is true; it goes, and all is done."""
        from tests.breaking.end_state import calm_down, complaints, lies

        self.load.act(4)
        time.sleep(self._rng.uniform(0, 0.2))
        trouble.begin()
        looks = 0
        wrong: list[str] = []
        try:
            end = time.monotonic() + FAULT_SECONDS
            while time.monotonic() < end:
                if trouble.creators_work:
                    self.load.act_without_uploads(1)
                    wrong += lies(self._address)
                    looks += 1
                time.sleep(0.1)
        finally:
            trouble.end()
        seconds = calm_down(self._keep_alive, rest=lambda: self._end("worker"), seconds=SETTLE_SECONDS)
        self._living["worker"] = self._nursery.start("worker")
        wrong += [*complaints(self.load, self._address)]
        self.said[trouble.name] = {"looks": looks, "seconds to calm down": round(seconds, 1), "wrong": wrong}

    def end(self) -> None:
        """Everybody ends when asked to."""
        for role in list(self._living):
            self._end(role)

    def replace(self, role: str, *, by: str) -> None:
        """Ends the process that plays this role; another kind of it goes on."""
        self._end(role)
        self._living[role] = self._nursery.start(by)

    def _end(self, role: str) -> None:
        if code := self._nursery.end(self._living.pop(role)):
            raise AssertionError(f"A {role} that was asked to end ended with {code}.")

    def _keep_alive(self) -> None:
        for role, pid in self._living.items():
            code = self._nursery.ended(pid)
            if code is not None:
                raise AssertionError(f"A {role} ended by itself, with {code}.")


def of_the_store(proxy: FaultProxy) -> Iterator[Trouble]:
    """What networks and servers do to requests: to all of them, and to every second one."""

    def trouble(name: str, fault: Callable[[], Fault]) -> Trouble:
        def begin() -> None:
            proxy.fault = fault()

        def end() -> None:
            met, proxy.fault = proxy.fault, None
            # What is late comes within minutes, and a second look is taken after that: here time runs faster.
            while proxy.delayed:
                time.sleep(0.01)
            if met is None or not met.met:
                raise AssertionError(f"Nothing met the fault {name!r}.")

        return Trouble(name, begin, end)

    for status, code in ((503, "SlowDown"), (500, "InternalError"), (429, "TooManyRequests")):
        body = _XML.format(code).encode()
        yield trouble(str(status), lambda status=status, body=body: Fault("status", status=status, body=body))  # type: ignore[misc]
    for how in ("reset before", "reset after", "reset in mid-upload", "truncated reply"):
        for every in (1, 2):
            yield trouble(f"{how}, one of {every}", lambda how=how, every=every: Fault(how, every=every))  # type: ignore[misc]
    yield trouble("stall", lambda: Fault("stall", seconds=2.5 * REQUEST_SECONDS))
    yield trouble("stall, one of 3", lambda: Fault("stall", seconds=2.5 * REQUEST_SECONDS, every=3))
    yield trouble("late, one of 3", lambda: Fault("late", seconds=2.5 * REQUEST_SECONDS, every=3))


def of_the_clock(faults: Faults) -> Iterator[Trouble]:
    """The publisher's machine has the wrong time: S3 refuses each of its requests (RequestTimeTooSkewed)."""
    from pictogame.games.models import Game

    def begin() -> None:
        faults.replace("publisher", by="publisher ahead")
        end = time.monotonic() + 60
        while not Game.objects.filter(cause__contains="TimeTooSkewed").exists():
            if time.monotonic() > end:
                raise AssertionError(f"The wrong clock was not noticed: {[*Game.objects.values('problem', 'cause')]}")
            # Only the publisher's clock is wrong: creators go on, or all games would be deleted before it has started.
            faults.load.act(1)
            time.sleep(0.1)

    yield Trouble("wrong clock", begin, lambda: faults.replace("publisher", by="publisher"))


def of_credentials(config: str, user: str) -> Iterator[Trouble]:
    """The key is taken from the user, and given back. To suspend the user would close the bucket to readers as well."""
    from tests.servers.ceph import admin

    access, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    key = (f"--uid={user}", "--key-type=s3", f"--access-key={access}")
    yield Trouble(
        "expired credentials",
        lambda: _ignore(admin(config, "key", "rm", *key)),
        lambda: _ignore(admin(config, "key", "create", *key, f"--secret-key={secret}")),
    )


def of_postgresql(folder: str) -> Iterator[Trouble]:
    """The server dies; the test that owns it is told by files, and starts it again."""
    place = Path(folder)

    def told(what: str) -> None:
        from django.db import connection

        connection.close()
        (place / what).touch()
        end = time.monotonic() + 30
        while (place / what).exists():
            if time.monotonic() > end:
                raise AssertionError(f"Nobody did what {what!r} asks for.")
            time.sleep(0.01)

    yield Trouble("database gone", lambda: told("stop"), lambda: told("start"), creators_work=False)


def of_sqlite() -> Iterator[Trouble]:
    """Another process holds the database for longer than anybody waits."""
    from django.conf import settings

    opened = ExitStack()

    def begin() -> None:
        other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
        opened.callback(other.close)
        other.execute("BEGIN IMMEDIATE")
        opened.callback(other.rollback)

    yield Trouble("SQLite locked", begin, opened.close, creators_work=False)


def of_disks(bucket: Path, data: Path) -> Iterator[Trouble]:
    """Both are file systems of their own, and small."""

    def fill(place: Path) -> None:
        # Until not one byte more fits: SQLite needs whole pages, pictures many of them.
        with (place / ".ballast").open("ab", buffering=0) as file, suppress(OSError):
            for size in (1 << 16, 1 << 10, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def empty(place: Path) -> None:
        (place / ".ballast").unlink()

    yield Trouble("bucket full", lambda: fill(bucket), lambda: empty(bucket))
    yield Trouble("data folder full", lambda: fill(data), lambda: empty(data), creators_work=False)
    yield Trouble("bucket read-only", lambda: _remount(bucket, "ro"), lambda: _remount(bucket, "rw"))


def _remount(place: Path, how: str) -> None:
    end = time.monotonic() + 5
    while subprocess.run(["mount", "-o", f"remount,{how}", str(place)], capture_output=True, check=False).returncode:
        if time.monotonic() > end:
            raise AssertionError(f"{place} can't be made {how}.")
        time.sleep(0.01)  # Somebody has a file open for writing just now.


def _ignore(_answer: str) -> None:
    """What a tool says when all is well is of no interest."""


@contextmanager
def _own_disks() -> Iterator[tuple[Path, Path]]:
    """Small file systems for data and bucket, in a mount namespace of this process alone (see `unshare`)."""
    from pictogame.cli import installation

    installation.read_settings()
    from django.conf import settings

    data, bucket = Path(settings.DATA), Path(urlsplit(settings.BUCKET).path)
    for place, size in ((data, "24m"), (bucket, "6m")):
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    yield bucket, data


def endure_all(*, seed: int, log: Path, disks: bool) -> dict[str, Any]:
    """Every fault that there is something for; gives what was said and what is wrong."""
    with ExitStack() as opened:
        places = opened.enter_context(_own_disks()) if disks else None
        nursery, address = opened.enter_context(parts.installation(ROLES, log=log))
        faults = Faults(seed=seed, nursery=nursery, address=address)
        troubles: list[Iterator[Trouble]] = []
        proxy = None
        if port := os.environ.get(PROXY_PORT):
            upstream = urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0
            proxy = opened.enter_context(FaultProxy(upstream, port=int(port)))
            troubles += [of_the_store(proxy)]
        if config := os.environ.get(CEPH_CONFIG):
            troubles += [of_the_clock(faults), of_credentials(config, os.environ[CEPH_USER])]
        if folder := os.environ.get(DATABASE):
            troubles += [of_postgresql(folder)]
        if places is not None:
            troubles += [of_disks(*places)]
        if "PICTOGAME_DATABASE_URL" not in os.environ:
            troubles += [of_sqlite()]
        for some in troubles:
            for trouble in some:
                faults.endure(trouble)
        faults.end()
        return {
            "seed": seed,
            "faults": faults.said,
            "requests": proxy.requests if proxy else 0,
            "load": dict(faults.load.done),
            "unforeseen": parts.unforeseen(log),
            "wrong": [f"{name}: {line}" for name, said in faults.said.items() for line in said["wrong"]],
        }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.breaking.faulting", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--disks", action="store_true", help="Fill small disks: needs a mount namespace of its own.")
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    parts.obey_sigterm()
    json.dump(endure_all(seed=arguments.seed, log=arguments.log, disks=arguments.disks), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

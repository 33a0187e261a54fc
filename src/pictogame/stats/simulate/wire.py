"""A crowd on the wire: real HTTP against a server on this machine, and against none else."""

import http.client
import ipaddress
import queue
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from pictogame.stats.errors import NotLoopback
from pictogame.stats.simulate.crowd import Asked
from pictogame.stats.simulate.truth import Features, Truth

_SECONDS = 10.0
_LOOK_SECONDS = 0.01
_PART = 100


@dataclass(slots=True)
class Played:
    """What a crowd got."""

    truth: Truth
    statuses: Counter[int] = field(default_factory=Counter)
    bytes: int = 0
    failures: int = 0
    """Requests without an answer: they may be in the log or not."""
    seconds: float = 0.0
    cut_short: bool = False
    """Whether the time was over before all was asked."""


def check_loopback(address: str) -> tuple[str, int]:
    """Host and port of the address. Raises NotLoopback for any machine but this one."""
    parts = urlsplit(address)
    if parts.scheme != "http" or not parts.hostname:
        raise NotLoopback(f"{address} is no http address of this machine.")
    try:
        port = parts.port or 80
    except ValueError as error:
        raise NotLoopback(f"{address} has no port that there is.") from error
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotLoopback(f"{parts.hostname} is not known here.") from error
    if not all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found):
        raise NotLoopback(f"{parts.hostname} is not this machine: a crowd is let loose on loopback only.")
    return parts.hostname, port


def play(requests: Iterable[Asked], *, address: str, connections: int = 4, most_seconds: float = 60.0) -> Played:
    """Asks everything once, over kept connections, until all is asked or the time is over.

    An answer that has not ended ten seconds after that is a failure. PUT and LIST are left out: the server of a folder
    only reads. Raises NotLoopback.
    """
    host, port = check_loopback(address)
    begun = time.monotonic()
    rounds = _Rounds(queue.Queue(maxsize=connections * 50), until=begun + most_seconds)
    played = Played(Truth(Features()))
    lock = threading.Lock()
    players = [
        threading.Thread(target=_player, args=(host, port, rounds, played, lock), daemon=True)
        for _ in range(connections)
    ]
    for player in players:
        player.start()
    for asked in requests:
        if asked.op in {"GET", "HEAD"} and not rounds.put(asked):
            played.cut_short = True
            break
    rounds.all_are_put.set()
    for player in players:
        player.join(max(0.0, rounds.until + _SECONDS - time.monotonic()))
    with lock:
        played.failures += sum(player.is_alive() for player in players)
    played.cut_short |= not rounds.waiting.empty()
    played.seconds = time.monotonic() - begun
    return played


@dataclass(slots=True)
class _Rounds:
    """Requests that wait for a player, until the time is over."""

    waiting: "queue.Queue[Asked]"
    until: float
    all_are_put: threading.Event = field(default_factory=threading.Event)

    def put(self, asked: Asked) -> bool:
        """Whether there was a place for it in time."""
        try:
            self.waiting.put(asked, timeout=max(0.0, self.until - time.monotonic()))
        except queue.Full:
            return False
        return time.monotonic() < self.until

    def __iter__(self) -> Iterator[Asked]:
        while time.monotonic() < self.until:
            last = self.all_are_put.is_set()
            try:
                yield self.waiting.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if last:
                    return


def _player(host: str, port: int, rounds: _Rounds, played: Played, lock: threading.Lock) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    tags: dict[str, str] = {}
    for asked in rounds:
        headers = {"User-Agent": asked.agent, "Referer": asked.referer}
        if asked.agent == "-":
            del headers["User-Agent"]
        if asked.referer == "-":
            del headers["Referer"]
        if asked.part:
            headers["Range"] = f"bytes=0-{_PART - 1}"
        if asked.conditional and asked.key in tags:
            headers["If-None-Match"] = tags[asked.key]
        try:
            connection.putrequest(asked.op, f"/{quote(asked.key)}", skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            size = len(answer.read())
        except (OSError, http.client.HTTPException):
            connection.close()
            with lock:
                played.failures += 1
            continue
        if answer.status == 200 and (tag := answer.getheader("ETag")):
            tags[asked.key] = tag
        with lock:
            played.statuses[answer.status] += 1
            played.bytes += size
            played.truth.add(asked, at=datetime.now(UTC), status=answer.status, size=size)
    connection.close()

"""A crowd of browsers on loopback: asks for widgets over raw sockets and counts everything itself.

`python -m bench._crowd` reads one JSON document from stdin and prints one. A widget is the request for its page and
then those for everything else, each when the one before has come: browsers do not pipeline. A warm one is the page
alone, asked for with its ETag. Some sockets are used in turn, so that the server always has something to do.

In: port, first, count (widgets), warm (share), sockets, games: [{page, again, rest}] with requests as base64.
Out: seconds, widgets, first_plays, requests, body_bytes, wire_bytes, warm_bytes (of answers 304), statuses, failed,
errors (sentences, at most 5).
"""

import base64
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_WIDGETS_PER_SOCKET = 160
"""A server closes a connection after 1,000 requests: it is left before that."""
_BUFFER = 1 << 19
_SECONDS = 30


@dataclass
class Count:
    """What came back."""

    widgets: int = 0
    first_plays: int = 0
    requests: int = 0
    body_bytes: int = 0
    wire_bytes: int = 0
    warm_bytes: int = 0
    failed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        """Something that should not have happened."""
        self.failed += 1
        if len(self.errors) < 5:
            self.errors.append(sentence)


class Game(NamedTuple):
    """The requests of a widget: for its page, for its page once more, and for everything else."""

    page: bytes
    again: bytes
    rest: tuple[bytes, ...]


class Browser:
    """One connection, made again when it was used enough."""

    def __init__(self, port: int, count: Count) -> None:
        self._port = port
        self._count = count
        self._socket: socket.socket | None = None
        self._used = 0
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)

    def send(self, requests: bytes) -> None:
        """Sends one or more requests."""
        if self._socket is None or self._used >= _WIDGETS_PER_SOCKET:
            self.close()
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._used = 0
        self._socket.sendall(requests)

    def read(self, expected: int) -> bool:
        """Reads one whole answer; says whether it has that status."""
        if self._socket is None:
            raise ConnectionError("The connection is closed.")
        buffer, count, have = self._buffer, self._count, 0
        while (end := buffer.find(b"\r\n\r\n", 0, have)) < 0:
            have += self._more(have)
        status = int(buffer[9:12])
        place = buffer.find(b"Content-Length: ", 0, end)
        length = int(buffer[place + 16 : buffer.find(b"\r", place, end + 1)]) if place > 0 else 0
        done = end + 4 + length
        while have < done:
            have += self._more(have)
        if have > done:
            raise ConnectionError("More came than was asked for.")
        count.requests += 1
        count.body_bytes += length
        count.wire_bytes += have
        count.statuses[status] += 1
        if status == 304:
            count.warm_bytes += have
        if status != expected:
            count.wrong(f"A request was answered with {status} and not with {expected}.")
        return status == expected

    def _more(self, have: int) -> int:
        if self._socket is None or have == _BUFFER:
            raise ConnectionError("More came than was asked for.")
        got = self._socket.recv_into(self._view[have:])
        if not got:
            raise ConnectionError("The server closed the connection in the middle of an answer.")
        return got

    def finished(self) -> None:
        """A widget is through."""
        self._used += 1

    def close(self) -> None:
        """Lets go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _round(widgets: Sequence[tuple[Browser, Game, bool]], count: Count) -> None:
    """One widget on each connection, all of them step by step; the flag says which are warm."""
    for browser, game, is_warm in widgets:
        browser.send(game.again if is_warm else game.page)
    cold = []
    for browser, game, is_warm in widgets:
        count.widgets += browser.read(304 if is_warm else 200)
        if not is_warm:
            cold.append((browser, game.rest))
            browser.send(game.rest[0])
    for place in range(1, max((len(rest) for _, rest in cold), default=0) + 1):
        for browser, rest in cold:
            if place <= len(rest):
                browser.read(200)
            if place < len(rest):
                browser.send(rest[place])
    count.first_plays += len(cold)
    for browser, _, _ in widgets:
        browser.finished()


def crowd(said: dict[str, Any]) -> dict[str, Any]:
    """Asks for everything that it was told."""
    games = [
        Game(
            base64.b64decode(game["page"]),
            base64.b64decode(game["again"]),
            tuple(base64.b64decode(one) for one in game["rest"]),
        )
        for game in said["games"]
    ]
    warm, count = said["warm"], Count()
    browsers = [Browser(said["port"], count) for _ in range(said["sockets"])]
    start = time.perf_counter()
    number, end = said["first"], said["first"] + said["count"]
    while number < end:
        round_ = []
        for browser in browsers[: end - number]:
            game = games[number % len(games)]
            # Spread evenly: of every 100 widgets in a row as many are warm as the share says.
            is_warm = int((number + 1) * warm) > int(number * warm)
            round_.append((browser, game, is_warm))
            number += 1
        try:
            _round(round_, count)
        except OSError as error:
            count.wrong(f"{type(error).__name__}: {error}")
            for browser in browsers:
                browser.close()
    seconds = time.perf_counter() - start
    for browser in browsers:
        browser.close()
    return {
        "seconds": seconds,
        "widgets": count.widgets,
        "first_plays": count.first_plays,
        "requests": count.requests,
        "body_bytes": count.body_bytes,
        "wire_bytes": count.wire_bytes,
        "warm_bytes": count.warm_bytes,
        "statuses": {str(status): many for status, many in count.statuses.items()},
        "failed": count.failed,
        "errors": count.errors,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(crowd(json.loads(sys.stdin.read()))))

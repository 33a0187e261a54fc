"""Looks at whole answers while a crowd is at work (bytes, headers, 304, ranges, refusals), and counts what it asks."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pictogame.bucket import keys

_PAUSE = 0.02


@dataclass
class Tally:
    """What was asked for and what came back. Tallies add up; their times do not overlap."""

    seconds: float = 0
    widgets: int = 0
    first_plays: int = 0
    requests: int = 0
    body_bytes: int = 0
    wire_bytes: int = 0
    warm_bytes: int = 0
    """Of the wire's bytes those of answers 304."""
    failed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.seconds + other.seconds,
            self.widgets + other.widgets,
            self.first_plays + other.first_plays,
            self.requests + other.requests,
            self.body_bytes + other.body_bytes,
            self.wire_bytes + other.wire_bytes,
            self.warm_bytes + other.warm_bytes,
            self.failed + other.failed,
            self.statuses + other.statuses,
            [*self.errors, *other.errors],
        )

    @classmethod
    def read(cls, said: dict[str, Any]) -> "Tally":
        """What a crowd has printed."""
        statuses = Counter({int(status): many for status, many in said.pop("statuses").items()})
        return cls(**said, statuses=statuses)


class Verifier:
    """One connection that asks for everything in turn and compares it with the folder."""

    def __init__(self, port: int, bucket: Path, games: Sequence[tuple[str, Sequence[str]]]) -> None:
        self._port = port
        self._bucket = bucket
        self._pages = {page for page, _ in games}
        # The one script of a game that is neither the loader nor the finale.
        self._templates = {
            path for _, rest in games for path in rest if path.endswith(".js") and path.rsplit("/", 1)[1] not in _COMMON
        }
        self._paths = sorted({path for page, rest in games for path in (page, *rest)})
        self._at = 0
        self.tally = Tally()
        self.wrong: list[str] = []

    def etag(self, path: str) -> str:
        """The ETag that the server gives to a path."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        answer, _ = self._ask(connection, "GET", path)
        connection.close()
        return answer.headers["ETag"] or ""

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Looks on until the block ends."""
        done = threading.Event()
        thread = threading.Thread(target=self._look, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _look(self, done: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not done.is_set():
            path = self._paths[self._at % len(self._paths)]
            try:
                self._compare(connection, path, self._at)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(f"{path}: {type(error).__name__}: {error}")
                connection.close()
            self._at += 1
            time.sleep(_PAUSE)
        connection.close()

    def _compare(self, connection: http.client.HTTPConnection, path: str, number: int) -> None:
        key = path.removeprefix("/")
        data = (self._bucket / key).read_bytes()
        said = keys.headers(key)
        answer, body = self._ask(connection, "GET", path)
        etag = answer.headers["ETag"] or ""
        expected = {
            "Content-Type": said.content_type,
            "Cache-Control": said.cache_control,
            "Content-Encoding": said.content_encoding,
            "Access-Control-Allow-Origin": "*",
            "X-Content-Type-Options": "nosniff",
            "Content-Length": str(len(data)),
            "Accept-Ranges": "bytes",
        }
        found = {name: answer.headers[name] for name in expected}
        self._check(path, answer.status == 200 and body == data and bool(etag), f"{answer.status}, {len(body)} bytes")
        self._check(path, found == expected, f"headers {found}")
        answer, body = self._ask(connection, "GET", path, {"If-None-Match": etag})
        self._check(path, answer.status == 304 and body == b"" and answer.headers["ETag"] == etag, f"{answer.status}")
        if path not in self._pages:
            answer, body = self._ask(connection, "GET", path, {"Range": "bytes=10-109"})
            ranged = f"bytes 10-{min(109, len(data) - 1)}/{len(data)}"
            right = answer.status == 206 and body == data[10:110] and answer.headers["Content-Range"] == ranged
            self._check(path, right, f"{answer.status} {answer.headers['Content-Range']}")
        if number % 5 == 0:
            answer, body = self._ask(connection, "GET", "/g/aaaaaaaaaaaaaa.html")
            self._check(path, answer.status == 404, f"a key that is not there: {answer.status}")
            answer, body = self._ask(connection, "GET", "/")
            self._check(path, answer.status == 404, f"a listing: {answer.status}")

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection.request(method, path, headers={"User-Agent": _BROWSER, "Accept-Encoding": "gzip", **(headers or {})})
        answer = connection.getresponse()
        body = answer.read()
        tally = self.tally
        tally.requests += 1
        tally.body_bytes += len(body)
        tally.statuses[answer.status] += 1
        tally.widgets += path in self._pages and answer.status in {200, 304}
        tally.first_plays += path in self._templates and answer.status == 200
        return answer, body

    def _check(self, path: str, right: bool, sentence: str) -> None:
        if not right:
            self.wrong.append(f"{path}: {sentence}")


_COMMON = ("loader.js", "finale.js")
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

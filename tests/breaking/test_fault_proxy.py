"""The proxy does what it says, so that what is tested through it is tested."""

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.breaking.fault_proxy import Fault, FaultProxy, How


class Server(ThreadingHTTPServer):
    """Keeps what is put, and remembers under which host it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.held: dict[str, bytes] = {}
        self.hosts: set[str | None] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_PUT(self) -> None:
        size = int(self.headers["Content-Length"])
        with contextlib.suppress(ConnectionError):
            data = self.rfile.read(size)
            if len(data) == size:
                self.server.held[self.path] = data
                self._answer(b"")

    def do_GET(self) -> None:
        self._answer(self.server.held[self.path])

    def _answer(self, body: bytes) -> None:
        self.server.hosts.add(self.headers["Host"])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as one:
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield one
        one.shutdown()
        thread.join()


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    with FaultProxy(server.server_address[1]) as one:
        yield one


def ask(proxy: FaultProxy, method: str, body: bytes | None = None, seconds: float = 30) -> tuple[int, bytes]:
    """One request; 0 when there was no whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=seconds)
    with contextlib.closing(connection):
        try:
            connection.request(method, "/a", body=body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""


def test_it_passes_everything_on_as_it_came(proxy: FaultProxy, server: Server) -> None:
    assert ask(proxy, "PUT", b"x" * 100_000) == (200, b"")
    assert ask(proxy, "GET") == (200, b"x" * 100_000)
    assert server.hosts == {f"127.0.0.1:{proxy.port}"}


@pytest.mark.parametrize(
    ("how", "status", "is_held"),
    [
        ("status", 503, False),
        ("reset before", 0, False),
        ("reset after", 0, True),
        ("reset in mid-upload", 0, False),
        ("truncated reply", 0, True),
    ],
)
def test_a_fault_meets_what_it_chooses(
    proxy: FaultProxy, server: Server, how: How, status: int, *, is_held: bool
) -> None:
    proxy.fault = Fault(how, every=2, chosen=lambda request: request.method == "PUT")
    assert ask(proxy, "PUT", b"first") == (200, b"")
    assert ask(proxy, "PUT", b"second" * 1000)[0] == status
    assert (proxy.fault.met, proxy.fault.seen) == (1, 2)
    proxy.fault = None
    assert ask(proxy, "GET") == (200, b"second" * 1000 if is_held else b"first")


def test_a_late_request_arrives_though_nobody_waits(proxy: FaultProxy, server: Server) -> None:
    proxy.fault = Fault("late", seconds=1.5)
    assert ask(proxy, "PUT", b"late", seconds=0.1) == (0, b"")
    assert server.held == {}
    while proxy.delayed:
        time.sleep(0.01)
    assert server.held == {"/a": b"late"}


def test_a_stalled_request_never_arrives(proxy: FaultProxy, server: Server) -> None:
    proxy.fault = Fault("stall", seconds=0.2)
    assert ask(proxy, "PUT", b"never")[0] == 0
    assert server.held == {}

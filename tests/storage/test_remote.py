"""What networks and servers do to S3: lists that are cut off, replies that are lost, and such as are not true."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.breaking.fault_proxy import Fault, FaultProxy
from tests.servers.s3 import S3Server

from pictogame.storage import Store, StoreRefused, StoreUnavailable
from pictogame.storage.remote import S3Store

KEYS = ["a", "g/a.html", "g/a.xml", "m-else/x", "m.txt", "m/1", "m/2", "m/3/x", "m/3.js", "r/0/a.js", "z"]
# Folders whose names sort otherwise with their slash than without.


def store_at(port: int, bucket: str) -> Store:
    credentials: Any = {"access_key_id": "testaccess", "secret_access_key": "testsecretkey", "token": None}
    return S3Store(bucket, endpoint=f"http://127.0.0.1:{port}", credentials=lambda: credentials | {"expires_at": None})


class Server(BaseHTTPRequestHandler):
    """As much of S3 as a delete needs."""

    held: set[str]
    forgets = True
    lost_replies = 0

    def do_HEAD(self) -> None:
        there = self.path.removeprefix("/b/") in self.held
        self.send_response(200 if there else 404)
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        body = b"<Error><Code>NoSuchBucket</Code></Error>"
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", asked)
        if self.forgets:
            self.held.difference_update(keys)
        if type(self).lost_replies:
            type(self).lost_replies -= 1
            return  # Without a word: the connection ends.
        told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        body = f'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{told}</DeleteResult>'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def handler() -> type[Server]:
    return type("Here", (Server,), {"held": {"m/a", "m/b"}})


@pytest.fixture
def store(handler: type[Server]) -> Iterator[Store]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield store_at(server.server_port, "b")
        server.shutdown()


_THREADS_OF_A_STORE = """
import os
from pictogame.storage import open_store
open_store("memory:///").put("g/a.html", b"a page")
print(len(os.listdir("/proc/self/task")) - 1)
"""


@pytest.mark.parametrize(("said", "threads"), [(None, "1"), ("3", "3")], ids=["by itself", "as it is told"])
def test_one_thread_carries_all_connections_unless_somebody_wants_more(said: str | None, threads: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TOKIO_WORKER_THREADS"}
    if said:
        environment["TOKIO_WORKER_THREADS"] = said
    command = [sys.executable, "-c", _THREADS_OF_A_STORE]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert process.stdout.strip() == threads


def test_a_delete_that_was_not_done_is_not_believed(store: Store, handler: type[Server]) -> None:
    handler.forgets = False
    with pytest.raises(StoreUnavailable, match="says that m/a is deleted, and still has it"):
        store.delete("m/a")
    store.delete("m/never-there")


def test_a_delete_whose_reply_is_lost_is_asked_for_again(store: Store, handler: type[Server]) -> None:
    handler.lost_replies = 2
    store.delete("m/a")
    assert handler.held == {"m/b"}
    assert handler.lost_replies == 0


def test_what_a_store_says_of_an_object_is_asked_anew_each_time(store: Store, handler: type[Server]) -> None:
    assert store.head("m/a") is not None
    handler.held.clear()
    assert store.head("m/a") is None
    handler.held.add("m/a")
    assert store.head("m/a") is not None


def test_a_bucket_that_is_not_there_is_said_whatever_is_asked_of_it(store: Store) -> None:
    with pytest.raises(StoreRefused, match="does not exist yet"):
        store.get("m/a")
    with pytest.raises(StoreRefused, match="does not exist yet"):
        list(store.list())


@pytest.fixture(params=["ceph", "seaweedfs"])
def behind(request: pytest.FixtureRequest) -> Iterator[tuple[Store, FaultProxy]]:
    """A bucket with the keys above in a real server, and a proxy on the way to it."""
    server: S3Server = request.getfixturevalue(request.param)
    bucket = f"remote-{os.urandom(6).hex()}"
    direct = server.store(bucket)
    for key in KEYS:
        direct.put(key, b".")
    with FaultProxy(server.port) as proxy:
        yield store_at(proxy.port, bucket), proxy


@pytest.mark.servers
@pytest.mark.parametrize("how", ["reset before", "reset after", "truncated reply"])
def test_a_fault_in_a_listing_or_a_delete_is_got_over(behind: tuple[Store, FaultProxy], how: Any) -> None:
    store, proxy = behind
    proxy.fault = Fault(how, every=2)
    assert sorted(stat.key for stat in store.list()) == sorted(KEYS)
    assert sorted(stat.key for stat in store.list()) == sorted(KEYS)
    for key in KEYS:
        store.delete(key)
    assert proxy.fault.met > 0
    proxy.fault = None
    assert list(store.list()) == []


@pytest.mark.servers
def test_a_listing_that_breaks_off_goes_on_behind_what_it_gave(
    behind: tuple[Store, FaultProxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever order a server lists in, it must go on in the same order behind any key."""
    store, _ = behind
    whole = [stat.key for stat in store.list()]
    assert sorted(whole) == sorted(KEYS)
    monkeypatch.setattr("pictogame.storage.remote._PAGE", 3)
    import obstore

    for number, key in enumerate(whole):
        pages = obstore.list(store._inner, None, offset=key)  # type: ignore[attr-defined]
        assert [meta["path"] for page in pages for meta in page] == whole[number + 1 :], key

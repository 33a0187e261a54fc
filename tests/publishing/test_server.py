"""The server of a folder bucket, asked as browsers, crawlers and strangers ask."""

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.processes import free_port

from pictogame.bucket import keys
from pictogame.publishing import nginx
from pictogame.publishing.errors import CannotServe
from pictogame.publishing.server import FolderServer, bucket_folder
from pictogame.storage import Store, open_store

ID = "b5tq7nzk3xw2mc"
HASH = "0f" * 32
KEYS = [
    "r/0a1b2c3d4e5f/loader.js",
    "r/0a1b2c3d4e5f/skin-paper.css",
    "r/0a1b2c3d4e5f/jigsaw.de.json",
    f"m/{HASH}.avif",
    f"m/{HASH}-2.jpg",
    f"g/{ID}.xml",
    f"g/{ID}.html",
    f"g/{ID}.json",
    f"g/{ID}.jpg",
    f"s/{ID}.json",
    f"live/{ID}/head.json",
    f"live/{ID}/000017.json",
    "embed.js",
]
TEXT = b"Something that a game is made of. " * 40


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A folder bucket with an object of every kind, and things that are none."""
    folder = tmp_path_factory.mktemp("a bucket") / "bucket"
    store = open_store(folder.as_uri(), public=True)
    for key in KEYS:
        store.put(key, keys.encode(key, TEXT))
    (folder.parent / "secret.html").write_bytes(b"secret")
    (folder / "g" / "aaaaaaaaaaaaaa.html").symlink_to(folder.parent / "secret.html")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "notes.txt").write_bytes(b"secret")
    (folder / "g" / "page.html").write_bytes(b"secret")
    (folder / "g" / "bbbbbbbbbbbbbb.html").mkdir()
    os.mkfifo(folder / "g" / "cccccccccccccc.html")
    (folder.parent / "secret.js").write_bytes(b"secret")
    (folder / "r" / "ffffffffffff").symlink_to(folder.parent)
    return store


@pytest.fixture(scope="module")
def server(store: Store, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FolderServer]:
    path = store.path("embed.js")
    assert path is not None
    with FolderServer(folder=path.parent, port=port, state=tmp_path_factory.mktemp("a state") / "nginx") as one:
        yield one


def ask(
    port: int, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """The bare answer: status, headers by lower-case name, body as it came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("key", KEYS)
def test_every_object_comes_with_the_headers_of_its_key(
    server: FolderServer, port: int, store: Store, key: str
) -> None:
    status, headers, body = ask(port, f"/{key}", headers={"Origin": "null"})
    kind = keys.headers(key)
    assert status == 200
    assert body == store.get(key)
    assert headers["content-type"] == kind.content_type
    assert headers["cache-control"] == kind.cache_control
    assert headers.get("content-encoding") == kind.content_encoding
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-length"] == str(len(body))
    assert "etag" in headers


def test_a_head_gives_what_a_get_gives_without_the_body(server: FolderServer, port: int) -> None:
    status, headers, body = ask(port, f"/g/{ID}.html", "HEAD")
    got = ask(port, f"/g/{ID}.html")[1]
    assert (status, body) == (200, b"")
    assert {**headers, "date": ""} == {**got, "date": ""}


def test_what_a_browser_has_already_is_not_sent_again(server: FolderServer, port: int) -> None:
    tag = ask(port, f"/g/{ID}.xml")[1]["etag"]
    status, headers, body = ask(port, f"/g/{ID}.xml", headers={"If-None-Match": tag})
    assert (status, body) == (304, b"")
    assert headers["cache-control"] == "public, max-age=60"
    assert headers["access-control-allow-origin"] == "*"


def test_an_edit_within_the_same_second_and_of_the_same_size_is_seen(
    server: FolderServer, port: int, store: Store
) -> None:
    key = f"g/{ID}.html"
    tags: set[str] = set()
    for text in (b"dog", b"cat", b"owl"):
        store.put(key, text)
        status, headers, body = ask(port, f"/{key}", headers={"If-None-Match": ", ".join(tags) or '"none"'})
        assert (status, body) == (200, text)
        tags.add(headers["etag"])
    store.put(key, TEXT)
    assert len(tags) == 3


def test_what_is_as_long_as_it_was_two_edits_ago_is_seen(server: FolderServer, port: int, store: Store) -> None:
    key = f"g/{ID}.html"
    for text in (b"aa", b"bbb", b"cc"):
        store.put(key, text)
        if text == b"aa":
            tag = ask(port, f"/{key}")[1]["etag"]
    status, _, body = ask(port, f"/{key}", headers={"If-None-Match": tag})
    store.put(key, TEXT)
    assert (status, body) == (200, b"cc")


def test_what_was_deleted_and_comes_back_within_a_second_is_seen(server: FolderServer, port: int, store: Store) -> None:
    key = f"g/{ID}.html"
    store.put(key, b"dog")
    tag = ask(port, f"/{key}")[1]["etag"]
    store.delete(key)
    store.put(key, b"cat")
    status, _, body = ask(port, f"/{key}", headers={"If-None-Match": tag})
    store.put(key, TEXT)
    assert (status, body) == (200, b"cat")


def test_a_part_can_be_asked_for(server: FolderServer, port: int) -> None:
    status, headers, body = ask(port, f"/m/{HASH}.avif", headers={"Range": "bytes=10-14"})
    assert (status, body) == (206, TEXT[10:15])
    assert headers["content-range"] == f"bytes 10-14/{len(TEXT)}"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/g/",
        "/g",
        "/m/",
        "/notes.txt",
        "/g/page.html",
        f"/g/{ID}.txt",
        f"/g/{ID}.htm",
        f"/g/{ID.upper()}.html",
        "/g/aaaaaaaaaaaaaa.html",
        "/g/bbbbbbbbbbbbbb.html",
        "/g/cccccccccccccc.html",
        "/r/ffffffffffff/secret.js",
        f"//g/{ID}.html",
        f"/g//{ID}.html",
        f"/g\\{ID}.html",
        f"/g/{ID}.html/",
        f"/g/{ID}.html;",
        f"/g/{ID}.html%20",
        f"/g/{ID}.html%0a",
        "/..%5csecret.html",
        "/.%252e/secret.html",
        "/%c0%ae%c0%ae/secret.html",
        "/linked/secret.html",
        f"/linked/bucket/g/{ID}.html",
        "/.unfinished/",
        f"/m/{'1f' * 32}.avif",
        "/secret.html",
        "/g/%2e%2e/notes.txt",
        "/index.html",
    ],
)
def test_everything_else_is_a_plain_404_that_tells_nothing(server: FolderServer, port: int, path: str) -> None:
    status, headers, body = ask(port, path)
    assert (status, body) == (404, b"There is nothing here.\n")
    assert headers["content-type"].startswith("text/plain")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["server"] == "nginx"


@pytest.mark.parametrize("path", ["/../secret.html", "/%2e%2e/secret.html", "/g/../../secret.html"])
def test_no_path_leads_out_of_the_folder(server: FolderServer, port: int, path: str) -> None:
    status, _, body = ask(port, path)
    assert status == 400
    assert b"secret" not in body


def raw(port: int, data: bytes) -> bytes:
    """What comes back to these very bytes, until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        answer = b""
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except ConnectionResetError:
            pass  # It did not want to read the rest.
        return answer


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"GET http://elsewhere.example/g/{ID}.html HTTP/1.1", 200),
        (f"GET /g/{ID}.html?{'q' * 7000} HTTP/1.1", 200),
        (f"GET /g/{ID}%2ehtml HTTP/1.1", 200),
        ("GET http://x/../secret.html HTTP/1.1", 400),
        ("GET file:///etc/passwd HTTP/1.1", 400),
        ("GET /%2e%2e%2fsecret.html HTTP/1.1", 400),
        (f"GET /g/{ID}.html\0 HTTP/1.1", 400),
        (f"GET /g/{ID}.html%00 HTTP/1.1", 400),
        (f"GET /g/{ID}.html%00.txt HTTP/1.1", 400),
        ("GET /" + "a" * 9000 + " HTTP/1.1", 414),
        ("GET * HTTP/1.1", 400),
        (f"TRACE /g/{ID}.html HTTP/1.1", 405),
        ("CONNECT elsewhere.example:80 HTTP/1.1", 405),
        (f"GET /g/{ID}.html HTTP/3.0", 505),
        ("\x16\x03\x01", 400),
    ],
)
def test_lines_that_no_browser_sends_get_no_more_than_that(
    server: FolderServer, port: int, line: str, status: int
) -> None:
    answer = raw(port, f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin1"))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"secret" not in answer
    assert b"root:" not in answer
    assert (TEXT[:20] in answer) == (status == 200)


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        ("bytes=0-0", 206, 1),
        ("bytes=-5", 206, 5),
        (f"bytes=5-{len(TEXT) + 99}", 206, len(TEXT) - 5),
        ("bytes=5-2", 416, None),
        (f"bytes={len(TEXT)}-", 416, None),
        ("bytes=" + ",".join(f"{at}-{at}" for at in range(0, 400, 2)), 200, len(TEXT)),
        ("lines=1-2", 200, len(TEXT)),
    ],
)
def test_every_range_gets_its_part_or_all_or_a_refusal(
    server: FolderServer, port: int, asked: str, status: int, length: int | None
) -> None:
    found, headers, body = ask(port, f"/m/{HASH}.avif", headers={"Range": asked, "Origin": "null"})
    assert found == status
    assert length is None or len(body) == length
    assert headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("line", "asked", "status"),
    [
        (f"GET /m/{HASH}.avif", "Range: bytes=999999-", 416),
        (f"HEAD /m/{HASH}.avif", "Range: bytes=999999-", 416),
        (f"GET /g/{ID}.html", "Range: bytes=999999-", 416),
        (f"GET /live/{ID}/000017.json", "Range: bytes=999999-", 416),
        ("GET /r/0a1b2c3d4e5f/loader.js", "Range: bytes=999999-", 416),
        (f"GET /g/{ID}.xml", "Range: bytes=999999-", 416),
        (f"GET /m/{HASH}.avif", 'If-Match: "another"', 412),
        (f"GET /r/{'0' * 12}/loader.js", "", 404),
        ("GET /", "", 404),
        (f"GET /r/{'0' * 12}", "", 404),
        (f"POST /m/{HASH}.avif", "", 405),
    ],
)
def test_a_refusal_may_be_read_by_any_page_and_is_not_kept_for_long(
    server: FolderServer, port: int, line: str, asked: str, status: int
) -> None:
    lines = [f"{line} HTTP/1.1", "Host: x", "Origin: null", "Connection: close", *filter(None, [asked]), "", ""]
    answer = raw(port, "\r\n".join(lines).encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *headers = head.decode().lower().split("\r\n")
    assert first.startswith(f"http/1.1 {status} ")
    assert headers.count("access-control-allow-origin: *") == 1
    assert headers.count("x-content-type-options: nosniff") == 1
    assert not body or "content-encoding: gzip" not in headers
    assert [one for one in headers if one.startswith("cache-control")] in ([], ["cache-control: public, max-age=60"])


def test_a_part_of_what_has_changed_since_is_the_whole(server: FolderServer, port: int) -> None:
    status, _, body = ask(port, f"/m/{HASH}.avif", headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (status, body) == (200, TEXT)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_it_can_only_be_read(server: FolderServer, port: int, store: Store, method: str) -> None:
    assert ask(port, f"/g/{ID}.html", method)[0] == 405
    assert store.head(f"g/{ID}.html") is not None


def test_a_taken_port_is_said_in_a_sentence(server: FolderServer, port: int, tmp_path: Path) -> None:
    with (
        pytest.raises(CannotServe, match=f"Port {port} is taken: .* PICTOGAME_BUCKET_PORT"),
        FolderServer(folder=tmp_path, port=port, state=tmp_path / "state"),
    ):
        pass


def test_it_ends_with_its_context_and_can_start_again(tmp_path: Path) -> None:
    port = free_port()
    for _ in range(2):
        with FolderServer(folder=tmp_path / "bucket", port=port, state=tmp_path / "state") as one:
            assert ask(port, "/")[0] == 404
            assert one.is_running()
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port)):
            pass


def test_one_that_died_is_known_to_have(tmp_path: Path) -> None:
    with FolderServer(folder=tmp_path / "bucket", port=free_port(), state=tmp_path / "state") as one:
        assert one.pid is not None
        os.kill(one.pid, signal.SIGTERM)
        end = time.monotonic() + 10
        while one.is_running() and time.monotonic() < end:
            time.sleep(0.01)
        assert not one.is_running()


def test_a_bucket_elsewhere_has_a_server_of_its_own() -> None:
    with pytest.raises(CannotServe, match="not a folder"):
        bucket_folder("s3://games")


def test_a_name_that_nginx_would_read_as_its_own_is_refused() -> None:
    for name in ('/a"b', "/a$uri", "/a\nb"):
        with pytest.raises(CannotServe, match="rename"):
            nginx.render(folder=Path(name), host="127.0.0.1", port=1, pointer_max_age=60)

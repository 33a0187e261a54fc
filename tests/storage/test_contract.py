"""What every store promises, of whatever it is made."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.servers.s3 import S3Server

from pictogame.lib.types import Key
from pictogame.storage import BadKey, NotThere, Store, StoreRefused, open_store
from pictogame.storage.folder import FolderStore
from pictogame.storage.remote import MemoryStore

KINDS = [
    "folder",
    "memory",
    pytest.param("ceph", marks=pytest.mark.servers),
    pytest.param("ceph below a prefix", marks=pytest.mark.servers),
    pytest.param("seaweedfs", marks=pytest.mark.servers),
]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    kind, _, prefix = request.param.partition(" below a ")
    match kind:
        case "folder":
            yield FolderStore(tmp_path / "store", public=True)
        case "memory":
            yield MemoryStore()
        case _:
            server: S3Server = request.getfixturevalue(kind)
            bucket = f"contract-{os.urandom(6).hex()}"
            yield server.store(bucket, prefix=prefix)


def test_what_is_put_is_got(store: Store) -> None:
    store.put("m/a.avif", b"\x00\xff" * 1000)
    assert store.get("m/a.avif") == b"\x00\xff" * 1000


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put("m/empty.avif", b"")
    assert store.get("m/empty.avif") == b""
    assert store.head("m/empty.avif") is not None


def test_many_are_read_at_once_where_they_lie_in_a_folder(store: Store) -> None:
    keys = [Key(key) for key in ("v/aa/1", "v/ab/2", "v/ab/3", "w/4", "top")]
    for key in keys:
        store.put(key, key.encode())
    found = store.get_local([*reversed(keys), Key("v/ab/none"), Key("none/5"), Key("v/aa/1/6")])
    assert found == ({key: key.encode() for key in keys} if isinstance(store, FolderStore) else {})


def test_a_file_is_put_like_its_bytes(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"from a file")
    store.put("m/file.jpg", path)
    assert store.get("m/file.jpg") == b"from a file"


def test_a_file_of_many_parts_arrives_whole(store: Store, tmp_path: Path) -> None:
    path, back = tmp_path / "big", tmp_path / "back"
    data = os.urandom(1 << 20) * 11
    path.write_bytes(data)
    store.put("v/big", path)
    store.get_to_file("v/big", back)
    assert back.read_bytes() == data


def test_the_name_of_a_partition_is_a_key(store: Store) -> None:
    store.put("logs/year=2026/month=11/a.log.gz", b"lines")
    (stat,) = store.list("logs/year=2026")
    assert store.get(stat.key) == b"lines"


def test_the_last_put_wins(store: Store) -> None:
    store.put("g/a.xml", b"one")
    store.put("g/a.xml", b"another")
    assert store.get("g/a.xml") == b"another"


def test_head_says_the_size_and_none_of_what_is_not_there(store: Store) -> None:
    store.put("g/a.html", b"12345")
    stat = store.head("g/a.html")
    assert stat is not None
    assert (stat.key, stat.size) == ("g/a.html", 5)
    assert store.head("g/b.html") is None
    assert store.head("no/folder/at.all") is None


def test_what_is_not_there_is_not_got(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotThere):
        store.get("m/none.avif")
    with pytest.raises(NotThere):
        store.get_to_file("m/none.avif", tmp_path / "none")


def test_a_delete_leaves_nothing_and_may_be_repeated(store: Store) -> None:
    store.put("m/a.avif", b"a")
    store.put("m/b.avif", b"b")
    store.delete("m/a.avif")
    store.delete("m/a.avif")
    store.delete("never/was.there")
    assert [stat.key for stat in store.list()] == ["m/b.avif"]


def test_a_listing_is_whole_beyond_one_page_and_sorted_within_a_folder(store: Store) -> None:
    keys = [f"m/{number:04}.avif" for number in range(1100)] + ["g/a.xml", "m-else/x", "m.txt", "r/0/a.js"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"."), keys))
    assert sorted(stat.key for stat in store.list()) == sorted(keys)
    assert [stat.key for stat in store.list("m")] == sorted(key for key in keys if key.startswith("m/"))
    assert list(store.list("nothing")) == []


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".a", "a/.b", "a b", "ä", "a\n", "x" * 201]
)
def test_a_key_that_leads_elsewhere_is_refused(store: Store, key: str) -> None:
    for act in (store.get, store.head, store.delete, store.path, lambda bad: store.put(bad, b"")):
        with pytest.raises(BadKey):
            act(key)


def test_many_threads_may_write_at_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.put(f"m/{number % 5}.jpg", b"%d" % (number % 5)), range(60)))
    assert [store.get(f"m/{number}.jpg") for number in range(5)] == [b"%d" % number for number in range(5)]


def test_memory_keeps_the_headers() -> None:
    store = MemoryStore()
    store.put("embed.js", b"", content_type="text/javascript", cache_control="public", content_encoding="gzip")
    assert store.headers("embed.js") == {
        "Content-Type": "text/javascript",
        "Cache-Control": "public",
        "Content-Encoding": "gzip",
    }


@pytest.mark.servers
@pytest.mark.parametrize("name", ["ceph", "seaweedfs"])
def test_s3_keeps_the_headers(name: str, request: pytest.FixtureRequest) -> None:
    server: S3Server = request.getfixturevalue(name)
    bucket = f"headers-{os.urandom(6).hex()}"
    server.store(bucket).put(
        "g/a.xml", b"zip", content_type="application/xml; charset=utf-8", cache_control="public, max-age=60",
        content_encoding="gzip",
    )  # fmt: skip
    head = server.client().head_object(Bucket=bucket, Key="g/a.xml")
    assert (head["ContentType"], head["CacheControl"], head["ContentEncoding"]) == (
        "application/xml; charset=utf-8",
        "public, max-age=60",
        "gzip",
    )


@pytest.mark.servers
def test_a_missing_bucket_and_wrong_credentials_are_said_in_a_sentence(
    ceph: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ceph.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreRefused, match="does not exist yet"):
        open_store("s3://no-such-bucket").put("g/a.xml", b"")
    ceph.store("there")
    open_store("s3://there/below").put("g/a.xml", b"here")
    assert ceph.client().get_object(Bucket="there", Key="below/g/a.xml")["Body"].read() == b"here"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreRefused, match="credentials"):
        open_store("s3://there").put("g/a.xml", b"")

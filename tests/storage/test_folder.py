"""What a folder has to promise besides: power may fail, and somebody may plant links."""

import errno
import os
import resource
import shutil
import signal
import stat
import time
from pathlib import Path

import pytest

from pictogame.lib.types import Key
from pictogame.storage import NotThere, StoreFull, StoreProblem, open_store
from pictogame.storage.errors import BadAddress
from pictogame.storage.folder import FolderStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_link_to_a_file_outside_is_not_read(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    store = FolderStore(root)
    store.put("g/a.html", b"here")
    (root / "g" / "b.html").symlink_to(secret)
    with pytest.raises(NotThere):
        store.get("g/b.html")
    assert store.get_local([Key("g/b.html"), Key("g/a.html")]) == {"g/a.html": b"here"}
    assert store.head("g/b.html") is None
    assert store.path("g/b.html") is None
    assert [one.key for one in store.list()] == ["g/a.html"]


def test_a_link_to_a_folder_outside_is_neither_read_nor_written(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.html").write_bytes(b"outside")
    root.mkdir()
    (root / "g").symlink_to(outside)
    store = FolderStore(root)
    with pytest.raises(NotThere):
        store.get("g/a.html")
    assert store.get_local([Key("g/a.html")]) == {}
    with pytest.raises(StoreProblem, match="a link"):
        store.put("g/b.html", b"in?")
    store.delete("g/a.html")
    assert sorted(path.name for path in outside.iterdir()) == ["a.html"]
    assert list(store.list()) == []


def test_reading_leaves_no_time_of_reading_behind(root: Path) -> None:
    FolderStore(root).put("v/ab/abc", b"a picture")
    file = root / "v" / "ab" / "abc"
    os.utime(file, (1_000, 2_000))
    assert FolderStore(root).get_local([Key("v/ab/abc")]) == {"v/ab/abc": b"a picture"}
    assert file.stat().st_atime == 1_000


def test_what_another_owner_lets_us_read_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FolderStore(root).put("g/a.html", b"a page")
    system = os.open

    def as_a_stranger(path: str, flags: int, *others: int, dir_fd: int | None = None) -> int:
        if flags & os.O_NOATIME:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        return system(path, flags, *others, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", as_a_stranger)
    assert FolderStore(root).get("g/a.html") == b"a page"


def test_a_link_in_place_of_what_is_not_finished_leads_nowhere(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root.mkdir()
    (root / ".unfinished").symlink_to(outside)
    with pytest.raises(StoreProblem, match="a link"):
        FolderStore(root).put("g/a.html", b"in?")
    assert list(outside.iterdir()) == []


def test_a_put_over_a_link_replaces_the_link_and_not_its_target(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    store = FolderStore(root)
    store.put("g/a.html", b"")
    (root / "g" / "a.html").unlink()
    (root / "g" / "a.html").symlink_to(secret)
    store.put("g/a.html", b"new")
    assert secret.read_bytes() == b"secret"
    assert store.get("g/a.html") == b"new"


def test_a_reader_never_sees_half_an_object(root: Path) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"old" * 1000)
    with (root / "g" / "a.xml").open("rb") as reader:
        store.put("g/a.xml", b"new" * 1000)
        assert reader.read() == b"old" * 1000
    assert store.get("g/a.xml") == b"new" * 1000


def test_a_write_that_fails_leaves_the_old_object_and_no_rest(root: Path, tmp_path: Path) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"old")
    with pytest.raises(StoreProblem):
        store.put("g/a.xml", tmp_path / "there-is-no-such-file")
    assert store.get("g/a.xml") == b"old"
    assert list((root / ".unfinished").iterdir()) == []


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system was asked to make lasting or visible, in order."""
    asked: list[str] = []
    sync, rename, unlink = os.fsync, os.rename, os.unlink

    def noting_sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        asked.append(f"sync folder {name}" if is_folder else "sync file")
        sync(descriptor)

    def noting_rename(source: str, target: str, **folders: int) -> None:
        asked.append(f"rename to {target}")
        rename(source, target, **folders)

    def noting_unlink(name: str, **folders: int) -> None:
        asked.append(f"unlink {name}")
        unlink(name, **folders)

    monkeypatch.setattr(os, "fsync", noting_sync)
    monkeypatch.setattr(os, "rename", noting_rename)
    monkeypatch.setattr(os, "unlink", noting_unlink)
    return asked


def test_file_and_folder_reach_the_disk_before_put_returns(root: Path, disk: list[str]) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"one")
    disk.clear()
    store.put("g/a.xml", b"two")
    assert disk == ["sync file", "rename to a.xml", "sync folder g"]
    disk.clear()
    store.delete("g/a.xml")
    assert disk == ["unlink a.xml", "sync folder g"]


def test_what_is_gone_already_is_gone_on_the_disk_before_delete_returns(root: Path, disk: list[str]) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"one")
    (root / "g/a.xml").unlink()  # Somebody died between this and the sync of the folder.
    disk.clear()
    store.delete("g/a.xml")
    assert disk[-1:] == ["sync folder g"]


def test_new_folders_reach_the_disk_before_what_lies_in_them(tmp_path: Path, disk: list[str]) -> None:
    FolderStore(tmp_path / "new" / "store").put("live/b/c.json", b"")
    assert disk == [
        f"sync folder {tmp_path.name}",
        "sync folder new",
        "sync folder store",
        "sync folder live",
        "sync folder store",  # For the folder of what is not finished.
        "sync file",
        "rename to c.json",
        "sync folder b",
    ]


def test_a_folder_that_another_process_made_a_moment_ago_reaches_the_disk_too(root: Path, disk: list[str]) -> None:
    (root / "g").mkdir(parents=True)
    FolderStore(root).put("g/a.xml", b"")
    assert disk.index("sync folder store") < disk.index("rename to a.xml")


def test_a_folder_that_somebody_removes_is_made_again(root: Path, disk: list[str]) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"one")
    shutil.rmtree(root)
    disk.clear()
    store.put("g/a.xml", b"two")
    assert store.get("g/a.xml") == b"two"
    assert disk[:2] == [f"sync folder {root.parent.name}", "sync folder store"]


def test_a_listing_goes_on_when_a_folder_becomes_something_else(root: Path, tmp_path: Path) -> None:
    store = FolderStore(root)
    for key in ("a/one", "b/two", "c/three"):
        store.put(key, b"")
    listing = store.list()
    assert next(listing).key == "a/one"
    (root / "b" / "two").unlink()
    (root / "b").rmdir()
    (root / "b").symlink_to(tmp_path)
    assert [one.key for one in listing] == ["c/three"]


def test_what_broken_off_writes_left_is_tidied_after_a_day(root: Path) -> None:
    store = FolderStore(root)
    assert store.tidy() == 0
    store.put("g/a.xml", b"")
    old, young = root / ".unfinished" / "old", root / ".unfinished" / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert store.tidy() == 1
    assert not old.exists()
    assert young.exists()
    assert [one.key for one in store.list()] == ["g/a.xml"]


def test_a_vault_is_private_and_a_bucket_is_not_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        for public in (False, True):
            store = open_store((tmp_path / str(public)).as_uri(), public=public)
            store.put("a/b", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "False" / "a" / "b").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "True" / "a" / "b").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "False" / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "True" / "a").stat().st_mode) == 0o755


def test_new_bytes_of_the_same_size_and_second_get_another_time(root: Path) -> None:
    store = FolderStore(root)
    seen = set()
    for text in (b"dog", b"cat", b"owl"):
        store.put("g/a.xml", text)
        seen.add(int((root / "g" / "a.xml").stat().st_mtime))
    assert len(seen) == 3


def test_a_disk_that_takes_no_more_leaves_the_old_object(root: Path) -> None:
    store = FolderStore(root)
    store.put("g/a.xml", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        with pytest.raises(StoreFull, match="The disk is full"):
            store.put("g/a.xml", bytes(1 << 17))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert store.get("g/a.xml") == b"old"
    assert list((root / ".unfinished").iterdir()) == []


def test_a_name_with_blanks_is_a_folder_too(tmp_path: Path) -> None:
    folder = tmp_path / "my pictures"
    open_store(folder.as_uri()).put("a", b"there")
    assert (folder / "a").read_bytes() == b"there"


@pytest.mark.parametrize("address", ["", "s3://", "http://example.org/", "file://host/folder", "memory:", "folder"])
def test_an_address_that_is_no_store_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        open_store(address)


def test_s3_without_credentials_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(BadAddress) as raised:
        open_store("s3://bucket")
    assert "AWS_" not in raised.value.sentence
    assert "AWS_ACCESS_KEY_ID" in raised.value.for_operators
    (tmp_path / "profile").write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "profile"))
    open_store("s3://bucket")


def test_a_file_is_a_second_younger_than_the_one_it_replaces_whatever_its_size(root: Path) -> None:
    store = FolderStore(root, public=True)
    ages = []
    for text in (b"aa", b"bbb", b"cc", b""):
        store.put("g/a.html", text)
        ages.append(int((root / "g" / "a.html").stat().st_mtime))
    assert ages == [ages[0] + more for more in range(4)]
    store.delete("g/a.html")
    store.put("g/a.html", b"aa")
    assert int((root / "g" / "a.html").stat().st_mtime) > ages[-1]


def test_the_time_of_what_was_deleted_is_remembered_only_where_a_server_may_have_told_it(root: Path) -> None:
    store = FolderStore(root, public=True)
    store.put("g/a.html", b"")
    os.utime(root / "g" / "a.html", (1, 1))
    store.delete("g/a.html")
    private = FolderStore(root)
    private.put("g/a.html", b"")
    private.delete("g/a.html")
    assert list((root / ".unfinished").iterdir()) == []

"""Where logs lie: files, folders with all that is in them, and prefixes of a bucket."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from pictogame.lib.hashing import sha256_of
from pictogame.stats.errors import NoSuchLog
from pictogame.storage import BadKey, Stat, Store, StoreMissing, open_store


@dataclass(frozen=True, slots=True)
class Found:
    """A file or an object that may be a log."""

    name: str
    """Where it lies, for people."""
    size: int
    """As stored, compressed or not."""
    modified_at: datetime
    path: Path | None = None
    store: Store | None = None
    key: str = ""

    @property
    def address_sha256(self) -> str:
        """A short name for where it lies, of one length whatever the path."""
        return sha256_of(self.name.encode(errors="surrogateescape"))

    @contextmanager
    def opened(self, scratch: Path) -> Iterator[BinaryIO]:
        """Its bytes from the first. An object is brought into `scratch` meanwhile. Raises OSError, StoreProblem."""
        if self.path is not None:
            with self.path.open("rb") as file:
                yield file
            return
        if self.store is None:
            raise NoSuchLog(f"There is nothing at {self.name}.")
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=scratch, prefix="log-") as folder:
            copy = Path(folder) / "log"
            self.store.get_to_file(self.key, copy)
            with copy.open("rb") as file:
                yield file


def find(place: str) -> Iterator[Found]:
    """Every log at a path of a file or folder, or at the address of one or of a bucket's prefix; in order of names.

    Names that begin with a dot are passed over, and so are links within a folder. Raises NoSuchLog, StoreProblem.
    """
    parts = urlsplit(place)
    if parts.scheme == "s3":
        yield from _in_bucket(place)
        return
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
    elif "://" in place:
        raise NoSuchLog(f"{place} is no place for logs: name a file, a folder or s3://bucket/prefix.")
    else:
        path = Path(place).expanduser()
    try:
        if path.is_dir():
            yield from _in_folder(path.absolute())
        elif path.is_file():
            yield _file(path.absolute())
        else:
            raise NoSuchLog(f"There is no log at {place}.")
    except PermissionError as error:
        raise NoSuchLog(f"{error.filename or place} may not be read by us.") from error


def _in_folder(folder: Path) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        found = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _in_folder(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            try:
                yield _file(Path(entry.path))
            except FileNotFoundError:
                continue  # It was rotated away while we looked.


def _file(path: Path) -> Found:
    status = path.stat()
    return Found(
        name=str(path), size=status.st_size, modified_at=datetime.fromtimestamp(status.st_mtime, UTC), path=path
    )


def _in_bucket(place: str) -> Iterator[Found]:
    parts = urlsplit(place)
    prefix = parts.path.strip("/").rstrip("*").strip("/")
    store = open_store(f"s3://{parts.netloc}")
    any_at_all = False
    for stat in _under(store, prefix, place):
        any_at_all = True
        yield Found(
            name=f"s3://{parts.netloc}/{stat.key}",
            size=stat.size,
            modified_at=stat.modified_at,
            store=store,
            key=stat.key,
        )
    if not any_at_all:
        raise NoSuchLog(f"There is no log at {place}.")


def _under(store: Store, prefix: str, place: str) -> Iterator[Stat]:
    """The objects of a folder; where there is none of that name, those whose keys begin so."""
    try:
        any_at_all = False
        for stat in store.list(prefix):
            any_at_all = True
            yield stat
        if not any_at_all and prefix:
            yield from (stat for stat in store.list(prefix.rpartition("/")[0]) if stat.key.startswith(prefix))
    except BadKey as error:
        raise NoSuchLog(f"{place} has characters in its name that our stores don't take.") from error
    except StoreMissing as error:
        raise NoSuchLog(f"There is no bucket at {place}.") from error

"""The vault: the private store of originals, renditions and runtime builds, each under the hash of its bytes."""

import re
import shutil
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from pictogame.lib.hashing import sha256_of, sha256_of_file
from pictogame.lib.types import Key, Sha256
from pictogame.storage import Stat, Store, open_store

FOLDER = "v"
"""Of all that the vault keeps, within its store."""
_HASH = re.compile(r"[0-9a-f]{64}")


class Vault:
    """Bytes by their hash. Keeping the same bytes twice keeps them once. Safe to use from several threads."""

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        """`folder` is where the store keeps its objects, if that is on a disk of ours."""
        self._store = store
        self._folder = folder

    def keep(self, data: bytes | Path) -> Sha256:
        """Keeps the bytes, or those of a file, and gives their name."""
        sha256 = sha256_of_file(data) if isinstance(data, Path) else sha256_of(data)
        self._store.put(key_of(sha256), data)
        return sha256

    def read(self, sha256: Sha256) -> bytes:
        """The bytes of that name. Raises NotThere."""
        return self._store.get(key_of(sha256))

    def path_of(self, sha256: Sha256) -> Path | None:
        """The file that holds them, to be read only, where the vault is a folder; None elsewhere and when absent."""
        return self._store.path(key_of(sha256))

    def read_local(self, hashes: Iterable[Sha256]) -> dict[Sha256, bytes]:
        """The bytes of those that lie in a folder of this machine, many at once; `read` gives the others, or says why
        there are none.
        """
        by_key = {key_of(sha256): sha256 for sha256 in hashes}
        return {by_key[key]: data for key, data in self._store.get_local(by_key).items()}

    def fetch_to(self, sha256: Sha256, folder: Path) -> Path:
        """A file with the bytes: the vault's own where it is a folder, else a copy in `folder`. Raises NotThere."""
        own = self._store.path(key_of(sha256))
        if own is not None:
            return own
        copy = folder / sha256
        self._store.get_to_file(key_of(sha256), copy)
        return copy

    def holds(self, sha256: Sha256) -> bool:
        """Whether the bytes are there, as the store says now."""
        return self._store.head(key_of(sha256)) is not None

    def stat(self, sha256: Sha256) -> Stat | None:
        """What is known of the bytes of that name, asked anew; None when there are none."""
        return self._store.head(key_of(sha256))

    def digest(self, sha256: Sha256) -> Sha256:
        """The hash of the bytes under that name, which should be their name. Raises NotThere."""
        return self._store.digest(key_of(sha256))

    def everything(self) -> Iterator[tuple[Stat, Sha256 | None]]:
        """All that lies in the vault, by pages, each with its name; None for what the vault did not name."""
        for stat in self._store.list():
            name = stat.key.rpartition("/")[2]
            ours = _HASH.fullmatch(name) is not None and stat.key == key_of(Sha256(name))
            yield stat, Sha256(name) if ours else None

    def forget(self, sha256: Sha256) -> None:
        """Removes the bytes for good. What is not there is forgotten already."""
        self._store.delete(key_of(sha256))

    def has_room(self, size: int) -> bool:
        """Whether its disk has more free than the settings want, so many bytes later; always where it is no folder."""
        if self._folder is None or not settings.DISK_LEAST:
            return True
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        return shutil.disk_usage(there).free - size >= settings.DISK_LEAST * 1_000_000

    def tidy(self) -> int:
        """Removes what writers left unfinished that died more than a day ago; gives how much."""
        return self._store.tidy()


def vault(*, called: str = "The store of pictures") -> Vault:
    """The vault of the settings. `called` is what sentences call it: creators, who may read them, know no vault."""
    return _open(settings.VAULT, called)


@lru_cache(maxsize=4)
def _open(url: str, called: str) -> Vault:
    return Vault(
        open_store(url, called=called), Path(url.removeprefix("file://")) if url.startswith("file://") else None
    )


def key_of(sha256: Sha256) -> Key:
    """Where the vault keeps the bytes of that name."""
    return Key(f"{FOLDER}/{sha256[:2]}/{sha256}")

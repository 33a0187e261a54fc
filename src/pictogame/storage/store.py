"""What every store does, whatever it is made of."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pictogame.lib.types import Key, Sha256
from pictogame.storage.errors import BadKey

MAX_KEY_LENGTH = 200
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._=-]*"
# Ours have no "=": it stands in the names of logs that are kept by `year=2026/month=11`.
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")


@dataclass(frozen=True, slots=True)
class Stat:
    """What a store says of an object without giving its bytes."""

    key: Key
    size: int
    """Bytes as stored."""
    modified_at: datetime


class Store(Protocol):
    """Objects by key. Safe to use from several threads at once.

    Keys have segments of letters, digits, `_`, `-` and `.` (never first), joined by `/`, 200 characters in all;
    anything else is BadKey. Every failure is a StoreProblem.
    """

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_encoding: str | None = None,
    ) -> None:
        """Writes the object whole or not at all, over what was there; then the bytes outlive a loss of power.

        `data` is the bytes or a file that holds them. A folder keeps no headers: its server derives them from the key.
        """

    def get(self, key: str) -> bytes:
        """The bytes. Raises NotThere."""

    def get_local(self, keys: Iterable[Key]) -> dict[Key, bytes]:
        """The bytes of those objects that lie in a folder of this machine, many at once and cheaply.

        One that is not there or can't be read is left out, and so is whatever lies elsewhere: ask `get` for those.
        """

    def get_to_file(self, key: str, path: Path) -> None:
        """Writes the bytes to `path` piece by piece, so memory stays constant. Raises NotThere.

        A store that is no folder takes every key here that its listing gives.
        """

    def digest(self, key: str) -> Sha256:
        """The hash of the bytes, read piece by piece, so memory stays constant. Raises NotThere."""

    def head(self, key: str) -> Stat | None:
        """What is known of the object; None when there is none. Asked anew each time: nothing remembers an answer."""

    def list(self, folder: str = "") -> Iterator[Stat]:
        """Every object whose key begins with `folder/` (all when empty), once, fetched by pages.

        In order of the keys within a folder; SeaweedFS does not sort a folder's name as with its slash.
        """

    def delete(self, key: str) -> None:
        """Removes the object for good. One that is not there is fine."""

    def path(self, key: str) -> Path | None:
        """The file that is the object, where the store is a folder: to be read only. None elsewhere and when absent."""

    def tidy(self) -> int:
        """Removes what writes that were broken off a day ago or more left behind; gives their number."""


def checked(key: str) -> Key:
    """The key, once it is sure that every store takes it.

    >>> checked("m/4f.avif")
    'm/4f.avif'
    >>> checked("../secret-key")
    Traceback (most recent call last):
    pictogame.storage.errors.BadKey: '../secret-key' can't be a key.
    """
    if not is_key(key):
        raise BadKey(f"{key[:80]!r} can't be a key.")
    return Key(key)


def is_key(text: str) -> bool:
    """Whether every store takes it as a key. A listing may give others, which somebody else wrote."""
    return len(text) <= MAX_KEY_LENGTH and _KEY.fullmatch(text) is not None

"""What SQLite says of a full disk is understood."""

import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest

from pictogame.lib.disk import is_full


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("said", "free", "full"),
    [
        ("database or disk is full", 1 << 30, True),
        ("could not extend file: No space left on device", 1 << 30, True),
        ("disk I/O error", 20_480, True),
        ("unable to open database file", 0, True),
        ("disk I/O error", 1 << 30, False),
        ("database is locked", 0, False),
    ],
)
def test_a_disk_is_full_where_it_is_said_or_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, free: int, full: bool
) -> None:
    def usage(_: Path) -> Usage:
        return Usage(free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert is_full(sqlite3.OperationalError(said), tmp_path / "not" / "there") is full

"""A copy of everything that can't be made anew: the database, then the vault. And the way back.

The database goes first. The vault only ever gains bytes, but for those of games that were deleted: so whatever the
rows of a moment name is still there when the vault is copied after them. The other way round, pictures that came
in between would be rows without bytes. The bucket is made again of both.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection

from pictogame.games import release
from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of_file
from pictogame.lib.types import Key, Sha256
from pictogame.media.vault import vault
from pictogame.publishing.notices import gone_page
from pictogame.storage import NotThere, Store, open_store

_MANIFEST = "backup.json"
_DATABASE = "pictogame.sqlite3"
_SECRET = "secret-key"  # noqa: S105  The name of a file.
_VAULT = "vault"

Told = Callable[[str, int], None]
"""Says what is under way and how much of it is done."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds, or a restore brought back."""

    games: int
    files: int
    bytes: int


def _nobody(_what: str, _done: int) -> None: ...


def back_up(*, folder: Path, like: Path | None = None, database: bool = True, told: Told = _nobody) -> Copied:
    """Copies database and vault into an empty folder, while everything runs.

    `like` is an earlier backup on the same disk: files that it has already take no room again. Without `database` only
    the vault is copied, for whom PostgreSQL's own tools copy that, before. A folder without its `backup.json`, which
    comes last, is no backup. Raises Problem, StoreProblem.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} is not empty: a backup goes into a folder of its own.")
    if like is not None and not (like / _MANIFEST).is_file():
        raise Problem(f"{like} is no backup: it lacks {_MANIFEST}.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    games = Game.objects.count()
    if database:
        _need_sqlite("pg_dump copies it, before the vault: `pictogame backup --vault-only` does the rest.")
        told("the database", 0)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / _DATABASE)])
        if settings.SECRET_KEY_IS_OWN and (key := Path(settings.DATA) / _SECRET).is_file():
            shutil.copy2(key, folder / _SECRET)
    files, size = _copy_vault(folder / _VAULT, like / _VAULT if like else None, told)
    _sync(folder)
    manifest = {
        "pictogame": version("pictogame"),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": database,
        "games": games,
        "files": files,
        "bytes": size,
    }
    unfinished = folder / f"{_MANIFEST}.unfinished"
    unfinished.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _sync_file(unfinished)
    unfinished.rename(folder / _MANIFEST)
    _sync_file(folder)
    return Copied(games, files, size)


def restore_database(*, folder: Path) -> None:
    """Puts the database of a backup where there is none with games in it yet. Nothing may run meanwhile.

    To be followed by a migration and `restore_vault`. Raises Problem.
    """
    manifest = _manifest(folder)
    if not manifest["database"]:
        raise Problem(f"{folder} holds no database: restore it by pg_restore, then `pictogame restore --vault-only`.")
    _need_sqlite("pg_restore brings it back, then `pictogame restore --vault-only` the vault.")
    data = Path(settings.DATA)
    there = data / _DATABASE
    if there.exists() and _has_games(there):
        raise Problem(f"There are games in {there}: move it aside first, if you are sure.")
    connection.close()
    data.mkdir(parents=True, exist_ok=True)
    for suffix in ("-wal", "-shm"):
        there.with_name(there.name + suffix).unlink(missing_ok=True)
    _place(folder / _DATABASE, there)
    if (folder / _SECRET).is_file() and settings.SECRET_KEY_IS_OWN:
        _place(folder / _SECRET, data / _SECRET)


def restore_vault(*, folder: Path, told: Told = _nobody) -> Copied:
    """Brings the vault's bytes back, each of them looked at. Raises Problem when some are not what their name says."""
    _manifest(folder)
    files, size = 0, 0
    damaged: list[str] = []
    for path in _files(folder / _VAULT):
        name = Sha256(path.name)
        if sha256_of_file(path) != name:
            damaged.append(name)
            continue
        if not vault().holds(name):
            vault().keep(path)
        files, size = files + 1, size + path.stat().st_size
        told("the vault", files)
    if damaged:
        raise Problem(
            f"{len(damaged)} files of the backup are damaged, the first is {damaged[0]}; all others are back. "
            "`pictogame audit --vault` says what lacks them."
        )
    return Copied(Game.objects.count(), files, size)


def delete_again(*, bucket: Store | None = None) -> list[str]:
    """Deletes games that were deleted after the backup: where the bucket outlived the database, their pages say so.

    Gives their ids. `bucket` is that of the settings unless given. Without this a restored database would publish what
    somebody took away.
    """
    bucket = bucket or open_store(settings.BUCKET, public=True)
    gone = gone_page()
    suspects = [stat.key for stat in bucket.list("g") if stat.key.endswith(".html") and stat.size == len(gone)]
    ids: list[str] = []
    for key in suspects:
        game = Game.objects.filter(pk=key.removeprefix("g/").removesuffix(".html"), deleted_at=None).first()
        if game is not None and _bytes_of(bucket, key) == gone:
            release.delete(game=game, by="command")
            ids.append(game.pk)
    return ids


def _copy_vault(target: Path, like: Path | None, told: Told) -> tuple[int, int]:
    private = vault()
    files, size = 0, 0
    for stat, name in private.everything():
        if name is None:
            continue
        copy = target / name[:2] / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        before = like / name[:2] / name if like else None
        try:
            if before is not None and before.is_file() and before.stat().st_size == stat.size:
                os.link(before, copy)
            else:
                own = private.fetch_to(name, copy.parent)
                if own != copy:
                    shutil.copyfile(own, copy)
        except (NotThere, FileNotFoundError):
            continue  # Its game was deleted since the listing was made.
        files, size = files + 1, size + stat.size
        told("the vault", files)
    return files, size


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("??/*")) if path.is_file())


def _manifest(folder: Path) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{folder} is no whole backup: its {_MANIFEST} can't be read.") from error
    return found


def _has_games(path: Path) -> bool:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        try:
            return bool(database.execute("SELECT EXISTS (SELECT 1 FROM games_game)").fetchone()[0])
        except sqlite3.DatabaseError:
            return False  # No database of ours, or one that never began.


def _place(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.copy2(source, unfinished)
    _sync_file(unfinished)
    unfinished.replace(target)
    _sync_file(target.parent)


def _bytes_of(bucket: Store, key: Key) -> bytes:
    try:
        return bucket.get(key)
    except NotThere:
        return b""


def _need_sqlite(instead: str) -> None:
    if connection.vendor != "sqlite":
        raise Problem(f"The database is PostgreSQL: {instead}")


def _sync(folder: Path) -> None:
    """All files and folders of a folder outlive a loss of power."""
    for path in [*folder.rglob("*"), folder]:
        _sync_file(path)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

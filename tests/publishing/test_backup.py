"""A backup is whole or none, and nothing that was deleted comes back with it."""

import shutil
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings
from tests.publishing.cast import Faulty, a_game, text_in

from pictogame.games import release
from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media.vault import vault
from pictogame.publishing import backup
from pictogame.publishing.publisher import Publisher


@pytest.fixture
def saved(db: None, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of two files of the vault."""
    for data_of in (b"one", b"two"):
        vault().keep(data_of)
    folder = tmp_path_factory.mktemp("backups") / "monday"
    assert backup.back_up(folder=folder, database=False).files == 2
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "vault").rglob("*/*")}


def test_the_vault_comes_back_byte_for_byte(saved: Path, data: Path, settings: Settings) -> None:
    assert sorted(_files(saved).values()) == [b"one", b"two"]
    settings.VAULT = (data / "another").as_uri()
    assert backup.restore_vault(folder=saved).files == 2
    for name, content in _files(saved).items():
        assert vault().read(Sha256(name)) == content


def test_what_an_earlier_backup_has_takes_no_room_again(saved: Path) -> None:
    vault().keep(b"three")
    later = saved.parent / "tuesday"
    assert backup.back_up(folder=later, like=saved, database=False).files == 3
    shared = [path for path in (later / "vault").rglob("*/*") if path.stat().st_nlink == 2]
    assert sorted(path.read_bytes() for path in shared) == [b"one", b"two"]
    shutil.rmtree(saved)
    assert sorted(_files(later).values()) == [b"one", b"three", b"two"]


def test_a_folder_with_anything_in_it_is_left_alone(saved: Path) -> None:
    with pytest.raises(Problem, match="not empty"):
        backup.back_up(folder=saved, database=False)


def test_a_backup_that_was_broken_off_is_none(saved: Path) -> None:
    (saved / "backup.json").unlink()
    with pytest.raises(Problem, match="no whole backup"):
        backup.restore_vault(folder=saved)
    with pytest.raises(Problem, match="is no backup"):
        backup.back_up(folder=saved.parent / "tuesday", like=saved, database=False)


def test_a_damaged_file_is_named_and_all_others_come_back(saved: Path, data: Path, settings: Settings) -> None:
    bad = next(path for path in (saved / "vault").rglob("*/*") if path.read_bytes() == b"one")
    bad.write_bytes(b"0ne")
    settings.VAULT = (data / "another").as_uri()
    with pytest.raises(Problem, match=f"1 files of the backup are damaged, the first is {bad.name}"):
        backup.restore_vault(folder=saved)
    assert [stat.size for stat, _ in vault().everything()] == [3]
    assert not vault().holds(Sha256(bad.name))


def test_a_database_is_not_restored_over_games(saved: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = saved / "backup.json"
    manifest.write_text(manifest.read_text().replace('"database": false', '"database": true'))
    monkeypatch.setattr(backup, "_has_games", lambda _path: True)
    (data / "pictogame.sqlite3").touch()
    sentence = "move it aside first" if connection.vendor == "sqlite" else "pg_restore brings it back"
    with pytest.raises(Problem, match=sentence):
        backup.restore_database(folder=saved)


def test_a_game_that_was_deleted_after_the_backup_is_deleted_again(publisher: Publisher, bucket: Faulty) -> None:
    deleted, resting, playing = a_game(1), a_game(2), a_game(3)
    publisher.step()
    before = Game.objects.filter(pk=deleted.pk).values("wanted", "published", "published_at").get()
    release.delete(game=deleted)
    release.unpublish(game=resting)
    publisher.step()
    # The database of before.
    Game.objects.filter(pk=deleted.pk).update(deleted_at=None, deleted_by="", **before)
    assert backup.delete_again(bucket=bucket) == [deleted.pk]
    publisher.step()
    assert "This game is gone" in text_in(bucket, f"g/{deleted.pk}.html")
    deleted.refresh_from_db()
    assert deleted.deleted_by == "command"
    assert not Game.objects.filter(pk__in=[resting.pk, playing.pk], deleted_at__isnull=False).exists()
    assert backup.delete_again(bucket=bucket) == []

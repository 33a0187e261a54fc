"""What was backed up comes back and plays; what was deleted since stays deleted."""

import shutil
from pathlib import Path

import pytest
from tests.story.installation import Installation

from pictogame.publishing.notices import gone_page

pytestmark = pytest.mark.servers  # No server is needed, but many processes one after another.


def _bucket(here: Installation) -> dict[str, bytes]:
    """Every object of the folder bucket."""
    folder = here.folder / "data" / "bucket"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_brings_everything_back_but_what_was_deleted_since(here: Installation, tmp_path: Path) -> None:
    kept = here.run_json("make", "cat.jpg", "-t", "jigsaw", "--title", "Kept")["id"]
    deleted = here.run_json("make", "car.jpg", "-t", "sliding", "--title", "Deleted")["id"]
    backup = tmp_path / "backup"
    assert here.run_json("backup", str(backup))["games"] == 2
    here.run_json("delete", deleted, "--yes")
    before = {key: data for key, data in _bucket(here).items() if key.startswith(f"g/{kept}")}

    refused = here.run("restore", str(backup))
    assert refused.returncode == 1
    assert "move it aside first" in refused.stderr

    # Database and vault are lost; the bucket stands, and says what was deleted.
    for path in (here.folder / "data").glob("pictogame.sqlite3*"):
        path.unlink()
    shutil.rmtree(here.folder / "data" / "vault")
    assert here.run_json("restore", str(backup))["deleted_again"] == [deleted]
    assert here.run("audit", "--repair", "--vault", "--all-orphans", "--patience", "0").returncode == 0
    assert here.run("audit", "--vault").returncode == 0
    now = _bucket(here)
    assert {key: data for key, data in now.items() if key.startswith(f"g/{kept}")} == before
    assert now[f"g/{deleted}.html"] == gone_page()
    assert f"g/{deleted}.xml" not in now


def test_everything_lost_but_the_backup_plays_again(here: Installation, tmp_path: Path) -> None:
    game = here.run_json("make", "cat.jpg", "-t", "jigsaw", "--title", "Kept")["id"]
    here.run_json("backup", str(tmp_path / "monday"))
    here.run_json("backup", str(tmp_path / "tuesday"), "--like", str(tmp_path / "monday"))
    before = _bucket(here)
    for name in ("monday", "data"):
        shutil.rmtree(here.folder / name)

    # One byte of one file went wrong on the way: all the others come back, and the audit makes that one again.
    rendition = max((tmp_path / "tuesday" / "vault").rglob("*/*"), key=lambda path: path.stat().st_size)
    rendition.write_bytes(b"x" + rendition.read_bytes()[1:])
    damaged = here.run("restore", str(tmp_path / "tuesday"))
    assert damaged.returncode == 1
    assert f"1 files of the backup are damaged, the first is {rendition.name}" in damaged.stderr

    here.start("worker", "publisher")
    here.run("audit", "--repair", "--vault")
    here.run_json("publish", game)
    here.stop("worker", "publisher")
    assert {key: data for key, data in _bucket(here).items() if key.startswith("g/")} == {
        key: data for key, data in before.items() if key.startswith("g/")
    }

"""`pictogame audit` and `pictogame bucket check` as people and machines meet them."""

import json
import os
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import Settings
from tests.cli.conftest import Command
from tests.servers.processes import free_port

from pictogame.bucket.keys import media_key
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.actions import Created
from pictogame.games.models import Game
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Sha256
from pictogame.media.vault import vault
from pictogame.publishing.audit import run
from pictogame.publishing.audit.games import Lack

STRAY = media_key(Sha256("ab" * 32), "image/avif")
LOST = media_key(Sha256("cd" * 32), "image/avif")


@pytest.fixture
def damage(data: Path, db: None) -> None:
    """An object without a row, one of somebody else's, and a row without an object."""
    (data / "bucket" / "m").mkdir(parents=True)
    (data / "bucket" / STRAY).write_bytes(b"whose?")
    (data / "bucket" / "favicon.ico").write_bytes(b"theirs")
    BucketObject.objects.create(key=LOST, sha256="cd" * 32, size=3, state="stored")


def test_an_empty_installation_is_well(command: Command) -> None:
    ended = command("audit")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "All is well: 0 objects (0 bytes, 0 of them read), 0 rows, 0 games.\n"


def test_what_is_wrong_is_told_with_exit_code_1_and_nothing_is_changed(
    command: Command, damage: None, data: Path
) -> None:
    ended = command("audit")
    assert ended.code == 1
    *findings, summary = ended.out.splitlines()
    assert {tuple(line.split()[:2]) for line in findings} == {
        ("orphaned", STRAY), ("orphaned", "favicon.ico"), ("missing", LOST),
    }  # fmt: skip
    assert summary.startswith("1 missing, 2 orphaned: 2 objects (12 bytes, 0 of them read), 1 rows")
    assert "--repair" in ended.err
    assert (data / "bucket" / STRAY).exists()
    assert BucketObject.objects.get().state == "stored"


def test_machines_get_one_document(command: Command, damage: None) -> None:
    ended = command("audit", "--json", "--quick")
    said = ended.said
    assert (ended.code, said["code"]) == (1, 1)
    assert {(one["kind"], one["key"], one["store"], one["repaired"]) for one in said["findings"]} == {
        ("orphaned", STRAY, "bucket", False),
        ("orphaned", "favicon.ico", "bucket", False),
        ("missing", LOST, "bucket", False),
    }
    assert said["summary"]["found"] == {
        "missing": 1, "different": 0, "orphaned": 2, "doomed": 0, "set aside": 0,
    }  # fmt: skip
    assert said["error"].startswith("1 missing, 2 orphaned")


def test_a_game_that_was_set_aside_is_told_with_what_to_do(command: Command, data: Path, jigsaw: Created) -> None:
    revision = actions.publish(game=jigsaw.game)
    assert command("audit").out == "All is well: 0 objects (0 bytes, 0 of them read), 0 rows, 1 games (1 under way).\n"
    actions.mark_published(game=jigsaw.game, revision=revision)
    Game.objects.update(set_aside_at="2000-01-01T00:00Z", cause="m/x.avif: it is in the way.")
    ended = command("audit", "--repair")
    page = f"g/{jigsaw.game.pk}.html"
    assert ended.code == 1
    assert f"set aside  {page}  Game {jigsaw.game.pk} was set aside: m/x.avif: it is in the way.\n" in ended.out
    assert "`pictogame retry`" in ended.err
    assert "on its way" not in ended.out


def test_what_was_mended_is_no_failure(command: Command, damage: None, data: Path) -> None:
    (data / "bucket" / "favicon.ico").unlink()
    ended = command("audit", "--repair", "--json")
    assert ended.code == 0
    assert all(one["repaired"] for one in ended.said["findings"])
    assert "error" not in ended.said
    assert not (data / "bucket" / STRAY).exists()
    assert command("audit", "--json").said["findings"] == []


def test_what_is_somebody_elses_stays_wrong_and_is_said_to(command: Command, damage: None, data: Path) -> None:
    ended = command("audit", "--repair")
    assert ended.code == 1
    assert "not Pictogame's own keys stay" in ended.err
    assert (data / "bucket" / "favicon.ico").exists()


def test_a_name_that_somebody_gave_forges_no_line(command: Command, data: Path) -> None:
    (data / "bucket").mkdir(parents=True)
    name = "x\nAll is well: \x1b[32mtrust me"
    (data / "bucket" / name).write_bytes(b"theirs")
    out = command("audit").out
    assert "orphaned   x\\nAll is well: \\x1b[32mtrust me  No row" in out
    assert [one["key"] for one in command("audit", "--json").said["findings"]] == [name]


def test_the_vault_is_looked_through_when_asked(command: Command, data: Path) -> None:
    sha256 = vault().keep(b"a picture")
    BucketObject.objects.create(key=LOST, sha256=sha256_of(b"x"), size=1, state="gone")
    said = command("audit", "--vault", "--json").said
    assert (said["summary"]["vault_objects"], said["summary"]["vault_bytes"]) == (1, 9)
    assert vault().path_of(sha256) is not None


def test_of_a_bucket_that_is_not_there_everything_is_missing(command: Command, data: Path) -> None:
    BucketObject.objects.create(key=LOST, sha256="cd" * 32, size=3, state="stored")
    assert [one["kind"] for one in command("audit", "--json").said["findings"]] == ["missing"]


def test_a_bucket_that_cannot_be_opened_ends_the_document_with_a_sentence(
    command: Command, data: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BUCKET = "s3://games"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(data / "none"))
    ended = command("audit", "--json")
    assert ended.code == 1
    assert ended.said["findings"] == []
    assert ended.said["error"].startswith("There are no credentials for S3")


@pytest.mark.parametrize(("fault", "code"), [(OperationalError("gone"), 1), (KeyboardInterrupt(), 130)])
def test_the_document_is_whole_when_the_audit_is_broken_off(
    command: Command, damage: None, monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int
) -> None:
    def broken_off(**_: object) -> list[Lack]:
        raise fault

    monkeypatch.setattr(run, "lacks", broken_off)
    ended = command("audit", "--json")
    said = json.loads(ended.out)
    assert (ended.code, said["code"]) == (code, code)
    assert [one["key"] for one in said["findings"]] == [LOST]
    assert said["error"]


def test_a_check_that_fails_tells_machines_each_step(command: Command, settings: Settings) -> None:
    settings.BUCKET_URL = f"http://127.0.0.1:{free_port()}"
    ended = command("bucket", "check", "--json")
    assert (ended.code, ended.said["code"]) == (1, 1)
    assert ended.said["error"] == "Games can't be served, or pictures kept, like this."
    steps = {step["what"].split()[0]: step["ok"] for step in ended.said["steps"]}
    assert steps["Writing"] is True
    assert steps["Reading"] is False
    assert steps["Deleting"] is True

"""What an audit finds in the vault, and what it mends there."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from tests.publishing.cast import Faulty, a_game, make_pictures

from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game
from pictogame.lib.types import Sha256
from pictogame.media import erasing
from pictogame.media.models import Crop, Erasure, Picture, Rendition
from pictogame.media.vault import Vault, vault
from pictogame.publishing.audit import Finding, Kind, Summary, audit
from pictogame.publishing.publisher import Publisher

AT_ONCE = timedelta(0)


@pytest.fixture
def keeping(publisher: Publisher, bucket: Faulty) -> Game:
    """A game that plays, whose vault has nothing to be found."""
    publisher.install_runtime()
    game = a_game()
    data = b"the original" * 100
    Picture.objects.update(sha256=vault().keep(data), size=len(data))
    publisher.step()
    assert found(bucket) == []
    return game


def found(bucket: Faulty, *, repair: bool = False, deep: bool = True) -> list[Finding]:
    findings = audit(bucket=bucket, vault=vault(), repair=repair, deep=deep, patience=AT_ONCE)
    return [one for one in findings if one.store == "vault"]


def file_of(sha256: str) -> Path:
    path = vault().path_of(Sha256(sha256))
    assert path is not None
    return path


def grown_old(path: Path) -> None:
    os.utime(path, (time.time() - 4000,) * 2)


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def an_original() -> str:
    return Picture.objects.get().sha256


def a_rendition() -> str:
    return Rendition.objects.get(role="large").sha256


def a_runtime_file() -> str:
    return RuntimeObject.objects.order_by("key").first().sha256  # type: ignore[union-attr]


def test_everything_in_the_vault_is_counted_and_hashed(keeping: Game, bucket: Faulty) -> None:
    summary = Summary()
    assert list(audit(bucket=bucket, vault=vault(), summary=summary)) == []
    kept = list(vault().everything())
    assert summary.vault_objects == len(kept) == 5 + RuntimeObject.objects.count()
    assert summary.vault_bytes == sum(stat.size for stat, _ in kept)
    assert summary.hashed == summary.objects + summary.vault_objects


@pytest.mark.parametrize("which", [an_original, a_rendition, a_runtime_file])
@pytest.mark.parametrize("harm", [Path.unlink, spoil])
def test_what_is_lost_or_spoiled_is_found_and_comes_back_from_where_it_is(
    keeping: Game, bucket: Faulty, which: Callable[[], str], harm: Callable[[Path], None]
) -> None:
    sha256 = which()
    path = file_of(sha256)
    data = path.read_bytes()
    harm(path)
    kind = Kind.MISSING if harm is Path.unlink else Kind.DIFFERENT
    assert [(one.kind, one.key) for one in found(bucket)] == [(kind, f"v/{sha256[:2]}/{sha256}")]
    can_be_mended = which is not an_original
    assert [one.repaired for one in found(bucket, repair=True)] == [can_be_mended]
    assert (path.exists() and path.read_bytes() == data) == can_be_mended
    assert bool(found(bucket)) == (not can_be_mended)


def test_a_rendition_that_the_bucket_has_no_more_is_made_again(keeping: Game, bucket: Faulty) -> None:
    sha256 = a_rendition()
    file_of(sha256).unlink()
    bucket.delete(f"m/{sha256}.avif")
    assert [one.repaired for one in found(bucket, repair=True)] == [True]
    crop = Crop.objects.get()
    keeping.refresh_from_db()
    assert (crop.state, crop.due_at is not None, keeping.due_at is not None) == ("wanted", True, True)
    Rendition.objects.all().delete()
    make_pictures()
    assert found(bucket) == []


def test_a_rendition_is_lost_when_its_original_is_too(keeping: Game, bucket: Faulty) -> None:
    sha256 = a_rendition()
    file_of(sha256).unlink()
    file_of(an_original()).unlink()
    bucket.delete(f"m/{sha256}.avif")
    assert [one.repaired for one in found(bucket, repair=True)] == [False, False]


def test_bytes_without_a_row_are_orphans_once_they_are_old(keeping: Game, publisher: Publisher, bucket: Faulty) -> None:
    orphan = vault().keep(b"whose?")
    assert found(bucket) == []
    grown_old(file_of(orphan))
    assert [(one.kind, one.repaired) for one in found(bucket)] == [(Kind.ORPHANED, False)]
    assert not Erasure.objects.exists()
    assert [one.repaired for one in found(bucket, repair=True)] == [True]
    Erasure.objects.update(due_at=Now() - timedelta(seconds=1))
    erasing.erase(pool=publisher._pool)
    assert vault().path_of(orphan) is None
    assert found(bucket) == []


def test_what_was_to_be_erased_and_is_there_is_doomed(keeping: Game, bucket: Faulty) -> None:
    doomed = vault().keep(b"forget me")
    Erasure.objects.create(sha256=doomed, due_at=Now() + timedelta(minutes=1))
    assert found(bucket) == []
    Erasure.objects.update(due_at=Now() - timedelta(seconds=1))
    assert [one.kind for one in found(bucket)] == [Kind.DOOMED]
    assert list(audit(bucket=bucket, vault=vault())) == []


def test_what_the_vault_did_not_name_is_told_and_left(keeping: Game, bucket: Faulty, data: Path) -> None:
    stray = data / "vault" / "v" / "notes.txt"
    stray.write_bytes(b"somebody's")
    grown_old(stray)
    assert [(one.kind, one.key, one.repaired) for one in found(bucket, repair=True)] == [
        (Kind.ORPHANED, "v/notes.txt", False)
    ]
    assert stray.exists()


def test_an_upload_whose_bytes_are_still_on_their_way_is_not_lost(keeping: Game, bucket: Faulty) -> None:
    Picture.objects.create(sha256="0" * 64, size=1, kind="jpeg", width=1, height=1)
    assert list(audit(bucket=bucket, vault=vault())) == []
    assert [one.kind for one in found(bucket)] == [Kind.MISSING]


def test_a_vault_that_is_not_asked_for_is_not_looked_at(keeping: Game, bucket: Faulty) -> None:
    file_of(an_original()).unlink()
    assert list(audit(bucket=bucket)) == []
    assert isinstance(vault(), Vault)

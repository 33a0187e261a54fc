"""Bytes leave the vault for good, whatever happens in between."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from tests.media.erasing import erase
from tests.media.pictures import drawn, saved

from pictogame.jobs import leases
from pictogame.lib.types import Sha256
from pictogame.media import actions, worker
from pictogame.media.child import Children
from pictogame.media.errors import Retry
from pictogame.media.models import Crop, Erasure, Picture, Rendition
from pictogame.media.vault import Vault, vault
from pictogame.storage import StoreUnavailable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]
UPLOAD = saved(drawn(), "PNG")


def in_the_vault(data: Path) -> set[str]:
    return {path.name for path in (data / "vault" / "v").glob("*/*")}


def a_picture_with(*renditions: Sha256) -> Picture:
    picture = actions.receive(chunks=[UPLOAD]).picture
    crop = actions.want(picture=picture, ratio="4:3")
    for role, sha256 in zip(("large", "small", "card"), renditions, strict=False):
        Rendition.objects.create(
            crop=crop, role=role, sha256=sha256, media_type="image/avif", width=4, height=3, size=18
        )
    return picture


class Killed(BaseException):
    """Stands for the death of a process: nothing catches it."""


def test_what_is_forgotten_is_a_row_until_it_is_erased(data: Path) -> None:
    picture = a_picture_with(vault().keep(b"large"), vault().keep(b"small"))
    lost = {one.sha256 for one in actions.forget(picture=picture)}
    assert in_the_vault(data) == lost == set(Erasure.objects.values_list("sha256", flat=True))
    assert erase() == 3
    assert in_the_vault(data) == set()
    assert not Erasure.objects.exists()
    assert erase() == 0


def test_a_death_among_the_deletes_leaves_nothing_behind(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.forget(picture=a_picture_with(vault().keep(b"large"), vault().keep(b"small")))
    forget = Vault.forget
    done: list[Sha256] = []

    def killed_at_the_second(private: Vault, sha256: Sha256) -> None:
        if done:
            raise Killed
        done.append(sha256)
        forget(private, sha256)

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "forget", killed_at_the_second)
        with pytest.raises(Killed):
            erase()
    assert len(in_the_vault(data)) == 2
    assert Erasure.objects.count() == 3
    Erasure.objects.update(due_at=Now())
    assert erase() == 3
    assert in_the_vault(data) == set()


def test_a_delete_that_may_still_arrive_keeps_the_same_picture_waiting(
    data: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process died with the request on its way: nobody knows whether it arrives."""
    crop = actions.want(picture=actions.receive(chunks=[UPLOAD]).picture, ratio="4:3")
    worker.step(children)
    actions.forget(picture=crop.picture)
    monkeypatch.setattr(Vault, "forget", _die)
    with pytest.raises(Killed):
        erase()
    monkeypatch.setattr(actions, "_PATIENCE", 0.0)
    with pytest.raises(Retry, match="being deleted"):
        actions.receive(chunks=[UPLOAD])
    assert not Picture.objects.exists(), "it would name bytes that are nowhere"
    Erasure.objects.filter(sha256=crop.picture.sha256).update(begun_at=Now() - timedelta(minutes=1))
    again = actions.want(picture=actions.receive(chunks=[UPLOAD]).picture, ratio="4:3")
    worker.step(children)
    again.refresh_from_db()
    assert (again.state, again.attempts) == ("wanted", 0)
    Erasure.objects.update(begun_at=Now() - timedelta(minutes=1))
    Crop.objects.update(due_at=Now())
    worker.step(children)
    again.refresh_from_db()
    assert again.state == "ready"
    assert not Erasure.objects.exists()


def test_a_process_that_slept_deletes_nothing_when_it_wakes(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = a_picture_with()
    actions.forget(picture=picture)
    hours = iter(range(0, 36_000, 3_600))
    monkeypatch.setattr(leases, "clock", lambda: float(next(hours)))
    assert erase() == 0
    assert in_the_vault(data) == {picture.sha256}
    assert Erasure.objects.get().problem == "The vault took too long."


def _die(_private: Vault, _sha256: Sha256) -> None:
    raise Killed


def test_what_the_vault_refuses_is_tried_again_with_why_and_the_rest_goes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = vault().keep(b"large")
    actions.forget(picture=a_picture_with(stubborn, vault().keep(b"small")))
    forget = Vault.forget

    def refusing(private: Vault, sha256: Sha256) -> None:
        if sha256 == stubborn:
            raise StoreUnavailable("The vault does not answer.")
        forget(private, sha256)

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "forget", refusing)
        assert erase() == 2
    row = Erasure.objects.get()
    assert (row.sha256, row.problem) == (stubborn, "The vault does not answer.")
    assert in_the_vault(data) == {stubborn}
    assert erase() == 0
    Erasure.objects.update(due_at=Now())
    assert erase() == 1
    assert in_the_vault(data) == set()


def test_a_picture_that_comes_again_before_its_bytes_went_keeps_them(data: Path) -> None:
    actions.forget(picture=a_picture_with())
    again = actions.receive(chunks=[UPLOAD])
    assert again.fresh
    assert not Erasure.objects.exists()
    erase()
    assert in_the_vault(data) == {again.picture.sha256}


def test_what_another_picture_gave_as_well_stays(data: Path) -> None:
    shared = vault().keep(b"the same rendition")
    gone = a_picture_with(shared)
    other = actions.receive(chunks=[saved(drawn(), "WEBP")]).picture
    Rendition.objects.create(
        crop=actions.want(picture=other, ratio="4:3"),
        role="large", sha256=shared, media_type="image/avif", width=4, height=3, size=18,
    )  # fmt: skip
    actions.forget(picture=gone)
    erase()
    assert in_the_vault(data) == {other.sha256, shared}
    actions.forget(picture=other)
    erase()
    assert in_the_vault(data) == set()


def test_a_worker_that_dies_between_bytes_and_rows_leaves_nothing_that_no_row_knows(
    data: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = actions.receive(chunks=[UPLOAD]).picture
    actions.want(picture=picture, ratio="4:3")

    def killed(_crop: object, _job: object, _tries: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(worker, "_settle", killed)
        with pytest.raises(Killed):
            worker.step(children)
    kept = in_the_vault(data) - {picture.sha256}
    assert len(kept) >= 3
    assert kept == set(Erasure.objects.values_list("sha256", flat=True))
    assert erase() == 0
    actions.forget(picture=picture)
    Erasure.objects.update(due_at=Now())
    erase()
    assert in_the_vault(data) == set()


def test_a_rendition_that_a_row_names_is_not_erased_any_more(data: Path, children: Children) -> None:
    crop = actions.want(picture=actions.receive(chunks=[UPLOAD]).picture, ratio="4:3")
    worker.step(children)
    assert not Erasure.objects.exists()
    assert in_the_vault(data) >= {row.sha256 for row in crop.renditions.all()}


def test_bytes_of_a_crop_whose_picture_went_meanwhile_are_erased_later(
    data: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = actions.receive(chunks=[UPLOAD]).picture
    actions.want(picture=picture, ratio="4:3")
    settle = worker._settle

    def after_a_delete(crop: Crop, job: object, tries: int) -> str:
        actions.forget(picture=picture)
        return settle(crop, job, tries)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "_settle", after_a_delete)
    worker.step(children)
    assert not Rendition.objects.exists()
    assert set(Erasure.objects.values_list("sha256", flat=True)) >= in_the_vault(data)
    Erasure.objects.update(due_at=Now() - timedelta(seconds=1))
    erase()
    assert in_the_vault(data) == set()

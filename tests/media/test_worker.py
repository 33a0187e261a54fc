"""From a wanted crop to renditions in the vault, and what is written down when it fails."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.media.pictures import FIXTURES, drawn, png_of, saved

from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Sha256
from pictogame.media import actions, worker
from pictogame.media.child import Children
from pictogame.media.models import Crop, Picture
from pictogame.media.vault import vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]


def wanted(upload: bytes, ratio: str = "4:3") -> Crop:
    return actions.want(picture=actions.receive(chunks=[upload]).picture, ratio=ratio)


def due_again(crop: Crop) -> None:
    """As if the wait after a failure were over."""
    Crop.objects.filter(pk=crop.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_wanted_crop_gets_its_renditions_and_then_there_is_nothing_to_do(children: Children) -> None:
    crop = wanted((FIXTURES / "cameras" / "leica-t-chain.jpg").read_bytes())
    assert worker.step(children)
    crop.refresh_from_db()
    assert (crop.state, crop.due_at, crop.lease_until, crop.problem) == ("ready", None, None, "")
    assert len(crop.colours.split()) == 16
    crop.picture.refresh_from_db()
    assert crop.picture.state == "ready"
    assert {row.role for row in crop.renditions.all()} == {"large", "small", "fallback", "card"}
    for row in crop.renditions.all():
        data = vault().read(Sha256(row.sha256))
        assert sha256_of(data) == row.sha256
        assert len(data) == row.size
    assert not worker.step(children)


def test_many_crops_are_made_in_one_step(children: Children) -> None:
    crops = [wanted(saved(drawn(100 + number, 80), "PNG")) for number in range(5)]
    assert worker.step(children)
    assert Crop.objects.filter(state="ready").count() == len(crops)


def test_a_worker_that_is_told_to_stop_begins_no_other_crop(children: Children) -> None:
    crops = [wanted(saved(drawn(100 + number, 80), "PNG")) for number in range(3)]
    stop = threading.Event()
    stop.set()
    assert not worker.step(children, stop=stop)
    assert Crop.objects.filter(state="wanted", lease_until=None).count() == len(crops)


def test_a_damaged_picture_is_refused_with_its_sentence_and_the_others_are_made(children: Children) -> None:
    data = saved(drawn(), "JPEG")
    bad, good = wanted(data[: len(data) * 2 // 3]), wanted(saved(drawn(), "PNG"))
    assert worker.step(children)
    bad.refresh_from_db()
    bad.picture.refresh_from_db()
    assert bad.state == "refused"
    assert bad.picture.state == "refused"
    assert bad.picture.refusal == bad.problem
    assert "cut off" in bad.problem
    good.refresh_from_db()
    assert good.state == "ready"
    assert not worker.step(children)


def test_a_crop_that_fails_leaves_another_of_the_same_picture_as_it_is(children: Children) -> None:
    first = wanted(png_of(9_000, 6_600, depth=16, colour_type=6))
    Picture.objects.update(state="ready")
    with Children(slots=1, cpu_seconds=0.1) as strict:
        assert worker.step(strict)
    first.refresh_from_db()
    assert first.state == "refused"
    assert "too hard" in first.problem
    assert Picture.objects.get().state == "ready"


def test_what_is_not_the_fault_of_the_picture_is_tried_again_later(children: Children, data: Path) -> None:
    crop = wanted(saved(drawn(), "PNG"))
    kept = vault().path_of(Sha256(crop.picture.sha256))
    assert kept is not None
    away = data / "away"
    kept.rename(away)
    assert worker.step(children)
    crop.refresh_from_db()
    assert (crop.state, crop.attempts) == ("wanted", 1)
    assert crop.problem
    assert crop.due_at is not None
    assert crop.due_at > timezone.now()
    away.rename(kept)
    due_again(crop)
    assert worker.step(children)
    crop.refresh_from_db()
    assert (crop.state, crop.attempts, crop.problem) == ("ready", 0, "")


def test_a_picture_whose_child_always_dies_is_refused_in_the_end() -> None:
    crop = wanted(saved(drawn(2000, 1500), "PNG"))
    with Children(slots=1, wall_seconds=0.001) as hasty:
        for tries in range(1, worker.MOST_TRIES):
            assert worker.step(hasty)
            crop.refresh_from_db()
            assert (crop.state, crop.attempts) == ("wanted", tries)
            due_again(crop)
        assert worker.step(hasty)
    crop.refresh_from_db()
    assert crop.state == "refused"


def test_a_crop_that_another_worker_took_over_is_left_alone(children: Children) -> None:
    crop = wanted(saved(drawn(), "PNG"))
    Crop.objects.update(lease_token="another", lease_until=timezone.now() + timedelta(minutes=1))
    assert not worker.step(children)
    crop.refresh_from_db()
    assert crop.lease_token == "another"
    assert crop.state == "wanted"

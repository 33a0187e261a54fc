"""Who may work on a row, and what becomes of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from pictogame.jobs import leases
from pictogame.jobs.leases import Hold
from pictogame.media.models import Crop, Picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def crops() -> list[Crop]:
    """Three due jobs, the last one longest."""
    picture = Picture.objects.create(sha256="a" * 64, size=1, kind="jpeg", width=4, height=3)
    rows = [Crop.objects.create(picture=picture, ratio=f"{number}:1") for number in (1, 2, 3)]
    for number, row in enumerate(rows):
        due_in(row, seconds=-10 * (number + 1))
    return rows


def due_in(row: Crop, *, seconds: float) -> None:
    Crop.objects.filter(pk=row.pk).update(due_at=Now() + timedelta(seconds=seconds))


def lapse(row: Crop) -> None:
    """The lease of the row ends, as time would make it end."""
    Crop.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


def claim(*, limit: int = 10) -> list[Crop]:
    return leases.claim(Crop.objects.all, limit=limit, seconds=60)


def test_the_longest_due_comes_first_and_nobody_else_gets_it(crops: list[Crop]) -> None:
    assert [row.pk for row in claim(limit=2)] == [crops[2].pk, crops[1].pk]
    assert [row.pk for row in claim()] == [crops[0].pk]
    assert claim() == []


def test_no_more_is_claimed_than_asked_for_by_a_database_that_expects_a_single_row() -> None:
    picture = Picture.objects.create(sha256="a" * 64, size=1, kind="jpeg", width=4, height=3)
    for number in (1, 2, 3):
        due_in(Crop.objects.create(picture=picture, ratio=f"{number}:1"), seconds=-10)
        if number == 1:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE media_crop")
    assert len(claim(limit=1)) == 1


def test_what_is_not_due_is_not_claimed(crops: list[Crop]) -> None:
    due_in(crops[0], seconds=60)
    Crop.objects.filter(pk=crops[1].pk).update(due_at=None)
    assert [row.pk for row in claim()] == [crops[2].pk]


def test_a_lapsed_lease_is_taken_over_and_the_old_holder_changes_nothing(crops: list[Crop]) -> None:
    (old,) = claim(limit=1)
    assert leases.still_mine(old)
    lapse(old)
    assert not leases.still_mine(old)
    (new,) = [row for row in claim() if row.pk == old.pk]
    assert not leases.finish(old)
    assert not leases.fail(old, problem="late")
    assert not leases.postpone(old, seconds=5)
    assert leases.still_mine(new)
    assert leases.finish(new)
    row = Crop.objects.get(pk=new.pk)
    assert (row.due_at, row.lease_until, row.lease_token, row.problem) == (None, None, "", "")


def test_a_finished_job_that_was_wanted_again_meanwhile_stays_due(crops: list[Crop]) -> None:
    (row,) = claim(limit=1)
    Crop.objects.filter(pk=row.pk).update(due_at=Now())
    leases.finish(row)
    assert [one.pk for one in claim() if one.pk == row.pk] == [row.pk]


def test_a_job_that_fell_due_on_a_whole_second_is_finished_too(crops: list[Crop]) -> None:
    with connection.cursor() as cursor:
        # As the database's own clock writes it.
        cursor.execute("UPDATE media_crop SET due_at = '2026-01-01 08:32:06.000'")
    (row,) = claim(limit=1)
    assert leases.finish(row)
    assert Crop.objects.get(pk=row.pk).due_at is None


def test_a_failure_is_told_and_moves_the_row_forward(crops: list[Crop]) -> None:
    (row,) = claim(limit=1)
    before = leases.database_now()
    assert leases.fail(row, problem="The disk is full." * 100)
    failed = Crop.objects.get(pk=row.pk)
    assert failed.attempts == 1
    assert failed.problem.startswith("The disk is full.")
    assert failed.due_at is not None
    assert failed.due_at > before
    assert row.pk not in [one.pk for one in claim()]


def test_a_success_forgets_the_failures(crops: list[Crop]) -> None:
    Crop.objects.filter(pk=crops[2].pk).update(attempts=4, problem="It did not work.")
    (row,) = claim(limit=1)
    leases.finish(row)
    done = Crop.objects.get(pk=row.pk)
    assert (done.attempts, done.problem) == (0, "")


def test_to_wait_for_something_else_is_no_failure(crops: list[Crop]) -> None:
    (row,) = claim(limit=1)
    assert leases.postpone(row, seconds=30)
    waiting = Crop.objects.get(pk=row.pk)
    assert (waiting.attempts, waiting.problem, waiting.lease_token) == (0, "", "")
    assert row.pk not in [one.pk for one in claim()]


def test_released_rows_are_due_as_before(crops: list[Crop]) -> None:
    taken = claim()
    leases.release(taken)
    assert [row.pk for row in claim()] == [row.pk for row in taken]


@pytest.mark.parametrize(
    ("attempts", "least", "most"),
    [(1, 0.5, 1), (2, 1, 2), (5, 8, 16), (9, 128, 256), (10, 150, 300), (10**6, 150, 300)],
)
def test_waits_double_and_are_capped_at_minutes(attempts: int, least: float, most: float) -> None:
    waits = {leases.wait_seconds(attempts) for _ in range(50)}
    assert least <= min(waits) < max(waits) <= most


@pytest.mark.parametrize(
    ("attempts", "until_due", "seconds"),
    [(1, 1, 0), (1, 0.5, 0), (1, 0, 0.5), (1, -99, 0.5), (2, 1, 0.5), (9, 0, 255.5), (10, 299, 255.5), (10, 0, 405.5)],
)
def test_how_long_a_row_fails_is_never_said_too_long(attempts: int, until_due: float, seconds: float) -> None:
    assert leases.failing_seconds(attempts, until_due=until_due) == seconds


def test_a_row_that_failed_very_often_is_told_like_any_other() -> None:
    shorter = leases.failing_seconds(10**6, until_due=0)
    assert leases.failing_seconds(10**6 + 1, until_due=0) == shorter + 150


def test_a_renewal_keeps_what_is_ours_and_tells_what_is_not(crops: list[Crop]) -> None:
    taken = claim()
    lapse(taken[0])
    kept = leases.renew(taken, seconds=600)
    assert [row.pk for row in kept] == [taken[1].pk, taken[2].pk]
    far = Crop.objects.filter(lease_until__gt=Now() + timedelta(seconds=500))
    assert {row.pk for row in far} == {row.pk for row in kept}


def test_no_act_begins_that_could_end_after_the_lease(crops: list[Crop]) -> None:
    now = leases.clock()
    taken = claim()
    fresh = Hold(taken, since=now, seconds=60, margin=30)
    assert fresh.may_act()
    assert fresh.may_act(taken[0].pk)
    assert not fresh.may_act("another's")
    slept = Hold(taken, since=now - 31, seconds=60, margin=30)
    assert not slept.may_act()
    assert not slept.may_act(taken[0].pk)


def test_who_slept_longer_than_the_lease_writes_only_for_rows_that_are_still_free_of_others(crops: list[Crop]) -> None:
    taken = claim()
    hold = Hold(taken, since=leases.clock() - 600, seconds=60, margin=30)
    for row in taken:
        lapse(row)
    hold.renew()
    assert not any(hold.may_act(row.pk) for row in taken)

import pytest

from pictogame.games.models import Game
from pictogame.jobs.among import among

pytestmark = pytest.mark.django_db


def _found(*ids: str) -> set[str]:
    return set(Game.objects.filter(pk__in=among(ids)).values_list("pk", flat=True))


def test_rows_are_found_by_many_values_and_by_no_others() -> None:
    Game.objects.bulk_create([Game(id=name) for name in ("first", "second", "o'third%s", "fourth")])
    assert _found("first", "o'third%s", "absent") == {"first", "o'third%s"}


def test_nothing_is_among_no_values() -> None:
    Game.objects.create(id="first")
    assert _found() == set()

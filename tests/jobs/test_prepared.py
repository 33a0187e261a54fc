"""Queries that are compiled once answer like those that Django writes each time."""

from typing import Any

import pytest
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from pictogame.games.models import Game
from pictogame.jobs.prepared import ask, change
from pictogame.lib.hashing import new_game_id

pytestmark = pytest.mark.django_db


def _games(count: int) -> list[Game]:
    return [Game.objects.create(id=new_game_id(), secret_hash=f"{number:064x}") for number in range(count)]


def _of(games: Any) -> QuerySet[Game, Any]:
    return Game.objects.filter(pk__in=games).order_by("pk").values_list("pk", "listed", "created_at")


def _of_both(games: Any, secrets: Any) -> QuerySet[Game, Any]:
    never = Q(published_at__isnull=True) | Q(published_at__gt=Now())
    found = Game.objects.filter(never, secret_hash__in=secrets, pk__in=games, listed=False)
    return found.values_list("pk", "published_at")


def test_a_prepared_query_gives_what_the_query_gives_for_lists_of_any_length() -> None:
    games = [game.pk for game in _games(4)]
    for some in (games, games[:1], games[1:3]):
        assert ask(_of, some) == list(_of(some))


def test_lists_and_fixed_values_find_their_places_in_any_order() -> None:
    games = _games(3)
    ids, secrets = [game.pk for game in games], [game.secret_hash for game in games]
    assert sorted(ask(_of_both, ids, secrets[:2])) == sorted((pk, None) for pk in ids[:2])
    assert ask(_of_both, ids[2:], secrets[:2]) == []


def _shown(games: Any, word: Any) -> tuple[QuerySet[Game], dict[str, object]]:
    return Game.objects.filter(pk__in=games, listed=False), {"listed": True, "problem": word, "published_at": Now()}


def test_a_prepared_change_changes_the_rows_of_its_list_and_no_others() -> None:
    games = [game.pk for game in _games(4)]
    assert change(_shown, games[:1], ["first"]) == 1
    assert change(_shown, games[:3], ["it's 100 %s"]) == 2
    found = Game.objects.filter(pk__in=games, listed=True, published_at__lte=Now())
    assert dict(found.values_list("pk", "problem")) == {
        games[0]: "first", games[1]: "it's 100 %s", games[2]: "it's 100 %s",
    }  # fmt: skip
    assert change(_shown, games[3:], ["last"]) == 1


def test_an_empty_list_changes_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert change(_shown, [], ["nobody"]) == 0


def test_an_empty_list_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ask(_of, []) == []


def test_a_percent_sign_or_a_quote_in_a_value_stays_in_the_value() -> None:
    assert ask(_of, ["%s", "'; --", "%%s"]) == []

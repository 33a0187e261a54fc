"""Operators come and go, and whoever guesses waits."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db.models import F

from pictogame.accounts import actions, queries
from pictogame.accounts.errors import BadName, BadPassword, NameTaken, NoOperator
from pictogame.accounts.models import Guess, User
from pictogame.accounts.rules import FREE

GOOD = "correct horse battery"


def _names() -> list[str]:
    return [one.username for one in queries.operators()]


def test_an_operator_signs_in_until_removed_and_comes_back(db: None) -> None:
    actions.add_operator(name="anna", password=GOOD)
    assert authenticate(username="anna", password=GOOD) is not None
    actions.remove_operator(name="anna")
    assert authenticate(username="anna", password=GOOD) is None
    assert _names() == []
    actions.add_operator(name="anna", password="another good one")
    assert _names() == ["anna"]
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "administrator", "annaannaanna"])
def test_a_password_that_would_be_guessed_is_refused(db: None, password: str) -> None:
    with pytest.raises(BadPassword):
        actions.add_operator(name="annaannaanna", password=password)
    assert not User.objects.exists()


def test_names_are_used_once_and_can_be_typed(db: None) -> None:
    actions.add_operator(name="anna", password=GOOD)
    with pytest.raises(NameTaken, match="operator password anna"):
        actions.add_operator(name="anna", password=GOOD)
    with pytest.raises(BadName):
        actions.add_operator(name="a b\n", password=GOOD)


def test_who_is_not_there_can_not_be_changed(db: None) -> None:
    with pytest.raises(NoOperator):
        actions.remove_operator(name="anna")
    with pytest.raises(NoOperator):
        actions.change_password(name="anna", password=GOOD)


def test_a_new_password_opens_a_name_that_was_shut(db: None) -> None:
    actions.add_operator(name="anna", password=GOOD)
    for _ in range(FREE):
        authenticate(username="anna", password="wrong")
    assert authenticate(username="anna", password=GOOD) is None
    actions.change_password(name="anna", password="another good one")
    assert authenticate(username="anna", password=GOOD) is None
    assert authenticate(username="anna", password="another good one") is not None


def test_each_wrong_password_after_the_free_ones_costs_twice_the_last(db: None) -> None:
    waits = []
    for _ in range(FREE + 4):
        assert actions.begin_try(name="anna")
        guess = Guess.objects.get()
        assert guess.shut_until is not None
        waits.append((guess.shut_until - guess.tried_at).total_seconds())
        Guess.objects.update(shut_until=F("tried_at"))
    assert waits == [0] * (FREE - 1) + [1, 2, 4, 8, 16]


def test_a_try_while_it_is_shut_looks_at_nothing_and_lengthens_nothing(db: None) -> None:
    for _ in range(FREE + 1):
        actions.begin_try(name="anna")
        Guess.objects.update(shut_until=F("shut_until") + timedelta(minutes=1))
    before = Guess.objects.values_list("shut_until", "failures").get()
    assert not actions.begin_try(name="anna")
    assert Guess.objects.values_list("shut_until", "failures").get() == before


def test_what_is_typed_as_a_name_is_not_kept_and_forgotten_after_a_day(db: None) -> None:
    actions.begin_try(name=GOOD)
    assert GOOD not in str(Guess.objects.values().get())
    Guess.objects.update(tried_at=F("tried_at") - timedelta(days=2))
    actions.begin_try(name="anna")
    assert Guess.objects.count() == 1

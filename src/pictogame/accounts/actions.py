"""What is done with accounts: operators are added, passwords counted, what is old forgotten."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from pictogame.accounts.errors import BadName, BadPassword, NameTaken, NoOperator
from pictogame.accounts.models import Guess, Limit, NewAddress, User
from pictogame.accounts.queries import unconfirmed
from pictogame.accounts.rules import CREATOR, FORGOTTEN_AFTER_SECONDS, UNCONFIRMED_DAYS, shut_seconds
from pictogame.jobs.leases import database_now
from pictogame.lib.hashing import sha256_of

_AT_ONCE = 500
_CLOCKS_DIFFER = timedelta(hours=1)
"""So much longer than the link an address waits: the link goes by the clock of the machine that made it."""


@transaction.atomic
def add_operator(*, name: str, password: str) -> User:
    """An account that may enter the office. One that was removed comes back, with this password.

    Raises NameTaken, BadName, BadPassword.
    """
    user = User.objects.select_for_update().filter(username=name).first()
    if user is not None and user.is_staff:
        raise NameTaken(name)
    user = user or User(username=name)
    user.is_staff = user.is_superuser = user.is_active = True
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise BadName from error
    _give(user, password)
    return user


@transaction.atomic
def change_password(*, name: str, password: str) -> None:
    """Another password: who is signed in with the old one is out, and a name that was shut is open again.

    Raises NoOperator, BadPassword.
    """
    _give(_operator(name), password)


@transaction.atomic
def remove_operator(*, name: str) -> None:
    """Shuts the office to them at once. The row stays, since the office's log names it. Raises NoOperator."""
    user = _operator(name)
    user.is_staff = user.is_superuser = user.is_active = False
    user.set_unusable_password()
    user.save()


@transaction.atomic
def begin_try(*, name: str) -> bool:
    """Counts a try before the password is looked at, so that none of many at once is free. False: it is too soon."""
    now = database_now()
    Guess.objects.filter(tried_at__lt=now - timedelta(seconds=FORGOTTEN_AFTER_SECONDS)).delete()
    Guess.objects.bulk_create([Guess(name_hash=_hash(name), tried_at=now)], ignore_conflicts=True)
    guess = Guess.objects.select_for_update().get(name_hash=_hash(name))
    if guess.shut_until is not None and guess.shut_until > now:
        return False
    guess.failures += 1
    guess.shut_until = now + timedelta(seconds=shut_seconds(guess.failures))
    guess.tried_at = now
    guess.save()
    return True


def forget_tries(*, name: str) -> None:
    """The password was right: nothing counts any more."""
    Guess.objects.filter(name_hash=_hash(name)).delete()


def name_of_tries(email: str) -> str:
    """What tries of a creator's password are counted under: never an operator's name."""
    return f"{CREATOR}{email.strip().lower()}"


def is_password(*, user: User, password: str) -> bool:
    """Whether that is the password of a creator who is signed in; counted as a try."""
    name = name_of_tries(user.email)
    if not begin_try(name=name) or not user.check_password(password):
        return False
    forget_tries(name=name)
    return True


@transaction.atomic
def held(*, user: User) -> bool:
    """Whether the account is still there; then nobody deletes it before the end of the caller's transaction."""
    return User.objects.select_for_update().filter(pk=user.pk).first() is not None


def await_confirmation(*, address: EmailAddress) -> None:
    """To be called before a letter goes to an address that waits to be confirmed: it waits as long as the link lasts.

    That of an account without another one is left to the account, which is forgotten as a whole.
    """
    if EmailAddress.objects.filter(user=address.user_id, verified=True).exclude(pk=address.pk).exists():
        until = database_now() + timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS) + _CLOCKS_DIFFER
        NewAddress.objects.update_or_create(address=address, defaults={"until": until})


def forget_old() -> int:
    """Forgets sessions and limits that are over, and accounts and new addresses that nobody confirmed in time; gives
    how many rows went.

    Looks before it deletes, so that no write waits for nothing.
    """
    now = database_now()
    over = NewAddress.objects.filter(until__lt=now)
    return (
        _forget(Session.objects.filter(expire_date__lt=now))
        + _forget(Limit.objects.filter(expires__lt=now))
        + _forget(unconfirmed(before=now - timedelta(days=UNCONFIRMED_DAYS)))
        + _forget(EmailAddress.objects.filter(verified=False, pk__in=over.values("pk")))
        + _forget(over)
    )


def _forget(rows: QuerySet[Any]) -> int:
    found = list(rows.values_list("pk", flat=True)[:_AT_ONCE])
    return rows.filter(pk__in=found).delete()[0] if found else 0


def _operator(name: str) -> User:
    user = User.objects.select_for_update().filter(username=name, is_staff=True).first()
    if user is None:
        raise NoOperator(name)
    return user


def _give(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadPassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.save()
    forget_tries(name=user.username)


def _hash(name: str) -> str:
    return sha256_of(name.encode())

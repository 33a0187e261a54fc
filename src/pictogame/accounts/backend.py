"""How Django looks at a password: through the count of tries, by one way for operators and another for creators."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from pictogame.accounts import actions
from pictogame.accounts.models import User
from pictogame.accounts.rules import CREATOR


class CountingBackend(ModelBackend):
    """Operators, by name. Whoever guesses waits: a name that is shut, one that nobody has and a wrong password are
    answered alike.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The operator whose password this is; None when it is not, or when it is too soon to look."""
        if not username or not password or username.startswith(CREATOR) or not actions.begin_try(name=username):
            return None
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            actions.forget_tries(name=username)
        return user

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Operators alone come in by this way, and stay in."""
        return super().user_can_authenticate(user) and bool(getattr(user, "is_staff", False))


class CreatorBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types.
    """Creators, by e-mail address; the same count. What is given as a name is none of its business."""

    def authenticate(
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The creator whose password this is; None when it is not, or when it is too soon to look."""
        if not email or not password:
            return None
        if not actions.begin_try(name=actions.name_of_tries(email)):
            # As long as a look would have taken.
            self._mitigate_timing_attack(password)
            return None
        user: User | None = super().authenticate(request, email=email, password=password)
        if user is not None:
            actions.forget_tries(name=actions.name_of_tries(email))
        return user

    def _check_password(self, user: User | None, password: str) -> User | None:
        """Nobody who runs the installation comes in by this way, whatever their password."""
        if user is None or not user.is_creator:
            return None
        found: User | None = super()._check_password(user, password)
        return found

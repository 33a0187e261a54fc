"""How Django looks at a name and a password: through the count of tries."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from pictogame.accounts import actions
from pictogame.accounts.models import User


class CountingBackend(ModelBackend):
    """Whoever guesses waits. A name that is shut, one that nobody has and a wrong password are answered alike."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user whose password this is; None when it is not, or when it is too soon to look."""
        if not username or not password or not actions.begin_try(name=username):
            return None
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            actions.forget_tries(name=username)
        return user

"""Operators and creators."""

from datetime import datetime

from django.db.models import QuerySet

from pictogame.accounts.models import User
from pictogame.accounts.rules import CREATOR


def operators() -> QuerySet[User]:
    """Everybody who may enter the office, by name."""
    return User.objects.filter(is_staff=True, is_active=True).order_by("username")


def unconfirmed(*, before: datetime) -> QuerySet[User]:
    """Creators who signed up before that and never confirmed an e-mail address: they were never signed in."""
    creators = User.objects.filter(username__startswith=CREATOR, date_joined__lt=before, last_login=None)
    return creators.exclude(emailaddress__verified=True)

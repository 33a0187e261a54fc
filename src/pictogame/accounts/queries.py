"""Operators."""

from django.db.models import QuerySet

from pictogame.accounts.models import User


def operators() -> QuerySet[User]:
    """Everybody who may enter the office, by name."""
    return User.objects.filter(is_staff=True, is_active=True).order_by("username")

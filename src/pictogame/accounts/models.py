"""People who sign in, and the wrong passwords that were tried."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody with a name and a password. An operator has `is_staff`; creators need no account.

    A model of our own from the first day, since Django can't exchange it later.
    """

    class Meta:
        verbose_name = "operator"


class Guess(models.Model):
    """Wrong passwords for one name, whether somebody has that name or not: both are answered alike."""

    name_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the name as it was typed: a password typed into the wrong field is not kept here."""
    failures = models.PositiveIntegerField(default=0)
    shut_until = models.DateTimeField(null=True, blank=True)
    """No password of this name is looked at before that, on the database's clock."""
    tried_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failures} wrong"

"""People who sign in, and the wrong passwords that were tried."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from pictogame.accounts.rules import CREATOR


class User(AbstractUser):
    """Somebody who signs in: an operator with a name, who has `is_staff`, or a creator with an e-mail address.

    Nobody is both. A creator's `username` is a random one that nobody sees and no operator can have. A model of our own
    from the first day, since Django can't exchange it later.
    """

    class Meta:
        verbose_name = "account"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_staff=False, is_superuser=False) | Q(email="") & ~Q(username__startswith=CREATOR),
                name="user_creator_is_no_operator",
            ),
        ]

    @property
    def is_creator(self) -> bool:
        """Whether this is a creator's account."""
        return self.username.startswith(CREATOR)


class NewAddress(models.Model):
    """Another e-mail address for an account, which waits until its owner opens the link in the letter."""

    address = models.OneToOneField(EmailAddress, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField(db_index=True)
    """When the link of the last letter is over, on the database's clock: nobody can confirm the address after that."""

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M}"


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


class Limit(models.Model):
    """What the limits of sign-in, sign-up and letters have counted, for all processes: the table of Django's cache.

    It holds times under hashes, and lasts as long as a limit does.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key

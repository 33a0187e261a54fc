"""Somebody with a browser who may have an account, by real requests and real letters."""

import re
from typing import TYPE_CHECKING

from django.core import mail
from django.test import Client

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PASSWORD = "four words beside a lake"
_LINK = re.compile(r"http://localhost:8000(/\S+)")


class Person:
    """A browser of its own; `email` is what it signs up with."""

    def __init__(self, email: str, *, address: str = "203.0.113.7") -> None:
        self.email = email
        self.client = Client(REMOTE_ADDR=address, enforce_csrf_checks=False)

    def asks_for_an_account(self, password: str = PASSWORD) -> "Answer":
        """Fills in the form; a letter comes."""
        return self.client.post("/account/sign-up/", {"email": self.email, "password1": password})

    def signs_up(self) -> "Person":
        """The form, the letter, the link in it: signed in."""
        self.asks_for_an_account()
        self.client.post(link_in_letter(to=self.email))
        return self

    def signs_in(self, password: str = PASSWORD) -> "Answer":
        """By the form."""
        return self.client.post("/account/sign-in/", {"login": self.email, "password": password})

    @property
    def is_in(self) -> bool:
        """Whether the account's page is hers to see."""
        return self.client.get("/account/").status_code == 200


def link_in_letter(*, to: str) -> str:
    """The path of the first link in the last letter to that address, as far as it leads to the site."""
    last = [letter for letter in mail.outbox if letter.to == [to]][-1]
    found = _LINK.search(str(last.body))
    assert found, last.body
    return found[1]

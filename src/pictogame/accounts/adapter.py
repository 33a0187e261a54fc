"""What is ours in how allauth goes about accounts: names, addresses of the site, letters, words."""

import secrets
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import clear_authentication_records
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from pictogame.accounts import actions
from pictogame.accounts.errors import LetterNotSent
from pictogame.accounts.models import User
from pictogame.accounts.rules import CREATOR
from pictogame.accounts.senders import sender_of
from pictogame.lib import logs

log = logs.named(__name__)

_LONGEST_ADDRESS = 254
"""Characters of an e-mail address, by RFC 5321; what the database holds."""

_WORDS = {
    "email_password_mismatch": "That address and password don't fit. After several wrong tries it takes a while.",
    "too_many_login_attempts": "That was tried too often. Wait five minutes, or choose a new password by e-mail.",
    "incorrect_password": "That is not your password.",
    "email_taken": "Another account has that address already.",
    "duplicate_email": "That is your address already.",
    "same_as_current": "That is your address already.",
    "invalid_password_reset": "That link is used up or too old. Ask for another one.",
    "rate_limited": "That was a little too often. Wait a minute, then try once more.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    """Creators alone sign up and in here; operators have a door of their own."""

    error_messages: Mapping[str, Any] = {**DefaultAccountAdapter.error_messages, **_WORDS}

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  allauth gives it.
        """Whether people may make accounts: not where no letter reaches them."""
        return bool(settings.ACCOUNTS_OPEN)

    def populate_username(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002  The same.
        """A random name that no operator can have; its owner never sees it."""
        user.username = f"{CREATOR}{secrets.token_hex(16)}"

    def clean_email(self, email: str) -> str:
        """An address that fits into its row. Raises ValidationError for a longer one."""
        if len(email) > _LONGEST_ADDRESS:
            raise ValidationError(f"An e-mail address has {_LONGEST_ADDRESS} characters at most.")
        cleaned: str = super().clean_email(email)
        return cleaned

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be led there after signing in: to pages of this site, by their paths alone."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def set_password(self, user: User, password: str) -> None:
        """A new password: wrong ones that were tried before count no more."""
        super().set_password(user, password)
        actions.forget_tries(name=actions.name_of_tries(user.email))

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Strikes out what allauth notes in the session about how somebody signed in: the address is in it, and would
        outlive the account.
        """
        clear_authentication_records(request)
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        """Signed in, for as long as is said on the page."""
        super().login(request, user)
        request.session.set_expiry(settings.CREATOR_SESSION_AGE)

    def get_login_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  The same.
        """Where somebody comes who was nowhere before."""
        return reverse("studio:mine")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The same for who is new."""
        return self.get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  The same.
        """Back to the account."""
        return reverse("studio:account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """What visitors are told apart by while limits count: a hash of their network, so that none is written down."""
        return salted_hmac("pictogame.accounts.visitor", sender_of(request)).hexdigest()

    def get_http_user_agent(self, request: HttpRequest) -> str:  # noqa: ARG002  The same.
        """No letter says with what browser something was done."""
        return ""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:  # noqa: ARG002  The same.
        """By the address of the site, whatever name it was asked for by."""
        return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:  # noqa: FBT001  The same.
        """The letter with the link; how long its address waits is written down before."""
        actions.await_confirmation(address=emailconfirmation.email_address)
        super().send_confirmation_mail(request, emailconfirmation, signup)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The same."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL}{path.replace('UID-KEY', key)}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Raises LetterNotSent when no server takes it; the cause is for the operator's log."""
        try:
            super().send_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL})
        except (OSError, SMTPException) as error:
            # What the server says may hold the address.
            log.error("letter_not_sent", kind=type(error).__name__)  # noqa: TRY400  The trace may hold it, too.
            raise LetterNotSent from error

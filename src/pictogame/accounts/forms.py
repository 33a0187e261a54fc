"""Forms about a creator's own account: how it is made, and those that ask for the password."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from pictogame.accounts import actions

_WRONG = "That is not your password. After several wrong tries it takes a while."


class SignUp(SignupForm):  # type: ignore[misc]  # allauth has no types.
    """An account, or the letter that there is one already; both take as long, so that no clock tells which."""

    def try_save(self, request: HttpRequest) -> Any:
        """Hashes the password of who has an account, too."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]  # The same.
    """The letter that opens an account, for the address that it has: one that waits to be confirmed opens nothing."""

    users: list[Any]

    def clean_email(self) -> str:
        """Leaves accounts aside that the address was only typed into."""
        email: str = super().clean_email()
        self.users = [user for user in self.users if user.email == email]
        return email


class ChooseAnew(ResetPasswordKeyForm):  # type: ignore[misc]  # The same.
    """A new password by the link in a letter, which confirms the address that the letter came to as well."""

    def save(self) -> None:
        """Spares whoever never confirmed it a second letter."""
        super().save()
        verify_email_indirectly(context.request, self.user, self.user.email)


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]  # The same.
    """Another password, for whoever knows the one of now; guesses are counted, as at the door."""

    def clean_oldpassword(self) -> str:
        """The password of now."""
        return _checked(self, self.user, "oldpassword")


class ChangeEmail(AddEmailForm):  # type: ignore[misc]  # The same.
    """Another e-mail address, for whoever knows the password."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

    def clean_password(self) -> str:
        """Looked at before an address is: whoever found an open browser learns nothing."""
        return _checked(self, self.user)


class Leave(forms.Form):
    """The account goes; its games stay or go with it, as the person chooses."""

    games = forms.ChoiceField(
        choices=[("stay", "They stay on the web"), ("go", "They are deleted with it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of your games."},
    )
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

    def __init__(self, *args: Any, user: Any, has_games: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not has_games:
            del self.fields["games"]

    def clean_password(self) -> str:
        """The password of who is signed in."""
        return _checked(self, self.user)


def _checked(form: forms.Form, user: Any, field: str = "password") -> str:
    password: str = form.cleaned_data[field]
    if not actions.is_password(user=user, password=password):
        raise forms.ValidationError(_WRONG)
    return password

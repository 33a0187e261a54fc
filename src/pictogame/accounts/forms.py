"""Forms about a creator's own account that ask for the password."""

from typing import Any

from allauth.account.forms import AddEmailForm
from django import forms

from pictogame.accounts import actions

_WRONG = "That is not your password. After several wrong tries it takes a while."


class ChangeEmail(AddEmailForm):  # type: ignore[misc]  # allauth has no types.
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


def _checked(form: forms.Form, user: Any) -> str:
    password: str = form.cleaned_data["password"]
    if not actions.is_password(user=user, password=password):
        raise forms.ValidationError(_WRONG)
    return password

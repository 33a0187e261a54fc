"""The form at the office's door."""

from collections.abc import Mapping

from django.contrib.admin.forms import AdminAuthenticationForm

_WRONG = (
    "That name and password don't open the office. After several wrong tries it stays shut for a while: "
    "wait a minute, then try once more."
)


class SignIn(AdminAuthenticationForm):
    """Name and password. Whatever is wrong, the answer is the same."""

    error_messages: Mapping[str, str] = {"invalid_login": _WRONG, "inactive": _WRONG}  # type: ignore[assignment]

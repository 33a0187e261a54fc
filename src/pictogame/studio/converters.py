"""Parts of an address, as strict as what they name: anything else is no address of ours."""

from django.urls.converters import StringConverter


class GameIdConverter(StringConverter):
    """14 characters of base32."""

    regex = "[a-z2-7]{14}"


class SecretConverter(StringConverter):
    """An edit secret of 32 characters; or `mine`, for the owner who is signed in."""

    regex = "[a-z0-9]{32}|mine"


class TokenConverter(StringConverter):
    """The token of a preview: 32 characters."""

    regex = "[a-z0-9]{32}"


class NameConverter(StringConverter):
    """The name of a template."""

    regex = "[a-z][a-z-]{0,39}"

"""Readers of the environment that refuse nonsense, each with a sentence that names the variable."""

import os
import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `NAME_FILE` names (for secrets), or the default."""
    if file := os.environ.get(f"{name}_FILE"):
        if os.environ.get(name):
            raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set: keep one of them.")
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which can't be read: {error.strerror}.") from error
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """A switch: 1, true, yes, on or 0, false, no, off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; it is a switch: write 1 or 0.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within its limits, both included."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def dollars(name: str) -> Decimal | None:
    """An amount of money with at most two places, such as 25 or 12.50; None when it is not set."""
    value = text(name)
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be an amount of dollars such as 25 or 12.50.")
    return Decimal(value)


def one_of(name: str, default: str, choices: Collection[str]) -> str:
    """One of a few words."""
    value = text(name, default)
    if value and value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def words(name: str) -> tuple[str, ...]:
    """Any number of words with blanks between them."""
    return tuple(text(name).split())


def networks(name: str, default: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks with blanks between them; `none` for none at all."""
    value = text(name, default)
    try:
        return () if value == "none" else tuple(ip_network(one) for one in value.split())
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be addresses or networks such as 10.0.0.7 or 10.0.0.0/24, or none."
        ) from error


def command(name: str) -> str:
    """A command as a shell would read it; its quotes are whole."""
    value = text(name)
    try:
        shlex.split(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}, which is no command: {error}.") from error
    return value


def folder(name: str, default: Path) -> Path:
    """An absolute path. The folder is not made here."""
    return Path(text(name, str(default))).expanduser().absolute()


def address(name: str, default: str) -> str:
    """An http or https address without a trailing slash, query or fragment."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be an address such as https://games.example.org.")
    return value.rstrip("/")


def store(name: str, default: str) -> str:
    """The address of a store: `file:///folder`, `s3://bucket` or `s3://bucket/prefix`, `memory:///`."""
    value = text(name, default)
    parts = urlsplit(value)
    ok = (parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")) or (
        parts.scheme == "s3" and parts.netloc
    )
    if not ok and value != "memory:///":
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be file:///a/folder or s3://a-bucket.")
    return value.rstrip("/") if parts.scheme != "memory" else value


@dataclass(frozen=True, slots=True)
class Mail:
    """How letters go: Django's backend, and what it needs."""

    backend: str
    folder: str | None = None
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    ssl: bool = False


_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
_BACKENDS = "django.core.mail.backends"


def mail(name: str, default: str) -> Mail:
    """How letters go: `smtp+tls://user:password@host`, `file:///a/folder` or `console:`."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme in _PORTS and parts.hostname and parts.path in {"", "/"}:
        return Mail(
            f"{_BACKENDS}.smtp.EmailBackend",
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtp+tls",
            ssl=parts.scheme == "smtp+ssl",
        )
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Mail(f"{_BACKENDS}.filebased.EmailBackend", folder=unquote(parts.path))
    if value == "console:":
        return Mail(f"{_BACKENDS}.console.EmailBackend")
    # Without the value: it may hold a password.
    raise ImproperlyConfigured(
        f"{name} can't be read; it must be smtp://host, smtp+tls://user:password@host, smtp+ssl://…, file:///a/folder "
        "or console:."
    )


def sender(name: str, default: str) -> str:
    """Who letters are from: an e-mail address, or a name and `<address>`."""
    value = text(name, default)
    if not re.fullmatch(r"[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be such as Pictogame <games@example.org>.")
    return value

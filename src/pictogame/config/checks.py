"""Settings that make sense one by one and not together, with ids and hints. An error stops every command."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's own name.

TAG = "pictogame"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_SECRET = 32
_LEAST_TOKEN = 16


@register(TAG)
def check(**_: Any) -> list[CheckMessage]:
    """Everything that can be seen without asking anybody."""
    site, bucket = urlsplit(settings.SITE_URL), urlsplit(settings.BUCKET_URL)
    return [*_addresses(site, bucket), *_stores(), *_secrets(site), *_letters(site)]


def _addresses(site: SplitResult, bucket: SplitResult) -> Iterable[CheckMessage]:
    if site.hostname == bucket.hostname:
        yield Error(
            f"PICTOGAME_SITE_URL and PICTOGAME_BUCKET_URL have one host, {site.hostname}.",
            hint="Games are made of what strangers upload: give the bucket a name of its own, on another site.",
            id="pictogame.E001",
        )
    if site.scheme == "https" and bucket.scheme == "http":
        yield Error(
            "The studio is served by https and the bucket by http: browsers show no game within its pages.",
            hint="Serve the bucket by https too, and set PICTOGAME_BUCKET_URL to that address.",
            id="pictogame.E003",
        )
    if settings.DEBUG and site.hostname not in _LOCAL:
        yield Error(
            "PICTOGAME_DEBUG is on, and the studio's address is a public one.",
            hint="Set PICTOGAME_DEBUG to 0: pages for developers show settings and paths to everybody.",
            id="pictogame.E004",
        )
    if site.scheme == "http" and site.hostname not in _LOCAL:
        yield Warning(
            "The studio is served by http: edit links and the office's password can be read on their way.",
            hint="Put a web server with a certificate before it, and set PICTOGAME_SITE_URL to https://…",
            id="pictogame.W005",
        )


def _stores() -> Iterable[CheckMessage]:
    bucket, vault = urlsplit(settings.BUCKET), urlsplit(settings.VAULT)
    same = (bucket.scheme, bucket.netloc) == (vault.scheme, vault.netloc) and bucket.scheme != "memory"
    one, other = PurePosixPath(bucket.path or "/"), PurePosixPath(vault.path or "/")
    if same and (one.is_relative_to(other) or other.is_relative_to(one)):
        yield Error(
            "PICTOGAME_BUCKET and PICTOGAME_VAULT lie within each other: what is private would be public.",
            hint="Give the vault a folder or a bucket of its own.",
            id="pictogame.E002",
        )
    elif same and bucket.scheme == "s3":
        yield Warning(
            "PICTOGAME_BUCKET and PICTOGAME_VAULT share one S3 bucket: one wrong policy makes originals public.",
            hint="Give the vault a bucket of its own, to which nobody else has access.",
            id="pictogame.W006",
        )
    for name, url in (("PICTOGAME_BUCKET", settings.BUCKET), ("PICTOGAME_VAULT", settings.VAULT)):
        if url == "memory:///":
            yield Warning(
                f"{name} is memory:///, which forgets everything when its process ends.",
                hint="It is meant for tests: write file:///a/folder or s3://a-bucket.",
                id="pictogame.W007",
            )


def _secrets(site: SplitResult) -> Iterable[CheckMessage]:
    if len(settings.SECRET_KEY) < _LEAST_SECRET:
        yield Error(
            f"PICTOGAME_SECRET_KEY has {len(settings.SECRET_KEY)} characters: it can be guessed.",
            hint='python3 -c "import secrets; print(secrets.token_urlsafe(48))" prints a good one.',
            id="pictogame.E008",
        )
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < _LEAST_TOKEN:
        yield Error(
            f"PICTOGAME_METRICS_TOKEN has {len(settings.METRICS_TOKEN)} characters: it can be guessed.",
            hint=f"Use {_LEAST_TOKEN} random characters or more.",
            id="pictogame.E009",
        )
    if _is_shared() and settings.SECRET_KEY_IS_OWN and site.hostname not in _LOCAL:
        yield Warning(
            "PICTOGAME_SECRET_KEY is not set: every machine makes a key of its own, and forms of one fail on another.",
            hint="Set it to the same value on all of them, or PICTOGAME_SECRET_KEY_FILE to a file with it.",
            id="pictogame.W010",
        )


def _letters(site: SplitResult) -> Iterable[CheckMessage]:
    if settings.ACCOUNTS_OPEN and not settings.EMAIL_IS_SENT and site.hostname not in _LOCAL:
        yield Warning(
            "PICTOGAME_ACCOUNTS is on, and PICTOGAME_EMAIL_URL names no mail server: nobody gets the letter.",
            hint="Set PICTOGAME_EMAIL_URL to smtp+tls://user:password@host, or PICTOGAME_ACCOUNTS to 0.",
            id="pictogame.W011",
        )


def _is_shared() -> bool:
    """Whether several machines may work on the database."""
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("postgresql")

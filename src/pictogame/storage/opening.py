"""From the address of a store to the store."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pictogame.storage.errors import BadAddress, NoCredentials
from pictogame.storage.folder import FolderStore
from pictogame.storage.remote import BUCKET, USER_AGENT, MemoryStore, S3Store
from pictogame.storage.store import Store

if TYPE_CHECKING:
    from obstore.store import S3Credential

__all__ = ["USER_AGENT", "open_store", "s3_endpoint", "s3_region"]


def open_store(url: str, *, public: bool = False, called: str = BUCKET) -> Store:
    """The store at `file:///a/folder`, `s3://bucket`, `s3://bucket/prefix` or `memory:///`. Nothing is read or written.

    `public` lets others on this machine read the files of a folder. S3 takes endpoint, region and credentials from the
    usual AWS_* variables, and else from wherever boto3 finds them (profiles, roles). `called` is what sentences call a
    store on S3. Raises BadAddress.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderStore(Path(unquote(parts.path)), public=public)
    if parts.scheme == "s3" and parts.netloc:
        return _s3(parts.netloc, parts.path.strip("/"), called)
    if url == "memory:///":
        return MemoryStore()
    raise BadAddress(f"{url!r} is no store: write file:///a/folder or s3://a-bucket.")


def s3_endpoint() -> str:
    """Address of the S3 server: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or AWS_ENDPOINT; empty for Amazon's own."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    return next((value for name in names if (value := os.environ.get(name, "").strip())), "").rstrip("/")


def s3_region() -> str:
    """The region from AWS_REGION or AWS_DEFAULT_REGION, else us-east-1, which servers of one's own don't mind."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _s3(bucket: str, prefix: str, called: str) -> Store:
    return S3Store(
        bucket,
        prefix=prefix,
        endpoint=s3_endpoint(),
        region=s3_region(),
        credentials=_credentials(),
        called=called,
    )


def _credentials() -> "Callable[[], S3Credential]":
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if key and secret:
        token = os.environ.get("AWS_SESSION_TOKEN") or None
        return lambda: {"access_key_id": key, "secret_access_key": secret, "token": token, "expires_at": None}
    from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415  boto3 takes 0.2 s to import, and few need it.

    try:
        return Boto3CredentialProvider()
    except ValueError as error:
        raise NoCredentials("There are no credentials for S3.") from error

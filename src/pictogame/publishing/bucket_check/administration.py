"""The calls of S3's administration that obstore has none for, through boto3; each answer of the server in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from pictogame.publishing.bucket_check.steps import Step
from pictogame.storage.opening import USER_AGENT, s3_endpoint, s3_region

_NOT_THERE = {
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "ObjectLockConfigurationNotFoundError",
}
_NOT_KNOWN = {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "XNotImplemented", "501", "405"}


class Refusal(Exception):  # noqa: N818  It names what the server did.
    """The server did not do it; `reason` is its own word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Administration:
    """One bucket (and the prefix of our keys in it), as its owner sees it."""

    client: Any
    bucket: str
    prefix: str
    endpoint: str
    """Empty for Amazon's own."""

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a call about the bucket. Raises Refusal."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  With boto3.

        try:
            answer: dict[str, Any] = getattr(self.client, name)(Bucket=self.bucket, **arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "no reason given"))
            raise Refusal(code) from error
        except BotoCoreError as error:
            raise Refusal(f"no answer: {error}") from error
        return answer

    def read(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The same for what may not be set or not be known to the server: empty then. Raises Refusal for all else."""
        try:
            return self.call(name, **arguments)
        except Refusal as refusal:
            if refusal.reason in _NOT_THERE:
                return {}
            raise

    def knows(self, name: str, **arguments: Any) -> bool:
        """Whether the server has such a call at all."""
        try:
            self.read(name, **arguments)
        except Refusal as refusal:
            return refusal.reason not in _NOT_KNOWN
        return True

    def step(self, what: str, act: Callable[[], object], *, refused: str) -> Step:
        """The step of doing it; `refused` says what to do where the server does not let us."""
        try:
            act()
        except Refusal as refusal:
            return Step(what, ok=False, why=f"{refused} ({refusal.reason})")
        return Step(what, ok=True)

    def versions(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every version of every object below a prefix, by pages. Raises Refusal."""
        marker: dict[str, Any] = {}
        while True:
            page = self.call("list_object_versions", Prefix=prefix, **marker)
            yield from page.get("Versions", [])
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


def administration() -> Administration | None:
    """Of the bucket of the settings; None when that is no S3 bucket."""
    parts = urlsplit(settings.BUCKET)
    if parts.scheme != "s3":
        return None
    import boto3  # noqa: PLC0415  It takes 0.2 s to import, and only this needs it.
    from botocore.config import Config  # noqa: PLC0415

    endpoint = s3_endpoint()
    config = Config(
        s3={"addressing_style": "path"} if endpoint else {},
        connect_timeout=5,
        read_timeout=20,
        user_agent_extra=USER_AGENT,
        # Servers that are not Amazon's know no sums of other kinds.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of its own: the common one would keep the first credentials for as long as the process lives.
    client = boto3.Session().client("s3", endpoint_url=endpoint or None, region_name=s3_region(), config=config)
    return Administration(client, parts.netloc, parts.path.strip("/"), endpoint)

"""The calls of S3's administration that obstore has none for, through boto3; each answer of the server in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
_NOT_ALLOWED = {"AccessDenied", "403"}


class Refusal(Exception):  # noqa: N818  It names what the server did.
    """The server did not do it; `reason` is its own word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def is_unknown(self) -> bool:
        """Whether the server has no such call."""
        return self.reason in _NOT_KNOWN

    @property
    def is_forbidden(self) -> bool:
        """Whether the credentials are good, and may not do this."""
        return self.reason in _NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class Administration:
    """One bucket (and the prefix of our keys in it), as its owner sees it."""

    client: Any
    bucket: str
    prefix: str
    endpoint: str
    """Empty for Amazon's own."""
    called: str
    """What sentences call it: the bucket, or the vault."""

    @property
    def address(self) -> str:
        """Where anybody may try to read what lies in it, without a slash at its end."""
        return f"{self.root}/{self.prefix}".rstrip("/")

    @property
    def root(self) -> str:
        """The same of the whole bucket."""
        return f"{self.client.meta.endpoint_url}/{self.bucket}"

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
            return not refusal.is_unknown
        return True

    def step(self, what: str, act: Callable[[], object], *, refused: str) -> Step:
        """The step of doing it; `refused` says what to do where the server does not let us."""
        try:
            act()
        except Refusal as refusal:
            return Step(what, ok=False, why=f"{refused} ({refusal.reason})")
        return Step(what, ok=True)

    def unasked(self, what: str, refusal: Refusal) -> Step:
        """The step of a question without an answer: not known where only this may not be asked, and else wrong, since
        there is no such bucket, no such key of ours, or no server.
        """
        if refusal.is_unknown:
            return Step(what, ok=None, why=f"Not known: the server has no such question ({refusal.reason}).")
        if refusal.is_forbidden:
            return Step(what, ok=None, why=f"Not known: the credentials may not ask ({refusal.reason}).")
        return Step(what, ok=False, why=f"The {self.called} can't be asked ({refusal.reason}).")

    def versions(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every version of every object below a prefix, by pages. Raises Refusal."""
        marker: dict[str, Any] = {}
        while True:
            page = self.call("list_object_versions", Prefix=prefix, **marker)
            yield from page.get("Versions", [])
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


def administration(url: str, *, called: str = "bucket") -> Administration | None:
    """Of the bucket at `s3://bucket/prefix`; None for what is no S3 bucket."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return None
    import boto3  # noqa: PLC0415  It takes 0.2 s to import, and only this needs it.
    from botocore.config import Config  # noqa: PLC0415

    endpoint = s3_endpoint()
    config = Config(
        s3={"addressing_style": "path"} if endpoint else {},
        connect_timeout=5,
        read_timeout=20,
        retries={"total_max_attempts": 2},
        user_agent_extra=USER_AGENT,
        # Servers that are not Amazon's know no sums of other kinds.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of its own: the common one would keep the first credentials for as long as the process lives.
    client = boto3.Session().client("s3", endpoint_url=endpoint or None, region_name=s3_region(), config=config)
    return Administration(client, parts.netloc, parts.path.strip("/"), endpoint, called)

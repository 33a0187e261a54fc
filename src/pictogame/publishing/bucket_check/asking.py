"""Asks for objects as anybody does: without credentials, through the public address, following nothing."""

from collections.abc import Mapping
from http.client import HTTPException
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from pictogame.storage.opening import USER_AGENT

_SECONDS = 10


class Answer(NamedTuple):
    """What came back, with the body as it came."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def sentence(self) -> str:
        """The status in words."""
        hint = " Run `pictogame bucket init`." if self.status in {401, 403} else ""
        return f"The answer is {self.status} {self.reason}.{hint}"


def ask(
    url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, data: bytes | None = None
) -> Answer | str:
    """The answer, whatever its status; in a sentence why there is none."""
    said = {"Accept-Encoding": "gzip", "User-Agent": f"{USER_AGENT} (check)", **(headers or {})}
    request = Request(url, method=method, headers=said, data=data)  # noqa: S310  The settings take http and https alone.
    # Neither redirects nor errors are handled: each answer is looked at as it is.
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, answer.reason, named, answer.read())
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return f"Nothing answers there ({reason}). Is PICTOGAME_BUCKET_URL the public address of the bucket?"

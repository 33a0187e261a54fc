"""Each request gets an id, which every event meanwhile carries, and is told when it is over."""

import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pictogame.lib import logs

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_ASIDE = ("/static/", "/health", "/metrics")
"""What is asked for all day long and says nothing."""

log = logs.named(__name__)


class RequestMiddleware:
    """The first of all, so that nothing is told without the id. It takes the id of a proxy that gives one.

    Neither address nor browser of the visitor is written down.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the id as X-Request-ID for whoever asks what went wrong."""
        given = request.headers.get("X-Request-ID", "")
        name = given if _ID.fullmatch(given) else secrets.token_hex(8)
        begun = time.perf_counter()
        with logs.about(request=name):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = name
            tell = log.debug if request.path.startswith(_ASIDE) else log.info
            tell(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - begun) * 1000),
            )
        return response

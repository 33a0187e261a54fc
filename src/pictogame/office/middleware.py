"""What every answer of the office carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from pictogame.lib.errors import Problem
from pictogame.office.site import page

PATH = "/office/"

# Nothing but our own files, and in nobody's frame. The admin has neither scripts nor styles within its pages.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class OfficeMiddleware:
    """Headers of the office alone, set before those of the whole house; problems have a page of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its headers; a view may have set others."""
        response = self.get_response(request)
        if request.path.startswith(PATH):
            response.headers.setdefault("Content-Security-Policy", _POLICY)
            response.headers["X-Frame-Options"] = "DENY"
            response.headers["X-Robots-Tag"] = "noindex"
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """What holds a sentence, for an operator."""
        if not isinstance(problem, Problem) or not request.path.startswith(PATH):
            return None
        return page(request, "office/problem.html", {"title": "That did not work", "problem": problem}, status=409)

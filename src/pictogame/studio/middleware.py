"""What every answer of the studio carries, and what becomes of a problem that no view answered."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from pictogame.lib.errors import Problem
from pictogame.studio.desk import by_htmx
from pictogame.studio.errors import status_of

# Styles and scripts come as files of ours, so neither needs to be allowed inline. Frames show previews and the bucket.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: {bucket}",
        "frame-src 'self' {bucket}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


class HouseMiddleware:
    """Sets the headers that keep strangers out, and answers problems with a page of the house."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = _POLICY.format(bucket=settings.BUCKET_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its headers; those that a view has set stay."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """A page, or the line where htmx shows it, for what holds a sentence; anything else goes on its way."""
        if not isinstance(problem, Problem):
            return None
        status = status_of(problem)
        if by_htmx(request):
            return render(request, "studio/part/said.html", {"sentence": problem.sentence}, status=status)
        return render(request, "studio/problem.html", {"sentence": problem.sentence, "status": status}, status=status)

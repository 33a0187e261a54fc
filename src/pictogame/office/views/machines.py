"""What machines ask: is it well, and how does it go in numbers."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pictogame.office.figures import figures, parts

_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when every part works, else 503, with each part by its name.

    What is wrong with a part is said to those alone who may read the numbers as well.
    """
    found = parts()
    ok = all(part.ok for part in found)
    full = may_read(request)
    told = {part.name: {"ok": part.ok, "sentence": part.sentence} if full else {"ok": part.ok} for part in found}
    response = JsonResponse({"ok": ok, "parts": told}, status=200 if ok else 503)
    # It is asked all day long: Django need not write an error each time that something is not well.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django gives it.
    """200 as long as this process answers; it looks at nothing else."""
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers for Prometheus; 404 for whoever may not read them."""
    if not may_read(request):
        raise Http404
    from pictogame.office.metrics import exposition  # noqa: PLC0415  Few studios are asked, and it takes 0.2 seconds.

    return HttpResponse(exposition(figures()), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(request: HttpRequest) -> bool:
    """Whoever shows the token, and whoever asks on this machine directly: not through a proxy that runs here."""
    given = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    forwarded = any(header in request.headers for header in _FORWARDED)
    return name in _HERE and not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False

"""Who may see a page of the office."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


def for_operators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Leads whoever has not signed in to the door. No cache keeps the page, and its forms are checked."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return admin.site.admin_view(view)(request, *args, **kwargs)

    return guarded

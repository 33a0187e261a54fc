"""The first page: how it goes."""

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def status(request: HttpRequest, **more: object) -> TemplateResponse:
    """Everything that an operator looks for first."""
    return TemplateResponse(
        request, "office/status.html", {**admin.site.each_context(request), "title": "How it goes", **more}
    )

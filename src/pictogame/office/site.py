"""The office: Django's admin with its own front page and its own door."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from pictogame.office.forms import SignIn
from pictogame.office.rooms import rooms


class OfficeSite(AdminSite):
    """What operators see. Everybody who may enter may see all of it."""

    site_title = "Pictogame office"
    site_header = "Pictogame office"
    index_title = "Office"
    site_url = "/"
    enable_nav_sidebar = False
    login_form = SignIn
    login_template = "office/sign_in.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The status page."""
        from pictogame.office.views.status import status  # noqa: PLC0415  It needs this site.

        return status(request, **(extra_context or {}))

    def has_permission(self, request: HttpRequest) -> bool:
        """Operators, and nobody else who may have an account."""
        return bool(request.user.is_active and request.user.is_staff)

    def app_index(
        self,
        request: HttpRequest,
        app_label: str,  # noqa: ARG002  Django gives it.
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse:
        """One page has it all; the admin's pages by package are not used."""
        return self.index(request, extra_context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page of the office is drawn with."""
        return {**super().each_context(request), "rooms": rooms(request.path)}


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the office with what its frame needs."""
    from django.contrib import admin  # noqa: PLC0415  The site is made when it is first asked for.

    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)

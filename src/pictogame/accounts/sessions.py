"""Two doors, two cookies: what opens the office opens nothing else, and the other way round."""

import time
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Door:
    """The cookie of a session, and where browsers send it."""

    cookie: str
    path: str
    same_site: Literal["Lax", "Strict"]


def door_of(path: str) -> Door:
    """The office has one, everything else the other."""
    if path.startswith(settings.SESSION_COOKIE_PATH):
        return Door(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_PATH, "Strict")
    # A link in a letter leads here from another site: Strict would forget who follows it.
    return Door(settings.CREATOR_COOKIE_NAME, "/", "Lax")


class DoorsMiddleware(SessionMiddleware):
    """Django's own, with a cookie for each door. Nobody gets one before signing up or in."""

    def process_request(self, request: HttpRequest) -> None:
        """The session of the door that the address is behind."""
        request.session = self.SessionStore(request.COOKIES.get(door_of(request.path).cookie))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # type: ignore[override]
        """Keeps the session when it was changed, takes the cookie back when it is empty."""
        session = getattr(request, "session", None)
        if session is None:
            return response
        door, accessed, empty = door_of(request.path), session.accessed, session.is_empty()
        if empty and door.cookie in request.COOKIES:
            response.delete_cookie(door.cookie, path=door.path, samesite=door.same_site)
            patch_vary_headers(response, ("Cookie",))
            return response
        if accessed:
            patch_vary_headers(response, ("Cookie",))
        if not session.modified or empty or response.status_code >= 500:
            return response
        try:
            session.save()
        except UpdateError as error:
            raise SessionInterrupted(
                "The request's session was deleted before the request completed: somebody signed out elsewhere."
            ) from error
        age = session.get_expiry_age()
        response.set_cookie(
            door.cookie,
            session.session_key,
            max_age=age,
            expires=http_date(time.time() + age),
            path=door.path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite=door.same_site,
        )
        return response

"""Games that play inside the studio, by the very runtime that plays them in the bucket: previews of drafts and samples.

The addresses below each base are those of the bucket: g/, m/ and r/. The frames are sandboxed, so their origin is
opaque and everything they load is asked for with CORS.
"""

from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from pictogame.bucket import keys
from pictogame.catalog import queries as catalog
from pictogame.catalog.models import RuntimeObject
from pictogame.games import describing, document, queries
from pictogame.games.document import Description
from pictogame.games.errors import NotFound
from pictogame.games.models import Game, Revision
from pictogame.games.page import page
from pictogame.games.parts import parts_of
from pictogame.lib.types import Sha256
from pictogame.media.vault import vault
from pictogame.studio import samples
from pictogame.studio.addresses import opens_preview
from pictogame.studio.maker import description_for_preview

R = TypeVar("R", bound=HttpResponseBase)


@require_safe
def nothing(request: HttpRequest, **_where: object) -> HttpResponse:  # noqa: ARG001
    """The folder itself holds nothing to see."""
    raise NotFound


@require_safe
def preview_page(
    request: HttpRequest, game_id: str, token: str, name: str, number: int | None = None
) -> HttpResponseBase:
    """The page of a draft, as it will be when it is published; or of an earlier version, as it was."""
    game = _opened(game_id, token)
    if name != game.id:
        raise NotFound
    revision = _revision(game, number)
    if number is None:
        return _framed(
            request, description_for_preview(revision), reverse("studio:preview-base", args=[game_id, token])
        )
    described = describing.description_of(revision, ready_only=True)
    return _framed(request, described, reverse("studio:version-base", args=[game_id, token, number]))


@require_safe
def preview_media(
    request: HttpRequest,  # noqa: ARG001
    game_id: str,
    token: str,
    name: str,
    number: int | None = None,
) -> HttpResponseBase:
    """A rendition of a revision's pictures from the vault, or a sample that stands in."""
    game = _opened(game_id, token)
    if sample := samples.picture_of(name):
        return _file(sample, keys.PICTURE)
    for part in parts_of(_revision(game, number), ready_only=True).parts:
        for source in part.sources:
            sha256 = Sha256(source.sha256)
            if keys.media_key(sha256, source.media_type) == f"m/{name}":
                return _open(HttpResponse(vault().read(sha256), content_type=source.media_type), keys.PICTURE)
    raise NotFound


@require_safe
def sample_page(request: HttpRequest, template: str) -> HttpResponseBase:
    """A template with sample pictures."""
    described = samples.sample_game(catalog.template(template))
    base = reverse("studio:sample-page", args=[template]).removesuffix("g/sample.html")
    return _framed(request, described, base)


@require_safe
def sample_media(request: HttpRequest, template: str, name: str) -> HttpResponseBase:  # noqa: ARG001
    """A sample picture."""
    if sample := samples.picture_of(name):
        return _file(sample, keys.PICTURE)
    raise NotFound


@require_safe
def runtime(request: HttpRequest, name: str, **_where: object) -> HttpResponseBase:  # noqa: ARG001
    """An object of the runtime: of the installed build, or of an earlier one that a game is pinned to."""
    data = _runtime(f"r/{name}")
    if data is None:
        raise NotFound
    return _open(HttpResponse(data, content_type=keys.CONTENT_TYPES[keys.ending_of(name)]), keys.FOREVER)


def _runtime(key: str) -> bytes | None:
    if not keys.is_runtime_key(key):
        return None
    path = Path(settings.RUNTIME_DIST) / key
    if path.is_file():
        return path.read_bytes()
    row = RuntimeObject.objects.filter(key=key).first()
    return vault().read(Sha256(row.sha256)) if row else None


def _opened(game_id: str, token: str) -> Game:
    if not opens_preview(game_id, token):
        raise NotFound
    return queries.game_for_reading(game_id)


def _revision(game: Game, number: int | None) -> Revision:
    """What its creator edits, or one that was published."""
    if number is None:
        return queries.newest_of(game)
    found = game.revisions.filter(number=number, frozen_at__isnull=False, emptied_at=None).first()
    if found is None:
        raise NotFound
    return found


def _framed(request: HttpRequest, described: Description, base: str) -> HttpResponse:
    url = request.build_absolute_uri(base).rstrip("/")
    html = page(described, bucket_url=url, site_url="", xml=document.write(described), strings=_strings(described))
    response = HttpResponse(html, content_type="text/html; charset=utf-8")
    # Its own policy is in the page; this one keeps it out of other people's pages, and opaque when opened by itself.
    response.headers["Content-Security-Policy"] = "frame-ancestors 'self'; sandbox allow-scripts"
    patch_cache_control(response, private=True, no_cache=True)
    return _open(response, "")


def _strings(described: Description) -> bytes:
    """What the page says in its language, from the build; nothing for English, which the scripts speak."""
    return _runtime((described.strings_src or "").removeprefix("../")) or b""


def _file(path: Path, cache: str) -> HttpResponse:
    kind = keys.CONTENT_TYPES[keys.ending_of(path.name)]
    return _open(HttpResponse(path.read_bytes(), content_type=kind), cache)


def _open(response: R, cache: str) -> R:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    if cache:
        response.headers["Cache-Control"] = cache
    return response

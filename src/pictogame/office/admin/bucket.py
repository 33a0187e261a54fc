"""Objects of the bucket, and which games use them."""

import re

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from pictogame.bucket.models import BucketObject
from pictogame.office.admin.reading import ReadingAdmin, StateFilter, link, starting_with, state, table, when
from pictogame.office.words import Mood
from pictogame.publishing.models import Use
from pictogame.stats.words import weight

_SHOWN = 100
_HASH = re.compile(r"[0-9a-f]{16,64}")
_STATES: dict[str, tuple[str, Mood]] = {
    "intended": ("is about to be written", "wait"),
    "stored": ("in the bucket", "good"),
    "deleting": ("is being deleted", "wait"),
    "gone": ("gone", ""),
}


class DoomedFilter(StateFilter):
    """Those whose end is near."""

    states = {
        "doomed": ("To be looked at for deletion", Q(delete_after__isnull=False)),
        "deleting": ("Is being deleted", Q(delete_after__isnull=False, state="deleting")),
    }


class ObjectAdmin(ReadingAdmin):
    """Every key that was ever in the bucket, the newest first."""

    list_display = ("key", "state_", "bytes_", "stored_at", "delete_after")
    list_filter = (DoomedFilter,)
    ordering = ("-id",)
    search_fields = ("key",)
    search_help_text = "A key or its beginning, such as g/ and the id of a game, or the SHA-256 of the bytes as stored."
    fields = ("key", "state_", "bytes_", "sha256", "stored_at", "delete_after", "version", "uses_")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[BucketObject], search_term: str
    ) -> tuple[QuerySet[BucketObject], bool]:
        """Objects by the beginning of their key, or by their hash."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(starting_with("sha256" if _HASH.fullmatch(term) else "key", term)), False

    @admin.display(description="state")
    def state_(self, one: BucketObject) -> SafeString:
        """In a few words."""
        return state(*_STATES[one.state])

    @admin.display(description="size")
    def bytes_(self, one: BucketObject) -> str:
        """As stored."""
        return weight(one.size)

    @admin.display(description="used by")
    def uses_(self, one: BucketObject) -> SafeString:
        """Games that name it, or may in somebody's cache."""
        rows = Use.objects.filter(object=one).order_by("game")[:_SHOWN]
        return table(
            ("Game", "Until (UTC)"),
            [(link("games_game", row.game_id, row.game_id), when(row.until) or "it names it") for row in rows],
            empty="nobody",
        )


class UseAdmin(ReadingAdmin):
    """Which game uses which object, the newest first."""

    list_display = ("id", "game_", "object_", "until")
    list_display_links = None
    list_select_related = ("object",)
    ordering = ("-id",)
    search_fields = ("game",)
    search_help_text = "The id of a game, or a key of the bucket."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Use], search_term: str
    ) -> tuple[QuerySet[Use], bool]:
        """Uses of one game, or of one object."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(object__key=term) if "/" in term else queryset.filter(game=term), False

    @admin.display(description="game")
    def game_(self, use: Use) -> SafeString:
        """Who uses it."""
        return link("games_game", use.game_id, use.game_id)

    @admin.display(description="object")
    def object_(self, use: Use) -> SafeString:
        """What is used."""
        return link("bucket_bucketobject", use.object_id, use.object.key)

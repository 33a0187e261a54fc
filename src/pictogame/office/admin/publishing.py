"""Receipts of games that were deleted, and what operators did."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from pictogame.games.models import DeletedBy
from pictogame.office.admin.reading import ReadingAdmin, StateFilter, link, state, table, when
from pictogame.publishing.models import Receipt, ReceiptLine
from pictogame.stats.words import weight

_SHOWN = 500


class UnfinishedFilter(StateFilter):
    """Those of which something is not confirmed yet."""

    states = {"unfinished": ("Not finished", Q(due_at__isnull=False))}


class ReceiptAdmin(ReadingAdmin):
    """What every deleted game left behind, the newest first."""

    list_display = ("id", "game_", "by_", "asked_at", "state_", "problem")
    list_filter = (UnfinishedFilter,)
    ordering = ("-id",)
    search_fields = ("game",)
    search_help_text = "The id of a game."
    fields = ("game_", "by_", "asked_at", "finished_at", "page_key", "kept_pictures", "problem", "cause", "lines_")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Receipt], search_term: str
    ) -> tuple[QuerySet[Receipt], bool]:
        """The receipt of one game."""
        term = search_term.strip()
        return (queryset.filter(game=term) if term else queryset), False

    @admin.display(description="game")
    def game_(self, receipt: Receipt) -> SafeString:
        """Whose it is."""
        return link("games_game", receipt.game_id, receipt.game_id)

    @admin.display(description="at the wish of")
    def by_(self, receipt: Receipt) -> str:
        """Who deleted it."""
        return str(DeletedBy(receipt.by).label)

    @admin.display(description="state")
    def state_(self, receipt: Receipt) -> SafeString:
        """In a word."""
        if receipt.finished_at is not None:
            return state("everything is gone", "good")
        return state("fails", "bad") if receipt.attempts else state("is being confirmed", "wait")

    @admin.display(description="lines")
    def lines_(self, receipt: Receipt) -> SafeString:
        """What was deleted, and what a cache may still hold."""
        rows: QuerySet[ReceiptLine] = receipt.lines.order_by("kind", "key")[:_SHOWN]
        return table(
            ("What", "Key", "Bytes", "Deleted (UTC)", "Confirmed", "Browsers until", "Shared caches until"),
            [
                (
                    row.kind,
                    row.key,
                    weight(row.size),
                    "kept for another game" if row.kept else when(row.deleted_at),
                    when(row.confirmed_at),
                    when(row.browsers_until),
                    when(row.shared_until),
                )
                for row in rows
            ],
            empty="nothing",
        )


class DeedAdmin(ReadingAdmin):
    """What operators did, the last first."""

    list_display = ("action_time", "user", "what", "object_repr")
    list_display_links = None
    list_select_related = ("user", "content_type")
    ordering = ("-id",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under the name by which the navigation leads there."""
        return super().changelist_view(request, {"title": "Deeds", **(extra_context or {})})

    @admin.display(description="deed")
    def what(self, entry: admin.models.LogEntry) -> str:
        """In words."""
        return entry.get_change_message()

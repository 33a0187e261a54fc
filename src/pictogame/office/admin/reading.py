"""What all lists of the office have in common: they are read, they are quick, and they count no million rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin import ModelAdmin, ShowFacets, SimpleListFilter
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe

from pictogame.office.words import Mood

COUNTED = 5_000
"""A list goes no further than this: whoever looks for one of a million searches for it, or filters."""

_BRIEF = 24


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Django's own can't be given one.
    """Counts no further than COUNTED rows, so that the first page of a million is as quick as that of a hundred."""

    @cached_property
    def count(self) -> int:
        """How many there are, COUNTED at most."""
        rows: Any = self.object_list
        return len(rows[:COUNTED]) if isinstance(rows, list) else rows.order_by()[:COUNTED].count()


class ReadingAdmin(ModelAdmin):  # type: ignore[type-arg]  # The same.
    """A list and a page for each row, nothing of which can be changed there. Actions do what may be done."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    actions_on_bottom = False
    view_on_site = False
    show_facets = ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under the name of what is in it."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a row under its kind."""
        title = str(self.opts.verbose_name).capitalize()
        return super().change_view(request, object_id, form_url, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made by what they stand for."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is changed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted by hand: the bucket would not know."""
        return False


class StateFilter(SimpleListFilter):
    """A choice of states, each of which an index finds."""

    title = "state"
    parameter_name = "state"
    states: Mapping[str, tuple[str, Q]]
    """By the word in the address: what people read, and the rows."""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:  # type: ignore[type-arg]
        """Words, and how they are written in the address."""
        return [(name, word) for name, (word, _) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """The rows in that state."""
        chosen = self.states.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


def starting_with(column: str, term: str) -> Q:
    """Rows whose column begins with the term, found by an index: PostgreSQL has one for LIKE, SQLite sorts by bytes."""
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": term})
    return Q(**{f"{column}__gte": term, f"{column}__lt": f"{term}\U0010ffff"})


def state(word: str, mood: Mood) -> SafeString:
    """A word of state with its colour beside it."""
    return format_html('<span class="state {}">{}</span>', mood, word)


def link(model: str, pk: object, text: str) -> SafeString:
    """Leads to the page of a row; `model` is as in `games_game`."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{model}_change", args=[pk]), text)


def long(text: str) -> SafeString:
    """A sentence of a list, which takes more room than a column that has none; empty when it is."""
    return format_html('<span class="long">{}</span>', text) if text else mark_safe("")


def when(time: datetime | None) -> str:
    """A time in UTC, to the minute; empty when there is none."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"


def _cell(content: object) -> tuple[SafeString, object]:
    """What is short, such as a time, stays on one line."""
    brief = len(strip_tags(str(content))) <= _BRIEF
    return (mark_safe(' class="brief"') if brief else mark_safe("")), content


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> SafeString:
    """A small table within a row's page."""
    lines = [format_html("<tr>{}</tr>", format_html_join("", "<td{}>{}</td>", map(_cell, row))) for row in rows]
    if not lines:
        return format_html("{}", empty)
    head = format_html_join("", "<th>{}</th>", ((one,) for one in heads))
    body = format_html_join("", "{}", ((one,) for one in lines))
    return format_html(
        '<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>', head, body
    )

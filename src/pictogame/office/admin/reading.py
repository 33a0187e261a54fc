"""What all lists of the office have in common: they are read, they are quick, and they count no million rows."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNTED = 5_000
"""A list goes no further than this: whoever looks for one of a million searches for it, or filters."""


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
    show_facets = "NEVER"  # type: ignore[assignment]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django asks so.
        """Rows are made by what they stand for."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nothing is changed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nothing is deleted by hand: the bucket would not know."""
        return False

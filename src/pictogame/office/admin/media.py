"""Pictures and the crops that games want of them."""

import re
from typing import TypeVar

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from pictogame.games.models import SlotPicture
from pictogame.jobs import leases
from pictogame.media.models import Crop, Picture
from pictogame.office import figures
from pictogame.office.admin.reading import COUNTED, ReadingAdmin, StateFilter, link, long, starting_with, state, table
from pictogame.office.words import Mood
from pictogame.stats.words import weight

Row = TypeVar("Row", bound=Model)

_SHOWN = 100
_HASH = re.compile(r"[0-9a-f]{4,64}")
_PICTURES: dict[str, tuple[str, Mood]] = {
    "received": ("received", "wait"),
    "ready": ("ready", "good"),
    "refused": ("refused", "bad"),
}
_CROPS: dict[str, tuple[str, Mood]] = {
    "wanted": ("waits", "wait"),
    "ready": ("ready", "good"),
    "refused": ("refused", "bad"),
}


class RefusedFilter(StateFilter):
    """Those that can't be used; all others are too many to tell apart."""

    states = {"refused": ("Refused", Q(state=Picture.State.REFUSED))}


class PictureAdmin(ReadingAdmin):
    """Every picture, the newest first."""

    list_display = ("name", "state_", "kind", "pixels", "bytes_", "refusal", "note", "received_at")
    list_display_links = ("name",)
    list_filter = (RefusedFilter,)
    ordering = ("-id",)
    search_fields = ("sha256",)
    search_help_text = "The SHA-256 of the original, or its beginning."
    fields = ("sha256", "state_", "kind", "pixels", "bytes_", "refusal", "note", "received_at", "crops_", "games")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Picture], search_term: str
    ) -> tuple[QuerySet[Picture], bool]:
        """Pictures by their hash."""
        return _by_hash(queryset, "sha256", search_term), False

    @admin.display(description="picture")
    def name(self, picture: Picture) -> str:
        """The beginning of its hash: enough to tell it from others."""
        return picture.sha256[:16]

    @admin.display(description="state")
    def state_(self, picture: Picture) -> SafeString:
        """In a word."""
        return state(*_PICTURES[picture.state])

    def pixels(self, picture: Picture) -> str:
        """Width and height."""
        return f"{picture.width} x {picture.height}"

    @admin.display(description="size")
    def bytes_(self, picture: Picture) -> str:
        """Of the original."""
        return weight(picture.size)

    @admin.display(description="crops")
    def crops_(self, picture: Picture) -> SafeString:
        """What was made of it."""
        return table(
            ("Crop", "Ratio", "State", "Problem", "Renditions"),
            [
                (
                    link("media_crop", crop.pk, str(crop.pk)),
                    crop.ratio,
                    state(*_CROPS[crop.state]),
                    crop.cause or crop.problem,
                    ", ".join(f"{one.role} {weight(one.size)}" for one in crop.renditions.all()),
                )
                for crop in picture.crops.prefetch_related("renditions").order_by("pk")[:_SHOWN]
            ],
            empty="none",
        )

    def games(self, picture: Picture) -> SafeString:
        """Which games have it in a slot, in any of their revisions."""
        ids = SlotPicture.objects.filter(picture=picture).values_list("revision__game", flat=True).distinct()[:_SHOWN]
        return table(("Game",), [(link("games_game", one, one),) for one in ids], empty="none")


class WaitingFilter(StateFilter):
    """What a crop waits for."""

    states = {
        "aside": ("Set aside", Q(set_aside_at__isnull=False)),
        "waits": ("Waits for a worker", Q(due_at__isnull=False)),
        "failing": ("Failed, is tried again", Q(due_at__isnull=False, attempts__gt=0)),
    }


class CropAdmin(ReadingAdmin):
    """Every crop, the newest first."""

    list_display = ("id", "picture_", "ratio", "state_", "attempts", "cause_", "due_at")
    list_filter = (WaitingFilter,)
    list_select_related = ("picture",)
    ordering = ("-id",)
    search_fields = ("picture__sha256",)
    search_help_text = "The SHA-256 of the picture, or its beginning."
    actions = ("try_again",)
    fields = (
        *("id", "picture_", "ratio", "focus_x", "focus_y", "state_", "problem", "cause", "attempts", "due_at"),
        *("set_aside_at", "lease_until", "renditions_"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Crop], search_term: str
    ) -> tuple[QuerySet[Crop], bool]:
        """Crops by their picture's hash."""
        return _by_hash(queryset, "picture__sha256", search_term), False

    @admin.display(description="picture")
    def picture_(self, crop: Crop) -> SafeString:
        """What it is a part of."""
        return link("media_picture", crop.picture_id, crop.picture.sha256[:16])

    @admin.display(description="state")
    def state_(self, crop: Crop) -> SafeString:
        """In a word."""
        return state("set aside", "bad") if crop.set_aside_at else state(*_CROPS[crop.state])

    @admin.display(description="cause")
    def cause_(self, crop: Crop) -> SafeString:
        """What went wrong last."""
        return long(crop.cause or crop.problem)

    @admin.display(description="renditions")
    def renditions_(self, crop: Crop) -> SafeString:
        """What was made."""
        return table(
            ("Role", "Kind", "Pixels", "Bytes", "SHA-256"),
            [
                (one.role, one.media_type, f"{one.width} x {one.height}", weight(one.size), one.sha256)
                for one in crop.renditions.order_by("role")
            ],
            empty="none",
        )

    @admin.action(description="Try again what was set aside or waits")
    def try_again(self, request: HttpRequest, queryset: QuerySet[Crop]) -> None:
        """Due now, with all its tries before it."""
        pks = list(queryset.filter(state=Crop.State.WANTED).values_list("pk", flat=True)[:COUNTED])
        count = leases.hurry(Crop.objects.filter(pk__in=pks)) + leases.retry(Crop.objects.filter(pk__in=pks))
        for crop in Crop.objects.filter(pk__in=pks):
            self.log_change(request, crop, "Tried again")
        figures.forget()
        messages.success(request, f"{count} crops are tried again.")


def _by_hash(rows: "QuerySet[Row]", column: str, term: str) -> "QuerySet[Row]":
    term = term.strip().lower()
    if not term:
        return rows
    return rows.filter(starting_with(column, term)) if _HASH.fullmatch(term) else rows.none()

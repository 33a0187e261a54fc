"""Games: found by their id, their address or a picture; tried again, unpublished, taken down."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pictogame.games import page, queries, release
from pictogame.games.models import DeletedBy, Game, Revision, SlotPicture
from pictogame.jobs import leases
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.office import figures, words
from pictogame.office.admin.reading import (
    COUNTED,
    ReadingAdmin,
    StateFilter,
    link,
    long,
    starting_with,
    state,
    table,
    when,
)
from pictogame.office.words import Mood
from pictogame.publishing.models import Receipt, Use
from pictogame.stats.words import weight

MOST_AT_ONCE = 200
"""Games that one form unpublishes or takes down: more than anybody has looked at."""
_SHOWN = 100

Act = Callable[[Game], None]

log = logs.named(__name__)

_GAME_IN = re.compile(r"(?:^|/)([a-z2-7]{4,14})(?:\.html|\.xml|\.json|\.jpg|/|$)")
_HASH = re.compile(r"[0-9a-f]{8,64}")


class WaitingFilter(StateFilter):
    """What a game waits for."""

    states = {
        "aside": ("Set aside", Q(set_aside_at__isnull=False)),
        "waits": ("Waits for a publisher", Q(due_at__isnull=False)),
        "failing": ("Failed, is tried again", Q(due_at__isnull=False, attempts__gt=0)),
    }


class GameAdmin(ReadingAdmin):
    """Every game, the newest first."""

    list_display = ("id", "title", "kind", "state", "waiting", "cause_", "wanted_", "published_", "created_at")
    list_filter = (WaitingFilter, "listed")
    list_select_related = ("wanted", "published")
    ordering = ("-created_at",)
    search_fields = ("id",)
    search_help_text = "An id or its beginning, the address of a page, or the SHA-256 of a picture."
    actions = ("try_again", "unpublish", "take_down")
    fieldsets = (
        (None, {"fields": ("id", "title", "address", "state", "shown", "owner_", "created_at", "deleted")}),
        ("The line", {"fields": ("waiting", "problem", "cause", "attempts", "set_aside_at", "lease_until")}),
        ("What it is", {"fields": ("wanted_", "published_", "published_at", "revisions", "pictures")}),
        ("In the bucket", {"fields": ("objects", "receipt_")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Game]:
        """Games with the time on the database's clock, which their times are compared with, and whether each was ever
        meant to play.
        """
        found: QuerySet[Game] = super().get_queryset(request)
        frozen = Revision.objects.filter(game=OuterRef("pk"), frozen_at__isnull=False)
        return found.annotate(at=Now(), was_wanted=Exists(frozen))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Game], search_term: str
    ) -> tuple[QuerySet[Game], bool]:
        """Games by id, by the address of their page, or by a picture's hash; never by scanning texts."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if _HASH.fullmatch(term):
            rows = SlotPicture.objects.filter(starting_with("picture__sha256", term))
            return queryset.filter(pk__in=rows.values("revision__game")), False
        found = _GAME_IN.search(term.lower())
        return (queryset.filter(starting_with("id", found[1])), False) if found else (queryset.none(), False)

    @admin.display(description="title")
    def title(self, game: Game) -> str:
        """What its creator called it."""
        shown = game.published or game.wanted or game.revisions.order_by("-number").first()
        return queries.title_of(shown) if shown and not game.deleted_at else ""

    @admin.display(description="template")
    def kind(self, game: Game) -> str:
        """The kind of game."""
        shown = game.published or game.wanted
        return shown.template if shown else ""

    @admin.display(description="state")
    def state(self, game: Game) -> SafeString:
        """In a word."""
        return state(*_state(game))

    @admin.display(description="due for")
    def waiting(self, game: Game) -> str:
        """How long it has been due."""
        if game.due_at is None:
            return self.get_empty_value_display()
        seconds = (game.at - game.due_at).total_seconds()  # type: ignore[attr-defined]  # Of get_queryset.
        tries = f", tried {game.attempts} times" if game.attempts else ""
        return (words.span(seconds) if seconds >= 0 else f"again in {words.span(-seconds)}") + tries

    @admin.display(description="cause")
    def cause_(self, game: Game) -> SafeString:
        """What went wrong last."""
        return long(game.cause or game.problem)

    @admin.display(description="wanted revision")
    def wanted_(self, game: Game) -> str:
        """The revision that shall play."""
        return _number(game.wanted)

    @admin.display(description="published revision")
    def published_(self, game: Game) -> str:
        """The revision that the bucket holds."""
        return _number(game.published)

    @admin.display(description="page")
    def address(self, game: Game) -> SafeString:
        """Where it plays."""
        url = page.page_url(game.id, bucket_url=settings.BUCKET_URL)
        return format_html('<a href="{}" rel="noreferrer">{}</a>', url, url)

    @admin.display(description="shown on the first page")
    def shown(self, game: Game) -> str:
        """Whether its creator lists it."""
        return "yes" if game.listed else "no"

    @admin.display(description="account")
    def owner_(self, game: Game) -> str:
        """Whose account it is kept in, besides the edit link."""
        return "none" if game.owner is None else game.owner.email

    @admin.display(description="deleted")
    def deleted(self, game: Game) -> str:
        """When, and at whose wish."""
        if game.deleted_at is None:
            return "no"
        return f"{game.deleted_at:%Y-%m-%d %H:%M} UTC, by {DeletedBy(game.deleted_by).label}"

    def revisions(self, game: Game) -> SafeString:
        """What it was at each time."""
        rows = game.revisions.order_by("-number")[:_SHOWN]
        return table(
            ("Number", "Title", "Template", "Skin", "Made by", "Frozen (UTC)"),
            [
                (row.number, row.title, row.template, row.skin, row.origin, when(row.frozen_at) or "a draft")
                for row in rows
            ],
            empty="none",
        )

    def pictures(self, game: Game) -> SafeString:
        """What it is made of, in all of its revisions."""
        rows = SlotPicture.objects.filter(revision__game=game).select_related("picture", "revision")
        return table(
            ("Revision", "Slot", "Picture", "State", "Alt text"),
            [
                (
                    row.revision.number,
                    f"{row.slot} {row.position + 1}",
                    link("media_picture", row.picture_id, row.picture.sha256[:16]),
                    row.picture.state,
                    row.alt,
                )
                for row in rows.order_by("-revision__number", "slot", "position")[:_SHOWN]
            ],
            empty="none",
        )

    def objects(self, game: Game) -> SafeString:
        """What it uses of the bucket."""
        rows = Use.objects.filter(game=game).select_related("object").order_by("object__key")[:_SHOWN]
        return table(
            ("Key", "State", "Bytes", "Until (UTC)"),
            [
                (
                    link("bucket_bucketobject", row.object_id, row.object.key),
                    row.object.state,
                    weight(row.object.size),
                    when(row.until) or "it is named",
                )
                for row in rows
            ],
            empty="nothing",
        )

    @admin.display(description="receipt")
    def receipt_(self, game: Game) -> SafeString | str:
        """Where it says that everything is gone."""
        found = Receipt.objects.filter(game=game).first()
        return link("publishing_receipt", found.pk, f"of {when(found.asked_at)} UTC") if found else "none"

    @admin.action(description="Try again what was set aside or waits")
    def try_again(self, request: HttpRequest, queryset: QuerySet[Game]) -> None:
        """Due now, with all its tries before it."""
        pks = list(queryset.values_list("pk", flat=True)[:COUNTED])
        count = leases.hurry(Game.objects.filter(pk__in=pks)) + leases.retry(Game.objects.filter(pk__in=pks))
        self._noted(request, list(Game.objects.filter(pk__in=pks)), "Tried again", f"{count} games are tried again.")

    @admin.action(description="Unpublish")
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Game]) -> None:
        """Out of the bucket; its creator may publish it once more."""
        self._each(request, queryset, "Unpublished", lambda game: release.unpublish(game=game))

    @admin.action(description="Take down for good …")
    def take_down(self, request: HttpRequest, queryset: QuerySet[Game]) -> HttpResponse | None:
        """Deletes after a question."""
        if request.POST.get("sure") == "yes":
            self._each(request, queryset, "Taken down", lambda game: release.delete(game=game, by="moderator"))
            return None
        games = list(queryset.filter(deleted_at=None).select_related("wanted", "published")[: MOST_AT_ONCE + 1])
        if not games:
            messages.warning(request, "All of these are deleted already.")
            return None
        if len(games) > MOST_AT_ONCE:
            messages.error(request, f"{MOST_AT_ONCE} games at most can be taken down at once.")
            return None
        named = [(game.pk, self.title(game), self.address(game)) for game in games]
        context = {**admin.site.each_context(request), "title": "Take down for good?", "games": named}
        return TemplateResponse(request, "office/take_down.html", context)

    def _each(self, request: HttpRequest, queryset: QuerySet[Game], word: str, act: Act) -> None:
        games = list(queryset.filter(deleted_at=None)[: MOST_AT_ONCE + 1])
        if len(games) > MOST_AT_ONCE:
            messages.error(request, f"{MOST_AT_ONCE} games at most, not more at once.")
            return
        done: list[Game] = []
        for game in games:
            try:
                act(game)
            except Problem as problem:
                messages.error(request, f"{game.pk}: {problem.sentence}")
            else:
                done.append(game)
        self._noted(request, done, word, f"{word}: {', '.join(game.pk for game in done) or 'none'}.")

    def _noted(self, request: HttpRequest, games: list[Game], word: str, sentence: str) -> None:
        """Writes down who did it, and says so."""
        for game in games:
            self.log_change(request, game, word)
            log.info(word.lower().replace(" ", "_"), game=game.pk, by=request.user.get_username())
        figures.forget()
        messages.success(request, sentence)


def _state(game: Game) -> tuple[str, Mood]:
    if game.set_aside_at is not None:
        return "set aside", "bad"
    if game.deleted_at is not None:
        return ("is being taken down", "wait") if game.due_at else ("deleted", "")
    if game.due_at is not None:
        return ("fails", "bad") if game.attempts else ("waits", "wait")
    if game.published_id is not None:
        return "in the bucket", "good"
    was_wanted: bool = game.was_wanted  # type: ignore[attr-defined]  # Of get_queryset.
    return ("unpublished", "") if was_wanted else ("draft", "")


def _number(revision: Revision | None) -> str:
    return "" if revision is None else str(revision.number)

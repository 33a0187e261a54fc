"""The dashboard: what is played, what it costs, and whether the line keeps up."""

import csv
from datetime import timedelta
from io import StringIO

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from pictogame.games import several
from pictogame.games.models import Game
from pictogame.jobs.leases import database_now
from pictogame.office.site import page
from pictogame.office.views.desk import for_operators
from pictogame.publishing import health, weight
from pictogame.stats import cost, counts, meter, site, words
from pictogame.stats.counts import SiteCounts
from pictogame.stats.meter import BadMonth, Costs
from pictogame.stats.numbers import PERIODS, period
from pictogame.stats.pricing import names, prices
from pictogame.stats.site import Site

_YEAR_2007 = "s3-2007"


@for_operators
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Everything about plays and money on one page; of this month, where the one that is asked for is none."""
    today = timezone.now().date()
    try:
        first, no_month = meter.month_named(request.GET.get("month"), today=today), ""
    except BadMonth as problem:
        first, no_month = meter.month_named(None, today=today), problem.sentence
    month = meter.month(first, today=today)
    paid = meter.costs(month, meter.own_prices())
    found = site.numbers(days=period(request.GET.get("days")), today=today, month=month.first)
    return page(
        request,
        "office/money.html",
        {
            "title": "Plays and money",
            "no_month": no_month,
            "site": found,
            "days": len(found.days),
            "periods": PERIODS,
            "span": words.days(found.since, found.until),
            "paid": paid,
            "before": month.first - timedelta(days=1),
            "after": None if month.is_current else month.first + timedelta(days=month.days),
            "budget": meter.budget(paid),
            "figures": _figures(found, paid),
            "charts": (*found.charts, site.money(paid)),
            "others": _others(paid),
            "kinds": [(name, words.count(asked), words.weight(size)) for name, asked, size in found.kinds],
            "hosts": [(host or "other pages", words.count(many)) for host, many in found.hosts],
            "games": _games(found, paid),
            "stored": _stored(paid),
            "sum": cost.dollars(paid.so_far.total),
            "with_free": cost.dollars(paid.after_allowances.total),
            "line": _line(),
            "lines": [
                (line.what, f"{line.amount:,.3f}" if line.unit != "requests" else words.count(int(line.amount)),
                 line.unit, cost.dollars(line.usd))
                for line in paid.so_far.lines
            ],
        },
    )  # fmt: skip


@for_operators
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """A line for each day, for a spreadsheet."""
    found = site.numbers(days=period(request.GET.get("days")), today=timezone.now().date())
    out = StringIO()
    csv.writer(out).writerows(counts.lines(SiteCounts(), found.days))
    return _saved(HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8"), "pictogame-site.csv")


@for_operators
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The same, and the month's costs, for a program: no other month than the one that it asks for."""
    today = timezone.now().date()
    try:
        month = meter.month(meter.month_named(request.GET.get("month"), today=today), today=today)
    except BadMonth as problem:
        return JsonResponse({"error": problem.sentence}, status=400)
    paid = meter.costs(month, meter.own_prices())
    budget = meter.budget(paid)
    said = {
        **site.numbers(days=period(request.GET.get("days")), today=today, month=month.first).told(),
        "cost": site.told(paid),
        "budget": {"usd": None if budget.usd is None else str(budget.usd), "state": budget.state.value},
    }
    return _saved(JsonResponse(said), "pictogame-site.json")


def _saved(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _figures(found: Site, paid: Costs) -> list[tuple[str, str, str, str]]:
    """Name, value, what stands below it, and a mark where it should be looked at."""
    budget = meter.budget(paid)
    total = found.total
    mark = {cost.BudgetState.EXCEEDED: "over", cost.BudgetState.WILL_EXCEED: "warns"}.get(budget.state, "")
    expected = [("Expected", cost.dollars(paid.expected.total), "for the whole month", mark)]
    return [
        (
            "This month" if paid.month.is_current else f"{paid.month.first:%B %Y}",
            cost.dollars(paid.so_far.total),
            f"at list prices; {paid.so_far.prices.title}",
            mark,
        ),
        *(expected if paid.month.is_current else ()),
        (
            "A million widgets",
            *(("not yet", "none was shown") if paid.million is None else (cost.dollars(paid.million), "at this mix")),
            "",
        ),
        ("Widgets shown", words.count(total.widgets), words.many(total.first_plays, "first play"), ""),
        ("Out of the bucket", words.weight(total.all_bytes), words.many(total.all_requests, "request"), ""),
        ("From caches", words.part(found.cached, total.requests), "not modified, or from the edge", ""),
        ("Errors", words.part(total.errors, total.requests), words.many(total.errors, "answer"), ""),
        ("Programs", words.part(total.bot_requests, total.all_requests), "of all requests", ""),
    ]


def _others(paid: Costs) -> list[tuple[str, str, bool, str, str, str]]:
    """The same month at every list: title, date, whether it is the installation's own, so far, after allowances,
    expected.
    """
    own, rows = paid.so_far.prices.name, []
    for name in names():
        if name == _YEAR_2007:
            continue
        other = meter.costs(paid.month, prices(name))
        rows.append(
            (
                other.so_far.prices.title,
                f"{other.so_far.prices.date:%Y-%m-%d}",
                name == own,
                cost.dollars(other.so_far.total),
                cost.dollars(other.after_allowances.total),
                cost.dollars(other.expected.total),
            )
        )
    return rows


def _games(found: Site, paid: Costs) -> list[tuple[str, str, str, str, str]]:
    """The month's most shown games: id, title, widgets, bytes, dollars."""
    titles, stored = several.titles_of(found.top), weight.of_games(found.top)
    return [
        (
            one.game_id,
            titles.get(one.game_id, one.game_id),
            words.count(one.widgets),
            words.weight(one.usage.bytes_out),
            cost.dollars(one.exact),
        )
        for one in meter.games(paid, found.top, stored=stored)
    ]


def _stored(paid: Costs) -> str:
    """How storage of the month is known, in a sentence."""
    month = paid.month
    if not month.stored_read + month.stored_carried:
        return "What lies in the bucket was not read this month, so storage counts as nothing."
    said = [f"Storage was read on {words.count(month.stored_read)} of its days"]
    if month.stored_carried:
        said.append(f"{month.stored_carried} count as the day before them")
    if month.stored_unknown:
        said.append(f"{month.stored_unknown} before the first reading count as nothing")
    return "; ".join(said) + "."


def _line() -> list[tuple[str, str, str]]:
    """The publisher's health: name, value, state. Games in bulk may wait, here as in `/health`."""
    works, now = health.publisher(), database_now()
    waiting = Game.objects.filter(due_at__lte=now, in_bulk=False).aggregate(count=Count("pk"), since=Min("due_at"))
    aside = Game.objects.filter(set_aside_at__isnull=False).count()
    age = int((now - waiting["since"]).total_seconds()) if waiting["since"] else 0
    return [
        ("Publisher", works.sentence, "good" if works.ok else "bad"),
        ("Games that wait for the publisher", words.count(waiting["count"]), "wait" if age > 60 else "good"),
        ("The one that waits longest", f"{words.count(age)} s", "bad" if age > health.STUCK_SECONDS else "good"),
        ("Games set aside", words.count(aside), "bad" if aside else "good"),
    ]

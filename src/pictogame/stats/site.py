"""The numbers that operators look at: the whole bucket, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Sum

from pictogame.stats import charts, cost, counts, words
from pictogame.stats.charts import Chart, Column
from pictogame.stats.cost import Usage
from pictogame.stats.counts import SiteCounts
from pictogame.stats.meter import Costs
from pictogame.stats.models import GameMonth, SiteDay, SiteHost, Source
from pictogame.stats.numbers import FIRST_PLAYS, WIDGETS, logs_read_at

TOP = 10
_BY_WEEK = 90

KINDS = (
    ("page", "Player pages"),
    ("xml", "game.xml"),
    ("picture", "Pictures"),
    ("runtime", "Runtime"),
    ("card", "Cards"),
    ("oembed", "oEmbed answers"),
    ("other", "Anything else"),
)
"""What people ask for: the name in the sums, and its name for people."""


@dataclass(frozen=True, slots=True)
class Site:
    """Traffic of some days, and the tables of a month."""

    since: date
    until: date
    days: Mapping[date, SiteCounts]
    total: SiteCounts
    kinds: tuple[tuple[str, int, int], ...]
    """What was asked for: its name, requests, bytes; only kinds that were."""
    hosts: tuple[tuple[str, int], ...]
    """Of the month: hosts that embed most, '' for the rest."""
    top: tuple[str, ...]
    """Games of the month with most widgets."""
    logs_read_at: datetime | None
    sources: Mapping[str, int]
    """Logs by state, and under `unknown` the lines that nobody could read."""

    @property
    def cached(self) -> int:
        """Requests that cost no bytes of the bucket's: not modified, or answered by the edge."""
        return self.total.not_modified + self.total.edge_hits

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Widgets, bytes, errors."""
        weekly = len(self.days) > _BY_WEEK
        rows = list((counts.weeks(SiteCounts(), self.days) if weekly else self.days).items())
        axis = "Week" if weekly else "Day"
        plays = [WIDGETS, FIRST_PLAYS]
        weight = [Column("Out", unit="bytes", say=words.weight)]
        wrong = [
            Column("Answers 400 to 499", one="answer 400 to 499"),
            Column("Answers 500 to 599", kind="line", one="answer 500 to 599"),
        ]
        over = partial(charts.over_days, axis=axis, so_far=True)
        return (
            over("plays", "Plays", plays, [(day, (one.widgets, one.first_plays)) for day, one in rows]),
            over("traffic", "Traffic", weight, [(day, (one.all_bytes,)) for day, one in rows]),
            over("errors", "Errors", wrong, [(day, (one.status_4xx, one.status_5xx)) for day, one in rows]),
        )

    def told(self) -> dict[str, Any]:
        """For machines."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "logs_read_at": self.logs_read_at.isoformat() if self.logs_read_at else None,
            "total": self.total._asdict(),
            "kinds": {name: {"requests": requests, "bytes": weight} for name, requests, weight in self.kinds},
            "days": counts.told(SiteCounts(), self.days),
            "hosts": [{"host": host, "widgets": many} for host, many in self.hosts],
            "sources": dict(self.sources),
        }


def numbers(*, days: int, today: date, month: date | None = None) -> Site:
    """Everything about the last `days` days, today included; hosts and games of `month`, else of today's.

    A dozen queries, whatever the number of games.
    """
    since, month = today - timedelta(days=days - 1), month or today.replace(day=1)
    rows = SiteDay.objects.filter(day__gte=since, day__lte=today)
    sums = {name: Sum(name) for name in SiteCounts._fields}
    known = {day: SiteCounts._make(found) for day, *found in rows.values_list("day").annotate(**sums)}
    asked = rows.aggregate(**{f"{kind}_{what}": Sum(f"{kind}_{what}") for kind, _ in KINDS for what in _OF_KINDS})
    kinds = [(name, asked[f"{kind}_requests"] or 0, asked[f"{kind}_bytes"] or 0) for kind, name in KINDS]
    hosts = SiteHost.objects.filter(month=month).order_by("-widgets", "host").values_list("host", "widgets")[:TOP]
    top = GameMonth.objects.filter(month=month, widgets__gt=0).order_by("-widgets").values_list("game_id", flat=True)
    return Site(
        since=since,
        until=today,
        days={day: known.get(day, SiteCounts()) for day in counts.every_day(since, today)},
        total=counts.added(SiteCounts(), known.values()),
        kinds=tuple(kind for kind in kinds if kind[1]),
        hosts=tuple(hosts),
        top=tuple(top[:TOP]),
        logs_read_at=logs_read_at(),
        sources=_sources(),
    )


_OF_KINDS = ("requests", "bytes")


def money(paid: Costs) -> Chart:
    """What each day of the month cost: its part of the bill so far. Every day has the same part of a fixed price."""
    usage, prices = paid.month.usage(paid.so_far.prices), paid.so_far.prices
    days = [day for day in cost.days_of(paid.month.first) if day <= paid.month.today]
    used = replace(paid.so_far, lines=tuple(line for line in paid.so_far.lines if line.what != prices.fixed_what))
    shares = {day: cost.share(usage.get(day, Usage()), paid.usage, used) + prices.fixed / len(days) for day in days}
    spent = Column("Spent", unit="dollars", say=_dollars)
    thousandths = [(day, (int((usd * 1000).to_integral_value()),)) for day, usd in shares.items()]
    when_paid = "so far this month" if paid.month.is_current else f"in {paid.month.first:%B %Y}"
    text = f"{cost.dollars(paid.so_far.total)} {when_paid}"
    if len({number for _, (number,) in thousandths}) > 1:
        when = max(shares, key=lambda day: shares[day])
        text += f", most on {words.day(when)} ({_dollars(dict(thousandths)[when][0])})"
    so_far = paid.month.is_current
    return charts.over_days("money", "Dollars, day by day", [spent], thousandths, text=f"{text}.", so_far=so_far)


def told(paid: Costs) -> dict[str, Any]:
    """A month's costs for machines: amounts of money as text, so that no digit is lost."""
    month = paid.month
    return {
        "month": f"{month.first:%Y-%m}",
        "prices": {
            "name": paid.so_far.prices.name,
            "title": paid.so_far.prices.title,
            "date": paid.so_far.prices.date.isoformat(),
        },
        "lines": [
            {"what": line.what, "amount": f"{line.amount:.6f}", "unit": line.unit, "usd": str(line.usd)}
            for line in paid.so_far.lines
        ],
        "usd": str(paid.so_far.total),
        "usd_after_allowances": str(paid.after_allowances.total),
        "usd_expected": str(paid.expected.total),
        "forecast_of_days": paid.forecast_days,
        "widgets": month.widgets,
        "first_plays": month.first_plays,
        "usd_per_million_widgets": None if paid.million is None else str(paid.million),
        "edge_share": f"{paid.edge_share:.4f}",
        "stored": {
            "days_read": month.stored_read,
            "days_carried": month.stored_carried,
            "days_unknown": month.stored_unknown,
        },
    }


def _sources() -> dict[str, int]:
    found = dict.fromkeys(("read", "torn", "failed", "unknown"), 0)
    for state, logs, unknown in Source.objects.values_list("state").annotate(Count("pk"), Sum("unknown_lines")):
        found[state] = logs
        found["unknown"] += unknown
    return found


def _dollars(thousandths: int) -> str:
    usd = Decimal(thousandths) / 1000
    return f"${usd:.3f}" if usd < 1 else f"${usd:,.2f}"

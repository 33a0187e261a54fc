"""The cost meter: the amounts of a month out of the sums, and what they cost at a price list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings

from pictogame.lib.errors import Problem
from pictogame.stats import cost
from pictogame.stats.cost import Bill, Budget, Prices, Usage
from pictogame.stats.models import GameMonth, Place, SiteDay, StoredDay
from pictogame.stats.pricing import prices as prices_of

_FIRST = date(2006, 3, 1)
"""The month in which S3 began; no log tells of an earlier one."""


class BadMonth(Problem):
    """What was given is no month, or one that has not begun."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was counted in a month, day by day, and of the week before it, which the forecast looks at."""

    first: date
    today: date
    delivered: Mapping[date, Usage]
    """What readers were given: by the edge of a CDN on days when it has a log, else by the bucket."""
    bucket: Mapping[date, Usage]
    """What the bucket itself gave, to readers and to the CDN."""
    widgets: int
    first_plays: int
    edge_share: Decimal | None
    """The share of requests that the edge answered by itself; None without a log of the edge."""
    stored_read: int
    """Days of the month up to today on which the bucket's contents were read."""
    stored_carried: int
    """Days that count as the day before them, since nobody looked."""
    stored_unknown: int
    """Days before the first reading of all: they count as nothing stored."""

    @property
    def is_current(self) -> bool:
        """Whether it is still going on."""
        return self.first == self.today.replace(day=1)

    @property
    def days(self) -> int:
        """How long it is."""
        return len(cost.days_of(self.first))

    def usage(self, prices: Prices) -> Mapping[date, Usage]:
        """The amounts that a price list is about: with a CDN what its edge delivered, without what the bucket gave."""
        return self.delivered if prices.origin_reads else self.bucket

    def counted(self, prices: Prices) -> Usage:
        """The sum of the month's days."""
        return sum((amounts for day, amounts in self.usage(prices).items() if day >= self.first), Usage())


@dataclass(frozen=True, slots=True)
class Costs:
    """What a month costs at one price list."""

    month: Month
    so_far: Bill
    expected: Bill
    """Of the whole month: the forecast while it goes on, the same as `so_far` afterwards."""
    after_allowances: Bill
    """So far, with the vendor's free amounts taken off."""
    forecast_days: int
    """How many days the forecast is the mean of."""
    edge_share: Decimal
    """What was taken for it."""

    @property
    def million(self) -> Decimal | None:
        """Dollars for a month with a million widgets at this month's mix; None before the first widget."""
        return cost.million(
            self.usage,
            self.so_far.prices,
            self.month.widgets,
            days_in_month=self.month.days,
            edge_share=self.edge_share,
        )

    @property
    def usage(self) -> Usage:
        """The amounts so far."""
        return self.month.counted(self.so_far.prices)


def own_prices() -> Prices:
    """The list by which this installation pays: the one that is set, else one that fits its bucket."""
    name = settings.PRICES or ("own-server" if settings.BUCKET.startswith("file:") else "s3")
    return prices_of(name)


def month_named(text: str | None, *, today: date) -> date:
    """The first day of `YYYY-MM`, of today's month if it is None. Raises BadMonth."""
    if not text:
        return today.replace(day=1)
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise BadMonth(f"{text!r} is no month: write it like 2026-11.") from error
    if first > today:
        raise BadMonth(f"{text} has not begun yet.")
    if first < _FIRST:
        raise BadMonth(f"{text} was before there were buckets: nothing is counted there.")
    return first


def month(first: date, *, today: date) -> Month:
    """Everything that was counted in the month that begins at `first`."""
    days = cost.days_of(first)
    last = min(days[-1], today)
    since = first - timedelta(days=cost.LOOK_BACK)
    rows = list(SiteDay.objects.filter(day__gte=since, day__lte=last).order_by("day"))
    stored, read, carried, unknown = _stored(since, first, last)
    writes = dict(StoredDay.objects.filter(day__gte=since, day__lte=last).values_list("day", "written"))
    brought = dict(StoredDay.objects.filter(day__gte=since, day__lte=last).values_list("day", "written_bytes"))
    origin = {row.day: row for row in rows if row.place == Place.ORIGIN}
    edge = {row.day: row for row in rows if row.place == Place.EDGE}

    def usage(day: date, row: SiteDay | None) -> Usage:
        told = origin.get(day)
        written = max(told.writes + told.lists if told else 0, writes.get(day, 0))
        return Usage(
            byte_days=Decimal(stored.get(day, 0)),
            writes=written,
            reads=_reads(row) if row else 0,
            bytes_out=row.all_bytes if row else 0,
            bytes_in=brought.get(day, 0),
        )

    known = sorted({*origin, *edge, *(day for day, size in stored.items() if size)})
    mine = [row for row in rows if row.day >= first]
    asked = sum(row.edge_requests for row in mine)
    return Month(
        first=first,
        today=today,
        delivered={day: usage(day, edge.get(day) or origin.get(day)) for day in known},
        bucket={day: usage(day, origin.get(day)) for day in known},
        widgets=sum(row.widgets for row in mine),
        first_plays=sum(row.first_plays for row in mine),
        edge_share=Decimal(sum(row.edge_hits for row in mine)) / asked if asked else None,
        stored_read=read,
        stored_carried=carried,
        stored_unknown=unknown,
    )


def costs(of: Month, prices: Prices, *, edge_share: Decimal | None = None) -> Costs:
    """What the month costs at a price list, so far and in all.

    `edge_share` stands in where no log of the edge tells it; without either every read reaches the bucket.
    Raises BadEdgeShare.
    """
    share = edge_share if edge_share is not None else of.edge_share or Decimal(0)
    counted = of.counted(prices)
    so_far = cost.bill(counted, prices, days_in_month=of.days, edge_share=share)
    expected, looked = so_far, 0
    if of.is_current:
        coming = cost.forecast(of.usage(prices), today=of.today)
        expected = cost.bill(coming.usage, prices, days_in_month=of.days, edge_share=share)
        looked = coming.days
    return Costs(
        month=of,
        so_far=so_far,
        expected=expected,
        after_allowances=cost.bill(counted, prices, days_in_month=of.days, allowances=True, edge_share=share),
        forecast_days=looked,
        edge_share=share,
    )


def budget(paid: Costs) -> Budget:
    """How the month stands to PICTOGAME_BUDGET. A month that is over expects nothing more."""
    return Budget(settings.BUDGET, paid.so_far.total, paid.expected.total, is_over=not paid.month.is_current)


@dataclass(frozen=True, slots=True)
class GameCost:
    """What a game cost of a month."""

    game_id: str
    widgets: int
    usage: Usage
    exact: Decimal
    million: Decimal | None
    """Dollars for a month with a million of its widgets and nothing else; None before the first one."""


def games(paid: Costs, ids: Sequence[str], *, stored: Mapping[str, tuple[int, datetime]]) -> list[GameCost]:
    """What each of some games cost: its part of every line of the bill so far.

    `stored` has, by game, the bytes that it uses in the bucket and since when: `publishing.weight.of_games` tells them.
    A picture that several games share counts for each of them.
    """
    of = paid.month
    rows = {row.game_id: row for row in GameMonth.objects.filter(game_id__in=ids, month=of.first)}
    end = datetime.combine(min(cost.days_of(of.first)[-1], of.today) + timedelta(days=1), time(), UTC)
    begin = datetime.combine(of.first, time(), UTC)
    found = []
    for game_id in ids:
        row = rows.get(game_id)
        size, since = stored.get(game_id, (0, end))
        days = max((end - max(since, begin)).days, 0)
        amounts = Usage(
            byte_days=Decimal(size * days),
            reads=row.requests + row.bot_requests if row else 0,
            bytes_out=row.bytes + row.bot_bytes if row else 0,
        )
        exact = cost.share(amounts, paid.usage, paid.so_far)
        widgets = row.widgets if row else 0
        million = cost.million(amounts, paid.so_far.prices, widgets, days_in_month=of.days, edge_share=paid.edge_share)
        found.append(GameCost(game_id, widgets, amounts, exact, million))
    return found


def _reads(row: SiteDay) -> int:
    """All that is charged as a read: whatever writes nothing, lists nothing and deletes nothing."""
    return row.gets + row.heads + row.others


def _stored(since: date, first: date, last: date) -> tuple[dict[date, int], int, int, int]:
    """Bytes by day, and how many days of the month were read, carried on from the day before, and never known."""
    known = dict(StoredDay.objects.filter(day__gte=since, day__lte=last).values_list("day", "bytes"))
    before = StoredDay.objects.filter(day__lt=since).order_by("-day").first()
    size = before.bytes if before else None
    found: dict[date, int] = {}
    read = carried = unknown = 0
    for number in range((last - since).days + 1):
        day = since + timedelta(days=number)
        mine = day >= first
        if day in known:
            size = known[day]
            read += mine
        elif size is None:
            unknown += mine
        else:
            carried += mine
        found[day] = size or 0
    return found, read, carried, unknown

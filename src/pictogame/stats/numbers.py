"""The numbers that creators look at: of one game, or of several together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Sum

from pictogame.jobs.among import among
from pictogame.stats import charts, counts, words
from pictogame.stats.charts import Chart, Column
from pictogame.stats.counts import Counts
from pictogame.stats.models import GameDay, GameHost, GameHour, GameMonth, Source

PERIODS = (30, 90, 365)
"""Days that a page can look back."""
_BY_WEEK = 90
"""A longer look back is told by the week."""
_MOST_DAYS = 6_000
"""So many rows of days are read for a page, each from another place of the database; more are told by the month."""
_HOURLY_OF_SEVERAL = 7
"""Days whose hours are looked at of several games: of 200, those of 35 days can be 168,000 rows."""
_HOSTS = 12
"""So many stand on a page by name."""
WIDGETS = Column("Widgets shown", one="widget shown")
FIRST_PLAYS = Column("First plays", kind="line", one="first play")
_SUMS = {name: Sum(name) for name in Counts._fields}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything on a page of numbers."""

    games: int
    """Of how many it tells."""
    since: date
    until: date
    """Today; both are included."""
    counted: Mapping[date, Counts]
    """Every day of the time, also those without a visit; or its months, by their first day."""
    total: Counts
    hosts: tuple[tuple[str, int], ...]
    """Where it was embedded, most first, and how many widgets were served there; '' is all that is not told apart."""
    hosts_since: date
    """They are counted by the month: from this day on."""
    hosted: int
    """Widgets of all hosts since then."""
    hours: tuple[int, ...]
    """Widgets by hour of the day (UTC), of the last `hourly_days`."""
    hourly_days: int
    """As many as hours are looked at of, and no more than it is about."""
    logs_read_at: datetime | None
    """When a log was read last; what came later is not counted yet."""

    @property
    def best_hour(self) -> int | None:
        """The hour of the day in which most is played; None while nothing is."""
        return max(range(24), key=lambda at: self.hours[at]) if any(self.hours) else None

    @property
    def days(self) -> int:
        """How many days it is about."""
        return (self.until - self.since).days + 1

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Plays, bytes, and the hours of a day."""
        axis, shown = ("Day" if len(self.counted) == self.days else "Month"), self.counted
        if axis == "Day" and self.days > _BY_WEEK:
            axis, shown = "Week", counts.weeks(Counts(), self.counted)
        rows = list(shown.items())
        plays = charts.over_days(
            "plays",
            "Plays over time",
            [WIDGETS, FIRST_PLAYS],
            [(when, (one.widgets, one.first_plays)) for when, one in rows],
            axis=axis,
            so_far=True,
        )
        weight = charts.over_days(
            "bytes",
            "What they weighed" if self.games > 1 else "What it weighed",
            [Column("Out of the bucket", unit="bytes", say=words.weight)],
            [(when, (one.bytes,)) for when, one in rows],
            axis=axis,
            so_far=True,
        )
        of = f" in the last {self.hourly_days} days" if self.hourly_days < self.days else ""
        title = "When they are played" if self.games > 1 else "When it is played"
        hours = charts.over_hours("hours", title, WIDGETS, self.hours, of=of)
        return plays, weight, hours

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Hosts as people read them: name, widgets, share. Beyond the first ones they stand in one row."""
        shown = [(host or "other pages", many) for host, many in self.hosts[:_HOSTS]]
        if rest := self.hosts[_HOSTS:]:
            shown.append((words.many(len(rest), "more host"), sum(many for _, many in rest)))
        return [(name, words.count(many), words.part(many, self.hosted)) for name, many in shown]

    def told(self) -> dict[str, Any]:
        """For machines. Whoever asks for them wants days."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "logs_read_at": self.logs_read_at.isoformat() if self.logs_read_at else None,
            "total": self.total._asdict(),
            "best_hour_utc": self.best_hour,
            "days": counts.told(Counts(), self.counted),
            "hosts_since": self.hosts_since.isoformat(),
            "hosts": [{"host": host, "widgets": many} for host, many in self.hosts],
            "hours_utc": list(self.hours),
        }


def of_games(ids: Collection[str], *, days: int, today: date) -> Numbers:
    """The numbers of some games together, day by day, of the last `days` days, today included."""
    since = today - timedelta(days=days - 1)
    return _numbers(ids, since, today, _by_day(ids, since, today))


def together(ids: Collection[str], *, days: int, today: date) -> tuple[Numbers, dict[str, Counts]]:
    """The numbers of games together, and of each of them; absent if nothing was asked of it.

    By the day, unless those are too many rows; then by the month.
    """
    since = today - timedelta(days=days - 1)
    # What stands before the first whole month is read by the day. The month of today has no later day.
    month = since if since.day == 1 else (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    first = _days(ids, since, min(month - timedelta(days=1), today)).values_list("game_id")
    months = GameMonth.objects.filter(game__in=among(ids), month__gte=month, month__lte=today)
    begun = {game_id: Counts._make(numbers) for game_id, *numbers in first.annotate(**_SUMS)}
    each = dict(begun)
    for game_id, *numbers in months.values_list("game_id").annotate(**_SUMS):
        each[game_id] = counts.added(Counts(), (each.get(game_id, Counts()), Counts._make(numbers)))
    if days * len(ids) <= _MOST_DAYS:
        return _numbers(ids, since, today, _by_day(ids, since, today)), each
    known = {when: Counts._make(numbers) for when, *numbers in months.values_list("month").annotate(**_SUMS)}
    known.setdefault(since.replace(day=1), counts.added(Counts(), begun.values()))
    firsts = [day for day in counts.every_day(since.replace(day=1), today) if day.day == 1]
    return _numbers(ids, since, today, {when: known.get(when, Counts()) for when in firsts}), each


def by_game(ids: Collection[str], *, days: int, today: date) -> dict[str, Counts]:
    """The numbers of each of a few games; absent if nothing was asked of it."""
    rows = _days(ids, today - timedelta(days=days - 1), today).values_list("game_id").annotate(**_SUMS)
    return {game_id: Counts._make(numbers) for game_id, *numbers in rows}


def logs_read_at() -> datetime | None:
    """When a log was read last; None before the first one."""
    return Source.objects.order_by("-read_at").values_list("read_at", flat=True).first()


def period(text: str | None) -> int:
    """One of PERIODS; the shortest for anything else."""
    return next((days for days in PERIODS if str(days) == text), PERIODS[0])


def _numbers(ids: Collection[str], since: date, until: date, counted: Mapping[date, Counts]) -> Numbers:
    hourly_days = min(settings.STATS_HOURLY_DAYS, (until - since).days + 1)
    if len(ids) > 1:
        hourly_days = min(hourly_days, _HOURLY_OF_SEVERAL)
    hosts_since = since.replace(day=1)
    hosts = _hosts(ids, hosts_since)
    return Numbers(
        games=len(ids),
        since=since,
        until=until,
        counted=counted,
        total=counts.added(Counts(), counted.values()),
        hosts=tuple(hosts),
        hosts_since=hosts_since,
        hosted=sum(many for _, many in hosts),
        hours=_hours(ids, until - timedelta(days=hourly_days - 1)),
        hourly_days=hourly_days,
        logs_read_at=logs_read_at(),
    )


def _days(ids: Collection[str], since: date, until: date) -> QuerySet[GameDay]:
    return GameDay.objects.filter(game__in=among(ids), day__gte=since, day__lte=until)


def _by_day(ids: Collection[str], since: date, until: date) -> dict[date, Counts]:
    rows = _days(ids, since, until).values_list("day").annotate(**_SUMS)
    known = {day: Counts._make(numbers) for day, *numbers in rows}
    return {day: known.get(day, Counts()) for day in counts.every_day(since, until)}


def _hosts(ids: Collection[str], since: date) -> list[tuple[str, int]]:
    rows = GameHost.objects.filter(game__in=among(ids), month__gte=since).values_list("host")
    return list(rows.annotate(many=Sum("widgets")).order_by("-many", "host"))


def _hours(ids: Collection[str], since: date) -> tuple[int, ...]:
    begin = datetime.combine(since, time(), UTC)
    found = [0] * 24
    rows = GameHour.objects.filter(game__in=among(ids), hour__gte=begin).values_list("hour")
    for hour, many in rows.annotate(many=Sum("widgets")):
        found[hour.hour] += many
    return tuple(found)

"""The numbers that creators look at: of one game, or of several together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Sum

from pictogame.stats import charts, words
from pictogame.stats.charts import Chart, Column
from pictogame.stats.models import GameDay, GameHost, GameHour, Source

PERIODS = (30, 90, 365)
"""Days that a page can look back."""
_BY_WEEK = 90
"""A longer look back is told by the week."""
_HOSTS = 12


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in some time."""

    widgets: int = 0
    first_plays: int = 0
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    errors: int = 0


NAMES = tuple(field.name for field in fields(Counts))
_NUMBERS = attrgetter(*NAMES)


def added(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    return Counts(*map(sum, zip(*map(_NUMBERS, counts), strict=True)))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything on a page of numbers."""

    since: date
    until: date
    """Today; both are included."""
    days: Mapping[date, Counts]
    """Every day of the time, also those without a visit."""
    total: Counts
    hosts: tuple[tuple[str, int], ...]
    """Where it was embedded, and how many widgets were served there; '' is all that is not told apart."""
    hours: tuple[int, ...]
    """Widgets by hour of the day (UTC), of the days that are kept by the hour."""
    hourly_days: int
    """So many days back they are kept."""
    logs_read_at: datetime | None
    """When a log was read last; what came later is not counted yet."""

    @property
    def best_hour(self) -> int | None:
        """The hour of the day in which most is played; None while nothing is."""
        return max(range(24), key=lambda at: self.hours[at]) if any(self.hours) else None

    @property
    def weekly(self) -> bool:
        """Whether it is told by the week."""
        return len(self.days) > _BY_WEEK

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Plays, bytes, and the hours of a day."""
        rows = list(_weeks(self.days).items()) if self.weekly else list(self.days.items())
        axis = "Week" if self.weekly else "Day"
        plays = charts.over_days(
            "plays",
            "Plays over time",
            [Column("Widgets shown"), Column("First plays", kind="line")],
            [(day, (counts.widgets, counts.first_plays)) for day, counts in rows],
            axis=axis,
        )
        weight = charts.over_days(
            "bytes",
            "What it weighed",
            [Column("Out of the bucket", unit="bytes", say=words.weight)],
            [(day, (counts.bytes,)) for day, counts in rows],
            axis=axis,
        )
        of = f" in the last {self.hourly_days} days" if self.hourly_days < len(self.days) else ""
        hours = charts.over_hours("hours", "When it is played", Column("Widgets shown"), self.hours, of=of)
        return plays, weight, hours

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Hosts as people read them: name, widgets, share."""
        whole = self.total.widgets
        return [(host or "other pages", words.count(many), words.part(many, whole)) for host, many in self.hosts]

    def told(self) -> dict[str, Any]:
        """For machines."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "logs_read_at": self.logs_read_at.isoformat() if self.logs_read_at else None,
            "total": asdict(self.total),
            "best_hour_utc": self.best_hour,
            "days": [{"day": day.isoformat(), **asdict(counts)} for day, counts in self.days.items()],
            "hosts": [{"host": host, "widgets": many} for host, many in self.hosts],
            "hours_utc": list(self.hours),
        }

    def lines(self) -> list[list[str]]:
        """For a spreadsheet: a heading, then a line for each day."""
        return [
            ["day", *NAMES],
            *([day.isoformat(), *(str(getattr(counts, name)) for name in NAMES)] for day, counts in self.days.items()),
        ]


def of_games(ids: Collection[str], *, days: int, today: date) -> Numbers:
    """The numbers of some games together, of the last `days` days, today included."""
    since = today - timedelta(days=days - 1)
    chosen = list(ids)
    sums = {name: Sum(name) for name in NAMES}
    rows = GameDay.objects.filter(game_id__in=chosen, day__gte=since, day__lte=today).values_list("day")
    known = {day: Counts(*numbers) for day, *numbers in rows.annotate(**sums)}
    hosts = (
        GameHost.objects.filter(game_id__in=chosen, day__gte=since, day__lte=today)
        .values_list("host")
        .annotate(many=Sum("widgets"))
        .order_by("-many", "host")[:_HOSTS]
    )
    every = [since + timedelta(days=number) for number in range(days)]
    by_day = {day: known.get(day, Counts()) for day in every}
    return Numbers(
        since=since,
        until=today,
        days=by_day,
        total=added(known.values()),
        hosts=tuple(hosts),
        hours=_hours(chosen, since),
        hourly_days=settings.STATS_HOURLY_DAYS,
        logs_read_at=logs_read_at(),
    )


def totals(ids: Collection[str], *, days: int, today: date) -> dict[str, Counts]:
    """What each of some games brought in that time; absent if nothing was asked of it."""
    since = today - timedelta(days=days - 1)
    sums = {name: Sum(name) for name in NAMES}
    rows = GameDay.objects.filter(game_id__in=list(ids), day__gte=since, day__lte=today).values_list("game_id")
    return {game_id: Counts(*numbers) for game_id, *numbers in rows.annotate(**sums)}


def logs_read_at() -> datetime | None:
    """When a log was read last; None before the first one."""
    return Source.objects.order_by("-read_at").values_list("read_at", flat=True).first()


def period(text: str | None) -> int:
    """One of PERIODS; the shortest for anything else."""
    return next((days for days in PERIODS if str(days) == text), PERIODS[0])


def _hours(ids: Sequence[str], since: date) -> tuple[int, ...]:
    begin = datetime.combine(since, time(), UTC)
    found = [0] * 24
    rows = GameHour.objects.filter(game_id__in=ids, hour__gte=begin).values_list("hour").annotate(many=Sum("widgets"))
    for hour, many in rows:
        found[hour.astimezone(UTC).hour] += many
    return tuple(found)


def _weeks(days: Mapping[date, Counts]) -> dict[date, Counts]:
    """By the Monday with which each week began."""
    weeks: dict[date, list[Counts]] = {}
    for day, counts in days.items():
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(counts)
    return {monday: added(counts) for monday, counts in weeks.items()}

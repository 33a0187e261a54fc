"""Prometheus' view of the figures, made of rows when it asks."""

from collections.abc import Iterator
from datetime import UTC
from importlib.metadata import version

from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pictogame.jobs.leases import database_now
from pictogame.office.figures import Figures, Queue
from pictogame.stats import meter

ROLES = ("publisher", "worker", "studio")
OUTCOMES = ("published", "unpublished", "taken_down", "failed", "set_aside")
PICTURES = ("ready", "refused", "failed", "set_aside")
"""Told from the start as 0, so that an alert on them has something to look at."""


def exposition(figures: Figures) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(_Rows(figures))
    return generate_latest(registry)


class _Rows(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from _queues(self._figures)
        yield from _outcomes(self._figures)
        yield from _bucket(self._figures)
        yield from _processes(self._figures)
        yield from _rest(self._figures)
        yield from _money()


def _queues(figures: Figures) -> Iterator[Metric]:
    queues: dict[str, Queue] = {
        "games": figures.games,
        "bulk": figures.bulk,
        "crops": figures.crops,
        "deletions": figures.deletions,
    }
    length = GaugeMetricFamily("pictogame_queue_length", "Rows that wait to be worked on.", labels=["queue"])
    age = GaugeMetricFamily(
        "pictogame_queue_age_seconds", "How long the row that was due first has been due.", labels=["queue"]
    )
    failing = GaugeMetricFamily("pictogame_queue_failing", "Rows that failed and are tried again.", labels=["queue"])
    aside = GaugeMetricFamily("pictogame_set_aside", "Rows that were given up until somebody asks.", labels=["queue"])
    for name, queue in queues.items():
        length.add_metric([name], queue.length)
        age.add_metric([name], queue.age_seconds)
        failing.add_metric([name], queue.failing)
        aside.add_metric([name], queue.set_aside)
    yield from (length, age, failing, aside)


def _outcomes(figures: Figures) -> Iterator[Metric]:
    counts = {f"{name}": 0 for name in OUTCOMES} | {f"pictures_{name}": 0 for name in PICTURES}
    counts |= {"objects_deleted": 0} | dict(figures.all_time)
    refusals = {name.removeprefix("refused_"): counts.pop(name) for name in list(counts) if name.startswith("refused_")}
    pictures = {
        name.removeprefix("pictures_"): counts.pop(name) for name in list(counts) if name.startswith("pictures_")
    }
    yield _counter("pictogame_objects_deleted", "Objects deleted from the bucket.", counts.pop("objects_deleted"))
    yield _counters("pictogame_outcomes", "How games left the queue.", "result", counts)
    yield _counters("pictogame_pictures", "How crops of pictures left the queue.", "result", pictures)
    yield _counters("pictogame_refusals", "Pictures that can't be used, by why.", "kind", refusals)


def _bucket(figures: Figures) -> Iterator[Metric]:
    objects = GaugeMetricFamily("pictogame_objects", "Objects of the bucket that rows know.", labels=["state"])
    size = GaugeMetricFamily("pictogame_object_bytes", "Bytes of those objects as stored.", labels=["state"])
    for held in figures.held:
        objects.add_metric([held.state], held.objects)
        size.add_metric([held.state], held.bytes)
    yield from (objects, size)
    unfinished = "Deleted games of which something is not confirmed to be gone."
    yield GaugeMetricFamily("pictogame_receipts_unfinished", unfinished, value=figures.receipts_unfinished)
    yield GaugeMetricFamily(
        "pictogame_receipts_age_seconds", "How long the oldest of them has waited.", value=figures.receipts_age_seconds
    )


def _processes(figures: Figures) -> Iterator[Metric]:
    count = GaugeMetricFamily("pictogame_processes", "Processes that were heard of lately.", labels=["role"])
    age = GaugeMetricFamily(
        "pictogame_heartbeat_age_seconds", "How long ago the freshest process of a role was heard of.", labels=["role"]
    )
    for role in ROLES:
        seen = [one for one in figures.processes if one.role == role]
        count.add_metric([role], sum(one.is_here for one in seen))
        if seen:
            age.add_metric([role], min(one.seconds_ago for one in seen))
    yield from (count, age)


def _rest(figures: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("pictogame_paused", "1 while the line is paused.", value=float(figures.pause.is_paused))
    yield GaugeMetricFamily("pictogame_disk_free_bytes", "Room where the data folder lies.", value=figures.disk_free)
    yield GaugeMetricFamily("pictogame_disk_size_bytes", "All room there.", value=figures.disk_size)
    yield InfoMetricFamily(
        "pictogame", "What runs here.", value={"version": version("pictogame"), "database": connection.vendor}
    )


def _money() -> Iterator[Metric]:
    today = database_now().astimezone(UTC).date()
    paid = meter.costs(meter.month(today.replace(day=1), today=today), meter.own_prices())
    budget = meter.budget(paid)
    dollars = GaugeMetricFamily(
        "pictogame_month_dollars", "What the bucket costs this month, at list prices.", labels=["what"]
    )
    dollars.add_metric(["so_far"], float(budget.spent))
    dollars.add_metric(["expected"], float(budget.expected))
    yield dollars
    if budget.usd is not None:
        yield GaugeMetricFamily("pictogame_budget_dollars", "What it may cost in a month.", value=float(budget.usd))
        text = "1 while the month costs more than its budget, or will."
        yield GaugeMetricFamily("pictogame_over_budget", text, value=float(budget.warns))


def _counter(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _counters(name: str, text: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family

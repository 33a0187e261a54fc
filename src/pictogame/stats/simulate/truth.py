"""What a crowd did, summed in plain Python by the definitions of docs/stats.md, and how far the database agrees."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model, Sum

from pictogame.stats import models
from pictogame.stats.simulate.crowd import Asked

_Tables = Mapping[str, Mapping[str, Mapping[str, int]]]

_HOUR = re.compile(r"\d{4}-\d\d-\d\d \d\d")
_METHODS = {"GET": "gets", "HEAD": "heads", "PUT": "writes", "LIST": "lists"}


class Features(NamedTuple):
    """What a format tells."""

    edge: bool = False
    countries: bool = False
    lists: bool = False
    """Whether a listing can be told from any other GET."""


@dataclass(slots=True)
class Truth:
    """Sums by table: rows by their keys in words, then columns."""

    features: Features
    tables: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    lines: int = 0

    def add(self, asked: Asked, *, at: datetime, status: int, size: int, hit: bool | None = None) -> None:
        """One request with the answer that it got: `size` bytes, at that time."""
        self.lines += 1
        sums = self._sums(asked, status, size, hit)
        day, month = f"{at:%Y-%m-%d}", f"{at:%Y-%m}-01"
        hour = f"{at:%Y-%m-%d %H}"
        place = "edge" if self.features.edge else "origin"
        self._row("SiteDay", f"{day} {place}").update(sums + self._paid(asked, status, size))
        if asked.who == "people":
            hourly = {name: sums[name] for name in ("widgets", "first_plays", "requests", "bytes", "errors")}
            self._row("SiteHour", f"{hour} {place}").update(hourly)
        if asked.game is not None and asked.who in {"people", "bot"}:
            self._row("GameDay", f"{asked.game} {day}").update(sums)
            self._row("GameMonth", f"{asked.game} {month}").update(sums)
            if asked.who == "people":
                self._row("GameHour", f"{asked.game} {hour}").update(hourly)
        if sums["widgets"] and asked.host is not None:
            self._row("SiteHost", f"{month} {asked.host}")["widgets"] += 1
            if asked.game is not None:
                self._row("GameHost", f"{asked.game} {month} {asked.host}")["widgets"] += 1
        if self.features.countries and asked.who == "people":
            country = {name: sums[name] for name in ("widgets", "requests", "bytes")}
            self._row("SiteCountry", f"{day} {asked.country}").update(country)
            if sums["widgets"] and asked.game is not None:
                self._row("GameCountry", f"{asked.game} {month} {asked.country}")["widgets"] += 1

    def document(self) -> dict[str, Any]:
        """For JSON. Sums that are 0 are left out."""
        return {
            "lines": self.lines,
            "tables": {
                name: {key: {column: n for column, n in sums.items() if n} for key, sums in sorted(rows.items())}
                for name, rows in sorted(self.tables.items())
            },
        }

    def _row(self, table: str, key: str) -> Counter[str]:
        return self.tables.setdefault(table, {}).setdefault(key, Counter())

    def _sums(self, asked: Asked, status: int, size: int, hit: bool | None) -> Counter[str]:  # noqa: FBT001
        if asked.who == "bot":
            return Counter(bot_requests=1, bot_bytes=size)
        if asked.who != "people":
            return Counter()
        kind = "other" if asked.kind == "stray" else asked.kind
        is_get = asked.op == "GET"
        sums = Counter({"requests": 1, "bytes": size, f"{kind}_requests": 1, f"{kind}_bytes": size})
        sums["widgets"] = int(asked.view and is_get and status in {200, 304})
        sums["first_plays"] = int(asked.play and is_get and status == 200)
        sums["not_modified"] = int(status == 304)
        sums["errors"] = int(400 <= status <= 599)
        sums["edge_requests"] = int(self.features.edge)
        sums["edge_hits"] = int(bool(hit))
        return sums

    def _paid(self, asked: Asked, status: int, size: int) -> Counter[str]:
        method = _METHODS[asked.op if self.features.lists or asked.op != "LIST" else "GET"]
        group = "304" if status == 304 else f"{status // 100}xx" if status // 100 in {2, 4, 5} else "other"
        paid = Counter({"all_requests": 1, "all_bytes": size, method: 1, f"status_{group}": 1})
        if asked.who in {"own", "fill"}:
            paid.update({f"{asked.who}_requests": 1, f"{asked.who}_bytes": size})
        if asked.who == "people":
            paid["unknown_games"] = int(asked.game is None and asked.kind not in {"stray", "picture", "runtime"})
            paid["stray_requests"] = int(asked.kind == "stray")
            if asked.game is None and asked.kind in {"picture", "runtime"}:
                paid.update({"untold_requests": 1, "untold_bytes": size})
        return paid


_KEYS = {
    "GameDay": ("game_id", "day"),
    "GameMonth": ("game_id", "month"),
    "GameHour": ("game_id", "hour"),
    "GameHost": ("game_id", "month", "host"),
    "GameCountry": ("game_id", "month", "country"),
    "SiteDay": ("day", "place"),
    "SiteHour": ("hour", "place"),
    "SiteHost": ("month", "host"),
    "SiteCountry": ("day", "country"),
}


def counted(*, hourly: bool = True) -> dict[str, dict[str, dict[str, int]]]:
    """The database's sums in the shape of `Truth.document()["tables"]`."""
    tables = {name: dict(_counted(getattr(models, name), keys)) for name, keys in _KEYS.items()}
    return {name: rows for name, rows in tables.items() if rows and (hourly or not name.endswith("Hour"))}


def differences(truth: Mapping[str, Any], *, totals: bool = False) -> list[str]:
    """Where the database and the truth (a document) disagree, in a line each; none when they are exactly equal.

    With `totals` days and hours are summed first: a server's clock and a client's may see an hour end differently.
    Hours that are so old that the database keeps none of them are not compared; their days are.
    """
    wanted: _Tables = _with_hours_that_are_kept(truth["tables"])
    got: _Tables = _with_hours_that_are_kept(counted())
    if totals:
        wanted, got = _totals(wanted), _totals(got)
    lines: list[str] = []
    for table in sorted({*wanted, *got}):
        there, here = wanted.get(table, {}), got.get(table, {})
        for key in sorted({*there, *here}):
            one, other = there.get(key, {}), here.get(key, {})
            lines += [
                f"{table} {key} {column}: {one.get(column, 0)} happened, {other.get(column, 0)} were counted"
                for column in sorted({*one, *other})
                if one.get(column, 0) != other.get(column, 0)
            ]
    return lines


def _with_hours_that_are_kept(tables: _Tables) -> _Tables:
    first = f"{datetime.now(UTC) - timedelta(days=settings.STATS_HOURLY_DAYS):%Y-%m-%d %H}"
    return {
        name: {key: sums for key, sums in rows.items() if _HOUR.findall(key)[-1] >= first}
        if name.endswith("Hour")
        else rows
        for name, rows in tables.items()
    }


def _counted(model: type[Model], keys: tuple[str, ...]) -> Iterator[tuple[str, dict[str, int]]]:
    names = [
        one.name
        for one in model._meta.concrete_fields  # noqa: SLF001  Django's own public name.
        if one.get_internal_type() == "PositiveBigIntegerField"
    ]
    rows = model._default_manager.values(*keys).annotate(**{f"sum_{name}": Sum(name) for name in names})  # noqa: SLF001
    for row in rows:
        said = (f"{row[key]:%Y-%m-%d %H}" if key == "hour" else str(row[key]) for key in keys)
        yield " ".join(said), {name: row[f"sum_{name}"] for name in names if row[f"sum_{name}"]}


def _totals(tables: _Tables) -> dict[str, dict[str, Counter[str]]]:
    summed: dict[str, dict[str, Counter[str]]] = {}
    for table, rows in tables.items():
        keys = _KEYS[table]
        for key, sums in rows.items():
            words = key.split(" ")
            kept = [
                word for word, name in zip(words, _spread(keys), strict=False) if name not in {"day", "month", "hour"}
            ]
            summed.setdefault(table, {}).setdefault(" ".join(kept), Counter()).update(sums)
    return summed


def _spread(keys: tuple[str, ...]) -> Iterator[str]:
    """Names for the words of a key: an hour takes two."""
    for key in keys:
        yield key
        if key == "hour":
            yield key

"""Price lists: files of `prices/`, each with its date and where it was read."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from pictogame.lib.errors import Problem
from pictogame.stats.cost import NOTHING, PerGb, PerRequest, Prices, Tier

_LISTS = "prices"


class UnknownPrices(Problem):
    """There is no price list of that name."""


@cache
def names() -> tuple[str, ...]:
    """Every price list, `s3` first, then by name."""
    found = (file.name.removesuffix(".json") for file in _folder().iterdir() if file.name.endswith(".json"))
    return tuple(sorted(found, key=lambda name: (name != "s3", name)))


@cache
def prices(name: str) -> Prices:
    """A price list by its name. Raises UnknownPrices with the names that there are."""
    if name not in names():
        raise UnknownPrices(f"There are no prices of {name!r}; there are: {', '.join(names())}.")
    return read(json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal))


def read(said: dict[str, Any]) -> Prices:
    """A price list from what its file says. Amounts of money are strings there: a float is no price."""
    origin, fixed = said.get("origin_reads"), said.get("fixed", {})
    return Prices(
        name=said["name"],
        title=said["title"],
        where=said["where"],
        date=date.fromisoformat(said["date"]),
        sources=tuple((one["what"], one["url"]) for one in said["sources"]),
        notes=tuple(said["notes"]),
        gb_bytes=said["gb_bytes"],
        month_days=said["month_days"],
        storage=_per_gb(said["storage"]),
        writes=_per_request(said["writes"]),
        reads=_per_request(said["reads"]),
        out=_per_gb(said["out"]),
        bytes_in=_per_gb(said["in"]) if "in" in said else NOTHING,
        origin_reads=_per_request(origin) if origin else None,
        fixed=Decimal(fixed.get("usd", "0")),
        fixed_what=fixed.get("what", ""),
    )


def _per_gb(said: dict[str, Any]) -> PerGb:
    return PerGb(
        tiers=tuple(
            Tier(None if one["up_to_gb"] is None else Decimal(one["up_to_gb"]), _money(one["usd"]))
            for one in said["tiers"]
        ),
        free_gb=Decimal(said.get("free_gb", "0")),
        included_gb=Decimal(said.get("included_gb", "0")),
        free_times_stored=Decimal(said.get("free_times_stored", "0")),
        round_up_gb=Decimal(said.get("round_up_gb", "0")),
    )


def _per_request(said: dict[str, Any]) -> PerRequest:
    return PerRequest(
        usd=_money(said["usd"]), per=said["per"], free=said.get("free", 0), round_up=said.get("round_up", 0)
    )


def _money(said: object) -> Decimal:
    if not isinstance(said, str):
        raise TypeError(f"A price is written as a string, so that no digit is lost; {said!r} is not.")
    return Decimal(said)


def _folder() -> Any:
    return resources.files("pictogame.stats") / _LISTS

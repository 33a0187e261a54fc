"""Who asks: people's browsers, programs on the kept list, ourselves, or a shared cache that fills itself. Pure."""

import json
import re
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

Who = Literal["people", "bot", "own", "fill"]
WHO: tuple[Who, ...] = ("people", "bot", "own", "fill")


class Kept(NamedTuple):
    """The kept list, as regular expressions that Python and RE2 read alike; case does not matter."""

    date: str
    bots: str
    own: str
    caches: str


@cache
def kept() -> Kept:
    """The list as it ships, `agents.json` beside this module."""
    said = json.loads(resources.files("pictogame.stats").joinpath("agents.json").read_text(encoding="utf-8"))
    return Kept(said["date"], *(_pattern(said[name]) for name in ("bots", "own", "caches")))


def who_is(agent: str, *, signed: bool = False) -> Who:
    """Whose request it is, by the user agent and whether it carried credentials, which players never do.

    >>> who_is("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), who_is("")
    ('bot', 'bot')
    >>> who_is("Amazon%20CloudFront", signed=True), who_is("Pictogame/0.1 (check)"), who_is("Mozilla/5.0 Firefox/140.0")
    ('fill', 'own', 'people')
    """
    list_ = kept()
    if re.search(list_.caches, agent):
        return "fill"
    if signed or re.search(list_.own, agent):
        return "own"
    return "bot" if agent in {"", "-"} or re.search(list_.bots, agent) else "people"


def who_sql(agent: str) -> str:
    """SQL for the place in WHO of an agent without credentials."""
    list_ = kept()
    return (
        f"CASE WHEN regexp_matches({agent}, '{list_.caches}') THEN 3 "
        f"WHEN regexp_matches({agent}, '{list_.own}') THEN 2 "
        f"WHEN {agent} IN ('', '-') OR regexp_matches({agent}, '{list_.bots}') THEN 1 ELSE 0 END"
    )


def _pattern(names: list[str]) -> str:
    return "(?i)" + "|".join("(?: |%20|[+])".join(map(re.escape, name.split(" "))) for name in names).replace("'", "''")

"""Numbers and states in words."""

from typing import Literal

Mood = Literal["", "good", "wait", "bad"]
"""How a thing is to be looked at: it becomes a class in the pages."""


def span(seconds: float) -> str:
    """How long, in the largest unit that says something.

    >>> [span(seconds) for seconds in (0.4, 1, 59, 150, 7200, 300_000)]
    ['0 seconds', '1 second', '59 seconds', '2 minutes', '2 hours', '3 days']
    """
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and unit == "day"):
            return _many(int(seconds // size), unit)
    return _many(int(seconds), "second")


def _many(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"

"""What a chart shows: a table of numbers and one sentence that says the same. A page draws it, or shows it as it is.

Pure. `templates/stats/chart.html` is its face.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Literal

from pictogame.stats import words

Kind = Literal["bars", "line"]
Unit = Literal["", "bytes", "dollars"]


@dataclass(frozen=True, slots=True)
class Column:
    """One row of numbers: how it is called, drawn and written."""

    name: str
    kind: Kind = "bars"
    unit: Unit = ""
    say: Callable[[int], str] = words.count
    one: str = ""
    """Its name within a sentence about a single one; empty where the name fits any number."""

    def told(self, total: int) -> str:
        """A number with the column's name, as a sentence has it."""
        return f"{self.say(total)} {self.one if self.one and total == 1 else self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, and how people read it."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A place on the axis: a day as `2026-11-03`, or a number; and the numbers there."""

    at: str
    label: str
    cells: tuple[Cell, ...]
    so_far: bool = False
    """Whether its time still goes on."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its table. `name` is unique on its page."""

    name: str
    title: str
    text: str
    """The alternative: everything that the eye would take from the picture."""
    axis: str
    """What the first column of the table holds."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def body(self) -> str:
        """The table's rows as HTML: the template takes ten times as long over hundreds of cells."""
        written = []
        for row in self.rows:
            cells = "".join(f'<td data-value="{cell.value}">{escape(cell.text)}</td>' for cell in row.cells)
            tr, label = ("<tr data-so-far>", f"{row.label}, so far") if row.so_far else ("<tr>", row.label)
            written.append(f'{tr}<th scope="row" data-at="{escape(row.at)}">{escape(label)}</th>{cells}</tr>\n')
        return "".join(written)


def over_days(
    name: str,
    title: str,
    columns: Sequence[Column],
    days: Sequence[tuple[date, Sequence[int]]],
    *,
    axis: str = "Day",
    text: str = "",
    so_far: bool = False,
) -> Chart:
    """A chart over days (or weeks or months, by their first day), oldest first; its table has the newest on top.

    `text` takes the place of the sentence that the numbers give. `so_far`: the newest of them still goes on.
    """
    label = words.month if axis == "Month" else words.day
    rows = [_row(when.isoformat(), label(when), columns, numbers) for when, numbers in reversed(days)]
    rows[:1] = [replace(row, so_far=so_far) for row in rows[:1]]
    return Chart(name, title, text or _told(columns, days, axis), axis, tuple(columns), tuple(rows))


def over_hours(name: str, title: str, column: Column, hours: Sequence[int], *, of: str = "") -> Chart:
    """A chart over the 24 hours of a day. `of` says of which days, where they are not all that the page is about."""
    rows = tuple(_row(str(at), f"{at:02}:00", [column], [number]) for at, number in enumerate(hours))
    best = max(range(len(hours)), key=lambda at: hours[at], default=0)
    total = sum(hours)
    text = (
        f"{column.told(total)}{of}; most from {words.hour(best)} UTC ({column.say(hours[best])})."
        if total
        else f"No {column.name.lower()} yet."
    )
    return Chart(name, title, text, "Hour (UTC)", (column,), rows)


def _row(at: str, label: str, columns: Sequence[Column], numbers: Sequence[int]) -> Row:
    cells = tuple(Cell(number, column.say(number)) for column, number in zip(columns, numbers, strict=True))
    return Row(at, label, cells)


def _told(columns: Sequence[Column], days: Sequence[tuple[date, Sequence[int]]], axis: str) -> str:
    if not days:
        return "Nothing is counted yet."
    said = []
    for place, column in enumerate(columns):
        numbers = [(numbers[place], when) for when, numbers in days]
        most, when = max(numbers, key=lambda one: one[0])
        total = sum(number for number, _ in numbers)
        if not total:
            said.append(f"no {column.name.lower()}")
            continue
        peak = {"Day": f"on {words.day(when)}", "Month": f"in {words.month(when)}"}
        at = peak.get(axis, f"in the {axis.lower()} of {words.day(when)}")
        said.append(f"{column.told(total)}, most {at} ({column.say(most)})")
    sentence = "; ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."

"""A bar on stderr while something long is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)


class Advance(Protocol):
    """Says that one more is done, and what comes now."""

    def __call__(self, what: str, /, *, steps: int = 0) -> None: ...


def _nobody_watches(_what: str, /, *, steps: int = 0) -> None:
    del steps


@contextmanager
def progress(total: int, what: str) -> Iterator[Advance]:
    """A bar on stderr while something long is done; nothing where nobody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _nobody_watches
        return
    bar = Progress(
        SpinnerColumn(), BarColumn(bar_width=28), TextColumn("{task.description}"), console=console, transient=True
    )
    with bar:
        task = bar.add_task(what, total=total)

        def advance(what: str, /, *, steps: int = 0) -> None:
            bar.update(task, advance=steps, description=what)

        yield advance


class Watch(Protocol):
    """Says what is looked at, how many of them are done, and how many there are as far as is known."""

    def __call__(self, what: str, done: int, total: int, /) -> None: ...


@contextmanager
def watching() -> Iterator[Watch]:
    """A bar on stderr for work in several stages, each with a count of its own; nothing where nobody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (SpinnerColumn(), BarColumn(bar_width=28), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(what: str, done: int, total: int, /) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total)

        yield watch

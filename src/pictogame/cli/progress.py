"""A bar on stderr while something long is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn


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

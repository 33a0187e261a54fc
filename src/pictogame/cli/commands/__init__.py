"""Commands by noun. Each module has `register(app)`, which adds its commands and imports little else."""

from collections.abc import Callable

import typer

REGISTER: tuple[Callable[[typer.Typer], None], ...] = ()
"""In the order in which help lists them."""

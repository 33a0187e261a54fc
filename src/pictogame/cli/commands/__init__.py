"""Commands by noun. Each module has `register(app)`, which adds its commands and imports little else."""

from collections.abc import Callable

import typer

from pictogame.cli.commands import audit, health, operator

REGISTER: tuple[Callable[[typer.Typer], None], ...] = (audit.register, health.register, operator.register)
"""In the order in which help lists them."""

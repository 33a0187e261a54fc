"""Commands by noun. Each module has `register(app)`, which adds its commands and imports little else."""

from collections.abc import Callable

import typer

from pictogame.cli.commands import audit, backup, cost, games, health, line, operator, runtime, stats

REGISTER: tuple[Callable[[typer.Typer], None], ...] = (
    audit.register,
    backup.register,
    games.register,
    health.register,
    line.register,
    operator.register,
    runtime.register,
    stats.register,
    cost.register,
)
"""In the order in which help lists them."""

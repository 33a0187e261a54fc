"""Commands by noun. Each module has `register(app)`, which adds its commands and imports little else."""

from collections.abc import Callable

import typer

from pictogame.cli.commands import audit, cost, games, health, line, operator, runtime, stats

REGISTER: tuple[Callable[[typer.Typer], None], ...] = (
    audit.register,
    games.register,
    health.register,
    line.register,
    operator.register,
    runtime.register,
    stats.register,
    cost.register,
)
"""In the order in which help lists them."""

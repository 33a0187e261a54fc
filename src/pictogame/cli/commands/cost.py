"""`pictogame stats cost`."""

from typing import Annotated

import typer

from pictogame.cli.commands.stats import stats
from pictogame.cli.ready import Json, ready


def register(app: typer.Typer) -> None:  # noqa: ARG001  Its group is added by the module that makes it.
    """Adds the command to the group of numbers."""
    stats.command()(cost)


def cost(
    prices: Annotated[
        str | None, typer.Option("--prices", metavar="NAME", help="Another price list than PICTOGAME_PRICES.")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="Another month.")] = None,
    game: Annotated[str | None, typer.Option("--game", metavar="ID", help="What one game costs, too.")] = None,
    what_if: Annotated[
        list[str] | None, typer.Option("--what-if", metavar="NAME", help="The same at another list; again for more.")
    ] = None,
    edge_share: Annotated[
        str | None,
        typer.Option("--edge-share", metavar="0.95", help="Share of requests that a CDN answers, where no log tells."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what the bucket costs this month; exit code 6 when the budget is or will be exceeded."""
    ready()
    from pictogame.cli import costs, saying
    from pictogame.cli.exits import Exit

    asked = costs.ask(prices_name=prices, month_name=month, game_id=game, what_if=what_if or [], edge=edge_share)
    if json:
        saying.document(costs.told(asked))
    else:
        saying.lines(*costs.lines(asked))
    if asked.budget.warns:
        raise typer.Exit(Exit.OVER_BUDGET)

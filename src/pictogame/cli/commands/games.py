"""Commands about games that are there, and about those that are not any more."""

from typing import Annotated

import typer

from pictogame.cli import saying
from pictogame.cli.ready import Json, ready

_Id = Annotated[str, typer.Argument(metavar="ID")]
_Wait = Annotated[
    float, typer.Option("--wait", min=0, max=3600, metavar="SECONDS", help="How long to wait for the bucket.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(receipt)
    app.command()(unpublish)
    app.command()(revisions)
    app.command()(rollback)


def receipt(game_id: _Id, json: Json = False) -> None:
    """Show what a deleted game left behind, each line as far as it is confirmed."""
    ready()
    from pictogame.cli import deleting

    deleting.show(game_id, machine=json)


def unpublish(game_id: _Id, wait: _Wait = 120, json: Json = False) -> None:
    """Take a game off the web; it stays, and can be published again."""
    ready()
    from pictogame.cli import versions

    said = versions.unpublish(game_id, seconds=wait)
    if json:
        saying.document(said)
    else:
        saying.lines(f"“{said['title']}” is taking a rest; its page says so kindly: {said['page']}")


def revisions(game_id: _Id, json: Json = False) -> None:
    """List the versions of a game that were published, newest first."""
    ready()
    from pictogame.cli import versions

    said = versions.listed(game_id)
    if json:
        saying.document(said)
    else:
        saying.lines(*versions.lines(said))


def rollback(
    game_id: _Id,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As `pictogame revisions` lists it.")],
    wait: _Wait = 120,
    json: Json = False,
) -> None:
    """Bring an earlier version of a game back, with the pictures and the runtime that it had."""
    ready()
    from pictogame.cli import versions

    said = versions.roll_back(game_id, number, seconds=wait)
    if json:
        saying.document(said)
    else:
        saying.lines(f"“{said['title']}” plays as version {number} did; that is version {said['number']} now.")

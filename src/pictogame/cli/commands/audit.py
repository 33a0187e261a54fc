"""`pictogame audit`."""

from typing import Annotated

import typer

from pictogame.cli.ready import Json, ready


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(audit)


def audit(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is found; without it nothing is changed.")
    ] = False,
    vault: Annotated[bool, typer.Option("--vault", help="Look through the private vault as well.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Believe the listing: compare presence and size, and read no object.")
    ] = False,
    patience: Annotated[
        int,
        typer.Option(
            "--patience", min=0, max=86_400, metavar="SECONDS", help="How long after its time an object may be there."
        ),
    ] = 600,
    all_orphans: Annotated[
        bool,
        typer.Option(
            "--all-orphans", help="With --repair: remove our own keys that no row knows, even if they are very many."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Compare the bucket with the database: what is missing, different, orphaned or doomed."""
    ready()
    from pictogame.cli import auditing
    from pictogame.cli.exits import Ended

    code = auditing.run(
        repair=repair, vault=vault, deep=not quick, patience=patience, all_orphans=all_orphans, machine=json
    )
    raise Ended("", code)

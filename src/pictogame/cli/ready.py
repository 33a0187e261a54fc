"""What commands share: how much they bring up before they begin, and the option for machines."""

from typing import Annotated, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, errors included.")]


def ready(what: Literal["settings", "django", "database"] = "database") -> None:
    """Brings up what a command needs: the settings alone, Django, or a database that is up to date besides."""
    from pictogame.cli import installation

    installation.read_settings()
    if what == "django":
        installation.set_up()
    if what == "database":
        installation.prepare()

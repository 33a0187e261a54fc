"""`pictogame runtime`: the builds of the player that games are pinned to."""

from datetime import timedelta
from typing import Annotated

import typer

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

runtime = typer.Typer(help="The player's builds in the bucket.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(runtime, name="runtime")


@runtime.command("list")
def list_(json: Json = False) -> None:
    """List the objects of every build: which games play with them, and which nothing needs."""
    ready()
    from pictogame.publishing import builds

    pieces = builds.listed()
    if json:
        objects = [
            {
                **piece._asdict(),
                "unused_since": piece.unused_since.isoformat(timespec="seconds") if piece.unused_since else None,
                "needed": piece.is_needed,
            }
            for piece in pieces
        ]
        saying.document({"objects": objects})
        return
    for piece in pieces:
        build = "installed" if piece.installed else "older"
        state = "" if piece.state == "stored" else f", {piece.state or 'not in the bucket'}"
        need = f"{piece.games:,} games, {piece.versions:,} versions" if piece.is_needed else "nothing needs it"
        saying.lines(f"{piece.key}  {piece.size:,} bytes  {build}: {need}{state}")


@runtime.command("prune")
def prune(
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait until the last open tab is surely closed (a day).")
    ] = False,
    json: Json = False,
) -> None:
    """Delete what neither the installed build nor any game needs, a day after that was first seen."""
    ready()
    from pictogame.publishing import builds

    done = builds.prune(patience=timedelta(0) if now else None)
    told = {"removed": done.removed, "waiting": done.waiting, "failed": [key for key, _ in done.failed]}
    words = f"{len(done.removed)} objects were removed, {len(done.waiting)} wait until open tabs are closed."
    if done.failed:
        raise Ended(f"{words} {len(done.failed)} are left: {done.failed[0][1].sentence}", Exit.PROBLEM, **told)
    if json:
        saying.document(told)
    else:
        saying.lines(words)

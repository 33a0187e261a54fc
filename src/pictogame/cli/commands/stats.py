"""`pictogame stats ingest` and `pictogame simulate`: numbers out of access logs, and a crowd to check them by."""

from pathlib import Path
from typing import Annotated

import typer

from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

stats = typer.Typer(help="Numbers out of the bucket's own access logs.", no_args_is_help=True, rich_markup_mode=None)


@stats.command("ingest")
def ingest(
    places: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH|URL...", help="Files, folders, s3://bucket/prefix; else those of the settings."),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="What the logs are, where it can't be told by itself."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="One more name of our bucket, or host, in the logs; again for more."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on looking for new lines until Ctrl-C.")] = False,
    every: Annotated[
        float, typer.Option("--every", min=0.1, max=86_400, metavar="SECONDS", help="How often to look, with --follow.")
    ] = 5.0,
    wait: Annotated[
        float, typer.Option("--wait", min=0, max=86_400, metavar="SECONDS", help="Wait for an ingest that is at work.")
    ] = 0.0,
    json: Json = False,
) -> None:
    """Read access logs and add what is new in them to the sums."""
    ready()
    from pictogame.cli import numbers

    if follow:
        if json:
            raise Ended("--follow prints as it goes: it has no one JSON document.", Exit.USAGE)
        numbers.follow(places or [], format_name=format_name or "", names=name or [], every=every, wait=wait)
        return
    numbers.ingest(places or [], format_name=format_name or "", names=name or [], wait=wait, machine=json)


def simulate(
    paper: Annotated[
        Path | None, typer.Option("--paper", metavar="FOLDER", help="Write a log and the truth into this folder.")
    ] = None,
    wire: Annotated[
        str | None, typer.Option("--wire", metavar="ADDRESS", help="Play against the bucket's server at this address.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="TRUTH.json", help="Say where the sums differ from a truth.")
    ] = None,
    plays: Annotated[int, typer.Option("--plays", min=1, max=100_000_000, help="How many plays.")] = 1000,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Over how many days, on paper.")] = 7,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same crowd.")] = 1,
    format_name: Annotated[str, typer.Option("--format", metavar="NAME", help="Of the log, on paper.")] = "s3",
    connections: Annotated[int, typer.Option("--connections", min=1, max=256, help="At once, on the wire.")] = 4,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=36_000, help="At most, on the wire.")] = 60.0,
    json: Json = False,
) -> None:
    """Let a crowd play: on paper (a log and its truth), or on the wire against a server on this machine."""
    if sum(one is not None for one in (paper, wire, compare)) != 1:
        raise Ended("Say one of --paper FOLDER, --wire ADDRESS, --compare TRUTH.json.", Exit.USAGE)
    ready()
    from pictogame.cli import crowds

    if paper is not None:
        crowds.on_paper(paper, plays=plays, days=days, seed=seed, format_name=format_name, machine=json)
    elif wire is not None:
        crowds.on_the_wire(wire, plays=plays, seed=seed, connections=connections, seconds=seconds, machine=json)
    elif compare is not None:
        crowds.compare(compare, machine=json)


def register(app: typer.Typer) -> None:
    """Adds the group `stats`, and `simulate`."""
    app.add_typer(stats, name="stats")
    app.command("simulate")(simulate)

"""The commands and what they take. What they do is imported when it is asked for, so that `--help` is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pictogame.cli import commands, saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

app = typer.Typer(
    name="pictogame",
    help="Your own pictures become a small game that plays on any web page, straight from a bucket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
bucket = typer.Typer(help="The bucket that games play from.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(bucket, name="bucket")


@app.command()
def up() -> None:
    """Start everything: studio, bucket, publisher and worker. Ctrl-C stops it."""
    ready()
    from pictogame.cli.up import up as run

    run()


@app.command()
def make(
    pictures: Annotated[
        list[Path] | None, typer.Argument(metavar="PICTURE...", help="Pictures, or one game.xml beside its pictures.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", "-t", help="The kind of game; `pictogame templates` lists them.")
    ] = None,
    skin: Annotated[str | None, typer.Option("--skin", help="How it looks.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Up to 120 characters.")] = None,
    message: Annotated[str | None, typer.Option("--message", help="Shown when the game is won.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="en, de, fr, es or ar.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the template; again for more.")
    ] = None,
    alt: Annotated[
        list[str] | None, typer.Option("--alt", help="What a picture shows, in words; once for each, in order.")
    ] = None,
    listed: Annotated[bool, typer.Option("--listed", help="Show it on the studio's first page.")] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait",
            min=0,
            max=3600,
            metavar="SECONDS",
            help="How long to wait for the bucket; 0 leaves it to the publisher.",
        ),
    ] = 120,
    json: Json = False,
) -> None:
    """Make a game of pictures and publish it."""
    if not pictures:
        raise Ended("Name the pictures: pictogame make cat.jpg --template jigsaw.", Exit.USAGE)
    ready()
    from pictogame.cli import making

    order = making.order_of(
        pictures,
        template=template,
        skin=skin,
        title=title,
        message=message,
        language=lang,
        settings_=set_ or [],
        alts=alt or [],
        listed=listed,
    )
    made = making.make(order, seconds=wait)
    if not json:
        making.say(made)
    if made.late is not None:
        # Its edit link is shown now or never.
        raise Ended(made.late.sentence, made.late.code, **making.told(made))
    if json:
        saying.document(making.told(made))


@app.command()
def status(game_id: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """Say where a game is on its way into the bucket; exit code 1 when it failed and nobody tries it again."""
    ready()
    from pictogame.cli import keeping

    said = keeping.status(game_id)
    if not json:
        saying.lines(keeping.status_line(said))
    if said["stuck"]:
        raise Ended(str(said["problem"]) if json else "", Exit.PROBLEM, **said)
    if json:
        saying.document(said)


@app.command()
def delete(
    game_id: Annotated[str, typer.Argument(metavar="ID")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0, max=3600, metavar="SECONDS", help="How long to wait for the bucket.")
    ] = 120,
    json: Json = False,
) -> None:
    """Delete a game for good, from the bucket and its pictures from the vault, and print the receipt."""
    ready()
    from pictogame.cli import deleting

    if not yes:
        if json or not sys.stdin.isatty():
            raise Ended("Deleting can't be undone: add --yes to say that you mean it.", Exit.USAGE)
        if not typer.confirm(deleting.question(game_id), err=True):
            raise Ended("Nothing was deleted.", Exit.PROBLEM)
    deleting.delete(game_id, seconds=wait, machine=json)


@app.command()
def templates(json: Json = False) -> None:
    """List the templates with their options, and the skins."""
    ready("django")
    from pictogame.cli import listing

    if json:
        saying.document(listing.told())
    else:
        saying.lines(*listing.lines())


@app.command()
def demo(json: Json = False) -> None:
    """Make the three demo games, unless they are there."""
    ready()
    from pictogame.cli import keeping

    said = keeping.demo()
    if json:
        saying.document({"games": said})
    else:
        saying.lines(*(f"{one['title']}  {one['page']}" for one in said))


@app.command()
def studio(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="How many processes answer.")] = 1,
) -> None:
    """Run the studio alone."""
    ready()
    from pictogame.cli import servers

    servers.studio(host, processes)


@app.command()
def publisher() -> None:
    """Run a publisher: it moves games into the bucket, and out of it."""
    ready()
    from pictogame.cli import loops

    loops.publisher()


@app.command()
def worker() -> None:
    """Run a worker: it prepares pictures."""
    ready()
    from pictogame.cli import loops

    loops.worker()


@bucket.command("init")
def bucket_init(json: Json = False) -> None:
    """Make the bucket and let everybody read what games are made of; make the vault for nobody else."""
    ready()
    from pictogame.cli import buckets

    buckets.init(machine=json)


@bucket.command("check")
def bucket_check(json: Json = False) -> None:
    """Write, read as a browser does, and delete: does the bucket serve games, and is the vault private?"""
    ready()
    from pictogame.cli import buckets

    buckets.check(machine=json)


@bucket.command("serve")
def bucket_serve() -> None:
    """Serve a folder bucket on this machine."""
    ready("settings")
    from pictogame.cli import servers

    servers.bucket()


for _register in commands.REGISTER:
    _register(app)

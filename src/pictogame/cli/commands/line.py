"""`pictogame publish`, `retry` and `line`: the way into the bucket, as an operator moves it."""

from typing import TYPE_CHECKING, Annotated

import typer

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

if TYPE_CHECKING:
    from pictogame.publishing.line import State

line = typer.Typer(help="The line into the bucket, as a whole.", no_args_is_help=True, rich_markup_mode=None)

_Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Games; or none, and --all.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(publish)
    app.command()(retry)
    app.add_typer(line, name="line")


def publish(
    ids: _Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="Every game that is on the web.")] = False,
    template: Annotated[str, typer.Option("--template", "-t", help="With --all: only games of this template.")] = "",
    upgrade: Annotated[bool, typer.Option("--upgrade", help="Bring them to the installed runtime.")] = False,
    runtime_back: Annotated[
        bool, typer.Option("--runtime-back", help="Bring them back to the runtime from before their upgrade.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="With --all: begin with the first game, also where a run was broken off.")
    ] = False,
    pause: Annotated[
        bool, typer.Option("--pause", help="Publish nothing: let nothing new into the bucket, as `line pause` does.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let the line go on, as `line resume` does.")] = False,
    by: Annotated[str, typer.Option("--by", help="With --pause: who pauses it, or why.")] = "",
    wait: Annotated[
        float, typer.Option("--wait", min=1, max=3600, metavar="SECONDS", help="How long to wait when nothing moves.")
    ] = 120,
    json: Json = False,
) -> None:
    """Publish games once more: after a new version of this program, or of the runtime."""
    if by and not pause:
        raise Ended("--by goes with --pause.", Exit.USAGE)
    if pause or resume:
        if (pause and resume) or ids or all_ or template or upgrade or runtime_back or anew:
            raise Ended("--pause and --resume stand alone: they are about the whole line.", Exit.USAGE)
        _pause(by=by, json=json) if pause else _resume(json=json)
        return
    _one_of(ids, every=all_)
    if (template or anew) and not all_:
        raise Ended("--template and --anew go with --all.", Exit.USAGE)
    if upgrade and runtime_back:
        raise Ended("A game is either upgraded or brought back: give one of --upgrade and --runtime-back.", Exit.USAGE)
    ready()
    from pictogame.catalog import queries as catalog
    from pictogame.cli import republishing
    from pictogame.publishing.models import Run

    kind = Run.Kind.UPGRADE if upgrade else Run.Kind.BACK if runtime_back else Run.Kind.PUBLISH
    if ids:
        said = republishing.publish_some(ids, kind=kind, seconds=wait)
        many = len(set(ids))
        words = f"{many} {'game is' if many == 1 else 'games are'} published, as far as the database knows."
    else:
        if template:
            catalog.template(template)
        said = republishing.publish_all(kind=kind, template=template, seconds=wait, anew=anew)
        words = republishing.all_line(said)
    if json:
        saying.document(said)
    else:
        saying.lines(words)


def retry(
    ids: _Ids = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that failed.")] = False,
    json: Json = False,
) -> None:
    """Try again, now, what was set aside or waits for its next try: games, and pictures that can't be prepared."""
    _one_of(ids, every=all_)
    ready()
    from pictogame.cli import republishing

    said = republishing.retry(ids or [])
    if json:
        saying.document(said)
    else:
        saying.lines(republishing.retry_line(said))


@line.command("pause")
def pause(
    by: Annotated[str, typer.Option("--by", help="Who pauses it, or why: shown to whoever wonders.")] = "",
    json: Json = False,
) -> None:
    """Let nothing new into the bucket; what takes away, such as a deletion, goes on."""
    _pause(by=by, json=json)


@line.command("resume")
def resume(json: Json = False) -> None:
    """Let the line go on."""
    _resume(json=json)


@line.command("status")
def status(json: Json = False) -> None:
    """Say whether the line is paused, and by whom."""
    ready()
    from pictogame.publishing import line as whole

    _show(whole.state(), json=json)


def _pause(*, by: str, json: bool) -> None:
    ready()
    from pictogame.publishing import line as whole

    _show(whole.pause(by=by), json=json)


def _resume(*, json: bool) -> None:
    ready()
    from pictogame.publishing import line as whole

    _show(whole.resume(), json=json)


def _show(state: "State", *, json: bool) -> None:
    from pictogame.cli import republishing

    if json:
        saying.document(republishing.told_of(state))
    else:
        saying.lines(state.sentence)


def _one_of(ids: list[str] | None, *, every: bool) -> None:
    if bool(ids) == every:
        raise Ended("Name the games, or say --all.", Exit.USAGE)

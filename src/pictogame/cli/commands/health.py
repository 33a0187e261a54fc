"""`pictogame health`: is everything at work?"""

import typer

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(health)


def health(json: Json = False) -> None:
    """Say part by part whether everything works; exit code 1 when something does not."""
    ready("django")
    from pictogame.publishing import health as parts

    found = parts.look()
    told = [{"name": part.name, "ok": part.ok, "sentence": part.sentence} for part in found]
    ill = [part.name for part in found if not part.ok]
    if not json:
        saying.lines(*(f"{'ok ' if part.ok else 'NO '} {part.name}: {part.sentence}" for part in found))
    if ill:
        raise Ended(f"Not well: {', '.join(ill)}.", Exit.PROBLEM, parts=told)
    if json:
        saying.document({"parts": told})

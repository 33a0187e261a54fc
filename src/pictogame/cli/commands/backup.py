"""`pictogame backup` and `pictogame restore`: what can't be made anew, and the way back."""

from pathlib import Path
from typing import Annotated

import typer

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

Folder = Annotated[Path, typer.Argument(metavar="FOLDER")]
VaultOnly = Annotated[
    bool, typer.Option("--vault-only", help="Leave the database to PostgreSQL's own tools, which come first.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Folder,
    like: Annotated[
        Path | None,
        typer.Option("--like", metavar="EARLIER", help="A backup on the same disk; what it has takes no room again."),
    ] = None,
    vault_only: VaultOnly = False,
    json: Json = False,
) -> None:
    """Copy database and vault into an empty folder; everything may go on meanwhile."""
    ready()
    from pictogame.cli.progress import progress
    from pictogame.publishing import backup as backups

    with progress(0, "Copying") as advance:
        copied = backups.back_up(
            folder=folder.absolute(),
            like=like.absolute() if like else None,
            database=not vault_only,
            told=lambda what, done: advance(f"Copying {what}: {done}"),
        )
    if json:
        saying.document({"folder": str(folder), "games": copied.games, "files": copied.files, "bytes": copied.bytes})
    else:
        saying.lines(f"{folder} holds {copied.games} games and {copied.files} files of the vault.")


def restore(folder: Folder, vault_only: VaultOnly = False, json: Json = False) -> None:
    """Bring a backup back into an installation that has no games; nothing may run meanwhile."""
    ready("django")
    from django.conf import settings

    from pictogame.cli import installation
    from pictogame.cli.progress import progress
    from pictogame.publishing import backup as backups
    from pictogame.publishing.lock import is_publisher_running

    if is_publisher_running(settings.DATA):
        raise Ended("A publisher runs: stop everything first, so that nothing works on half of it.", Exit.PROBLEM)
    if not vault_only:
        backups.restore_database(folder=folder.absolute())
    installation.prepare()
    with progress(0, "Bringing back") as advance:
        copied = backups.restore_vault(
            folder=folder.absolute(), told=lambda what, done: advance(f"Bringing back {what}: {done}")
        )
    again = backups.delete_again()
    if json:
        saying.document({"games": copied.games, "files": copied.files, "bytes": copied.bytes, "deleted_again": again})
        return
    saying.lines(f"{copied.games} games and {copied.files} files are back.")
    if again:
        saying.lines(f"Deleted after the backup, and so once more: {', '.join(again)}.")
    saying.lines("`pictogame audit --repair` makes the bucket what the database wants.")

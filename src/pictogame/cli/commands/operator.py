"""`pictogame operator`: who may enter the office."""

import sys
from typing import Annotated

import typer

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.ready import Json, ready

Name = Annotated[str, typer.Argument(metavar="NAME")]

operator = typer.Typer(help="Who may enter the office.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(operator, name="operator")


@operator.command("add")
def add(name: Name, json: Json = False) -> None:
    """Give somebody an account; asks for the password, or reads it from standard input."""
    ready()
    from pictogame.accounts import actions

    actions.add_operator(name=name, password=_password())
    _done(name, f"{name} may enter the office now: {_office()}", machine=json)


@operator.command("password")
def password(name: Name, json: Json = False) -> None:
    """Set a new password: whoever is signed in with the old one is out."""
    ready()
    from pictogame.accounts import actions

    actions.change_password(name=name, password=_password())
    _done(name, f"{name} has a new password.", machine=json)


@operator.command("remove")
def remove(name: Name, json: Json = False) -> None:
    """Take somebody's account away, at once."""
    ready()
    from pictogame.accounts import actions

    actions.remove_operator(name=name)
    _done(name, f"{name} can't enter the office any more.", machine=json)


@operator.command("list")
def list_(json: Json = False) -> None:
    """Name everybody who has an account."""
    ready()
    from pictogame.accounts import queries

    found = list(queries.operators())
    if json:
        saying.document({"operators": [{"name": one.username, "last_here": _iso(one.last_login)} for one in found]})
    elif found:
        saying.lines(*(f"{one.username}  {_iso(one.last_login) or 'never here yet'}" for one in found))
    else:
        saying.note("Nobody has an account yet: `pictogame operator add NAME` makes one.")


def _password() -> str:
    """From the variable or its file, from a pipe, or asked for twice without showing it."""
    from django.conf import settings

    if settings.OPERATOR_PASSWORD:
        return str(settings.OPERATOR_PASSWORD)
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise Ended("No password came: pipe one in, or set PICTOGAME_OPERATOR_PASSWORD_FILE.", Exit.USAGE)
        return given
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))


def _office() -> str:
    from django.conf import settings

    return f"{settings.SITE_URL}/office/"


def _done(name: str, sentence: str, *, machine: bool) -> None:
    if machine:
        saying.document({"name": name})
    else:
        saying.lines(sentence)


def _iso(time: object) -> str | None:
    return time.isoformat(timespec="seconds") if hasattr(time, "isoformat") else None

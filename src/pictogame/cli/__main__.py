"""Runs a command, and turns whatever goes wrong into one sentence and an exit code that means something."""

import logging
import sys
from collections.abc import Sequence

import click
from typer.main import get_command

from pictogame.cli import saying
from pictogame.cli.app import app
from pictogame.cli.exits import Ended, Exit, code_of
from pictogame.lib.errors import Problem


def main(arguments: Sequence[str] | None = None) -> None:
    """The command `pictogame`. Ends the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Runs one command line; gives its exit code."""
    machine = "--json" in arguments
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    try:
        result = get_command(app).main(args=arguments, prog_name="pictogame", standalone_mode=False)
    except Ended as ended:
        return _end(ended.sentence, ended.code, machine=machine, more=ended.more)
    except Problem as problem:
        return _end(problem.sentence, code_of(problem), machine=machine)
    except click.UsageError as error:
        return _end(_usage(error), Exit.USAGE, machine=machine)
    except (click.Abort, KeyboardInterrupt):
        return _end("Stopped.", Exit.INTERRUPTED, machine=machine)
    return result if isinstance(result, int) else Exit.OK


def _usage(error: click.UsageError) -> str:
    where = error.ctx.command_path if error.ctx else "pictogame"
    return f"{error.format_message().rstrip('.')}. `{where} --help` says how it is used."


def _end(sentence: str, code: Exit, *, machine: bool, more: dict[str, object] | None = None) -> int:
    if machine:
        saying.document({"error": sentence, "code": int(code), **(more or {})})
    else:
        saying.note(sentence)
    return int(code)


if __name__ == "__main__":
    main()

"""Runs a command, and turns whatever goes wrong into one sentence and an exit code that means something."""

import logging
import os
import sys
from collections.abc import Sequence

from typer import Abort, TyperException
from typer.main import get_command

from pictogame.cli import saying
from pictogame.cli.app import app
from pictogame.cli.exits import Ended, Exit, code_of
from pictogame.lib.errors import Problem

_SERVICES = frozenset({"up", "studio", "publisher", "worker", "bucket", "stats"})
"""Commands that work on their own, whose log is read. Who makes a game reads sentences, not warnings."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command `pictogame`. Ends the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Runs one command line; gives its exit code."""
    machine = "--json" in arguments
    command = get_command(app)
    if not arguments or (len(arguments) == 1 and arguments[0] in _groups(command)):
        arguments = [*arguments, "--help"]
    if arguments[0] not in _SERVICES:
        os.environ.setdefault("PICTOGAME_LOG_LEVEL", "error")
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    try:
        result = command.main(args=arguments, prog_name="pictogame", standalone_mode=False)
    except Ended as ended:
        return _end(ended.sentence, ended.code, machine=machine, more=ended.more)
    except Problem as problem:
        return _end(problem.for_operators, code_of(problem), machine=machine)
    except TyperException as error:
        return _end(_usage(str(error)), Exit.USAGE, machine=machine)
    except (Abort, KeyboardInterrupt):
        return _end("Stopped.", Exit.INTERRUPTED, machine=machine)
    except Exception:
        logging.getLogger(__name__).exception("What follows is for whoever mends it.")
        return _end("Something went wrong that nobody foresaw. Please report it.", Exit.PROBLEM, machine=machine)
    # Typer catches a Ctrl-C itself, and says nothing.
    if result == Exit.INTERRUPTED:
        _end("Stopped.", Exit.INTERRUPTED, machine=machine)
    return result if isinstance(result, int) else Exit.OK


def _groups(command: object) -> set[str]:
    """Names that have commands below them."""
    return {name for name, one in getattr(command, "commands", {}).items() if hasattr(one, "commands")}


def _usage(said: str) -> str:
    return said if said.rstrip().endswith("?") else f"{said.rstrip('.')}. `pictogame --help` lists what there is."


def _end(sentence: str, code: Exit, *, machine: bool, more: dict[str, object] | None = None) -> int:
    if not sentence:
        return int(code)
    if machine:
        saying.document({"error": sentence, "code": int(code), **(more or {})})
    else:
        saying.note(sentence)
    return int(code)


if __name__ == "__main__":
    main()

"""One part of `pictogame up`, started from nothing with as little as it needs: `python -m pictogame.cli.part worker`.

`up` has read the settings, brought the database up to date and looked whether the ports are free.
"""

import logging
import sys

from pictogame.cli import installation, saying
from pictogame.cli.exits import Ended
from pictogame.lib.errors import Problem

_LIGHT = frozenset({"bucket", "stats"})
"""Parts that need the settings alone."""


def main(name: str) -> int:
    """Runs the part until it is told to stop; gives its exit code."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    try:
        if name in _LIGHT:
            installation.read_settings()
        else:
            installation.set_up()
    except Problem as problem:
        saying.note(problem.for_operators)
        return 1
    return work(name)


def work(name: str) -> int:
    """The same in a process whose settings are read."""
    try:
        if name == "studio":
            from pictogame.cli import servers

            servers.serve_studio("127.0.0.1", 1)
        elif name == "bucket":
            from pictogame.cli import servers

            servers.bucket()
        elif name == "stats":
            from pictogame.cli import numbers

            numbers.part()
        else:
            from pictogame.cli import loops

            {"publisher": loops.publisher, "worker": loops.worker}[name]()
    except Ended as ended:
        saying.note(ended.sentence)
        return 1
    except Problem as problem:
        saying.note(problem.for_operators)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Exit codes of the commands, and which problem gives which. `docs/cli.md` has the table."""

from enum import IntEnum

from pictogame.lib.errors import Problem


class Exit(IntEnum):
    """What a command ends with."""

    OK = 0
    PROBLEM = 1
    """Something is wrong that the sentence names."""
    USAGE = 2
    """The command was not understood, or asks for what no game can have."""
    REFUSED = 3
    """A picture can't be used; no game was made."""
    WAITING = 4
    """The game is made and waits for the bucket; it will get there by itself."""
    NOT_FOUND = 5
    """There is no such game."""
    OVER_BUDGET = 6
    """The month costs more than its budget, or will."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Ended(Exception):  # noqa: N818  It names an end, which need not be an error.
    """Ends the command with a sentence, a code, and more for machines. Without a sentence all is said already."""

    def __init__(self, sentence: str, code: Exit, **more: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.more = more


# By name, so that `--help` loads neither Django nor libvips.
_CODES = {
    "Refused": Exit.REFUSED,
    "PictureUnusable": Exit.REFUSED,
    "NotFound": Exit.NOT_FOUND,
    "UnknownTemplate": Exit.USAGE,
    "UnknownSkin": Exit.USAGE,
    "BadOption": Exit.USAGE,
    "BadText": Exit.USAGE,
    "BadDocument": Exit.USAGE,
    "BadMonth": Exit.USAGE,
    "BadEdgeShare": Exit.USAGE,
    "UnknownPrices": Exit.USAGE,
}


def code_of(problem: Problem) -> Exit:
    """The exit code for a problem, by its class or the nearest of its bases."""
    return next((_CODES[kind.__name__] for kind in type(problem).__mro__ if kind.__name__ in _CODES), Exit.PROBLEM)

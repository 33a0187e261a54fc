"""What can keep the publisher from its work."""

from typing import NamedTuple

from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256


class AlreadyRunning(Problem):
    """Another publisher works on the same data."""


class RuntimeDamaged(Problem):
    """A file of the runtime's build is not what its manifest says, or a game is pinned to one that is nowhere."""


class KeyTaken(Exception):  # noqa: N818  Never seen by a person: the publisher composes the games once more.
    """A key that was about to be used has been claimed for deletion meanwhile."""


class LeaseLost(Exception):  # noqa: N818  Never seen by a person: whoever has the lease goes on.
    """The time is over in which this process may write for a game."""


class CannotServe(Problem):
    """The folder bucket can't be served: its port is taken, or there is no web server."""


class RenditionLost(Problem):
    """The vault has not the bytes of a rendition that a row names, or not all of them."""


class Failure(NamedTuple):
    """Why a game is not in the bucket."""

    sentence: str
    """As its creator reads it: nothing in it that only the installation knows."""
    cause: str = ""
    """What an operator should know besides: which object, and what was said of it."""
    own: bool = True
    """Whether it is this game's own fault. A store or a database that is away is nobody's."""
    final: bool = False
    """Whether another try would meet the same: a picture that can't be used."""
    lost: Sha256 | None = None
    """The rendition whose bytes are not in the vault: it can be made once more."""

"""What can keep the publisher from its work."""

from pictogame.lib.errors import Problem


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

"""What can go wrong with logs and numbers, in sentences."""

from pictogame.lib.errors import Problem


class NoSuchLog(Problem):
    """Nothing lies where a log was looked for."""


class Unreadable(Problem):
    """A log that can't be read, or is of no format that we know."""


class Busy(Problem):
    """Another ingest is at work."""


class NoRoom(Problem):
    """The disk is full. What was counted stays counted, and the rest is counted by the next run."""


class LostMeanwhile(Problem):
    """A log could be read no longer while it was read in several places. What was counted stays counted."""


class CountedMeanwhile(Problem):
    """Somebody else counted the same lines at the same time; ours were not added."""


class NothingToPlay(Problem):
    """There is no game for a crowd to play."""


class NotLoopback(Problem):
    """A crowd plays against a server on this machine alone."""

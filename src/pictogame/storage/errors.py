"""What can go wrong with a store. Each carries a sentence; the technical cause is chained behind it."""

from pictogame.lib.errors import Problem


class BadKey(ValueError):  # noqa: N818  It names what is wrong, as its neighbours do.
    """A key that no store takes. A mistake of ours, never of a creator's."""


class BadAddress(Problem):
    """The address of a store can't be understood."""


class NoCredentials(BadAddress):
    """The address of a store is good, and nobody said who we are."""

    remedy = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws."


class StoreProblem(Problem):
    """The store did not do what was asked."""


class NotThere(StoreProblem):
    """There is no object under that key."""


class StoreUnavailable(StoreProblem):
    """The store does not answer, or answers with a failure of its own. Trying again may help."""


class StoreRefused(StoreProblem):
    """The store answers, and does not let us: credentials or rights are missing."""


class StoreMissing(StoreRefused):
    """There is no such bucket: whoever runs the installation has to make it."""

    remedy = "`pictogame bucket init` makes it."


class StoreFull(StoreProblem):
    """No room is left."""


STORE_AWAY = (StoreUnavailable, StoreRefused, StoreFull)
"""What befalls the whole store, whichever key was asked for: nobody's fault whose object it was."""

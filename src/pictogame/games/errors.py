"""What can be wrong with a game, each in a sentence for its creator."""

from pictogame.lib.errors import Problem


class NotFound(Problem):
    """No such game, or no right to it: a stranger can't tell which."""

    def __init__(
        self, sentence: str = "There is no game here. Perhaps it was deleted, or the link is not whole."
    ) -> None:
        super().__init__(sentence)


class BadText(Problem):
    """A title, message, alt text or language that a game can't have."""


class BadDocument(Problem):
    """A game.xml that can't be read."""


class SlotFull(Problem):
    """No slot of the template takes another picture."""


class AlreadyThere(Problem):
    """The same picture is in that slot already."""


class NotReady(Problem):
    """Pictures of the game are still being processed."""


class PictureSetAside(NotReady):
    """A picture of the game could not be prepared, though nothing is known against it; it may be tried again."""


class PictureUnusable(Problem):
    """A picture of the game was refused."""


class PictureGone(Problem):
    """The picture was deleted with another game between its arrival and now: it is to be sent again."""


class NothingToPublish(Problem):
    """The draft lacks pictures, or there is no draft."""


class StaleOrder(Problem):
    """An order of pictures that is not the order of those that are there."""


class NoRevision(Problem):
    """There is no revision of that number, or it can't be brought back."""


class NoDraft(Problem):
    """There are no unpublished changes."""


class ChangedElsewhere(Problem):
    """What was typed was changed in another window meanwhile."""


class KeptElsewhere(Problem):
    """The game is in somebody else's account."""

"""The one table of what went wrong and the status that a browser is told."""

from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpResponse

from pictogame.accounts import errors as accounts
from pictogame.catalog import errors as catalog
from pictogame.games import errors as games
from pictogame.lib.errors import Problem
from pictogame.media import errors as media


class TooLarge(Problem):
    """The body is larger than any picture may be."""


class TooManyFiles(Problem):
    """A form brought more files than it may hold."""


class NoFile(Problem):
    """A form to add pictures brought none."""


STATUS: Mapping[type, int] = MappingProxyType(
    {
        catalog.RuntimeMissing: 503,
        catalog.UnknownTemplate: 404,
        catalog.UnknownSkin: 422,
        catalog.BadOption: 422,
        games.NotFound: 404,
        games.BadText: 422,
        games.BadDocument: 422,
        games.SlotFull: 422,
        games.AlreadyThere: 422,
        games.NotReady: 409,
        games.PictureUnusable: 422,
        games.PictureGone: 503,
        games.NothingToPublish: 422,
        games.StaleOrder: 409,
        games.ChangedElsewhere: 409,
        games.NoRevision: 404,
        games.NoDraft: 409,
        games.KeptElsewhere: 409,
        accounts.SignedOut: 403,
        accounts.LetterNotSent: 503,
        media.Refused: 422,
        media.Retry: 503,
        media.TooMuchSent: 429,
        media.TooManyCrops: 429,
        media.NoRoom: 507,
        TooLarge: 413,
        TooManyFiles: 400,
        NoFile: 422,
    }
)


def told(response: HttpResponse, problem: Problem | None) -> HttpResponse:
    """The answer, which says to machines when to try again, where the problem knows that."""
    if isinstance(problem, media.TooMuchSent | media.TooManyCrops):
        response.headers["Retry-After"] = str(problem.seconds)
    return response


def status_of(problem: Problem) -> int:
    """The status for a problem; that of the nearest class in the table, 422 for one that the table does not know."""
    return next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), 422)

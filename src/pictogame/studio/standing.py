"""How somebody stands to a game whose page is open: by its edit link, as its owner, or both."""

from django.conf import settings
from django.http import HttpRequest

from pictogame.games.models import Game
from pictogame.studio.addresses import MINE
from pictogame.studio.desk import creator_of


def standing(request: HttpRequest, game: Game, secret: str) -> dict[str, bool]:
    """For the templates: `as_owner` (no edit link at hand), `owned` by who is signed in, `can_keep` it in the account,
    `could_keep` it there after signing in.
    """
    creator = creator_of(request)
    free = game.owner_id is None
    return {
        "as_owner": secret == MINE,
        "owned": creator is not None and game.owner_id == creator.pk,
        "can_keep": creator is not None and free,
        "could_keep": creator is None and free and settings.ACCOUNTS_OPEN,
    }

"""Games that are kept in an account: besides whoever has the edit link, its owner may change and delete them."""

from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now

from pictogame.accounts.actions import held
from pictogame.accounts.errors import SignedOut
from pictogame.accounts.models import User
from pictogame.games import release
from pictogame.games.drafts import locked
from pictogame.games.errors import KeptElsewhere, NotFound
from pictogame.games.models import DeletedBy, Game, Revision
from pictogame.games.several import games_of
from pictogame.lib.hashing import hash_of_secret, new_secret
from pictogame.lib.types import Secret


@transaction.atomic
def keep(*, game: Game, owner: User) -> None:
    """Puts a game into an account, for whoever came with its edit link, which goes on working.

    Raises KeptElsewhere when another account has it: the first that takes it keeps it; and SignedOut when the account
    was deleted a moment ago.
    """
    # The account before the game, as `leave` takes them: neither ever waits for the other's second.
    if not held(user=owner):
        raise SignedOut
    row = locked(game)
    if row.owner_id not in {None, owner.pk}:
        raise KeptElsewhere("This game is kept in another account already. The edit link goes on working.")
    Game.objects.filter(pk=row.pk).update(owner=owner)
    game.refresh_from_db()


@transaction.atomic
def new_edit_link(*, game: Game) -> Secret:
    """Another secret for a game; the one before opens nothing any more."""
    row, secret = locked(game), new_secret()
    Game.objects.filter(pk=row.pk).update(secret_hash=hash_of_secret(secret))
    game.refresh_from_db()
    return secret


@transaction.atomic
def leave(*, owner: User, games_go: bool) -> int:
    """Deletes an account: its games go with it, as its owner would delete them one by one, or they stay, without an
    owner and with their edit links. Gives how many games there were.
    """
    # Nothing is put into the account any more: whoever tries waits for this row, and then finds none.
    if not held(user=owner):
        raise SignedOut
    games = list(games_of(owner))
    if games_go:
        for game in games:
            with suppress(NotFound):  # Somebody deleted it a moment ago.
                release.delete(game=game, by=DeletedBy.OWNER)
    # What no account keeps is cleared away when nobody touches it: for drafts that stay, those days begin now.
    Revision.objects.filter(game__owner=owner, frozen_at=None).update(changed_at=Now())
    owner.delete()
    return len(games)

"""A deleted game is taken down: nothing waits, and everything is written down before it goes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction

from pictogame.games import actions as games
from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.media import erasing
from pictogame.publishing import receipts
from pictogame.publishing.errors import Failure
from pictogame.publishing.sweep import AT_ONCE, sweep
from pictogame.storage import STORE_AWAY, Store


def take_down(
    taken: Sequence[Game], freed: Sequence[int], *, bucket: Store, pool: ThreadPoolExecutor
) -> Failure | None:
    """Deletes at once what only these games used: from the bucket the objects with the primary keys `freed`, from the
    vault originals and renditions. Gives why the games are to be tried again, if they are.

    Their receipts are open by now; what the stores refuse here is tried again by whoever sweeps.
    """
    for game in taken:
        with transaction.atomic():
            receipts.add_buried(game, games.bury(game=game))
    refused: Problem | None = None
    for start in range(0, len(freed), AT_ONCE):
        try:
            sweep(bucket=bucket, pool=pool, only=freed[start : start + AT_ONCE])
        except Problem as problem:
            refused = problem
    while erasing.erase(pool=pool) >= erasing.AT_ONCE:
        pass
    if refused is None:
        return None
    return Failure(refused.sentence, str(refused.__cause__ or ""), own=not isinstance(refused, STORE_AWAY))

"""What a publisher does besides publishing: it clears away, confirms what was cleared away, and tells CDNs.

Each chore is rows that any publisher finds; none of them stands in the way of another, nor of the games.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from pictogame.accounts import actions as accounts
from pictogame.games import actions as games
from pictogame.games import leftovers
from pictogame.jobs import leases
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.media import actions as media
from pictogame.media import allowance, erasing
from pictogame.publishing import doubt, moving, receipts
from pictogame.publishing.purge import Purging
from pictogame.publishing.sweep import sweep
from pictogame.storage import Store

_SOON = 2.0
_NOW_AND_THEN = 60.0
_HOURLY = 3600.0
_DRAFTS_AT_ONCE = 50
_EMPTY_DAYS = 7
"""How long a draft stays into which nothing was ever put; less where other drafts stay for less."""
_EMPTY_AT_ONCE = 500
_PICTURES_AT_ONCE = 1000
_CROPS_AT_ONCE = 1000
_UNUSED_FOR_HOURS = 24
"""How long a picture may be in no game, and a crop in no slot: between its upload and the game lie moments, and who
moves a crop's point back finds it there."""

log = logs.named(__name__)


class Chores:
    """The chores of one publisher, each in its own time."""

    def __init__(self, *, bucket: Store, pool: ThreadPoolExecutor) -> None:
        self._purging = Purging()
        self._after_picture = 0
        self._after_crop = 0
        self._chores = [
            _Chore(_SOON, doubt.look_again),
            _Chore(_SOON, lambda: sweep(bucket=bucket, pool=pool)),
            _Chore(_SOON, lambda: erasing.erase(pool=pool)),
            _Chore(_SOON, lambda: receipts.confirm(bucket=bucket, pool=pool)),
            _Chore(_SOON, lambda: int(self._purging.step())),
            _Chore(_SOON, moving.hand_on),
            _Chore(_NOW_AND_THEN, self._empty),
            _Chore(_NOW_AND_THEN, self._abandoned),
            _Chore(_NOW_AND_THEN, self._pictures),
            _Chore(_NOW_AND_THEN, self._crops),
            _Chore(_NOW_AND_THEN, allowance.forget_old),
            _Chore(_HOURLY, accounts.forget_old),
        ]

    def hurry(self) -> None:
        """Something was deleted: the next step looks at everything that follows from it."""
        for chore in self._chores:
            if chore.every == _SOON:
                chore.done_at = float("-inf")

    def step(self) -> bool:
        """Does those chores whose time has come; gives whether any of them found something to do.

        A chore that fails is told, and tried again in its own time; the others are done all the same.
        """
        worked = False
        for chore in self._chores:
            if leases.clock() - chore.done_at < chore.every:
                continue
            chore.done_at = leases.clock()
            try:
                found = chore.do()
            except Problem as problem:
                log.warning("chore_failed", said=problem.for_operators)
                continue
            if found:
                # There may be more.
                chore.done_at = float("-inf")
                worked = True
        return worked

    def _abandoned(self) -> int:
        """Drafts that nobody came back to are deleted, as their creators would have."""
        if not settings.DRAFT_DAYS:
            return 0
        found = leftovers.abandoned_drafts(days=settings.DRAFT_DAYS, limit=_DRAFTS_AT_ONCE)
        for game in found:
            games.delete_abandoned(game=game, days=settings.DRAFT_DAYS)
            log.info("draft_cleared_away", game=game.pk)
        return len(found)

    def _empty(self) -> int:
        """Drafts that somebody began and left at once go without a trace."""
        days = min(_EMPTY_DAYS, settings.DRAFT_DAYS)
        found = leftovers.empty_drafts(days=days, limit=_EMPTY_AT_ONCE) if days else []
        return leftovers.drop_empty_drafts(games=found, days=days) if found else 0

    def _pictures(self) -> int:
        """Looks through the pictures bit by bit for those that are in no game, and lets go of them."""
        found, self._after_picture = leftovers.unused_pictures(
            after=self._after_picture, limit=_PICTURES_AT_ONCE, hours=_UNUSED_FOR_HOURS
        )
        for picture in found:
            media.forget(picture=picture)
        return len(found)

    def _crops(self) -> int:
        """The same for crops that no slot uses."""
        found, self._after_crop = leftovers.unused_crops(
            after=self._after_crop, limit=_CROPS_AT_ONCE, hours=_UNUSED_FOR_HOURS
        )
        return leftovers.drop_crops(crops=found, hours=_UNUSED_FOR_HOURS) if found else 0


class _Chore:
    """Something to do, and when it was done last."""

    def __init__(self, every: float, do: Callable[[], int]) -> None:
        self.every = every
        self.do = do
        self.done_at = float("-inf")

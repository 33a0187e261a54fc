"""What dead processes left behind: folders of pictures that were being worked on, and half of a file in the vault."""

import logging

from pictogame.jobs import leases
from pictogame.lib.errors import Problem
from pictogame.media import scratch
from pictogame.media.vault import vault

EVERY_SECONDS = 3600.0

logger = logging.getLogger(__name__)


class Upkeep:
    """Removes it at the first step, and then once an hour."""

    def __init__(self) -> None:
        self._last: float | None = None

    def step(self) -> None:
        """Looks, if it is time. What can't be removed now is tried again next time."""
        now = leases.clock()
        if self._last is not None and now - self._last < EVERY_SECONDS:
            return
        self._last = now
        folders, files = scratch.sweep(), 0
        try:
            files = vault().tidy()
        except Problem as problem:
            logger.warning("The vault was not tidied: %s", problem.sentence)
        if folders or files:
            logger.info("Removed what dead processes left: %s folders, %s files in the vault.", folders, files)

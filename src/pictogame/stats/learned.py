"""What all lanes know of texts that lines repeat, beside the tables of it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from pictogame.stats.classify import Way


class Learned:
    """Who changes the tables of LEARNED holds the lock of it."""

    def __init__(self) -> None:
        self.clocks: dict[tuple[str, str], datetime] = {}
        """Times that were understood and are possible, as `clock` and `zone`, with the hour or day that they say."""
        self.ways: Sequence[Way] = ()
        """What the table `ways` holds."""
        self.has_grown = True
        """Whether something was learned since somebody said that nothing was."""
        self.narrow = threading.RLock()
        """Held by the one lane that reads a block in parts, since it found no room for the whole."""
        self._changing = threading.Lock()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else learns meanwhile."""
        with self._changing:
            yield
            self.has_grown = True

    def forget(self) -> None:
        """What the tables do not hold any more. No lane may be at work."""
        self.clocks.clear()
        self.ways = ()
        self.has_grown = True

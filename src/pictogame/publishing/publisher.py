"""The publisher: a loop that finds games whose objects differ from what they want, and objects whose time is over."""

import gc
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from pictogame.games import actions as games
from pictogame.games.models import Game
from pictogame.jobs import leases, loop
from pictogame.jobs.leases import Hold
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key
from pictogame.media import actions as media
from pictogame.media.vault import vault
from pictogame.publishing import rows as table
from pictogame.publishing import runtime
from pictogame.publishing.lock import only_publisher
from pictogame.publishing.reconcile import Outcome, Reconciler
from pictogame.publishing.sweep import sweep
from pictogame.publishing.wanted import Addresses, RuntimeFile
from pictogame.publishing.writing import THREADS, Vault
from pictogame.storage import Store, open_store

BATCH = 256
"""Games that share statements and transactions."""
LEASE_SECONDS = 90
PUT_SECONDS = 35.0
"""More than a request to S3 can last (storage.remote.DEADLINE_SECONDS): no write begins with less of its lease left."""
IDLE_SECONDS = 0.05
_SWEEP_EVERY_SECONDS = 2.0
_NOT_NEEDED = ("secret_hash", "created_at", "published_at", "lease_until", "problem", "wanted__changed_at")
"""Columns that publishing has no use for; reading times from the database costs most of all."""
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."

logger = logging.getLogger(__name__)


class Publisher:
    """The only writer of the bucket. A context manager: it has its threads, and on SQLite the lock, until its end."""

    def __init__(
        self,
        *,
        bucket: Store | None = None,
        private: Vault | None = None,
        batch: int = BATCH,
        lease_seconds: float = LEASE_SECONDS,
        put_seconds: float = PUT_SECONDS,
        tries: int = leases.MAX_TRIES,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`bucket` and the `private` vault are those of the settings unless given. Nothing is opened yet.

        No write begins with less than `put_seconds` of a lease left: the longest that one may last.
        """
        self._given_bucket = bucket
        self._given_vault = private
        self._batch = batch
        self._lease_seconds = lease_seconds
        self._put_seconds = put_seconds
        self._tries = tries
        self._idle_seconds = idle_seconds
        self._open = ExitStack()
        self._runtime: dict[Key, RuntimeFile] = {}
        self._swept_at = float("-inf")

    def __enter__(self) -> Self:
        """Raises AlreadyRunning when another publisher works on the same SQLite database, BadAddress, StoreProblem."""
        with ExitStack() as opened:
            if connection.vendor == "sqlite":
                opened.enter_context(only_publisher(Path(settings.DATA)))
            self._bucket = self._given_bucket or open_store(settings.BUCKET, public=True)
            self._vault = self._given_vault or vault()
            self._pool = opened.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="publisher"))
            self._reconciler = Reconciler(
                bucket=self._bucket,
                vault=self._vault,
                pool=self._pool,
                addresses=Addresses(settings.BUCKET_URL, settings.SITE_URL, settings.POINTER_MAX_AGE),
                runtime=self._runtime_files,
            )
            self._bucket.tidy()
            _keep_memory()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def run(self, stop: threading.Event, *, turned: Callable[[], None] = lambda: None) -> None:
        """Works until `stop` is set; what is begun is brought to its end. `turned` is called before each step."""
        try:
            self.install_runtime()
        except Problem as problem:
            logger.warning("The runtime is not in the bucket yet: %s", problem.sentence)
        # What was loaded until here stays for good: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        loop.run(self.step, idle_seconds=self._idle_seconds, stop=stop, turned=turned)

    def install_runtime(self) -> int:
        """Brings the runtime's build into vault and bucket; gives how many objects were not there yet."""
        return runtime.install(bucket=self._bucket, vault=self._vault, pool=self._pool)

    def step(self) -> bool:
        """Publishes a batch of due games and deletes what is due; gives whether there was anything to do.

        A failure of one game is written on its row and tried again later; others go on.
        """
        worked = self._publish()
        now = leases.clock()
        if now - self._swept_at >= _SWEEP_EVERY_SECONDS:
            swept = sweep(bucket=self._bucket, pool=self._pool)
            # When there was a full load there may be more.
            self._swept_at = now if not swept else float("-inf")
            worked = worked or swept > 0
        return worked

    def _publish(self) -> bool:
        since = leases.clock()
        due = Game.objects.select_related("wanted").filter(due_at__isnull=False).defer(*_NOT_NEEDED)
        claimed = leases.claim(due, limit=self._batch, seconds=self._lease_seconds)
        if not claimed:
            return False
        hold = Hold(claimed, since=since, seconds=self._lease_seconds, margin=self._put_seconds)
        try:
            outcome = self._reconciler.publish(claimed, hold)
            self._take_down(outcome)
        except Exception:
            # The rows move forward before anything else, so that one bad game never stops the line.
            for game in claimed:
                leases.fail(game, problem=_UNEXPECTED)
            raise
        for game in outcome.waiting:
            leases.postpone(game, seconds=_wait_for_pictures(game))
        for game, problem in outcome.failed:
            leases.fail(game, problem=problem.sentence)
        return len(outcome.waiting) < len(claimed)

    def _take_down(self, outcome: Outcome) -> None:
        """Deletes at once what only deleted games used: from the bucket, then the originals from the vault."""
        if not outcome.taken_down:
            return
        try:
            if outcome.freed:
                sweep(bucket=self._bucket, pool=self._pool, only=outcome.freed)
            for game in outcome.taken_down:
                with transaction.atomic():
                    for picture in games.bury(game=game):
                        media.forget(picture=picture)
        except Problem as problem:
            outcome.failed += [(game, problem) for game in outcome.taken_down]
            return
        table.finish_held(outcome.taken_down)
        outcome.done += outcome.taken_down

    def _runtime_files(self, keys: set[Key]) -> Mapping[Key, RuntimeFile]:
        """What never changes is asked for once; a build that is newer than this process is installed when it is met."""
        if missing := keys - self._runtime.keys():
            self._runtime.update(runtime.files(missing, vault=self._vault))
        if keys - self._runtime.keys():
            try:
                self.install_runtime()
            except Problem as problem:
                logger.warning("The runtime was not installed: %s", problem.sentence)
            self._runtime.update(runtime.files(keys - self._runtime.keys(), vault=self._vault))
        return {key: self._runtime[key] for key in keys if key in self._runtime}


def _keep_memory() -> None:
    """Lets the allocator keep what a batch needed for the next one.

    glibc gives free memory back to the system at once, until a large block was freed for the first time: then it keeps
    up to twice as much as that block had (mallopt(3), M_TRIM_THRESHOLD). The pictures of a batch would else be read
    into new pages each time, which takes longer than the reading. The block is never touched, so it costs nothing; it
    is as large as glibc takes notice of (32 MiB). Elsewhere this does nothing.
    """
    bytes(31 << 20)


def _wait_for_pictures(game: Game) -> float:
    """Seconds until a game whose pictures are being made is looked at again: soon at first, since somebody waits."""
    if game.wanted is None or game.wanted.frozen_at is None:
        return 1.0
    waited = timezone.now() - game.wanted.frozen_at
    return min(max(waited / timedelta(seconds=20), 0.05), 5.0)

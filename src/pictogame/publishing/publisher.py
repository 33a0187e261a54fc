"""The publisher: a loop that finds games whose objects differ from what they want, and objects whose time is over."""

import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from pictogame.games.models import Game
from pictogame.jobs import leases, loop, tallies
from pictogame.jobs.leases import Hold
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key
from pictogame.media.vault import vault
from pictogame.publishing import claimed, doubt, line, moving, remaking, runtime
from pictogame.publishing import rows as table
from pictogame.publishing.chores import Chores
from pictogame.publishing.errors import Failure
from pictogame.publishing.lock import only_publisher
from pictogame.publishing.reconcile import Outcome, Reconciler
from pictogame.publishing.takedown import take_down
from pictogame.publishing.wanted import Addresses, RuntimeFile
from pictogame.publishing.writing import THREADS, Vault
from pictogame.storage import STORE_AWAY, Store, open_store

BATCH = 256
"""Games that share statements and transactions."""
LEASE_SECONDS = 90
PUT_SECONDS = 35.0
"""More than a request to S3 can last (storage.remote.DEADLINE_SECONDS): no write begins with less of its lease left."""
IDLE_SECONDS = 0.05
_COLLECT_AFTER = 50_000
"""So many more objects made than freed before the collector looks for cycles. At Python's 700 a batch, which makes few
of them, would be looked through 34 times while it grows."""
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."
_AWAY = "Our own books can't be kept just now. It is tried again by itself."
_NO_PICTURES = "The prepared pictures can't be read just now. It is tried again by itself."
_NOBODYS_FAULT = (OperationalError, InterfaceError, OSError, MemoryError)
"""The database is away, a disk is full, memory is short: whatever game was under way has nothing to do with it."""

log = logs.named(__name__)


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
        second_look_seconds: float = doubt.SECOND_LOOK_SECONDS,
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
        self._second_look_seconds = second_look_seconds
        self._open = ExitStack()
        self._runtime: dict[Key, RuntimeFile] = {}

    def __enter__(self) -> Self:
        """Raises AlreadyRunning when another publisher works on the same SQLite database, BadAddress, StoreProblem."""
        with ExitStack() as opened:
            if connection.vendor == "sqlite":
                opened.enter_context(only_publisher(Path(settings.DATA)))
            self._bucket = self._given_bucket or open_store(settings.BUCKET, public=True)
            self._vault = self._given_vault or vault()
            self._pool = opened.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="publisher"))
            self._addresses = Addresses(settings.BUCKET_URL, settings.SITE_URL, settings.POINTER_MAX_AGE)
            self._reconciler = Reconciler(
                bucket=self._bucket,
                vault=self._vault,
                pool=self._pool,
                addresses=self._addresses,
                runtime=self._runtime_files,
            )
            self._chores = Chores(bucket=self._bucket, pool=self._pool)
            self._bucket.tidy()
            _keep_memory()
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def run(self, stop: threading.Event, *, turned: Callable[[], None] = lambda: None) -> None:
        """Works until `stop` is set; what is begun is brought to its end. `turned` is called after each good step."""
        rest_collector()
        is_begun = False

        def step() -> bool:
            nonlocal is_begun
            if not is_begun:
                # A part of the loop, which outlives a database that is away when the publisher starts.
                self._install_or_tell()
                moving.notice(self._addresses)
                is_begun = True
            return self.step()

        loop.run(step, idle_seconds=self._idle_seconds, stop=stop, turned=turned)

    def install_runtime(self) -> int:
        """Brings the runtime's build into vault and bucket; gives how many objects were not there yet."""
        return runtime.install(bucket=self._bucket, vault=self._vault, pool=self._pool)

    def step(self) -> bool:
        """Publishes a batch of due games and deletes what is due; gives whether there was anything to do.

        A failure of one game is written on its row and tried again later; others go on.
        """
        self._tell_late_writes()
        worked = self._publish()
        return self._chores.step() or worked

    def _publish(self) -> bool:
        since = leases.clock()
        games = leases.claim(
            claimed.leaving if line.is_paused() else claimed.due,
            limit=self._batch,
            seconds=self._lease_seconds,
            order=claimed.FIRST,
            read=claimed.read,
        )
        if not games:
            return False
        hold = Hold(games, since=since, seconds=self._lease_seconds, margin=self._put_seconds)
        if lapsed := [game for game in games if leases.was_taken_over(game)]:
            objects = doubt.of_takeover(lapsed, seconds=self._second_look_seconds)
            log.warning("taken_over", games=len(lapsed), objects_doubted=objects)
        unforeseen: list[Exception] = []
        waiting = self._bring(games, hold, unforeseen)
        if unforeseen:
            # Every row has moved forward by now, so the loop may rest and say what it met.
            raise unforeseen[0]
        return waiting < len(games)

    def _bring(self, games: Sequence[Game], hold: Hold, unforeseen: list[Exception]) -> int:
        """Brings these games to where they want to be; gives how many wait for their pictures.

        A game on which a mistake of ours stumbles is found by halving, so that the others go on and it alone is set
        aside in the end. What is nobody's fault is raised at once.
        """
        try:
            outcome = self._reconciler.publish(games, hold)
            self._take_down(outcome)
        except _NOBODYS_FAULT as error:
            self._fail([(game, Failure(_AWAY, f"{type(error).__name__}: {error}", own=False)) for game in games])
            raise
        except Exception as error:
            if len(games) == 1:
                log.error("not_published", cause=error, game=games[0].pk)  # noqa: TRY400  It takes the error itself.
                self._fail([(games[0], Failure(_UNEXPECTED, f"{type(error).__name__}: {error}"))])
                unforeseen.append(error)
                return 0
            hold.renew()
            ours = [game for game in games if hold.still_mine(game.pk)]
            half = len(ours) // 2
            return sum(self._bring(some, hold, unforeseen) for some in (ours[:half], ours[half:]) if some)
        finally:
            self._tell_late_writes()
        self._make_again(outcome)
        if outcome.waiting:
            with transaction.atomic():
                for game in outcome.waiting:
                    leases.postpone(game, seconds=_wait_for_pictures(game))
        self._note(outcome, self._fail(outcome.failed))
        return len(outcome.waiting)

    def _make_again(self, outcome: Outcome) -> None:
        """Games whose renditions lost their bytes wait for them, as they did the first time."""
        if not outcome.lacking:
            return
        games = [game for game, _ in outcome.lacking]
        try:
            remaking.make_again(
                set().union(*(hashes for _, hashes in outcome.lacking)), vault=self._vault, give_up=True
            )
        except Problem as problem:
            own = not isinstance(problem, STORE_AWAY)
            outcome.failed += [(game, Failure(_NO_PICTURES, problem.sentence, own=own)) for game in games]
        else:
            outcome.waiting += games

    def _fail(self, failed: Sequence[tuple[Game, Failure]]) -> int:
        """Notes the failures; gives how many of the games are set aside for it."""
        aside = 0
        if not failed:
            return aside
        with transaction.atomic():
            for game, failure in failed:
                # What somebody wants off the web is tried for ever.
                tries = None if not failure.own or game.wanted_id is None else 1 if failure.final else self._tries
                leases.fail(game, problem=failure.sentence, cause=failure.cause, tries=tries)
                aside += tries is not None and game.faults + 1 >= tries
        return aside

    def _note(self, outcome: Outcome, aside: int) -> None:
        """Says what became of a batch, in the log and in the counters: once for all of its games."""
        published = [game.pk for game in outcome.done if game.wanted_id is not None]
        down = [game.pk for game in outcome.done if game.deleted_at is not None]
        resting = [game.pk for game in outcome.done if game.wanted_id is None and game.deleted_at is None]
        failed = [game.pk for game, _ in outcome.failed]
        for event, ids in (("published", published), ("taken_down", down), ("unpublished", resting)):
            if ids:
                log.info(event, games=ids)
        if failed:
            log.warning("failed", games=failed, said=outcome.failed[0][1].sentence, first=outcome.failed[0][1].cause)
        tallies.add(
            {
                "published": len(published),
                "taken_down": len(down),
                "unpublished": len(resting),
                "failed": len(failed),
                "set_aside": aside,
            }
        )

    def _tell_late_writes(self) -> None:
        """Writes down which writes came late or may yet come; until the database has taken it, it is not forgotten."""
        if late := self._reconciler.late:
            doubt.of_late_writes(late)
            late.clear()
        if unsure := self._reconciler.unsure:
            doubt.of_unanswered(unsure, seconds=self._second_look_seconds)
            unsure.clear()

    def _take_down(self, outcome: Outcome) -> None:
        """Deletes at once what only deleted games used: from the bucket, then the originals from the vault."""
        if not outcome.taken_down:
            return
        failure = take_down(outcome.taken_down, outcome.freed, bucket=self._bucket, pool=self._pool)
        self._chores.hurry()
        if failure is not None:
            outcome.failed += [(game, failure) for game in outcome.taken_down]
            return
        table.finish_held(outcome.taken_down)
        outcome.done += outcome.taken_down

    def _runtime_files(self, keys: set[Key]) -> Mapping[Key, RuntimeFile]:
        """What never changes is asked for once; a build that is newer than this process is installed when it is met."""
        if missing := keys - self._runtime.keys():
            self._runtime.update(runtime.files(missing, vault=self._vault))
        if keys - self._runtime.keys():
            self._install_or_tell()
            self._runtime.update(runtime.files(keys - self._runtime.keys(), vault=self._vault))
        return {key: self._runtime[key] for key in keys if key in self._runtime}

    def _install_or_tell(self) -> None:
        try:
            self.install_runtime()
        except Problem as problem:
            log.warning("runtime_not_installed", said=problem.for_operators)


def rest_collector() -> None:
    """Lets the garbage collector look seldom, and never again at what was loaded until now, which stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])


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

"""Carries plans out for a batch of games: rows first, then what is named, then what names it, then the rows again.

It decides nothing about objects: `plan` does. What it guards is time: nothing is written for a game whose lease may be
over.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from pictogame.bucket.keys import game_page_key, media_key
from pictogame.games.errors import NotReady
from pictogame.games.models import Game
from pictogame.games.parts import Parts, parts_of_many
from pictogame.jobs.leases import Hold
from pictogame.lib import logs
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key, Sha256
from pictogame.publishing import receipts
from pictogame.publishing import rows as table
from pictogame.publishing import wanted as wanting
from pictogame.publishing.errors import Failure, KeyTaken, LeaseLost
from pictogame.publishing.plan import CLAIMED, Delete, Held, Put, Rank, Wanted, plan
from pictogame.publishing.receipts import Down
from pictogame.publishing.rows import Intended, Rows, UseRow
from pictogame.publishing.wanted import Addresses, RuntimeFile
from pictogame.publishing.writing import Job, Vault, write
from pictogame.storage import Store

GRACE_BEYOND_CACHE = timedelta(days=1)
"""How long after the last cached pointer a tab may still be open that names an object."""
_TRIES_FOR_KEYS = 4

_LEAVING = "A part of the player is being put in order just now. It is tried again by itself."
_UNKNOWN = Held(Key(""), Sha256(""), "intended")
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."

log = logs.named(__name__)


@dataclass(slots=True)
class Work:
    """What is to be done for one game."""

    game: Game
    items: Mapping[Key, Wanted] = field(default_factory=dict)
    puts: Sequence[Put] = ()
    new_uses: Sequence[Key] = ()
    ends: Sequence[tuple[UseRow, Delete]] = ()
    failure: Failure | LeaseLost | None = None
    lost: set[Sha256] = field(default_factory=set)
    """Renditions that it needs and whose bytes are not in the vault."""


@dataclass(slots=True)
class Outcome:
    """What became of the games of a batch. A game that is in none of the lists was taken over by another process."""

    done: list[Game] = field(default_factory=list)
    """Everything that they wanted is in the bucket, and they are finished."""
    taken_down: list[Game] = field(default_factory=list)
    """Deleted games, still held: what they used may be swept now, and then they are to be finished."""
    waiting: list[Game] = field(default_factory=list)
    """Their pictures are still being made."""
    lacking: list[tuple[Game, set[Sha256]]] = field(default_factory=list)
    """Renditions of theirs lost their bytes: they wait until these are made once more."""
    failed: list[tuple[Game, Failure]] = field(default_factory=list)
    freed: list[int] = field(default_factory=list)
    """Objects that taken-down games do not use any more."""


class Reconciler:
    """Makes the bucket hold what games want."""

    def __init__(
        self,
        *,
        bucket: Store,
        vault: Vault,
        pool: ThreadPoolExecutor,
        addresses: Addresses,
        runtime: Callable[[set[Key]], Mapping[Key, RuntimeFile]],
    ) -> None:
        """`runtime` gives those of the runtime objects asked for that are installed."""
        self._bucket = bucket
        self._vault = vault
        self._pool = pool
        self._addresses = addresses
        self._runtime = runtime
        self._grace = timedelta(seconds=addresses.pointer_max_age) + GRACE_BEYOND_CACHE
        self.late: list[Key] = []
        """What was written, or may have been, after a lease was over: to be told to the database, and then emptied."""
        self.unsure: list[Key] = []
        """What got no answer from the bucket: to be told as well."""

    def publish(self, games: Sequence[Game], hold: Hold) -> Outcome:
        """Brings the games to where they want to be, each of them whole or not at all.

        They are claimed, with `wanted` loaded; `hold` knows until when.
        """
        outcome = Outcome()
        works, rows = self._intend(games, outcome)
        stored: set[Key] = set()
        for rank in Rank:
            # Nothing that names others is written by a process that slept while its lease ran out.
            hold.renew(older_than=1.0)
            self._put(works, rank, hold, stored)
        self._finish(works, {key: rows[key] for key in stored}, outcome)
        outcome.lacking += [(work.game, work.lost) for work in works if work.lost]
        outcome.failed += [
            (work.game, work.failure) for work in works if isinstance(work.failure, Failure) and not work.lost
        ]
        return outcome

    def _intend(self, games: Sequence[Game], outcome: Outcome) -> tuple[list[Work], dict[Key, Intended]]:
        """Decides what there is to do and writes it down before any of it is done."""
        parts = parts_of_many([game.wanted for game in games if game.wanted])
        runtime = self._runtime(wanting.runtime_keys(games))
        ready: dict[str, Parts | None] = {}
        for game in games:
            found = parts[game.wanted_id] if game.wanted_id is not None else None
            if isinstance(found, NotReady):
                outcome.waiting.append(game)
            elif isinstance(found, Problem):
                outcome.failed.append((game, Failure(found.sentence, final=True)))
            else:
                ready[game.id] = found
        composed = [game for game in games if game.id in ready]
        for _ in range(_TRIES_FOR_KEYS):
            works = self._works(composed, ready, runtime)
            try:
                with transaction.atomic():
                    return works, _write_down(works)
            except KeyTaken:
                # A delete claimed a key between our reading and writing: its bytes get the next generation.
                log.info("key_claimed_meanwhile")
        raise KeyTaken

    def _works(
        self, games: Sequence[Game], parts: Mapping[str, Parts | None], runtime: Mapping[Key, RuntimeFile]
    ) -> list[Work]:
        media = {
            media_key(Sha256(form.sha256), form.media_type)
            for game in games
            if (found := parts[game.id])
            for part in found.parts
            for form in part.sources
        }
        # A game's own addresses are among its uses: they were written down together.
        ids = [game.id for game in games]
        rows = table.read(game_ids=ids, keys=set(runtime), media=media)
        claimed = {key: rows.by_key[key].state for key in runtime if rows.by_key.get(key, _UNKNOWN).state in CLAIMED}
        if pruned := [key for key, state in claimed.items() if state == "gone"]:
            # A game came back to a build that nobody needed: its bytes are in the vault.
            table.revive(pruned)
            rows = table.read(game_ids=ids, keys=set(runtime), media=media)
        leaving = frozenset(claimed).difference(pruned)
        return [self._work(game, parts[game.id], rows, runtime, leaving=leaving) for game in games]

    def _work(
        self,
        game: Game,
        parts: Parts | None,
        rows: Rows,
        runtime: Mapping[Key, RuntimeFile],
        *,
        leaving: frozenset[Key],
    ) -> Work:
        used = rows.uses.get(game.id, {})
        try:
            if leaving and parts is not None and not leaving.isdisjoint(map(Key, parts.revision.runtime.values())):
                return Work(game, failure=Failure(_LEAVING, f"{min(leaving)} is just being pruned.", own=False))
            if parts is not None:
                items = wanting.playing(game, parts, rows=rows, runtime=runtime, addresses=self._addresses)
            elif game.deleted_at is not None:
                items = wanting.gone(game, used)
            else:
                items = wanting.resting(game, used)
        except Problem as problem:
            return Work(game, failure=Failure(problem.sentence, str(problem.__cause__ or "")))
        except Exception as error:
            # One game that can't be composed keeps no other from the bucket.
            log.error("not_composed", cause=error, game=game.pk)  # noqa: TRY400  It takes the error itself.
            return Work(game, failure=Failure(_UNEXPECTED, f"{type(error).__name__}: {error}"))
        by_key = {item.key: item for item in items}
        steps = plan(
            items,
            rows.of_game(game.id, by_key),
            now=rows.now,
            grace=timedelta(0) if game.deleted_at is not None else self._grace,
        )
        return Work(
            game,
            by_key,
            puts=[step for step in steps if isinstance(step, Put)],
            new_uses=[
                key
                for key in by_key
                # Objects of the runtime belong to all games and stay: they need no uses.
                if key not in runtime and (key not in used or used[key].held.until is not None)
            ],
            ends=[(used[step.key], step) for step in steps if isinstance(step, Delete)],
        )

    def _put(self, works: Sequence[Work], rank: Rank, hold: Hold, stored: set[Key]) -> None:
        """Writes the objects of a rank, each once, and notes what failed on every game that needs it."""
        needed_by: dict[Key, list[Work]] = {}
        jobs: list[Job] = []
        for work in works:
            if work.failure is not None:
                continue
            game = None if rank is Rank.LEAF else work.game.id
            for key, its_rank in work.puts:
                if its_rank is rank:
                    if key in needed_by:
                        needed_by[key].append(work)
                    else:
                        jobs.append(Job(key, work.items[key], game))
                        needed_by[key] = [work]
        written = write(
            jobs,
            bucket=self._bucket,
            vault=self._vault,
            pool=self._pool,
            hold=hold,
            pointer_max_age=self._addresses.pointer_max_age,
        )
        self.late += written.late
        self.unsure += written.unsure
        stored.update(key for key in needed_by if key not in written.failures)
        for key, failure in written.failures.items():
            for work in needed_by[key]:
                work.failure = work.failure or failure
                if isinstance(failure, Failure) and failure.lost:
                    work.lost.add(failure.lost)

    def _finish(self, works: Sequence[Work], stored: Mapping[Key, Intended], outcome: Outcome) -> None:
        """Writes down what was done, for the games that are still ours."""
        good = [work for work in works if work.failure is None]
        with transaction.atomic():
            wishes = table.still_held([work.game for work in works])
            ours = {key for work in works if work.game.id in wishes for key in work.items}
            # A leaf that lies in the bucket does so whoever wrote it; a pointer may be another's by now.
            table.mark_stored([row for key, row in stored.items() if key in ours or not key.startswith("g/")])
            good = [work for work in good if work.game.id in wishes]
            kept = [work for work in good if work.game.deleted_at is None]
            down = [work for work in good if work.game.deleted_at is not None]
            table.end_uses([end for work in kept for end in work.ends], at_once=False)
            receipts.begin([_down(work) for work in down])
            table.end_uses([end for work in down for end in work.ends], at_once=True)
            table.finish([work.game for work in kept], wishes)
        outcome.done += [work.game for work in kept]
        outcome.taken_down += [work.game for work in down]
        outcome.freed += [row.object_pk for work in down for row, _ in work.ends]


def _down(work: Work) -> Down:
    page = work.items.get(game_page_key(work.game.id))
    notice = (page.key, page.sha256, page.size) if page else None
    return Down(work.game, notice, [row.object_pk for row, _ in work.ends])


def _write_down(works: Sequence[Work]) -> dict[Key, Intended]:
    intents: dict[Key, Wanted] = {}
    uses: list[tuple[str, Key]] = []
    for work in works:
        game, items = work.game.id, work.items
        for key, _ in work.puts:
            intents[key] = items[key]
        for key in work.new_uses:
            uses.append((game, key))
            intents[key] = items[key]
    return table.intend(list(intents.values()), uses)

"""Whether the installation does its work, part by part: what `/health`, `pictogame health` and the office say."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.db.models.functions import Now

from pictogame.bucket.models import BucketObject
from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game
from pictogame.jobs import heartbeats
from pictogame.jobs.heartbeats import Seen
from pictogame.jobs.leases import clock, database_now, failing_seconds
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media.vault import vault
from pictogame.publishing import line
from pictogame.storage import NotThere, open_store

STORE_SECONDS = 5.0
"""A store that takes longer to say whether an object is there is not well."""
STUCK_SECONDS = 300
"""A game that a creator asked for and that has been due, or has failed, for so long is not being published."""
HANGING_SECONDS = 300
"""A loop that has not come round for so long hangs in one piece of work, or fails again and again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the installation, and in a sentence how it is."""

    name: str
    ok: bool
    sentence: str


def look() -> list[Part]:
    """How each part is. Takes a few statements and two requests to stores, ten seconds at the very most.

    Nothing is raised: what can't be known, because the database is away, is not well.
    """
    return [
        *_with_database(("database", _database), ("line", _line), ("publisher", publisher), ("worker", _worker)),
        *_stores(),
        *_disks(),
    ]


def _with_database(*looks: tuple[str, Callable[[], Part]]) -> Iterable[Part]:
    for number, (name, one) in enumerate(looks):
        try:
            yield one()
        except DatabaseError as error:
            yield Part(name, ok=False, sentence=f"The database does not answer ({type(error).__name__}).")
            # Each further look would wait for it as long again.
            for other, _ in looks[number + 1 :]:
                yield Part(other, ok=False, sentence="Nobody knows: the database does not answer.")
            return


def _database() -> Part:
    database_now()
    return Part("database", ok=True, sentence="It answers.")


def _line() -> Part:
    state = line.state()
    if state.is_paused:
        return Part("line", ok=True, sentence=state.sentence)
    failing, waiting = _failing(), _waiting()
    return waiting if failing is None or (failing.ok and not waiting.ok) else failing


def _failing() -> Part | None:
    """Of games that failed and are due only now and then, for another try: how many, and for how long they fail."""
    now = database_now()
    rows = Game.objects.filter(due_at__isnull=False, attempts__gt=0).order_by()
    tries = list(rows.values_list("attempts").annotate(games=Count("pk"), first=Min("due_at")))
    if not tries:
        return None
    games = sum(count for _, count, _ in tries)
    seconds = int(max(failing_seconds(often, until_due=(first - now).total_seconds()) for often, _, first in tries))
    what = f"{games:,} games fail and are" if games > 1 else "A game fails and is"
    sentence = f"{what} tried again, for {seconds} seconds at least: the list of games in the office says why."
    return Part("line", ok=seconds <= STUCK_SECONDS, sentence=sentence)


def _waiting() -> Part:
    """Of games that somebody asked for, the one that has been due for longest."""
    oldest: datetime | None = Game.objects.filter(due_at__lte=Now(), in_bulk=False).aggregate(at=Min("due_at"))["at"]
    if oldest is None:
        return Part("line", ok=True, sentence="Nothing waits.")
    waits = int((database_now() - oldest).total_seconds())
    if waits > STUCK_SECONDS:
        return Part("line", ok=False, sentence=f"A game has been due for {waits} seconds: nobody publishes it.")
    return Part("line", ok=True, sentence=f"The oldest game has been due for {max(0, waits)} seconds.")


def publisher() -> Part:
    """Whether one is at work: the one part that a page may tell without asking the stores."""
    return _process("publisher", "A publisher", "`pictogame publisher` starts one")


def _worker() -> Part:
    return _process("worker", "A worker", "`pictogame worker` starts one")


def _process(role: str, name: str, start: str) -> Part:
    known = [one for one in heartbeats.seen() if one.role == role]
    here = [one for one in known if one.is_here]
    if any(not hangs(one) for one in here):
        count = f"{len(here)} work" if len(here) > 1 else "It works"
        return Part(role, ok=True, sentence=f"{count}.")
    if here:
        return Part(role, ok=False, sentence=f"{name} runs, but hangs or fails: its log says why.")
    if known:
        ago = int(min(one.seconds_ago for one in known))
        return Part(role, ok=False, sentence=f"None has been heard of for {ago} seconds: {start}.")
    return Part(role, ok=False, sentence=f"None runs: {start}.")


def hangs(process: Seen) -> bool:
    """Whether its loop has not come round for too long."""
    return process.seconds_since_turn is not None and process.seconds_since_turn > HANGING_SECONDS


def _stores() -> list[Part]:
    """Both stores are asked at once for an object that has to be there."""
    try:
        key = (
            BucketObject.objects.filter(key__gte="r/", key__lt="r0", state="stored").order_by("key").values_list("key")
        ).first()
        sha256 = RuntimeObject.objects.order_by("pk").values_list("sha256").first()
    except DatabaseError:
        key = sha256 = None  # That it answers can be seen without a witness, too.

    def bucket() -> bool:
        store, witness = open_store(settings.BUCKET, public=True), key[0] if key else "r/witness"
        return store.head(witness) is not None or _well_without(lambda: store.get(witness), looked_for=key is not None)

    def private() -> bool:
        store, witness = vault(called="The vault"), Sha256(sha256[0] if sha256 else "0" * 64)
        return store.holds(witness) or _well_without(lambda: store.read(witness), looked_for=sha256 is not None)

    asked = [_Asked("bucket", bucket), _Asked("vault", private)]
    for one in asked:
        one.start()
    end = clock() + STORE_SECONDS
    for one in asked:
        one.join(max(0.0, end - clock()))
    return [one.part for one in asked]


def _well_without(read: Callable[[], bytes], *, looked_for: bool) -> bool:
    """Whether the store is well though it has no such object.

    HEAD has no body, so it says nothing of a bucket that does not exist; the answer to a GET does.
    """
    try:
        read()
    except NotThere:
        return not looked_for
    return True


class _Asked(Thread):
    """Asks a store from a thread that nobody waits for longer than he wants to, at the end of the process neither."""

    def __init__(self, name: str, ask: Callable[[], bool]) -> None:
        super().__init__(name=f"health-{name}", daemon=True)
        self._ask = ask
        self.part = Part(name, ok=False, sentence=f"It does not answer within {STORE_SECONDS:g} seconds.")

    def run(self) -> None:
        name = self.part.name
        try:
            there = self._ask()
        except Problem as problem:
            self.part = Part(name, ok=False, sentence=problem.for_operators)
            return
        if there:
            self.part = Part(name, ok=True, sentence="It answers.")
        else:
            self.part = Part(name, ok=False, sentence="It answers, but lacks a file of the runtime.")


def _disks() -> list[Part]:
    """Room on the disks of everything that lies in folders: each disk once."""
    folders = {"disk": Path(settings.DATA)}
    for name, url in (("bucket's disk", settings.BUCKET), ("vault's disk", settings.VAULT)):
        if url.startswith("file://"):
            folders[name] = Path(url.removeprefix("file://"))
    parts: dict[int, Part] = {}
    for name, folder in folders.items():
        there = next(path for path in (folder, *folder.parents) if path.exists())
        parts.setdefault(there.stat().st_dev, _disk(name, there))
    return list(parts.values())


def _disk(name: str, folder: Path) -> Part:
    free = shutil.disk_usage(folder).free
    least = settings.DISK_LEAST * 1_000_000
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return Part(name, ok=False, sentence="It may only be read: nothing can be kept on it.")
    room = f"{free / 1e9:.1f} GB are free"
    if free < least:
        return Part(
            name, ok=False, sentence=f"{room}, less than the {least / 1e9:g} GB that PICTOGAME_DISK_LEAST asks."
        )
    return Part(name, ok=True, sentence=f"{room}.")

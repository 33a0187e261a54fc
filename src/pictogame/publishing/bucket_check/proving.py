"""Objects that are written only to be looked at: the rows first, so that a sweep removes what a killed check leaves."""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.lib.hashing import new_game_id, sha256_of
from pictogame.lib.types import Key
from pictogame.publishing import rows as table
from pictogame.publishing.bucket_check.administration import Administration
from pictogame.publishing.bucket_check.asking import Answer, ask
from pictogame.publishing.bucket_check.steps import Step
from pictogame.publishing.bucket_check.versions import forgotten, given
from pictogame.publishing.rows import Intent
from pictogame.storage import Store, StoreProblem, open_store

_LEFT_FOR = timedelta(hours=1)
_LISTS = (b"<ListBucketResult", b"<ListVersionsResult")
_TRIES = 8
_REST_SECONDS = 1.0
_LISTINGS = ("/", "/?list-type=2", "/?prefix=g/", "/?versions", "/?uploads", "?list-type=2", "?versions")


@dataclass(frozen=True, slots=True)
class Samples:
    """What is written: two objects as games have them, one outside of our folders, and what a stranger may try."""

    games: Mapping[Key, bytes]
    """A picture, stored plain and for long, and a description, stored gzipped and for short."""
    outside: Key
    strangers: Key
    store: Store
    address: str
    """The public one, without a slash at its end."""
    pks: list[int] = field(default_factory=list)

    @property
    def all_keys(self) -> list[Key]:
        """Everything that may have been written."""
        return [*self.games, self.outside, self.strangers]

    def write(self) -> Iterator[Step]:
        """Puts all but the stranger's; ends with the first that is refused."""
        for key in (*self.games, self.outside):
            try:
                self._put(key)
            except StoreProblem as problem:
                yield Step(f"Writing {key}", ok=False, why=problem.for_operators)
                return
            yield Step(f"Writing {key}", ok=True)

    def _put(self, key: Key) -> None:
        if key == self.outside:
            self.store.put(key, OUTSIDE, content_type="text/plain; charset=utf-8")
            return
        kind = keys.headers(key, pointer_max_age=settings.POINTER_MAX_AGE)
        self.store.put(
            key,
            self.games[key],
            content_type=kind.content_type,
            cache_control=kind.cache_control,
            content_encoding=kind.content_encoding,
        )

    def remove(self) -> Step:
        """Deletes everything and looks whether it is gone; then nothing reminds of it."""
        what = "Deleting what was written"
        try:
            for key in self.all_keys:
                self.store.delete(key)
            left = [key for key in self.all_keys if self.store.head(key) is not None]
        except StoreProblem as problem:
            return Step(what, ok=False, why=problem.for_operators)
        if left:
            return Step(what, ok=False, why=f"{left[0]} is there after its delete: is the bucket locked?")
        BucketObject.objects.filter(pk__in=self.pks).delete()
        return Step(what, ok=True)


OUTSIDE = b"Nobody may read this."
"""What is written where no game lies."""


def samples(*, bucket: Store | None = None, bucket_url: str | None = None) -> Samples:
    """Fresh ones for the bucket of the settings, or the one given, with their rows written."""
    plain = secrets.token_bytes(300)
    described = keys.game_xml_key(new_game_id())
    games = {
        keys.media_key(sha256_of(plain), "image/avif"): plain,
        described: keys.encode(described, f"<rest>{secrets.token_hex(40)}</rest>".encode()),
    }
    found = Samples(
        games=games,
        outside=Key(f"pictogame-check-{secrets.token_hex(8)}.txt"),
        strangers=keys.media_key(sha256_of(secrets.token_bytes(8)), "image/avif"),
        store=bucket or open_store(settings.BUCKET, public=True),
        address=(bucket_url or settings.BUCKET_URL).rstrip("/"),
    )
    intents = [Intent(key, sha256_of(games.get(key, b"")), len(games.get(key, b""))) for key in found.all_keys]
    with transaction.atomic():
        found.pks.extend(row.pk for row in table.intend(intents, []).values())
        # Should this process end half-way, the publisher's sweep removes them.
        BucketObject.objects.filter(pk__in=found.pks).update(delete_after=Now() + _LEFT_FOR)
    return found


@contextmanager
def removing(found: Samples) -> Iterator[list[Step]]:
    """Removes the samples at the end, however that comes; what became of it is then in the list."""
    ending: list[Step] = []
    try:
        yield ending
    finally:
        ending.append(found.remove())


def proved_open(one: Administration) -> Iterator[Step]:
    """Whether strangers read what they may, by now or in a moment, and no more; and whether writes make versions."""
    found = samples()
    known: list[tuple[str, str]] = []
    with removing(found) as ending:
        refused = [step for step in found.write() if not step.ok]
        yield from refused
        if not refused:
            yield _readable(found)
            yield from closed(found)
            proof = given(one, found.all_keys, written=found.outside, data=OUTSIDE)
            known = proof.versions
            yield proof.step
    yield from (step for step in ending if not step.ok)
    forgotten(one, known)


def _readable(found: Samples) -> Step:
    """A policy may need a moment until all of a server's machines know it."""
    key, data = next(iter(found.games.items()))
    what = f"Everybody reads {found.address}/{key}"
    for again in reversed(range(_TRIES)):
        answer = ask(f"{found.address}/{key}", headers={"Origin": "null"})
        if isinstance(answer, Answer) and (answer.status, answer.body) == (200, data):
            return Step(what, ok=True)
        if not (again and isinstance(answer, Answer) and answer.status in {401, 403}):
            break
        time.sleep(_REST_SECONDS)
    if isinstance(answer, str):
        return Step(what, ok=False, why=answer)
    if answer.status == 200:
        return Step(what, ok=False, why="Other bytes came back than were stored: is it the address of this bucket?")
    return Step(
        what,
        ok=False,
        why=f"The answer is {answer.status} {answer.reason}: what the steps above could not set is missing, or "
        "something that stands above the bucket forbids it (an account's “Block public access”, a CDN).",
    )


def closed(found: Samples) -> Iterator[Step]:
    """Whether what is not a game's stays private: other objects, the list, and writing."""
    what = "Nobody reads what is not a game's"
    answer = ask(f"{found.address}/{found.outside}")
    if isinstance(answer, str):
        yield Step(what, ok=None, why=answer)
        return
    read = answer.status == 200 and answer.body == OUTSIDE
    why = "Objects outside of our folders can be read too: narrow the policy to them." if read else ""
    yield Step(what, ok=not read, why=why)
    listed = listing(found.address, (*found.games, found.outside))
    why = f"Anybody can list the bucket ({listed}), so no game is unlisted: take that right away." if listed else ""
    yield Step("Nobody may list the bucket", ok=not listed, why=why)
    yield _unwritable(found)


def listing(address: str, keys: Iterable[Key]) -> str:
    """What, asked of the address, gives a list of what is there, such as those keys; empty when nothing does."""
    names = [key.encode() for key in keys]
    for asked in _LISTINGS:
        answer = ask(address + asked)
        if not isinstance(answer, Answer) or answer.status != 200:
            continue
        if any(name in answer.body for name in names) or any(word in answer.body for word in _LISTS):
            return asked
    return ""


def _unwritable(found: Samples) -> Step:
    what = "Nobody writes or deletes but us"
    ask(f"{found.address}/{found.strangers}", method="PUT", data=b"a stranger's")
    victim = next(iter(found.games))
    ask(f"{found.address}/{victim}", method="DELETE")
    try:
        if found.store.head(found.strangers) is not None:
            return Step(what, ok=False, why="Anybody can write into the bucket: take that right away at once.")
        if found.store.head(victim) is None:
            return Step(what, ok=False, why="Anybody can delete from the bucket: take that right away at once.")
    except StoreProblem as problem:
        return Step(what, ok=False, why=problem.for_operators)
    return Step(what, ok=True)

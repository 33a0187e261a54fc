"""The rows that know the bucket, read and written for many games at once: a handful of statements per batch."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Now

from pictogame.bucket.keys import next_generation
from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.jobs.leases import database_now
from pictogame.jobs.prepared import ask, change
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.errors import KeyTaken
from pictogame.publishing.models import Use
from pictogame.publishing.plan import CLAIMED, Delete, Held, State, Wanted

_ROWS_AT_ONCE = 400
_LEAVES = ("m/", "r/")

_INTEND = """
INSERT INTO bucket_bucketobject (key, sha256, size, state, version) VALUES {values}
ON CONFLICT (key) DO UPDATE SET
    version = bucket_bucketobject.version + 1,
    state = CASE WHEN bucket_bucketobject.state = 'stored' AND bucket_bucketobject.sha256 = excluded.sha256
        THEN 'stored' ELSE 'intended' END,
    sha256 = excluded.sha256,
    size = excluded.size
WHERE bucket_bucketobject.state IN ('intended', 'stored')
RETURNING key, id, version
"""
_OBJECTS = "SELECT key, sha256, state FROM bucket_bucketobject WHERE key IN ({values})"
_USE = """
INSERT INTO publishing_use (game_id, object_id) VALUES {values}
ON CONFLICT (game_id, object_id) DO UPDATE SET until = NULL
"""

_VERSIONS = "SELECT id, version FROM bucket_bucketobject WHERE id IN ({numbers}) ORDER BY key{lock}"
_STORED = """
UPDATE bucket_bucketobject SET state = 'stored', stored_at = %s WHERE state = 'intended' AND id IN ({numbers})
"""

_FREE: Mapping[str, object] = MappingProxyType(
    {"lease_until": None, "lease_token": "", "attempts": 0, "faults": 0, "problem": "", "cause": ""}
)

_T = TypeVar("_T")
_KEY = itemgetter(0)


class UseRow(NamedTuple):
    """A use of an object by a game."""

    pk: int
    object_pk: int
    held: Held


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows say about the objects of a batch of games."""

    uses: Mapping[str, Mapping[Key, UseRow]]
    """By game and key."""
    by_key: Mapping[Key, Held]
    """Objects asked for by key or by their bytes, whoever uses them."""
    now: datetime
    """When they were read, on the database's clock."""
    by_bytes: Mapping[Sha256, Sequence[Held]]

    def of_game(self, game_id: str, wanted: Iterable[Key] = ()) -> list[Held]:
        """What the game uses, and of the wanted keys those that lie there for others."""
        used = self.uses.get(game_id, {})
        others = [self.by_key[key] for key in wanted if key not in used and key in self.by_key]
        return [row.held for row in used.values()] + others

    def of_bytes(self, sha256: Sha256) -> Sequence[Held]:
        """Every generation of these bytes."""
        return self.by_bytes.get(sha256, ())


class Intent(NamedTuple):
    """An object about to be written or used."""

    key: Key
    sha256: Sha256
    size: int


class Intended(NamedTuple):
    """A row that was written before its object: at this version somebody may say that the bucket holds it."""

    key: Key
    pk: int
    version: int


def read(*, game_ids: Collection[str], keys: Collection[Key], media: Collection[Key]) -> Rows:
    """A handful of queries for any number of games.

    `media` are keys of renditions in their first generation: later ones are found where those before were claimed.
    """
    now = database_now()
    uses: dict[str, dict[Key, UseRow]] = {}
    for pk, game_id, until, object_pk, key, sha256, state in ask(_uses, game_ids):
        held = Held(Key(key), Sha256(sha256), _state(state), used=True, until=until)
        uses.setdefault(game_id, {})[held.key] = UseRow(pk, object_pk, held)
    by_key: dict[Key, Held] = {}
    by_bytes: dict[Sha256, list[Held]] = {}
    by_key.update((held.key, held) for held in _objects(keys))
    asked = media
    while asked:
        found = list(_objects(asked))
        for held in found:
            by_key[held.key] = held
            by_bytes.setdefault(held.sha256, []).append(held)
        asked = [next_generation(held.key) for held in found if held.state in CLAIMED]
    return Rows(uses, by_key, now, by_bytes)


def _uses(games: Any) -> QuerySet[Use, Any]:
    return Use.objects.filter(game__in=games).values_list(
        "pk", "game_id", "until", "object_id", "object__key", "object__sha256", "object__state"
    )


def _objects(keys: Collection[Key]) -> Iterator[Held]:
    """What is known of the objects under these keys.

    In bare SQL, since there are hundreds of keys, and Django looks at each of them several times.
    """
    with connection.cursor() as cursor:
        for some in _pieces(sorted(keys)):
            cursor.execute(_OBJECTS.format(values=", ".join(["%s"] * len(some))), some)
            for key, sha256, state in cursor.fetchall():
                yield Held(Key(key), Sha256(sha256), _state(state))


def intend(intents: Collection[Intent | Wanted], uses: Collection[tuple[str, Key]]) -> dict[Key, Intended]:
    """Writes that these objects are about to be there and that games use them. Inside the caller's transaction.

    Gives the rows of the objects. Every row's version rises, so that a delete which read it before fails. Rows
    are locked in the order of their keys. Raises KeyTaken when a delete was faster; the transaction must end then.
    """
    written: dict[Key, Intended] = {}
    with connection.cursor() as cursor:
        for some in _pieces(sorted(intents, key=_KEY)):
            values = ", ".join(["(%s, %s, %s, 'intended', 1)"] * len(some))
            parameters: list[str | int] = []
            for one in some:
                parameters += (one.key, one.sha256, one.size)
            cursor.execute(_INTEND.format(values=values), parameters)
            written.update({row[0]: Intended._make(row) for row in cursor.fetchall()})
        if len(written) != len(intents):
            raise KeyTaken
        for pairs in _pieces(sorted(uses)):
            values = ", ".join(["(%s, %s)"] * len(pairs))
            parameters = []
            for game_id, key in pairs:
                parameters += (game_id, written[key].pk)
            cursor.execute(_USE.format(values=values), parameters)
    return written


def revive(keys: Collection[Key]) -> int:
    """Lets runtime objects that were pruned be written again; gives how many. For those alone.

    Every other key that a delete claimed is never written again. These may: their bytes are the same for ever, only a
    command deletes them, and it has said that it is done.
    """
    return BucketObject.objects.filter(key__in=among(sorted(keys)), key__startswith="r/", state="gone").update(
        state="intended", version=F("version") + 1
    )


@transaction.atomic
def mark_stored(rows: Collection[Intended]) -> None:
    """The bucket holds these objects as intended.

    A pointer whose row has changed meanwhile is left alone: somebody else wrote it, or it is doubted. A leaf lies in
    the bucket whoever wrote it, always with the same bytes.
    """
    if not rows:
        return
    pointers = {row.pk: row.version for row in rows if not row.key.startswith(_LEAVES)}
    pks = {row.pk for row in rows}
    lock = connection.features.has_select_for_update
    with connection.cursor() as cursor:
        if looked_at := pks if lock else pointers.keys():
            # Locked in the order in which everybody locks them.
            statement = _VERSIONS.format(numbers=_numbers(looked_at), lock=" FOR UPDATE" if lock else "")
            cursor.execute(statement)
            pks -= {pk for pk, version in cursor.fetchall() if pointers.get(pk, version) != version}
        if pks:
            now = connection.ops.adapt_datetimefield_value(database_now())
            cursor.execute(_STORED.format(numbers=_numbers(pks)), [now])


def _numbers(pks: Iterable[int]) -> str:
    """Whole numbers of our own, hundreds at once: as parameters they would cost more than the statement."""
    return ", ".join(map(str, sorted(pks)))


def end_uses(ends: Collection[tuple[UseRow, Delete]], *, at_once: bool) -> None:
    """The games stop using these objects, now or at the times given; whether others use them is seen by the sweep."""
    if not ends:
        return
    if at_once:
        Use.objects.filter(pk__in=[row.pk for row, _ in ends]).delete()
    by_time: dict[datetime, list[UseRow]] = {}
    for row, delete in ends:
        by_time.setdefault(delete.at, []).append(row)
    for at, rows in by_time.items():
        if not at_once:
            Use.objects.filter(pk__in=[row.pk for row in rows]).update(until=at)
        BucketObject.objects.filter(pk__in=[row.object_pk for row in rows]).update(delete_after=at)


@transaction.atomic
def doubt_everything() -> None:
    """What the bucket was thought to hold is only intended again, and every game that has anything there is due.

    Those that rest or are deleted have pages that say so.
    """
    BucketObject.objects.filter(state=BucketObject.State.STORED).update(state=BucketObject.State.INTENDED)
    Game.objects.filter(pk__in=Use.objects.filter(until=None).values("game")).update(**leases.due())


class Wish(NamedTuple):
    """Everything about a game that decides what the bucket holds for it."""

    wanted: int | None
    deleted_at: datetime | None
    listed: bool
    due_at: datetime | None


def still_held(games: Collection[Game]) -> dict[str, Wish]:
    """Those games whose lease is ours and runs, and what they want by now; locked until the transaction ends."""
    tokens = {game.lease_token for game in games if game.lease_token}
    return {pk: Wish(*wish) for pk, *wish in ask(_held, [game.pk for game in games], tokens)}


def _held(games: Any, tokens: Any) -> QuerySet[Game, Any]:
    ours = Game.objects.select_for_update().filter(pk__in=games, lease_token__in=tokens, lease_until__gt=Now())
    return ours.order_by("pk").values_list("pk", "wanted_id", "deleted_at", "listed", "due_at")


def finish(games: Collection[Game], wishes: Mapping[str, Wish]) -> None:
    """The bucket holds what these games wanted when claimed. One that was made due again since then stays due."""
    done = {game.id for game in games if wishes[game.id] == _wish_of(game)}
    change(_finished, done)
    for game in games:
        if game.id not in done:
            at = Now() if game.wanted_id else None
            Game.objects.filter(pk=game.pk).update(published=game.wanted_id, published_at=at, **_FREE)


def _finished(games: Any) -> tuple[QuerySet[Game], Mapping[str, object]]:
    published_at = Case(When(wanted=None, then=None), default=Now())
    published = {"published": F("wanted"), "published_at": published_at, "due_at": None, "in_bulk": False}
    return Game.objects.filter(pk__in=games), {**published, **_FREE}


def _wish_of(game: Game) -> Wish:
    return Wish(game.wanted_id, game.deleted_at, game.listed, game.due_at)


def finish_held(games: Collection[Game]) -> None:
    """Like `finish`, for those of the games that are still ours."""
    with transaction.atomic():
        wishes = still_held(games)
        finish([game for game in games if game.pk in wishes], wishes)


def _pieces(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def _state(text: str) -> State:
    match text:
        case "intended" | "stored" | "deleting" | "gone":
            return text
    raise ValueError(f"{text!r} is no state of an object.")

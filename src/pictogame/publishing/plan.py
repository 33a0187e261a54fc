"""What there is to do for one game: pure, so that a table can test it.

`wanted` is what the bucket shall hold for the game, `held` what the rows know of its objects. The executor carries
out the answer and decides nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import IntEnum
from operator import itemgetter
from typing import Literal, NamedTuple

from pictogame.bucket.keys import generation_of, is_runtime_key, media_key
from pictogame.lib.types import Key, Sha256

State = Literal["intended", "stored", "deleting", "gone"]
CLAIMED: frozenset[State] = frozenset({"deleting", "gone"})


class Rank(IntEnum):
    """The order of writing: what is named comes before what names it."""

    LEAF = 0
    POINTER = 1
    PAGE = 2


# Named tuples all through: a game takes dozens of these, and a frozen dataclass costs three times as much.
class Wanted(NamedTuple):
    """An object that the bucket shall hold, and where its bytes are. `sha256` and `size` are of the bytes as stored."""

    key: Key
    sha256: Sha256
    rank: Rank
    size: int = 0
    data: bytes | None = None
    """The bytes; when there are none, they lie in the vault under `source`."""
    source: Sha256 | None = None


class Held(NamedTuple):
    """An object that a row knows. `used`: this game has a use of it; `until`: when that use ends, if it does."""

    key: Key
    sha256: Sha256
    state: State
    used: bool = False
    until: datetime | None = None


class Put(NamedTuple):
    """Write this object; those of a lower rank first."""

    key: Key
    rank: Rank


class Delete(NamedTuple):
    """The game stops using this object at `at`. It is deleted then, unless another game uses it."""

    key: Key
    at: datetime


_RANK = itemgetter(1)


def plan(wanted: Iterable[Wanted], held: Iterable[Held], *, now: datetime, grace: timedelta) -> list[Put | Delete]:
    """Puts in order of writing, then deletes.

    An object is put when no row says that the bucket holds these very bytes. What the game used and wants no more
    is deleted after `grace`, in which caches and open tabs may still name it; without grace at once, and so is what an
    earlier plan had put off. Objects of the runtime belong to all games and are never deleted. Done twice, the second
    plan is empty. Raises ValueError when a wanted key was claimed by a delete: such a key is never written again.
    """
    known = {one.key: one for one in held}
    puts: list[Put] = []
    names: set[Key] = set()
    for key, sha256, rank, *_ in wanted:
        names.add(key)
        row = known.get(key)
        if row is None:
            puts.append(Put(key, rank))
        elif row.state in CLAIMED:
            raise ValueError(f"{key} was claimed by a delete and is never written again.")
        elif row.state != "stored" or row.sha256 != sha256:
            puts.append(Put(key, rank))
    puts.sort(key=_RANK)
    deletes = [
        Delete(row.key, now + grace)
        for row in known.values()
        if row.used
        and row.key not in names
        and not is_runtime_key(row.key)
        and (row.until is None or (not grace and row.until > now))
        and row.state not in CLAIMED
    ]
    return [*puts, *deletes]


def usable_media_key(sha256: Sha256, media_type: str, held: Collection[Held]) -> Key:
    """The key under which a rendition may lie: its newest generation, or the next when that was claimed by a delete."""
    if not held:
        return media_key(sha256, media_type)
    stem = f"m/{sha256}"
    newest: Held | None = None
    for row in held:
        if row.key.startswith(stem) and (newest is None or generation_of(row.key) > generation_of(newest.key)):
            newest = row
    if newest is None:
        return media_key(sha256, media_type)
    if newest.state in CLAIMED:
        return media_key(sha256, media_type, generation_of(newest.key) + 1)
    return newest.key

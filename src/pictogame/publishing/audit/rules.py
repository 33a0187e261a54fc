"""Whether an object is as its row says. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from pictogame.bucket.keys import is_runtime_key
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.audit.findings import Kind

PATIENCE = timedelta(minutes=10)
"""How long after its time an object may still be there: a sweep may have much to do, and wait after a failure."""


class Row(NamedTuple):
    """What the database knows of an object. `used`: a game names it, or a cache may still."""

    pk: int
    key: Key
    sha256: Sha256
    size: int
    state: str
    version: int
    delete_after: datetime | None
    used: bool
    doubted: bool = False
    """Somebody may have written it late: a publisher looks at it again by itself."""
    needed: bool = False
    """Though it is only intended, a game is published with it, and nobody is just writing it."""


class Seen(NamedTuple):
    """What the bucket says of an object that is there. `digest` is None when its bytes were not read."""

    size: int
    digest: Sha256 | None = None


class Verdict(NamedTuple):
    """What is wrong, in a sentence."""

    kind: Kind
    sentence: str


def judge(row: Row | None, seen: Seen | None, *, now: datetime, patience: timedelta = PATIENCE) -> Verdict | None:
    """What is wrong with an object, by its row and by what lies in the bucket; None when nothing is.

    An object whose row is only intended may be there or not, unless a game is published with it: a publisher is about
    to write it.
    """
    if row is None:
        return None if seen is None else Verdict(Kind.ORPHANED, "No row knows it.")
    if seen is None:
        reason = _loss(row)
        return Verdict(Kind.MISSING, reason) if reason else None
    if row.doubted:
        return None
    if reason := _doom(row, now, patience):
        return Verdict(Kind.DOOMED, reason)
    if row.state == "stored" and (reason := _difference(row, seen)):
        return Verdict(Kind.DIFFERENT, reason)
    return None


def _loss(row: Row) -> str:
    """Why it should be there; empty when nobody says so."""
    if row.state == "stored":
        return "Its row says that it is stored, and it is not there."
    return "A game is published with it, and it is not there: it has yet to be written again." if row.needed else ""


def _difference(row: Row, seen: Seen) -> str:
    if seen.size != row.size:
        return f"It has {seen.size} bytes, and {row.size} were written."
    if seen.digest is not None and seen.digest != row.sha256:
        return f"Its bytes hash to {seen.digest[:12]}…, and those that were written to {row.sha256[:12]}…."
    return ""


def _doom(row: Row, now: datetime, patience: timedelta) -> str:
    """Why it should not be there (any more); empty when it may be."""
    put_off = row.delete_after is not None and row.delete_after > now - patience
    if row.state == "gone":
        return "It was deleted, and is there again."
    if row.state == "deleting":
        # A delete that failed is put off into the future.
        if is_runtime_key(row.key):
            return "Its pruning was not brought to an end: `pictogame runtime prune` goes on with it."
        just_begun = row.delete_after is not None and now - patience < row.delete_after <= now
        return "" if just_begun else "It is to be deleted, and the bucket has not let go of it."
    if row.used or put_off or is_runtime_key(row.key) or not row.key.startswith(("g/", "m/")):
        return ""
    if row.delete_after is None:
        return "Nothing uses it, and nothing would ever delete it."
    return f"Nothing uses it, and its time was over at {row.delete_after:%Y-%m-%d %H:%M} UTC: does a publisher run?"

"""The bucket's objects against their rows: both are read by pages, and each suspicion is looked into anew."""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now

from pictogame.bucket.models import BucketObject
from pictogame.jobs.among import among
from pictogame.jobs.leases import database_now
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.audit.findings import Kind, Summary, Watch
from pictogame.publishing.audit.rules import Row, Seen, Verdict, judge
from pictogame.publishing.models import Doubt, Use
from pictogame.storage import BadKey, NotThere, Stat, Store
from pictogame.storage.listing import PAGE, Listing, paged
from pictogame.storage.store import is_key

_LISTED = "listed"
_ORPHANED = "orphaned"
_ROWS_AT_ONCE = 2000


class Found(NamedTuple):
    """An object with which something is wrong, with its row as it was then."""

    key: Key
    row: Row | None
    seen: Seen | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Objects:
    """A bucket beside its rows. `listing` remembers what was seen; `deep` reads and hashes every object."""

    bucket: Store
    pool: ThreadPoolExecutor
    listing: Listing
    summary: Summary
    watch: Watch
    deep: bool
    patience: timedelta

    def listed(self) -> Iterator[Found]:
        """What is wrong with objects that are there, but for orphans, which are noted for the end."""
        rows = BucketObject.objects.filter(state="stored").count()
        for page in paged(self.bucket.list()):
            self.listing.note(_LISTED, [stat.key for stat in page])
            self.summary.objects += len(page)
            self.summary.bytes += sum(stat.size for stat in page)
            suspects = self._suspects(page)
            for found in self._confirm(suspects):
                if found.verdict.kind is Kind.ORPHANED:
                    self.listing.note(_ORPHANED, [found.key])
                else:
                    yield found
            self.watch("objects", self.summary.objects, max(rows, self.summary.objects))

    def unlisted(self) -> Iterator[Found]:
        """Objects that are to be there by their row, or by a game that is published with them, and that no page of the
        listing had.
        """
        total = BucketObject.objects.filter(state="stored").count()
        rows = BucketObject.objects.filter(state__in=("stored", "intended")).order_by("key").values_list("key", "state")
        last = ""
        while found := list(rows.filter(key__gt=last)[:_ROWS_AT_ONCE]):
            last = found[-1][0]
            self.summary.rows += sum(state == "stored" for _, state in found)
            for some in paged(Key(key) for key, _ in found):
                yield from self._confirm(self.listing.without(_LISTED, some))
            self.watch("rows", self.summary.rows, max(total, self.summary.rows))

    def orphans(self) -> Iterator[Found]:
        """Objects that no row knew, and that none knows now."""
        for page in self.listing.pages(_ORPHANED):
            yield from (one for one in self._confirm(page) if one.verdict.kind is Kind.ORPHANED)

    def count_of_orphans(self) -> int:
        """How many were noted."""
        return self.listing.count(_ORPHANED)

    def _suspects(self, page: Collection[Stat]) -> list[Key]:
        now = database_now()
        rows = rows_of([stat.key for stat in page])
        suspects: list[Key] = []
        to_hash: list[Row] = []
        for stat in page:
            row = rows.get(stat.key)
            if judge(row, Seen(stat.size), now=now, patience=self.patience):
                suspects.append(stat.key)
            elif self.deep and row is not None and row.state == "stored":
                to_hash.append(row)
        self.summary.hashed += len(to_hash)
        digests = self.pool.map(self._digest, [row.key for row in to_hash])
        return suspects + [row.key for row, digest in zip(to_hash, digests, strict=True) if digest != row.sha256]

    def _confirm(self, keys: Collection[Key]) -> Iterator[Found]:
        """Looks at the objects and, before and after, at their rows: what was read at two times proves nothing."""
        if not keys:
            return
        before = rows_of(keys)
        seen = dict(zip(keys, self.pool.map(lambda key: self._look(key, before.get(key)), keys), strict=True))
        after, now = rows_of(keys), database_now()
        for key in keys:
            row = after.get(key)
            if row != before.get(key):
                self.summary.moving += 1
                continue
            if verdict := judge(row, seen[key], now=now, patience=self.patience):
                yield Found(key, row, seen[key], verdict)

    def _look(self, key: Key, row: Row | None) -> Seen | None:
        try:
            stat = self.bucket.head(key)
        except BadKey:
            return Seen(0)  # Somebody else's name, which our stores don't ask for; the listing has just seen it.
        if stat is None:
            return None
        digest = self._digest(key) if self.deep and row is not None and stat.size == row.size else None
        return Seen(stat.size, digest)

    def _digest(self, key: Key) -> Sha256 | None:
        try:
            return self.bucket.digest(key)
        except NotThere:
            return None


def rows_of(keys: Iterable[Key]) -> dict[Key, Row]:
    """The rows of those of the keys that have one."""
    # What is no key at all has no row, and may be no text that a database takes.
    ours = [key for key in keys if is_key(key)]
    live = Use.objects.filter(Q(until=None) | Q(until__gt=Now()), object=OuterRef("pk"))
    doubts = Doubt.objects.filter(object=OuterRef("pk"))
    needs = Use.objects.filter(
        ~Q(game__lease_until__gt=Now()) | Q(game__lease_until=None),
        game__published=F("game__wanted"),
        object=OuterRef("pk"),
        until=None,
    )
    # Asked for those few alone that are intended.
    needed = Case(When(state="intended", then=Exists(needs)), default=Value(value=False))
    found: dict[Key, Row] = {}
    for some in paged(ours, PAGE):
        rows = BucketObject.objects.filter(key__in=among(some))
        rows = rows.annotate(used=Exists(live), doubted=Exists(doubts), needed=needed)
        for values in rows.values_list(*Row._fields):
            found[Key(values[1])] = Row._make(values)
    return found

"""The vault against the rows: originals, renditions and files of the runtime, each under the hash of its bytes."""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from pictogame.catalog.models import RuntimeObject
from pictogame.jobs.among import among
from pictogame.jobs.leases import database_now
from pictogame.lib.types import Key, Sha256
from pictogame.media.erasing import UNNAMED_FOR
from pictogame.media.models import Erasure, Picture, Rendition
from pictogame.media.vault import Vault
from pictogame.publishing.audit.findings import Kind, Summary, Watch
from pictogame.publishing.audit.rules import Seen, Verdict
from pictogame.storage import NotThere
from pictogame.storage.listing import Listing, paged

_LISTED = "in the vault"
_ROWS_AT_ONCE = 2000

Role = Literal["original", "rendition", "runtime"]


class Named(NamedTuple):
    """What the rows say of bytes: what they are, how many, since when; or when they shall go."""

    role: Role | None
    size: int = 0
    since: datetime | None = None
    erased_at: datetime | None = None


class Lost(NamedTuple):
    """Bytes with which something is wrong. `sha256` is None for what the vault did not name."""

    key: Key
    sha256: Sha256 | None
    role: Role | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Private:
    """The vault beside the rows; `deep` reads and hashes everything."""

    vault: Vault
    pool: ThreadPoolExecutor
    listing: Listing
    summary: Summary
    watch: Watch
    deep: bool
    patience: timedelta

    def found(self) -> Iterator[Lost]:
        """What is wrong, each looked at twice."""
        yield from self._listed()
        yield from self._unlisted()

    def _listed(self) -> Iterator[Lost]:
        rows = Picture.objects.count() + Rendition.objects.count() + RuntimeObject.objects.count()
        for page in paged(self.vault.everything()):
            self.summary.vault_objects += len(page)
            self.summary.vault_bytes += sum(stat.size for stat, _ in page)
            for stat, sha256 in page:
                if sha256 is None:
                    verdict = Verdict(Kind.ORPHANED, "It is not named as the vault names what it keeps.")
                    yield Lost(stat.key, None, None, verdict)
            ours = {sha256: stat for stat, sha256 in page if sha256 is not None}
            self.listing.note(_LISTED, map(Key, ours))
            named, now = named_by_rows(ours), database_now()
            suspects: list[Sha256] = []
            to_hash: list[Sha256] = []
            for sha256, stat in ours.items():
                if self._judge(named[sha256], Seen(stat.size), stat.modified_at, now):
                    suspects.append(sha256)
                elif self.deep and named[sha256].role is not None:
                    to_hash.append(sha256)
            self.summary.hashed += len(to_hash)
            digests = self.pool.map(self._digest, to_hash)
            suspects += [sha256 for sha256, digest in zip(to_hash, digests, strict=True) if digest != sha256]
            yield from self._confirm(suspects)
            self.watch("vault", self.summary.vault_objects, max(rows, self.summary.vault_objects))

    def _unlisted(self) -> Iterator[Lost]:
        named = (Picture.objects.all(), Rendition.objects.all(), RuntimeObject.objects.all())
        for hashes in chain.from_iterable(map(_hashes, named)):
            for some in paged(map(Key, hashes)):
                yield from self._confirm([Sha256(key) for key in self.listing.without(_LISTED, some)])

    def _confirm(self, hashes: Collection[Sha256]) -> Iterator[Lost]:
        if not hashes:
            return
        before = named_by_rows(hashes)
        looks = dict(zip(hashes, self.pool.map(lambda one: self._look(one, before[one]), hashes), strict=True))
        after, now = named_by_rows(hashes), database_now()
        for sha256 in hashes:
            if after[sha256] != before[sha256]:
                self.summary.moving += 1
                continue
            seen, modified_at = looks[sha256]
            if verdict := self._judge(after[sha256], seen, modified_at, now, digest_of=sha256):
                yield Lost(Key(f"v/{sha256[:2]}/{sha256}"), sha256, after[sha256].role, verdict)

    def _look(self, sha256: Sha256, named: Named) -> tuple[Seen | None, datetime | None]:
        stat = self.vault.stat(sha256)
        if stat is None:
            return None, None
        digest = self._digest(sha256) if self.deep and named.role is not None else None
        return Seen(stat.size, digest), stat.modified_at

    def _digest(self, sha256: Sha256) -> Sha256 | None:
        try:
            return self.vault.digest(sha256)
        except NotThere:
            return None

    def _judge(
        self,
        named: Named,
        seen: Seen | None,
        modified_at: datetime | None,
        now: datetime,
        digest_of: Sha256 | None = None,
    ) -> Verdict | None:
        if named.role is None:
            return self._unnamed(named, modified_at, now) if seen is not None else None
        if seen is None:
            # The row of an upload comes before its bytes.
            coming = named.since is not None and named.since > now - self.patience
            return None if coming else Verdict(Kind.MISSING, f"A row names this {_WORDS[named.role]}, and it is lost.")
        if seen.size != named.size:
            return Verdict(Kind.DIFFERENT, f"It has {seen.size} bytes, and {named.size} were kept.")
        if digest_of is not None and seen.digest is not None and seen.digest != digest_of:
            return Verdict(Kind.DIFFERENT, f"Its bytes hash to {seen.digest[:12]}…, and not to its name.")
        return None

    def _unnamed(self, named: Named, modified_at: datetime | None, now: datetime) -> Verdict | None:
        if named.erased_at is not None:
            if named.erased_at <= now - self.patience:
                return Verdict(Kind.DOOMED, "It was to be erased, and is still there: does a publisher run?")
            return None
        # Bytes may come before the row that names them.
        if modified_at is not None and modified_at > now - UNNAMED_FOR:
            return None
        return Verdict(Kind.ORPHANED, "No row knows it.")


_WORDS: dict[Role, str] = {"original": "original", "rendition": "rendition", "runtime": "file of the runtime"}


def named_by_rows(hashes: Iterable[Sha256]) -> dict[Sha256, Named]:
    """What the rows say of each of them."""
    asked = list(hashes)
    named = dict.fromkeys(asked, Named(None))
    for sha256, at in Erasure.objects.filter(sha256__in=among(asked)).values_list("sha256", "due_at"):
        named[Sha256(sha256)] = Named(None, erased_at=at)
    # Originals last: what is one and something else besides is treated as the most precious.
    for sha256, size in RuntimeObject.objects.filter(sha256__in=among(asked)).values_list("sha256", "size"):
        named[Sha256(sha256)] = Named("runtime", size)
    for sha256, size in Rendition.objects.filter(sha256__in=among(asked)).values_list("sha256", "size"):
        named[Sha256(sha256)] = Named("rendition", size)
    originals = Picture.objects.filter(sha256__in=among(asked)).values_list("sha256", "size", "received_at")
    for sha256, size, since in originals:
        named[Sha256(sha256)] = Named("original", size, since)
    return named


def _hashes(
    rows: "QuerySet[Any]",
) -> Iterator[list[Sha256]]:
    """The hashes that rows name, by pages."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "sha256")[:_ROWS_AT_ONCE]):
        last = page[-1][0]
        yield [Sha256(sha256) for _, sha256 in page]

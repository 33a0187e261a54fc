"""Mends what an audit found. What a game needs is written by the publisher alone: its lease makes that safe.

Here rows are put right and games made due; what nobody needs is deleted, with its row claimed first.
"""

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Key, Sha256
from pictogame.media.models import Rendition
from pictogame.publishing import remaking
from pictogame.publishing import rows as table
from pictogame.publishing.audit.findings import Kind
from pictogame.publishing.audit.games import Lack
from pictogame.publishing.audit.objects import Found
from pictogame.publishing.audit.rules import Row
from pictogame.publishing.errors import KeyTaken
from pictogame.publishing.models import Use
from pictogame.publishing.rows import Intent
from pictogame.publishing.sweep import sweep
from pictogame.publishing.writing import Vault
from pictogame.storage import NotThere, Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repair:
    """Mends one finding after the other."""

    bucket: Store
    vault: Vault
    pool: ThreadPoolExecutor

    def object(self, found: Found) -> bool:
        """Whether what is wrong with an object is mended, or on its way."""
        try:
            match found.verdict.kind:
                case Kind.ORPHANED:
                    return self._orphan(found)
                case Kind.DOOMED:
                    return found.row is not None and self._doomed(found.row)
                case _:
                    return found.row is not None and self._rewrite(found.row)
        except KeyTaken:
            return False  # It is being deleted by somebody: no time to write it.
        except Problem as problem:
            logger.warning("%s was not repaired: %s", found.key, problem.sentence, exc_info=problem.__cause__)
            return False

    def game(self, lack: Lack) -> bool:
        """Whether a game is on its way to what it wants, and the runtime that it needs is there.

        One that was set aside stays so: who asks for it again has looked at its cause.
        """
        if lack.kind is Kind.ASIDE:
            return False
        there = True
        try:
            if lack.kind is Kind.MISSING:
                there = self._has_bytes(lack.key, keys.media_hash(lack.key))
            if keys.is_runtime_key(lack.key):
                self._restore(lack.key)
        except KeyTaken:
            pass  # It was pruned: the publisher brings it back for the game.
        except Problem as problem:
            logger.warning("%s was not repaired: %s", lack.key, problem.sentence, exc_info=problem.__cause__)
            return False
        return Game.objects.filter(pk=lack.game).update(**leases.due()) > 0 and there

    def _rewrite(self, row: Row) -> bool:
        """The row says no longer that the object is stored, and who uses it is due."""
        if keys.is_runtime_key(row.key):
            self._restore(row.key)
            return True
        there = self._has_bytes(row.key, row.sha256)
        with transaction.atomic():
            # Games are locked before objects, as whoever finishes does.
            users = _locked(Use.objects.filter(object=row.pk, until=None).values("game"))
            changed = BucketObject.objects.filter(
                pk=row.pk, version=row.version, state__in=("stored", "intended")
            ).update(state="intended", version=F("version") + 1)
            if not changed:
                return False
            if Game.objects.filter(pk__in=users).update(**leases.due()):
                return there
            # Only caches may still name it, and they would get nothing, or something wrong.
            Use.objects.filter(object=row.pk, until__isnull=False).delete()
        return self._sweep(row)

    def _has_bytes(self, key: Key, sha256: Sha256 | None) -> bool:
        """Whether a publisher that is to write the object has, or will have, its bytes: a rendition that the vault has
        lost, too, is made again from its original. What is composed needs none.
        """
        if sha256 is None or not Rendition.objects.filter(sha256=sha256).exists():
            return True
        try:
            if self.vault.digest(sha256) == sha256:
                return True
        except NotThere:
            pass
        comes = remaking.comes_again(sha256, vault=self.vault)
        if not comes:
            logger.warning("%s can't be written again: its original is lost, too.", key)
        return comes

    def _doomed(self, row: Row) -> bool:
        if row.state != "gone":
            # What is being pruned is its command's: run again, it goes on.
            return not keys.is_runtime_key(row.key) and self._sweep(row)
        # A claimed key is never written again, but for those of the runtime: these are claimed once more.
        claimed = BucketObject.objects.filter(pk=row.pk, version=row.version, state="gone")
        if not claimed.update(state="deleting", version=F("version") + 1):
            return False
        self.bucket.delete(row.key)
        BucketObject.objects.filter(pk=row.pk, state="deleting").update(state="gone")
        return True

    def _sweep(self, row: Row) -> bool:
        """Deletes what nobody uses; somebody who uses it meanwhile is faster."""
        BucketObject.objects.filter(pk=row.pk).update(delete_after=Now())
        sweep(bucket=self.bucket, pool=self.pool, only=[row.pk])
        return self.bucket.head(row.key) is None

    def _orphan(self, found: Found) -> bool:
        key = found.key
        if not keys.is_ours(key) or found.seen is None:
            return False
        if RuntimeObject.objects.filter(key=key).exists():
            self._restore(key)
            return True
        owner = keys.game_of(key)
        game = Game.objects.filter(pk=owner).first() if owner and key.startswith("g/") else None
        if game is not None and (game.deleted_at is None or key == keys.game_page_key(game.pk)):
            return self._adopt(key, game)
        return self._delete_orphan(key, found.seen.size)

    def _adopt(self, key: Key, game: Game) -> bool:
        """An address of a game that may be published again can't be claimed for ever: the game gets it back."""
        digest = self.bucket.digest(key)
        stat = self.bucket.head(key)
        with transaction.atomic():
            _locked([game.pk])
            table.intend([Intent(key, digest, stat.size if stat else 0)], [(game.pk, key)])
            Game.objects.filter(pk=game.pk).update(**leases.due())
        return True

    def _delete_orphan(self, key: Key, size: int) -> bool:
        """The row first, claimed from the beginning, so that nobody writes the object while it is deleted."""
        row, made = BucketObject.objects.get_or_create(
            key=key,
            defaults={
                # Under its hash a rendition finds out that this key is used up, and takes the next.
                "sha256": keys.media_hash(key) or "",
                "size": size,
                "state": BucketObject.State.DELETING,
                "version": 1,
                "delete_after": Now(),
            },
        )
        if not made:
            return False  # Somebody intends to write it by now: no orphan any more.
        self.bucket.delete(key)
        if self.bucket.head(key) is not None:
            return False
        if keys.media_hash(key) or keys.game_of(key):
            BucketObject.objects.filter(pk=row.pk, state="deleting").update(state="gone", delete_after=None)
        else:
            row.delete()  # Keys of the runtime and of the embed script may be written again.
        return True

    def _restore(self, key: Key) -> None:
        """Writes an object of the runtime again: always the same bytes, so whoever writes them can do no harm."""
        known = RuntimeObject.objects.filter(key=key).values_list("sha256", flat=True).first()
        if known is None:
            raise Problem(f"{key} is not installed: publish the games that need it again to bring them up to date.")
        plain = self.vault.read(Sha256(known))
        if sha256_of(plain) != known:
            raise Problem(f"{key} is damaged in the vault.")
        data = keys.encode(key, plain)
        rows = table.intend([Intent(key, sha256_of(data), len(data))], [])
        kind = keys.headers(key)
        self.bucket.put(
            key,
            data,
            content_type=kind.content_type,
            cache_control=kind.cache_control,
            content_encoding=kind.content_encoding,
        )
        table.mark_stored(list(rows.values()))


def _locked(pks: "Collection[str] | QuerySet[Use, Any]") -> list[str]:
    """The games of those ids, locked until the transaction ends."""
    games = Game.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    return list(games.values_list("pk", flat=True))

"""Mends the vault: from the bucket, which holds the same bytes, from the build, or by making renditions once more."""

import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from pictogame.bucket import keys
from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import Key, Sha256
from pictogame.media import erasing
from pictogame.media.models import Rendition
from pictogame.media.vault import Vault
from pictogame.publishing import remaking
from pictogame.publishing import rows as table
from pictogame.publishing.audit.findings import Kind
from pictogame.publishing.audit.private import Lost
from pictogame.storage import NotThere, Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrivateRepair:
    """Mends one thing after the other."""

    bucket: Store
    vault: Vault

    def mend(self, lost: Lost) -> bool:
        """Whether it is mended, or on its way. An original that is lost can only come from a backup or its creator."""
        if lost.sha256 is None:
            return False
        try:
            match lost.verdict.kind, lost.role:
                case Kind.ORPHANED, _:
                    with transaction.atomic():
                        erasing.intend([lost.sha256])
                    return True
                case Kind.MISSING | Kind.DIFFERENT, "rendition":
                    return self._from_bucket(lost.sha256) or remaking.comes_again(lost.sha256, vault=self.vault)
                case Kind.MISSING | Kind.DIFFERENT, "runtime":
                    return self._runtime(lost.sha256)
        except Problem as problem:
            logger.warning("%s was not repaired: %s", lost.key, problem.sentence, exc_info=problem.__cause__)
        return False

    def _from_bucket(self, sha256: Sha256) -> bool:
        forms = Rendition.objects.filter(sha256=sha256)
        games = Game.objects.filter(published__pictures__picture__crops__renditions__in=forms)
        rows = table.read(
            game_ids=(),
            keys={keys.game_card_key(pk) for pk in games.values_list("pk", flat=True)},
            media={keys.media_key(sha256, kind) for kind in forms.values_list("media_type", flat=True)},
        )
        return any(
            self._keep(held.key, sha256)
            for held in rows.by_key.values()
            if held.state == "stored" and held.sha256 == sha256
        )

    def _keep(self, key: Key, sha256: Sha256) -> bool:
        """Takes the bytes over from the bucket, if they are the right ones."""
        try:
            data = keys.decode(key, self.bucket.get(key))
        except NotThere:
            return False
        return self._keep_bytes(data, sha256)

    def _keep_bytes(self, data: bytes, sha256: Sha256) -> bool:
        if sha256_of(data) != sha256:
            return False
        self.vault.keep(data)
        return True

    def _runtime(self, sha256: Sha256) -> bool:
        for key in RuntimeObject.objects.filter(sha256=sha256).values_list("key", flat=True):
            path = Path(settings.RUNTIME_DIST) / key
            if path.is_file() and self._keep_bytes(path.read_bytes(), sha256):
                return True
            if self._keep(Key(key), sha256):
                return True
        return False

"""The audit itself: bucket against rows, rows against bucket, games against rows, and at the end what no row knows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings

from pictogame.media.vault import Vault
from pictogame.media.vault import vault as vault_of_settings
from pictogame.publishing.audit.findings import Finding, Kind, Summary, Watch, nobody_watches
from pictogame.publishing.audit.games import lacks
from pictogame.publishing.audit.objects import Found, Objects
from pictogame.publishing.audit.private import Private
from pictogame.publishing.audit.private_repair import PrivateRepair
from pictogame.publishing.audit.repair import Repair
from pictogame.publishing.audit.rules import PATIENCE
from pictogame.publishing.writing import THREADS
from pictogame.storage import Store, open_store
from pictogame.storage.listing import Listing

MANY_ORPHANS = 50
"""So many are deleted without being asked for, however few objects there are."""
_TOLD = "told"
_MANY_SHARE = 10
"""Beyond that, a tenth of all objects."""


def audit(
    *,
    bucket: Store | None = None,
    vault: Vault | None = None,
    repair: bool = False,
    deep: bool = True,
    patience: timedelta = PATIENCE,
    all_orphans: bool = False,
    summary: Summary | None = None,
    on_progress: Watch | None = None,
) -> Iterator[Finding]:
    """Everything that is wrong in the bucket, that of the settings unless given, as it is found; nothing is changed
    unless `repair` says so.

    Publishers may go on meanwhile: what is told was seen twice, with its row unchanged between. Memory stays constant,
    whatever the number of objects. `deep` reads and hashes every object; without it presence and size are compared, as
    the listing has them. `patience` is how long after its time an object may still be there. Orphans beyond a tenth of
    all objects are deleted only with `all_orphans`: most likely the rows are those of an older backup. `summary` is
    filled meanwhile. Raises StoreProblem when the bucket can't be listed or read.
    """
    counted = Summary() if summary is None else summary
    watch = nobody_watches if on_progress is None else on_progress
    with ThreadPoolExecutor(THREADS, thread_name_prefix="audit") as pool, Listing() as listing:
        store = open_store(settings.BUCKET, public=True) if bucket is None else bucket
        objects = Objects(store, pool, listing, counted, watch, deep=deep, patience=patience)
        mending = Repair(store, vault or vault_of_settings(), pool)

        def told(found: Found, *, mend: bool) -> Finding:
            return counted.note(
                Finding(found.verdict.kind, found.key, found.verdict.sentence, mend and mending.object(found))
            )

        for found in objects.listed():
            yield told(found, mend=repair)
        for found in objects.unlisted():
            listing.note(_TOLD, [found.key])
            yield told(found, mend=repair)
        for lack in lacks(summary=counted, watch=watch):
            if lack.kind is not Kind.ASIDE:
                if not listing.without(_TOLD, [lack.key]):
                    continue  # An object of the runtime that many games lack is one finding, and so is a lost one.
                listing.note(_TOLD, [lack.key])
            yield counted.note(Finding(lack.kind, lack.key, lack.sentence, repair and mending.game(lack)))
        if vault is not None:
            private = Private(vault, pool, listing, counted, watch, deep=deep, patience=patience)
            mender = PrivateRepair(store, vault)
            for lost in private.found():
                verdict = lost.verdict
                mended = repair and mender.mend(lost)
                yield counted.note(Finding(verdict.kind, lost.key, verdict.sentence, mended, store="vault"))
        few = objects.count_of_orphans() <= max(MANY_ORPHANS, counted.objects // _MANY_SHARE)
        for found in objects.orphans():
            yield told(found, mend=repair and (few or all_orphans))

"""How bytes leave the vault: a row first, then the bytes, then the row goes.

Whoever is about to keep bytes takes their erasure back before. One that has begun can't be taken back: its request may
arrive late, even from a process that is dead by then, so nobody keeps the same bytes before that time is over.
"""

import logging
import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media.models import Erasure, Picture, Rendition
from pictogame.media.vault import vault

AT_ONCE = 256
UNNAMED_FOR = timedelta(hours=1)
"""How long bytes may lie in the vault before a row names them: much longer than a worker needs to write it."""
_BEGIN_WITHIN = 10.0
"""Seconds after its row was marked in which a delete may begin: a process that was stopped meanwhile does not."""
_OVER_AFTER = timedelta(seconds=_BEGIN_WITHIN + 35)
"""When no request of a try is under way any more; one to S3 lasts 30 seconds at most."""
_TRY_AGAIN = timedelta(minutes=1)
_LOOK_AGAIN = 0.05

logger = logging.getLogger(__name__)


def intend(hashes: Iterable[Sha256], *, later: timedelta | None = None) -> None:
    """Writes down that these bytes shall go, unless that is written already. Inside the caller's transaction.

    What was written already is locked until the transaction ends, so that nobody looks whether the bytes are still
    named before it is over.
    """
    due_at = Now() + later if later else Now()
    rows = [Erasure(sha256=sha256, due_at=due_at) for sha256 in sorted(set(hashes))]
    Erasure.objects.bulk_create(rows, update_conflicts=True, unique_fields=["sha256"], update_fields=["problem"])


def spare(hashes: Collection[Sha256]) -> bool:
    """Takes back what was written down against these bytes; False when a try has begun that may still delete some."""
    mine = Erasure.objects.filter(sha256__in=list(hashes))
    mine.filter(_takes_back()).delete()
    return not mine.exists()


def spare_soon(hashes: Collection[Sha256], *, seconds: float) -> bool:
    """The same, after a wait of up to so many seconds for a try that is under way. Not inside a transaction."""
    end = time.monotonic() + seconds
    while not spare(hashes):
        if time.monotonic() >= end:
            return False
        time.sleep(_LOOK_AGAIN)
    return True


@transaction.atomic
def reserve(hashes: Collection[Sha256]) -> bool:
    """Before bytes are kept that no row names yet: whoever dies with them leaves a row by which they are found.

    False when a try has begun that may still delete some: then they are not to be kept yet.
    """
    mine = Erasure.objects.filter(sha256__in=list(hashes))
    mine.filter(_takes_back()).delete()
    if mine.exists():
        return False
    intend(hashes, later=UNNAMED_FOR)
    return True


def named(hashes: Iterable[str]) -> set[str]:
    """Those that a picture or a rendition names."""
    asked = among(list(hashes))
    found = set(Rendition.objects.filter(sha256__in=asked).values_list("sha256", flat=True))
    return found | set(Picture.objects.filter(sha256__in=asked).values_list("sha256", flat=True))


def erase(*, pool: ThreadPoolExecutor) -> int:
    """Removes up to AT_ONCE bytes from the vault whose time has come and that no row names; gives how many it settled.

    What the vault can't delete is tried again in a minute, with why on its row. Any number of processes may do this at
    once; done twice, the second time finds nothing to do.
    """
    kept, begun = _begin()
    since = leases.clock()
    results = dict(zip(begun, pool.map(lambda sha256: _forget(sha256, since), begun.values()), strict=True))
    failed = {pk: problem for pk, problem in results.items() if problem is not None}
    Erasure.objects.filter(pk__in=[pk for pk in begun if pk not in failed]).delete()
    for pk, problem in failed.items():
        Erasure.objects.filter(pk=pk).update(problem=problem.sentence[:500])
    return kept + len(begun) - len(failed)


@transaction.atomic
def _begin() -> tuple[int, dict[int, Sha256]]:
    """How many rows were taken back since their bytes are named again, and the bytes that are ours to delete now."""
    due = Erasure.objects.select_for_update(skip_locked=True).filter(due_at__lte=Now())
    rows = list(due.order_by("due_at", "pk")[:AT_ONCE])
    if not rows:
        return 0, {}
    still = named([row.sha256 for row in rows])
    kept = [row.pk for row in rows if row.sha256 in still]
    goes = {row.pk: Sha256(row.sha256) for row in rows if row.sha256 not in still}
    Erasure.objects.filter(pk__in=kept).delete()
    # Should this process die, whoever comes next tries again.
    Erasure.objects.filter(pk__in=list(goes)).update(begun_at=Now(), due_at=Now() + _TRY_AGAIN)
    return len(kept), goes


def _forget(sha256: Sha256, since: float) -> Problem | None:
    if leases.clock() - since > _BEGIN_WITHIN:
        return Problem("The vault took too long.")
    try:
        vault().forget(sha256)
    except Problem as problem:
        logger.warning("%s was not erased: %s", sha256, problem.sentence, exc_info=problem.__cause__)
        return problem
    return None


def _takes_back() -> Q:
    return Q(begun_at=None) | Q(begun_at__lt=Now() - _OVER_AFTER)

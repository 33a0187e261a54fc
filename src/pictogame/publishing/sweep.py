"""Deletes objects that nothing uses any more and that no cache may name any more."""

import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Now

from pictogame.bucket.models import BucketObject
from pictogame.jobs import tallies
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key
from pictogame.publishing.models import Use
from pictogame.storage import Store

AT_ONCE = 256
_TRY_AGAIN = timedelta(minutes=1)
_WRITABLE = ("intended", "stored")

logger = logging.getLogger(__name__)


def sweep(*, bucket: Store, pool: ThreadPoolExecutor, only: Collection[int] | None = None) -> int:
    """Deletes up to AT_ONCE objects whose time has come, or of those with the keys `only`; gives how many are gone.

    Raises Problem when the bucket refused some; they are tried again in a minute.
    """
    claimed = _claim(only)
    if not claimed:
        return 0
    results = list(pool.map(lambda one: (one[0], _delete(bucket, one[1])), claimed.items()))
    gone = [pk for pk, problem in results if problem is None]
    kept = {pk: problem for pk, problem in results if problem is not None}
    counted = BucketObject.objects.filter(pk__in=gone, state="deleting").update(state="gone", delete_after=None)
    tallies.add({"objects_deleted": counted})
    if kept:
        BucketObject.objects.filter(pk__in=kept, state="deleting").update(delete_after=Now() + _TRY_AGAIN)
        raise next(iter(kept.values()))
    return len(gone)


def _claim(only: Collection[int] | None) -> dict[int, Key]:
    """Keys that are ours to delete: from now on nobody writes them, and nobody begins to use them."""
    chosen = Q(delete_after__lte=Now()) if only is None else Q(pk__in=only)
    with transaction.atomic():
        # Objects are locked before uses, as whoever publishes does.
        due = list(
            BucketObject.objects.select_for_update(skip_locked=only is None)
            .filter(chosen, state__in=[*_WRITABLE, "deleting"])
            .order_by("delete_after", "key")[:AT_ONCE]
        )
        if not due:
            return {}
        pks = [row.pk for row in due]
        Use.objects.filter(object__in=pks, until__lte=Now()).delete()
        used = (
            Use.objects.filter(object__in=pks)
            .values("object_id")
            .annotate(last=Max("until"), lasting=Count("pk", filter=Q(until=None)))
        )
        for one in used:
            later = None if one["lasting"] else one["last"]
            BucketObject.objects.filter(pk=one["object_id"]).update(delete_after=later)
        in_use = Exists(Use.objects.filter(object=OuterRef("pk")))
        for row in due:
            if row.state in _WRITABLE:
                BucketObject.objects.filter(~in_use, pk=row.pk, version=row.version, state__in=_WRITABLE).update(
                    state="deleting", version=F("version") + 1
                )
        return {
            pk: Key(key)
            for pk, key in BucketObject.objects.filter(pk__in=pks, state="deleting").values_list("pk", "key")
        }


def _delete(bucket: Store, key: Key) -> Problem | None:
    try:
        bucket.delete(key)
    except Problem as problem:
        logger.warning("%s was not deleted: %s", key, problem.sentence, exc_info=problem.__cause__)
        return problem
    return None

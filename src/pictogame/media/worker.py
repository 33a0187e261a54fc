"""Makes the crops that games want: a loop over due rows, two pictures at a time, each in a child process."""

import logging
import tempfile
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from pictogame.jobs import leases
from pictogame.lib.errors import Problem
from pictogame.lib.types import Sha256
from pictogame.media import errors, pipeline
from pictogame.media.child import Children
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.sniff import Kind
from pictogame.media.vault import Vault, vault
from pictogame.storage import STORE_AWAY

AT_ONCE = 2
"""Each child uses up to two processors; a third would only hold memory."""

LEASE_SECONDS = 30
"""Renewed while a picture is worked on, so that the pictures of a worker that died wait no longer than this."""

RENEW_SECONDS = 10

LOOK_SECONDS = 0.05
"""While one slot is free: the second of several pictures often comes a moment after the first was begun."""

MOST_IN_A_STEP = 12
"""Then the loop looks whether it shall stop."""

MOST_TRIES = 5
"""A picture whose child died so often, without its fault as it seemed, is at fault."""

_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Made:
    """A rendition whose bytes lie in the vault."""

    role: str
    media_type: str
    width: int
    height: int
    sha256: Sha256
    size: int


@dataclass(frozen=True)
class _Outcome:
    renditions: tuple[_Made, ...]
    colours: tuple[str, ...]


def step(
    children: Children,
    *,
    lease_seconds: float = LEASE_SECONDS,
    renew_seconds: float = RENEW_SECONDS,
    tries: int = leases.MAX_TRIES,
) -> bool:
    """Works until nothing is due, or on a dozen crops; gives whether there was any.

    A picture at fault is refused, with the sentence on its row. Anything else that goes wrong is noted on the crop,
    which is tried again later, and set aside after so many `tries` that failed by its own fault; others go on.
    """
    running: dict[Future[_Outcome], Crop] = {}
    begun = 0
    since = leases.clock()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media") as pool:
        try:
            while True:
                for crop in _claim(min(AT_ONCE - len(running), MOST_IN_A_STEP - begun), lease_seconds):
                    running[pool.submit(_make, children, vault(), crop)] = crop
                    begun += 1
                if not running:
                    return begun > 0
                room = len(running) < AT_ONCE and begun < MOST_IN_A_STEP
                done, _ = wait(running, LOOK_SECONDS if room else renew_seconds, return_when=FIRST_COMPLETED)
                for job in done:
                    _settle(running.pop(job), job, tries)
                if running and leases.clock() - since >= renew_seconds:
                    leases.renew(running.values(), seconds=lease_seconds)
                    since = leases.clock()
        finally:
            leases.release(running.values())


def _claim(room: int, lease_seconds: float) -> list[Crop]:
    if room < 1:
        return []
    wanted = Crop.objects.filter(state=Crop.State.WANTED).select_related("picture")
    return leases.claim(wanted, limit=room, seconds=lease_seconds)


def _make(children: Children, private: Vault, crop: Crop) -> _Outcome:
    """Derives and keeps the renditions of a crop. Touches no row: it runs in a thread without a database connection."""
    picture = crop.picture
    ratio_w, ratio_h = map(int, crop.ratio.split(":"))
    wanted = pipeline.Crop(ratio_w, ratio_h, crop.focus_x / 1000, crop.focus_y / 1000)
    with tempfile.TemporaryDirectory(prefix="pictogame-") as name:
        folder = Path(name)
        original = private.fetch_to(Sha256(picture.sha256), folder)
        made = children.derive(original, Kind(picture.kind), wanted, folder)
        return _Outcome(
            tuple(
                _Made(
                    role=one.role.value,
                    media_type=one.media_type,
                    width=one.width,
                    height=one.height,
                    sha256=private.keep(one.path),
                    size=one.path.stat().st_size,
                )
                for one in made.renditions
            ),
            made.colours,
        )


def _settle(crop: Crop, job: Future[_Outcome], tries: int) -> None:
    """Writes down how it ended, unless the crop is no longer ours."""
    try:
        outcome = job.result()
    except errors.Refused as refused:
        _refuse(crop, refused)
    except errors.Retry as retry:
        if crop.faults + 1 >= MOST_TRIES:
            _refuse(crop, errors.too_hard())
        else:
            leases.fail(crop, problem=retry.sentence, tries=tries)
    except STORE_AWAY as problem:
        # The whole vault is away or full: no crop's own fault.
        leases.fail(crop, problem=problem.sentence, tries=None)
    except Problem as problem:
        leases.fail(crop, problem=problem.sentence, tries=tries)
    except Exception:
        logger.exception("Crop %s failed.", crop.pk)
        leases.fail(crop, problem=_UNEXPECTED, tries=tries)
    else:
        _accept(crop, outcome)


@transaction.atomic
def _accept(crop: Crop, outcome: _Outcome) -> None:
    if not leases.finish(crop):
        return
    crop.renditions.all().delete()
    Rendition.objects.bulk_create(
        Rendition(
            crop=crop,
            role=made.role,
            media_type=made.media_type,
            width=made.width,
            height=made.height,
            sha256=made.sha256,
            size=made.size,
        )
        for made in outcome.renditions
    )
    Crop.objects.filter(pk=crop.pk).update(state=Crop.State.READY, colours=" ".join(outcome.colours))
    Picture.objects.filter(pk=crop.picture_id, state=Picture.State.RECEIVED).update(state=Picture.State.READY)


@transaction.atomic
def _refuse(crop: Crop, refused: errors.Refused) -> None:
    """Refuses the crop, and the picture too, unless another crop of it was made: games may be playing that one."""
    if not leases.finish(crop):
        return
    Crop.objects.filter(pk=crop.pk).update(state=Crop.State.REFUSED, problem=refused.sentence)
    Picture.objects.filter(pk=crop.picture_id, state=Picture.State.RECEIVED).update(
        state=Picture.State.REFUSED, refusal=refused.sentence
    )

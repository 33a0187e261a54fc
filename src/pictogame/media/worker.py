"""Makes the crops that games want: a loop over due rows, two pictures at a time, each in a child process."""

import logging
import threading
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from pictogame.jobs import leases, tallies
from pictogame.lib.errors import Problem
from pictogame.lib.hashing import sha256_of_file
from pictogame.lib.types import Sha256
from pictogame.media import erasing, errors, pipeline
from pictogame.media.child import Children
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.scratch import Scratch
from pictogame.media.sniff import Kind
from pictogame.media.vault import Vault, vault
from pictogame.storage import STORE_AWAY, NotThere, StoreProblem

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

_NO_VAULT = "Your picture can't be read or kept just now. It is tried again by itself."
_UNEXPECTED = "Something went wrong that nobody foresaw. It is tried again by itself."

_AFTER_ERASURE_SECONDS = 5.0
"""Until the same bytes may be kept that are just being deleted from the vault."""

logger = logging.getLogger(__name__)


class _GoingAway(Exception):  # noqa: N818  Never seen by a person: the crop is made again in a moment.
    """The vault is about to lose these very bytes."""


@dataclass(frozen=True)
class _Made:
    """A rendition: first a file, then bytes in the vault."""

    path: Path
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

    @property
    def hashes(self) -> list[Sha256]:
        """What the vault shall keep."""
        return [made.sha256 for made in self.renditions]


@dataclass(frozen=True)
class _Task:
    """A crop that is worked on, and the folder of its files. `derived` once it is clear what the vault shall keep."""

    crop: Crop
    folder: Scratch
    derived: bool = False


def step(
    children: Children,
    *,
    lease_seconds: float = LEASE_SECONDS,
    renew_seconds: float = RENEW_SECONDS,
    tries: int = leases.MAX_TRIES,
    stop: threading.Event | None = None,
) -> bool:
    """Works until nothing is due, or on a dozen crops; gives whether there was any. Once `stop` is set, nothing more is
    begun.

    A picture at fault is refused, with the sentence on its row. Anything else that goes wrong is noted on the crop,
    which is tried again later, and set aside after so many `tries` that failed by its own fault; others go on.
    """
    running: dict[Future[_Outcome], _Task] = {}
    ended: Counter[str] = Counter()
    begun = 0
    since = leases.clock()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media") as pool:
        try:
            while True:
                stopped = stop is not None and stop.is_set()
                for crop in _claim(
                    0 if stopped else min(AT_ONCE - len(running), MOST_IN_A_STEP - begun), lease_seconds
                ):
                    task = _Task(crop, Scratch())
                    running[pool.submit(_derive, children, vault(), crop, task.folder.path)] = task
                    begun += 1
                if not running:
                    return begun > 0
                room = len(running) < AT_ONCE and begun < MOST_IN_A_STEP
                done, _ = wait(running, LOOK_SECONDS if room else renew_seconds, return_when=FIRST_COMPLETED)
                for finished in done:
                    job, task = finished, running.pop(finished)
                    if not task.derived and job.exception() is None:
                        # A row before the bytes: should this process die, they are found and erased again.
                        if erasing.reserve(job.result().hashes):
                            running[pool.submit(_keep, vault(), job.result())] = replace(task, derived=True)
                            continue
                        job = _going_away()
                    with task.folder:
                        ended[_settle(task.crop, job, tries)] += 1
                if running and leases.clock() - since >= renew_seconds:
                    leases.renew([task.crop for task in running.values()], seconds=lease_seconds)
                    since = leases.clock()
        finally:
            leases.release(task.crop for task in running.values())
            wait(running)
            for task in running.values():
                task.folder.remove()
            tallies.add(ended)


def _claim(room: int, lease_seconds: float) -> list[Crop]:
    if room < 1:
        return []
    return leases.claim(_wanted, limit=room, seconds=lease_seconds)


def _wanted() -> QuerySet[Crop]:
    return Crop.objects.filter(state=Crop.State.WANTED).select_related("picture")


def _derive(children: Children, private: Vault, crop: Crop, folder: Path) -> _Outcome:
    """Makes the renditions of a crop, as files. Touches no row: it runs in a thread without a database connection."""
    picture = crop.picture
    ratio_w, ratio_h = map(int, crop.ratio.split(":"))
    wanted = pipeline.Crop(ratio_w, ratio_h, crop.focus_x / 1000, crop.focus_y / 1000)
    original = private.fetch_to(Sha256(picture.sha256), folder)
    made = children.derive(original, Kind(picture.kind), wanted, folder)
    return _Outcome(
        tuple(
            _Made(
                path=one.path,
                role=one.role.value,
                media_type=one.media_type,
                width=one.width,
                height=one.height,
                sha256=sha256_of_file(one.path),
                size=one.path.stat().st_size,
            )
            for one in made.renditions
        ),
        made.colours,
    )


def _keep(private: Vault, outcome: _Outcome) -> _Outcome:
    """Brings the files into the vault; in a thread too."""
    for one in outcome.renditions:
        private.keep(one.path)
    return outcome


def _going_away() -> Future[_Outcome]:
    """The end of a try whose very bytes are just being deleted, with a game that had the same picture."""
    job: Future[_Outcome] = Future()
    job.set_exception(_GoingAway())
    return job


def _settle(crop: Crop, job: Future[_Outcome], tries: int) -> str:
    """Writes down how it ended, unless the crop is no longer ours; gives the name under which that is counted."""
    counted = "pictures_refused"
    try:
        outcome = job.result()
    except errors.Refused as refused:
        _refuse(crop, refused)
    except errors.Retry as retry:
        if crop.faults + 1 >= MOST_TRIES:
            _refuse(crop, errors.too_hard())
        else:
            counted = _failed(crop, retry.sentence, tries=tries)
    except _GoingAway:
        leases.postpone(crop, seconds=_AFTER_ERASURE_SECONDS)
        counted = "pictures_postponed"
    except StoreProblem as problem:
        # A vault that is away or full is no crop's own fault. Its keys are nothing to a creator.
        own = not isinstance(problem, STORE_AWAY)
        said = errors.ORIGINAL_LOST if isinstance(problem, NotThere) else _NO_VAULT
        counted = _failed(crop, said, cause=problem.sentence, tries=tries if own else None)
    except Problem as problem:
        counted = _failed(crop, problem.sentence, tries=tries)
    except Exception as error:
        logger.exception("Crop %s failed.", crop.pk)
        counted = _failed(crop, _UNEXPECTED, cause=f"{type(error).__name__}: {error}", tries=tries)
    else:
        _accept(crop, outcome)
        counted = "pictures_ready"
    return counted


def _failed(crop: Crop, problem: str, *, tries: int | None, cause: str = "") -> str:
    leases.fail(crop, problem=problem, cause=cause, tries=tries)
    last = tries is not None and crop.faults + 1 >= tries
    return "pictures_set_aside" if last else "pictures_failed"


@transaction.atomic
def _accept(crop: Crop, outcome: _Outcome) -> None:
    if not erasing.spare(outcome.hashes):
        leases.postpone(crop, seconds=_AFTER_ERASURE_SECONDS)
        return
    if not leases.finish(crop):
        # Its picture was deleted, or somebody else makes it: what nobody names in a while goes.
        erasing.intend(outcome.hashes, later=erasing.UNNAMED_FOR)
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

"""What is done to pictures: received, wanted at a crop, forgotten."""

import hashlib
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from pictogame.jobs import tallies
from pictogame.jobs.leases import database_now
from pictogame.lib import logs
from pictogame.lib.types import Sha256
from pictogame.media import erasing, errors
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.scratch import Scratch
from pictogame.media.sniff import HEAD_BYTES, MOST_BYTES, Header, Kind, read_header, sniff
from pictogame.media.vault import vault

log = logs.named(__name__)

MOST_MOVES = 200
"""Crops of one picture that may be wanted within _MOVED_WITHIN: whoever looks for a spot needs dozens."""
_MOVED_WITHIN = timedelta(hours=1)
_WANTED_ANEW = timedelta(hours=1)
"""How old the time at which a crop was wanted last must be to be written anew: much less than unused ones stay."""

_MOST_TRIES_TO_KEEP = 3
_PATIENCE = 3.0
"""Seconds for which the same bytes may be on their way out of the vault."""

_RATIO = re.compile(r"[1-9][0-9]{0,3}:[1-9][0-9]{0,3}")


class Forgotten(NamedTuple):
    """Bytes that a picture named which is forgotten: its original, or a rendition of it. `size` in bytes."""

    sha256: Sha256
    size: int
    original: bool


@dataclass(frozen=True)
class Received:
    """A picture whose bytes lie in the vault."""

    picture: Picture
    fresh: bool
    """False when the same bytes came before: then it is the picture that was there."""


def receive(*, chunks: Iterable[bytes], name: str = "", declared_size: int | None = None) -> Received:
    """Keeps an upload: hashed while it comes, looked at before it is kept, never decoded here.

    `declared_size` is what the sender said, in bytes; None or 0 when it said nothing. `name` is that of the file, for
    the log; the kind comes from the bytes alone. Raises Refused as early as it can be known, so that a video of 4 GB is
    refused after its first chunk; NoRoom when the vault's disk is nearly full, before anything is read; and storage's
    problems when the vault can't be written.
    """
    try:
        return _receive(chunks, declared_size)
    except errors.Refused as refused:
        log.info("refused", kind=refused.kind, name=name[:100])
        tallies.add({f"refused_{refused.kind}": 1})
        raise


def want(*, picture: Picture, ratio: str, focus_x: int = 500, focus_y: int = 500) -> Crop:
    """The crop of that ratio (`w:h`) around that point (thousandths); made by the worker if it is not there yet.

    Wanting it again only says that it is wanted still. Raises ValueError for a ratio or a point that is none.
    """
    if not _RATIO.fullmatch(ratio) or not (0 <= focus_x <= 1000 and 0 <= focus_y <= 1000):
        raise ValueError(f"No crop: {ratio} around {focus_x}, {focus_y}")
    refused = picture.state == Picture.State.REFUSED
    while True:
        crop, made = Crop.objects.get_or_create(
            picture=picture,
            ratio=ratio,
            focus_x=focus_x,
            focus_y=focus_y,
            defaults={
                "state": Crop.State.REFUSED if refused else Crop.State.WANTED,
                "due_at": None if refused else Now(),
            },
        )
        if made or not Crop.objects.filter(pk=crop.pk, wanted_at__lt=Now() - _WANTED_ANEW).exists():
            return crop
        # An old one may be going away this moment: either this keeps it, or it is gone and is made once more.
        if Crop.objects.filter(pk=crop.pk).update(wanted_at=Now()):
            return crop


def check_moves(*, picture: Picture, focus_x: int, focus_y: int) -> None:
    """Raises TooManyCrops when so many crops of the picture were wanted within the last while that none is made around
    another point for now. A point that has one is as good as ever.
    """
    if picture.crops.filter(focus_x=focus_x, focus_y=focus_y).exists():
        return
    now = database_now()
    wanted = picture.crops.filter(wanted_at__gt=now - _MOVED_WITHIN).order_by("-wanted_at")
    times = list(wanted.values_list("wanted_at", flat=True)[MOST_MOVES - 1 : MOST_MOVES])
    if times:
        log.info("too_many_crops", picture=picture.pk)
        raise errors.TooManyCrops(math.ceil((times[0] + _MOVED_WITHIN - now).total_seconds()))


@transaction.atomic
def hold(*, picture: Picture) -> bool:
    """Whether the picture is still there; then nobody forgets it before the end of the caller's transaction."""
    return Picture.objects.select_for_update().filter(pk=picture.pk).first() is not None


@transaction.atomic
def forget(*, picture: Picture) -> list[Forgotten]:
    """Lets go of a picture that no game uses: its rows and those of its renditions, for good.

    Gives the bytes that they named. All of them are written down to be erased (`erasing.erase`), which spares those
    that another picture gave as well: so they leave the vault even when this process dies. A picture that is used again
    stays, and nothing is given.
    """
    row = Picture.objects.select_for_update().filter(pk=picture.pk).first()
    if row is None:
        return []
    renditions = Rendition.objects.filter(crop__picture=row).values_list("sha256", "size")
    mine = {sha256: Forgotten(Sha256(sha256), size, original=False) for sha256, size in renditions}
    mine[row.sha256] = Forgotten(Sha256(row.sha256), row.size, original=True)
    try:
        row.delete()
    except ProtectedError:
        return []  # Somebody put it into a game meanwhile.
    erasing.intend(one.sha256 for one in mine.values())
    return [mine[sha256] for sha256 in sorted(mine)]


@transaction.atomic
def forget_crops(*, crops: Collection[int]) -> None:
    """Lets go of crops, by primary key, that no game uses: their rows and those of their renditions, for good.

    What they named is written down to be erased, which spares bytes that another crop or picture gave as well.
    """
    hashes = Rendition.objects.filter(crop__in=crops).values_list("sha256", flat=True)
    gone = [Sha256(sha256) for sha256 in hashes]
    Crop.objects.filter(pk__in=crops).delete()
    erasing.intend(gone)


def _receive(chunks: Iterable[bytes], declared_size: int | None) -> Received:
    if declared_size and declared_size > MOST_BYTES:
        raise errors.too_many_bytes(MOST_BYTES)
    if not vault().has_room(declared_size or 0):
        log.warning("no_room", vault=settings.VAULT, least=settings.DISK_LEAST)
        tallies.add({"refused_no_room": 1})
        raise errors.NoRoom
    with Scratch() as scratch:
        path = scratch.path / "received"
        sha256, size = _write(chunks, path)
        if declared_size and size < declared_size:
            raise errors.cut_short()
        with path.open("rb") as file:
            header = read_header(file)
        return _keep(path, sha256, size, header)


def _write(chunks: Iterable[bytes], path: Path) -> tuple[Sha256, int]:
    """Writes an upload to a file. Gives hash and size; raises Refused when it is too much or no picture."""
    hashed, size, head = hashlib.sha256(), 0, b""
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise errors.too_many_bytes(MOST_BYTES)
            if len(head) < HEAD_BYTES:
                head = (head + chunk)[:HEAD_BYTES]
                if len(head) == HEAD_BYTES:
                    sniff(head)
            hashed.update(chunk)
            file.write(chunk)
    return Sha256(hashed.hexdigest()), size


def _keep(path: Path, sha256: Sha256, size: int, header: Header) -> Received:
    """The row first, then the bytes: what the vault holds is always named by a row, and can be forgotten.

    When the row was forgotten before the bytes were there, both are put back.
    """
    for _ in range(_MOST_TRIES_TO_KEEP):
        picture, fresh = Picture.objects.get_or_create(
            sha256=sha256,
            defaults={
                "size": size,
                "kind": header.kind,
                "width": header.width,
                "height": header.height,
                "note": _note(header),
            },
        )
        if picture.state == Picture.State.REFUSED:
            raise errors.Refused(picture.refusal)
        if not erasing.spare_soon([sha256], seconds=_PATIENCE):
            if fresh:
                forget(picture=picture)  # Else it would name bytes that are nowhere.
            break
        vault().keep(path)
        if hold(picture=picture):
            return Received(picture, fresh)
    raise errors.Retry("The same picture is being deleted with another game just now: send it again in a moment.")


def _note(header: Header) -> str:
    if not header.moves:
        return ""
    what = "GIF" if header.kind == Kind.GIF else "picture"
    return f"Your {what} moves; its first picture is used."

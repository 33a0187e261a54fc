"""Crops whose renditions lost their bytes: made once more from the original, or given up until it is sent again."""

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from django.db.models import QuerySet
from django.db.models.functions import Now

from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.lib.types import Sha256
from pictogame.media.errors import ORIGINAL_LOST
from pictogame.media.models import Crop, Picture
from pictogame.storage import NotThere


class Originals(Protocol):
    """The private store, as far as it is asked for originals."""

    def digest(self, sha256: Sha256) -> Sha256:
        """The hash of the bytes under that name, which should be their name. Raises NotThere."""


class Found(NamedTuple):
    """Crops, as they were when they were looked at."""

    sound: list[Crop]
    """Their original is there, whole."""
    lost: list[Crop]
    """Their original is lost, or spoiled."""


def look(*, hashes: Collection[Sha256], originals: Originals) -> Found:
    """The crops that are called ready and have one of these renditions. Reads the original of each, so not inside a
    transaction.
    """
    crops = Crop.objects.filter(renditions__sha256__in=among(sorted(hashes)), state=Crop.State.READY).distinct()
    found = Found([], [])
    sound: dict[str, bool] = {}
    for crop in crops.select_related("picture").order_by("pk"):
        name = crop.picture.sha256
        if name not in sound:
            sound[name] = _is_sound(Sha256(name), originals)
        (found.sound if sound[name] else found.lost).append(crop)
    return found


def make_again(crops: Iterable[Crop]) -> None:
    """Wants them anew; games that play with them wait meanwhile."""
    _ready(crops).update(state=Crop.State.WANTED, **leases.due())


def give_up(crops: Iterable[Crop]) -> None:
    """Sets them aside until their picture is sent once more, or somebody asks for them after the vault was restored."""
    _ready(crops).update(
        **{
            **leases.due(),
            "state": Crop.State.WANTED,
            "due_at": None,
            "set_aside_at": Now(),
            "problem": ORIGINAL_LOST,
            "cause": "Neither its renditions nor the original are in the vault.",
        }
    )


def bring_back(*, picture: Picture) -> bool:
    """Whether crops of a picture were set aside: they are tried again, since its bytes have just come once more."""
    return leases.retry(Crop.objects.filter(picture=picture)) > 0


def _ready(crops: Iterable[Crop]) -> QuerySet[Crop]:
    return Crop.objects.filter(pk__in=[crop.pk for crop in crops], state=Crop.State.READY)


def _is_sound(sha256: Sha256, originals: Originals) -> bool:
    try:
        return originals.digest(sha256) == sha256
    except NotThere:
        return False

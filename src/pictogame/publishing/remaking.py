"""Renditions that the vault lost: their crops are wanted anew, and every game that plays with them looks at them."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from pictogame.catalog.models import RuntimeObject
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.lib import logs
from pictogame.lib.types import Sha256
from pictogame.media import remaking
from pictogame.media.models import Crop
from pictogame.media.remaking import Originals
from pictogame.storage import NotThere, StoreUnavailable

log = logs.named(__name__)


class Remade(NamedTuple):
    """How many crops are made once more, and how many are lost with their original."""

    again: int
    lost: int


def make_again(hashes: Collection[Sha256], *, vault: Originals, give_up: bool) -> Remade:
    """Has the crops of these renditions made once more from their originals. Those whose original is lost, too, are set
    aside if `give_up` says so: then their creators are asked for the picture.

    Raises StoreUnavailable when nothing of the vault is there: a disk that is not mounted is no lost picture.
    """
    found = remaking.look(hashes=hashes, originals=vault)
    if not found.sound and not found.lost:
        return Remade(0, 0)
    if found.lost and not _is_there(vault):
        raise StoreUnavailable("The vault has none of the files that have to be in it: is it the right one?")
    with transaction.atomic():
        remaking.make_again(found.sound)
        if give_up:
            remaking.give_up(found.lost)
        # Made once more they may have other bytes, if the encoder is a newer one: whoever plays with them looks.
        pictures = [crop.picture_id for crop in found.sound]
        playing = Game.objects.filter(deleted_at=None, due_at=None, wanted__pictures__picture__in=pictures)
        Game.objects.filter(pk__in=playing.values("pk")).update(**leases.due())
    log.warning("renditions_lost", renditions=len(hashes), made_again=len(found.sound), originals_lost=len(found.lost))
    return Remade(len(found.sound), len(found.lost))


def comes_again(sha256: Sha256, *, vault: Originals) -> bool:
    """Has a lost rendition made once more, unless that is under way. False when its original is lost, too, or its crop
    was set aside. Raises as `make_again` does.
    """
    remade = make_again([sha256], vault=vault, give_up=False)
    crops = Crop.objects.filter(renditions__sha256=sha256, state=Crop.State.WANTED, due_at__isnull=False)
    return not remade.lost and crops.exists()


def _is_there(vault: Originals) -> bool:
    """Whether the vault has the file of the runtime that it got first, as it has to."""
    witness = RuntimeObject.objects.order_by("pk").values_list("sha256", flat=True).first()
    if witness is None:
        return True
    try:
        vault.digest(Sha256(witness))
    except NotThere:
        return False
    return True

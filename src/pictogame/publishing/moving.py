"""Addresses that pages hold: where one of them changes, every game is published once more by itself.

A page names the bucket's address in its Content-Security-Policy, its canonical link and its card, so one from before
plays nothing at another address.
"""

from django.db import transaction
from django.db.models.functions import Now

from pictogame.lib import logs
from pictogame.publishing import bulk
from pictogame.publishing.models import Line, Run
from pictogame.publishing.wanted import Addresses

log = logs.named(__name__)


def notice(addresses: Addresses) -> bool:
    """Writes down where bucket and studio are; gives whether that is elsewhere than at the last start of a publisher.

    Then a run over all games is begun, from the first on, which publishers carry on by themselves.
    """
    said = {"bucket_url": addresses.bucket_url, "site_url": addresses.site_url}
    with transaction.atomic():
        Line.objects.get_or_create(number=1)
        before = Line.objects.select_for_update().values(*said).get(number=1)
        if before == said:
            return False
        Line.objects.filter(number=1).update(**said)
        if not any(before.values()):
            return False  # Nobody knows where they were before.
        Run.objects.filter(kind=Run.Kind.MOVED, ended_at=None).update(ended_at=Now())
        bulk.begin(kind=Run.Kind.MOVED)
    log.info("moved", before=before, now=said)
    return True


def hand_on() -> int:
    """Makes the next games of such a run due, unless enough are; gives how many it passed."""
    run = Run.objects.filter(kind=Run.Kind.MOVED, ended_at=None).first()
    return bulk.hand_on(run) if run else 0

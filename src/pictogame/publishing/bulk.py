"""Many games published once more: handed to the publishers a few hundred at a time, and taken up again where it ended.

A run is a row with a cursor that moves in the same transaction as the games it passes become due. So a command that is
killed and called again goes on, two of them at once share the work, and memory holds one slice. The games of a run wait
behind those that people made due; few of them are due at a time, so that what a claim sorts stays small.
"""

from importlib.metadata import version
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from pictogame.catalog import queries as catalog
from pictogame.games import actions
from pictogame.games.models import Game, Revision
from pictogame.jobs import leases
from pictogame.jobs.among import among
from pictogame.lib import logs
from pictogame.lib.hashing import sha256_of
from pictogame.publishing.models import Run

SLICE = 256
"""Games that become due in one transaction."""
ENOUGH_DUE = 512
"""While so many games of runs are due, no more become so: two batches keep a publisher busy."""

log = logs.named(__name__)


class Progress(NamedTuple):
    """How far a run is."""

    total: int
    """Games that there were when it began."""
    handed: int
    """Games that it passed so far."""
    due: int
    """Games of runs that are due: waiting for a publisher, or tried and to be tried again."""
    failing: int
    """Those of them that failed at least once."""
    set_aside: int
    """Games of runs that were given up since it began."""
    is_handed: bool
    """Whether it has passed all of them."""

    @property
    def published(self) -> int:
        """Games that are where they shall be."""
        return max(self.handed - self.due - self.set_aside, 0)

    @property
    def is_over(self) -> bool:
        """Whether no game of it waits any more for its first try."""
        return self.is_handed and self.due == self.failing


def unfinished(*, kind: Run.Kind = Run.Kind.PUBLISH, template: str = "") -> Run | None:
    """The run of that kind over games of that template that was begun and has not passed all of them."""
    return Run.objects.filter(kind=kind, template=template, ended_at=None).first()


def begin(*, kind: Run.Kind = Run.Kind.PUBLISH, template: str = "", anew: bool = False) -> tuple[Run, bool]:
    """The run of that kind over games of that template (all when empty), and whether it had been begun before.

    One that was begun with another program or runtime is given up, as any is with `anew`: it begins with the first
    game.
    """
    build = _build()
    with transaction.atomic():
        earlier = Run.objects.select_for_update().filter(kind=kind, template=template, ended_at=None).first()
        if earlier is not None:
            if earlier.build == build and not anew:
                return earlier, True
            Run.objects.filter(pk=earlier.pk).update(ended_at=Now())
            log.info("run_given_up", run=earlier.pk, kind=kind, games=earlier.handed)
        total = _games(kind, template).count()
        run, made = Run.objects.get_or_create(
            kind=kind, template=template, ended_at=None, defaults={"total": total, "build": build, "begun_at": Now()}
        )
    run.refresh_from_db()
    log.info("run_begun", run=run.pk, kind=kind, games=run.total)
    return run, not made


def hand_on(run: Run, *, most: int = ENOUGH_DUE) -> int:
    """Makes the next games of the run due, unless `most` are; gives how many it passed. 0 too when it is at its end."""
    if Game.objects.filter(in_bulk=True, due_at__isnull=False).count() >= most:
        return 0
    with transaction.atomic():
        row = Run.objects.select_for_update().get(pk=run.pk)
        if row.ended_at is not None:
            return 0
        left = _games(row.kind, row.template).filter(pk__gt=row.cursor)
        pks = list(left.order_by("pk").values_list("pk", flat=True)[:SLICE])
        if pks:
            _make_due(row.kind, pks)
            row.cursor, row.handed = pks[-1], row.handed + len(pks)
            row.save(update_fields=["cursor", "handed"])
        else:
            Run.objects.filter(pk=row.pk).update(ended_at=Now())
            log.info("run_handed_on", run=run.pk, games=row.handed)
    return len(pks)


def progress(run: Run) -> Progress:
    """As the database has it now."""
    run.refresh_from_db()
    bulk = Game.objects.filter(in_bulk=True)
    due = bulk.filter(due_at__isnull=False)
    return Progress(
        total=max(run.total, run.handed),
        handed=run.handed,
        due=due.count(),
        failing=due.filter(attempts__gt=0).count(),
        set_aside=bulk.filter(set_aside_at__gte=run.begun_at).count(),
        is_handed=run.ended_at is not None,
    )


def publish_again(game: Game) -> bool:
    """Makes one game due as it is wanted, before any run's; False when nothing of it is wanted."""
    return Game.objects.filter(pk=game.pk, deleted_at=None, wanted__isnull=False).update(
        in_bulk=False, **leases.due()
    ) == 1  # fmt: skip


def _build() -> str:
    """The program with the runtime that is installed beside it, in short."""
    runtime = sha256_of("\n".join(sorted(one.key for one in catalog.manifest().objects)).encode())
    return f"{version('pictogame')} {runtime[:16]}"


def _games(kind: str, template: str) -> QuerySet[Game]:
    games = Game.objects.filter(deleted_at=None, wanted__isnull=False, set_aside_at=None)
    if template:
        games = games.filter(wanted__template=template)
    if kind == Run.Kind.BACK:
        games = games.filter(wanted__origin=Revision.Origin.UPGRADE)
    return games


def _make_due(kind: str, pks: list[str]) -> None:
    if kind in {Run.Kind.PUBLISH, Run.Kind.MOVED}:
        # One that is due already keeps its place, and its tries.
        Game.objects.filter(pk__in=among(pks), due_at=None, set_aside_at=None).filter(~Q(wanted=None)).update(
            in_bulk=True, **leases.due()
        )
        return
    games = list(Game.objects.filter(pk__in=among(pks)).only("pk"))
    if kind == Run.Kind.UPGRADE:
        actions.upgrade_many(games=games)
    else:
        actions.undo_upgrades(games=games)

"""What shall play: a game is published, unpublished, brought back to what it was, upgraded, deleted.

Each action takes keywords, owns its transaction and locks the game's row first.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from pictogame.catalog import queries as catalog
from pictogame.games import describing, queries, revisions
from pictogame.games.drafts import check_pictures, locked
from pictogame.games.errors import NoDraft, NoRevision
from pictogame.games.models import DeletedBy, Game, Revision, SlotPicture
from pictogame.games.revisions import Buried
from pictogame.jobs import leases


@transaction.atomic
def publish(*, game: Game) -> Revision:
    """Freezes the draft, pins it to the installed runtime and wants it in the bucket; the publisher does the rest.

    Pictures may still be in the making. Without a draft the newest revision is wanted (again). Raises
    NothingToPublish when pictures are missing, PictureUnusable when one was refused.
    """
    row = locked(game)
    revision = queries.newest_of(row)
    if revision.frozen_at is None:
        check_pictures(revision)
        revision.runtime = describing.runtime_for(revision)
        revision.save()
        Revision.objects.filter(pk=revision.pk).update(frozen_at=Now())
        revision.refresh_from_db()
        revisions.let_go(row)
    _want(game, revision)
    return revision


@transaction.atomic
def unpublish(*, game: Game) -> None:
    """Wants the game out of the bucket; its revisions stay and it can be published again."""
    row = locked(game)
    Game.objects.filter(pk=row.pk).update(wanted=None, in_bulk=False, **leases.due())
    game.refresh_from_db()


@transaction.atomic
def delete(*, game: Game, by: str = "creator") -> None:
    """Deletes a game for good: its words leave the database now, the publisher takes it out of the bucket and then
    calls `bury`. `by` is one of DeletedBy: at whose wish.

    A tombstone without words stays, so that its id is never given again.
    """
    row = locked(game)
    SlotPicture.objects.filter(revision__game=row).update(alt="", name="")
    row.revisions.update(title="", message="")
    Game.objects.filter(pk=row.pk).update(
        wanted=None,
        deleted_at=Now(),
        deleted_by=DeletedBy(by),
        listed=False,
        in_bulk=False,
        **leases.due(),
    )
    game.refresh_from_db()


@transaction.atomic
def delete_abandoned(*, game: Game, days: int) -> bool:
    """Deletes a game that was never published and that nobody touched for so many days, unless somebody just did, or
    put it into an account.
    """
    row = locked(game)
    before = Now() - timedelta(days=days)
    abandoned = row.revisions.filter(number=1, frozen_at=None, changed_at__lt=before).exists()
    if abandoned and row.wanted_id is None and row.owner_id is None:
        delete(game=row, by=DeletedBy.AGE)
        return True
    return False


@transaction.atomic
def bury(*, game: Game) -> Buried:
    """For the publisher, when a deleted game is taken down: lets go of its pictures.

    Those that no game uses any more are forgotten: their rows go now, their bytes are written down to be erased.
    """
    row = Game.objects.select_for_update().get(pk=game.pk)
    if row.deleted_at is None:
        return Buried([], 0)
    Game.objects.filter(pk=row.pk).update(published=None, published_at=None)
    return revisions.drop(SlotPicture.objects.filter(revision__game=row))


@transaction.atomic
def set_listed(*, game: Game, listed: bool) -> None:
    """Shows the game on the studio's home page, or no longer."""
    row = locked(game)
    # Its page tells search engines whether they may come, so the publisher looks at it again.
    again = {"in_bulk": False, **leases.due()} if row.wanted_id else {}
    Game.objects.filter(pk=row.pk).update(listed=listed, **again)
    game.refresh_from_db()


@transaction.atomic
def mark_published(*, game: Game, revision: Revision | None) -> bool:
    """For the publisher: the bucket holds this revision (None: nothing). True when that is still what is wanted.

    Only then is there nothing more to do; otherwise the row stays due.
    """
    row = Game.objects.select_for_update().get(pk=game.pk)
    Game.objects.filter(pk=row.pk).update(published=revision, published_at=Now() if revision else None)
    done = row.wanted_id == (revision.pk if revision else None)
    if done:
        Game.objects.filter(pk=row.pk).update(due_at=None)
    game.refresh_from_db()
    return done


@transaction.atomic
def roll_back(*, game: Game, number: int) -> Revision:
    """Brings an earlier revision back: a new one that says the same, with the same runtime, is wanted from now on.

    So history stays a line, and the next `publish` begins from what plays. An open draft stays as it is, on top.
    What is wanted already is given as it is. Raises NoRevision when there is none of that number or it has let go of
    its pictures, and as `publish` does.
    """
    row = locked(game)
    old = row.revisions.filter(number=number, frozen_at__isnull=False).first()
    if old is None:
        raise NoRevision(f"There is no version {number} of this game.")
    if old.emptied_at is not None:
        raise NoRevision(
            f"Version {number} is too old to come back: only the last {revisions.KEPT} versions keep their pictures."
        )
    if row.wanted_id == old.pk:
        return old
    check_pictures(old)
    revision = revisions.freeze_copies([old], origin=Revision.Origin.ROLLBACK)[0]
    _want(game, revision)
    revisions.let_go(row)
    return revision


@transaction.atomic
def discard_draft(*, game: Game) -> Revision:
    """Throws the unpublished changes away; gives the newest revision that was published, which is edited from now on.

    Raises NoDraft when there are none, or the game was never published.
    """
    row = locked(game)
    draft = queries.draft_of(row)
    if draft is None or not row.revisions.filter(frozen_at__isnull=False).exists():
        raise NoDraft("There are no unpublished changes.")
    revisions.drop(draft.pictures.all())
    draft.delete()
    return queries.newest_of(row)


@transaction.atomic
def upgrade(*, game: Game) -> Revision | None:
    """Wants a revision that says the same with the runtime that is installed now; an open draft stays, on top.

    None when it plays with that already, or nothing of it is wanted. Raises UnknownTemplate, UnknownSkin when the
    runtime no longer has them.
    """
    row = locked(game)
    if row.wanted is None:
        return None
    runtime = describing.runtime_for(row.wanted)
    if runtime == row.wanted.runtime:
        return None
    revision = revisions.freeze_copies([row.wanted], origin=Revision.Origin.UPGRADE, runtimes=[runtime])[0]
    _want(game, revision)
    return revision


@transaction.atomic
def upgrade_many(*, games: Sequence[Game]) -> int:
    """The same for some hundred games in a dozen statements; gives how many got another revision.

    They wait behind what people ask for. One whose template or skin is no longer there stays as it is.
    """
    rows = Game.objects.select_for_update(of=("self",)).select_related("wanted").order_by("pk")
    wanted: list[Revision] = []
    runtimes: list[dict[str, str]] = []
    for row in rows.filter(pk__in=[game.pk for game in games], wanted__isnull=False, deleted_at=None):
        manifest = catalog.manifest()
        if row.wanted is None or row.wanted.template not in manifest.templates or row.wanted.skin not in manifest.skins:
            continue
        runtime = describing.runtime_for(row.wanted)
        if runtime != row.wanted.runtime:
            wanted.append(row.wanted)
            runtimes.append(runtime)
    return _want_copies(wanted, Revision.Origin.UPGRADE, runtimes)


@transaction.atomic
def undo_upgrades(*, games: Sequence[Game]) -> int:
    """Brings back, for some hundred games, what played before the runtime was upgraded; gives for how many.

    Those whose wanted revision is no upgrade stay as they are. They wait behind what people ask for.
    """
    rows = Game.objects.select_for_update(of=("self",)).select_related("wanted").order_by("pk")
    upgraded = rows.filter(pk__in=[game.pk for game in games], deleted_at=None, wanted__origin=Revision.Origin.UPGRADE)
    numbers = {row.pk: row.wanted.copy_of for row in upgraded if row.wanted}
    before = Revision.objects.filter(game__in=list(numbers), number__in=set(numbers.values()), emptied_at=None)
    return _want_copies([one for one in before if numbers[one.game_id] == one.number], Revision.Origin.ROLLBACK)


def _want_copies(
    originals: Sequence[Revision], origin: Revision.Origin, runtimes: Sequence[Mapping[str, str]] | None = None
) -> int:
    if not originals:
        return 0
    copies = revisions.freeze_copies(originals, origin=origin, runtimes=runtimes)
    changed = [Game(pk=copy.game_id, wanted=copy) for copy in copies]
    Game.objects.bulk_update(changed, ["wanted"])
    Game.objects.filter(pk__in=[game.pk for game in changed]).update(in_bulk=True, **leases.due())
    return len(changed)


def _want(game: Game, revision: Revision) -> None:
    Game.objects.filter(pk=game.pk).update(wanted=revision, in_bulk=False, **leases.due())
    game.refresh_from_db()

"""Commands about the line: games published once more, games that were set aside, the line paused."""

import time
from collections.abc import Sequence

from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit
from pictogame.cli.progress import progress
from pictogame.cli.waiting import hands, wait_for
from pictogame.games import actions, queries
from pictogame.games.errors import NotFound
from pictogame.games.models import Game, SlotPicture
from pictogame.jobs import leases
from pictogame.media.models import Crop
from pictogame.publishing import bulk, line
from pictogame.publishing.bulk import Progress
from pictogame.publishing.models import Run

_LOOK_SECONDS = 0.2
Retried = dict[str, dict[str, int]]
"""How many games and pictures were brought back: those that were set aside, those that rested until their next try."""
_VERBS = {Run.Kind.PUBLISH: "published", Run.Kind.UPGRADE: "upgraded", Run.Kind.BACK: "brought back"}


def publish_some(ids: Sequence[str], *, kind: Run.Kind, seconds: float) -> dict[str, object]:
    """Publishes these games once more and waits for the bucket.

    Raises NotFound before anything is done, Ended with WAITING when the bucket takes longer.
    """
    _refuse_when_paused()
    games = _games_of(ids)
    for game in games:
        if game.wanted_id is None:
            raise Ended(f"{game.pk} is not on the web: its creator publishes it first.", Exit.PROBLEM, id=game.pk)
    for game in games:
        if kind == Run.Kind.UPGRADE:
            actions.upgrade(game=game)
        elif kind == Run.Kind.BACK:
            actions.undo_upgrades(games=[game])
        bulk.publish_again(game)
    told = []
    with hands(pictures=False) as working:
        for game in games:
            wait_for(game, working, seconds=seconds, saying=lambda _state: None)
            told.append({"id": game.pk, "state": queries.publish_state(game).word})
    return {"games": told}


def publish_all(*, kind: Run.Kind, template: str, seconds: float, anew: bool = False) -> dict[str, object]:
    """Publishes every game once more (of a template), goes on with a run that was broken off unless it is to begin
    `anew`, and waits for its end.

    Raises Ended with WAITING when nothing moves for so many seconds, or games are left that failed; the run is kept,
    and the same command goes on with it.
    """
    _refuse_when_paused()
    earlier = bulk.unfinished(kind=kind, template=template)
    run, resumed = bulk.begin(kind=kind, template=template, anew=anew)
    before = run.handed if resumed else 0
    if resumed:
        saying.note(
            f"A run that was broken off is taken up again: {before:,} of {run.total:,} games were handed on by then. "
            "`--anew` begins with the first."
        )
    elif earlier is not None and not anew:
        saying.note("The last run was broken off before Pictogame or its player changed: it begins anew.")
    now = bulk.progress(run)
    with hands(pictures=False) as working, progress(now.total, "") as advance:
        shown, moved_at = 0, time.monotonic()
        while not now.is_over:
            # A slice is handed on between two batches, so the publisher here, or those elsewhere, never run dry.
            while bulk.hand_on(run):
                pass
            working.until(lambda: False, seconds=_LOOK_SECONDS)
            last, now = now, bulk.progress(run)
            advance(_line(now), steps=now.published - shown)
            shown = now.published
            if now != last:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > seconds:
                raise Ended(_stuck(now, seconds), Exit.WAITING, **_told(run, now, resumed=resumed, before=before))
    told = _told(run, now, resumed=resumed, before=before)
    if now.failing or now.set_aside:
        raise Ended(_left(now), Exit.WAITING, **told)
    return told


def all_line(told: dict[str, object]) -> str:
    """What `publish_all` gave, for a person."""
    count, before = int(str(told["published"])), int(str(told["handed_before"]))
    if not count:
        return "There was nothing to do."
    verb = _VERBS[Run.Kind(str(told["kind"]))]
    earlier = f"; {before:,} of them {'was' if before == 1 else 'were'} handed on before the run was broken off"
    return f"{_many(count, 'game')} {'was' if count == 1 else 'were'} {verb}{earlier if before else ''}."


def retry(ids: Sequence[str]) -> Retried:
    """Brings back what was set aside, and makes due what rests until its next try: of these games, or everything when
    there is none. Raises NotFound.
    """
    games, crops = Game.objects.all(), Crop.objects.all()
    if ids:
        pks = [game.pk for game in _games_of(ids)]
        games = games.filter(pk__in=pks)
        pictures = SlotPicture.objects.filter(revision__game__in=pks).values("picture")
        crops = crops.filter(picture__in=pictures)
    # Pictures first: games wait for them. What rests is counted before what was set aside is due.
    crops_back = {"resting": leases.hurry(crops), "set_aside": leases.retry(crops)}
    return {"games": {"resting": leases.hurry(games), "set_aside": leases.retry(games)}, "pictures": crops_back}


def retry_line(told: Retried) -> str:
    """The same for a person."""
    lines = []
    for state, words in (("set_aside", "set aside"), ("resting", "waiting for the next try")):
        games, pictures = told["games"][state], told["pictures"][state]
        if games or pictures:
            lines.append(f"{_many(games, 'game')} and {_many(pictures, 'picture')} {words}")
    return f"Due now: {'; '.join(lines)}." if lines else "Nothing was set aside, and nothing waits for its next try."


def told_of(state: line.State) -> dict[str, object]:
    """How the line is, for machines."""
    at = state.paused_at.isoformat(timespec="seconds") if state.paused_at else None
    return {"paused": state.is_paused, "paused_at": at, "paused_by": state.paused_by}


def _games_of(ids: Sequence[str]) -> list[Game]:
    """Each of them once. Raises NotFound, which names the one that is not there."""
    games = []
    for game_id in dict.fromkeys(ids):
        try:
            games.append(queries.game_for_reading(game_id))
        except NotFound as missing:
            raise NotFound(f"There is no game {game_id}: nothing was done.") from missing
    return games


def _many(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else f'{one}s'}"


def _refuse_when_paused() -> None:
    if (state := line.state()).is_paused:
        raise Ended(state.sentence, Exit.PROBLEM, **told_of(state))


def _line(now: Progress) -> str:
    failing = f", {now.failing:,} to be tried again" if now.failing else ""
    aside = f", {now.set_aside:,} set aside" if now.set_aside else ""
    return f"{now.published:,} of {now.total:,} games{failing}{aside}"


def _stuck(now: Progress, seconds: float) -> str:
    state = line.state()
    why = state.sentence if state.is_paused else "Is the bucket away, or are pictures still being made?"
    return f"Nothing moved for {seconds:g} seconds, at {_line(now)}. {why} The same command goes on from here."


def _left(now: Progress) -> str:
    trying = f"{now.failing:,} failed and are tried again by a running publisher. " if now.failing else ""
    aside = f"{now.set_aside:,} were set aside: `pictogame retry --all` brings them back. " if now.set_aside else ""
    return f"{_line(now)}. {trying}{aside}".strip()


def _told(run: Run, now: Progress, *, resumed: bool, before: int) -> dict[str, object]:
    return {
        "run": run.pk,
        "kind": run.kind,
        "template": run.template or None,
        "resumed": resumed,
        "handed_before": before,
        "games": now.total,
        "published": now.published,
        "failing": now.failing,
        "set_aside": now.set_aside,
        "waiting": now.due - now.failing,
    }

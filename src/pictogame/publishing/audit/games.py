"""What games want against the rows: the one thing that neither rows nor bucket can tell of each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pictogame.bucket import keys
from pictogame.games.errors import PictureSetAside
from pictogame.games.models import Game
from pictogame.games.parts import Parts, parts_of_many
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key, Sha256
from pictogame.publishing import rows as table
from pictogame.publishing.audit.findings import Kind, Summary, Watch
from pictogame.publishing.plan import CLAIMED, usable_media_key
from pictogame.publishing.rows import Rows

_AT_ONCE = 256


class Lack(NamedTuple):
    """What is wrong with what a game has."""

    kind: Kind
    key: Key
    game: str
    sentence: str


def lacks(*, summary: Summary, watch: Watch) -> Iterator[Lack]:
    """What games at rest want and no row has for them, and what they hold without wanting it; each seen twice.

    A game that is due is only counted: somebody has yet to do what it wants. One that was set aside, or waits for a
    picture that was, is told: nobody would.
    """
    total = Game.objects.count()
    last = ""
    while games := list(Game.objects.select_related("wanted").filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        last = games[-1].pk
        summary.games += len(games)
        suspects = _look(games)
        aside = {lack.game for lack in suspects if lack.kind is Kind.ASIDE}
        summary.under_way += sum(not _rests(game) and game.pk not in aside for game in games)
        if suspects:
            yield from _again(suspects)
        watch("games", summary.games, max(total, summary.games))


def _again(suspects: Sequence[Lack]) -> Iterator[Lack]:
    """Those that are so still: between two reads of the first look a publisher may have been at work."""
    names = {lack.game for lack in suspects}
    before = {game.pk: game for game in Game.objects.select_related("wanted").filter(pk__in=names)}
    found = _look(list(before.values()))
    for game in Game.objects.filter(pk__in=names):
        stood_still = _rests(game) and _mark(game) == _mark(before[game.pk])
        # One that waits is looked at by publishers all the time.
        yield from (
            lack
            for lack in found
            if lack.game == game.pk and lack in suspects and (stood_still or lack.kind is Kind.ASIDE)
        )


def _rests(game: Game) -> bool:
    return game.due_at is None and game.set_aside_at is None


def _mark(game: Game) -> tuple[object, ...]:
    return (game.wanted_id, game.published_id, game.deleted_at, game.lease_token)


def _look(games: Sequence[Game]) -> list[Lack]:
    resting = [game for game in games if _rests(game)]
    parts = parts_of_many([game.wanted for game in games if game.wanted])
    media: set[Key] = set()
    runtime: set[Key] = set()
    playing: dict[str, Parts] = {}
    for game in resting:
        if game.wanted is None:
            continue
        found = parts[game.wanted.pk]
        if isinstance(found, Problem):
            continue  # Its pictures are being made again, or were refused since: what plays, plays on.
        playing[game.pk] = found
        media.update(keys.media_key(Sha256(form.sha256), form.media_type) for form in found.renditions)
        runtime.update(Key(key) for key in game.wanted.runtime.values())
    rows = table.read(game_ids=[game.pk for game in resting], keys=runtime, media=media)
    lacking = [lack for game in games if not _rests(game) for lack in _aside(game, parts)]
    for game in resting:
        if game.wanted is not None and game.pk not in playing:
            continue
        lacking += _of_game(game, playing.get(game.pk), rows)
    return lacking


def _aside(game: Game, parts: Mapping[int, Parts | Problem]) -> Iterator[Lack]:
    page = keys.game_page_key(game.pk)
    waits_for = parts[game.wanted.pk] if game.wanted else None
    if game.set_aside_at is not None and (game.wanted_id or game.published_id):
        yield Lack(Kind.ASIDE, page, game.pk, f"Game {game.pk} was set aside: {game.cause or game.problem}")
    elif isinstance(waits_for, PictureSetAside):
        yield Lack(Kind.ASIDE, page, game.pk, f"Game {game.pk} waits for a picture. {waits_for.sentence}")


def _of_game(game: Game, parts: Parts | None, rows: Rows) -> Iterator[Lack]:
    used = rows.uses.get(game.pk, {})
    live = {key for key, use in used.items() if use.held.until is None}
    own = {key for key in used if keys.game_of(key) == game.pk}
    if game.deleted_at is not None:
        wanted = own & {keys.game_page_key(game.pk)}
    elif parts is None:
        wanted = own
    else:
        wanted = set(_wanted(game, parts, rows))
        if game.published_id != game.wanted_id:
            page = keys.game_page_key(game.pk)
            yield Lack(Kind.MISSING, page, game.pk, f"Game {game.pk} is to be published, and nobody would do it.")
            return
        for key in (Key(key) for key in parts.revision.runtime.values()):
            row = rows.by_key.get(key)
            if row is None or row.state in CLAIMED:
                yield Lack(Kind.MISSING, key, game.pk, f"Game {game.pk} is made with it, and no row knows it.")
            elif row.state != "stored":
                yield Lack(Kind.MISSING, key, game.pk, f"Game {game.pk} is made with it, and it was never stored.")
    for key in sorted(wanted):
        use = used.get(key)
        if use is None or use.held.until is not None or use.held.state in CLAIMED:
            yield Lack(Kind.MISSING, key, game.pk, f"Game {game.pk} wants it, and no row keeps it for that game.")
        elif use.held.state != "stored":
            yield Lack(Kind.MISSING, key, game.pk, f"Game {game.pk} wants it, and nobody would write it.")
    for key in sorted(live - wanted):
        if used[key].held.state not in CLAIMED:
            yield Lack(Kind.DOOMED, key, game.pk, f"Only for game {game.pk} it is kept, which does not want it.")


def _wanted(game: Game, parts: Parts, rows: Rows) -> Iterator[Key]:
    """The keys that a publisher would resolve, without composing what lies there."""
    for form in parts.renditions:
        sha256 = Sha256(form.sha256)
        yield usable_media_key(sha256, form.media_type, rows.of_bytes(sha256))
    if parts.card:
        yield keys.game_card_key(game.pk)
    yield from (keys.game_xml_key(game.pk), keys.game_oembed_key(game.pk), keys.game_page_key(game.pk))

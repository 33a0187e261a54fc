"""What is kept in an account, as the page of it shows it."""

import json
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils import timezone

from pictogame.accounts.models import User
from pictogame.games import queries, several
from pictogame.games.models import Game
from pictogame.stats import numbers as stats
from pictogame.stats import words
from pictogame.studio.addresses import MINE, card_url, edit_paths

ON_A_PAGE = 24
DAYS = 30
"""The days that plays are counted over."""
MOST_NUMBERS = 200
"""Games whose numbers one form asks for together."""
MOST_RECEIPTS = 60

_STATES = {
    "in_bucket": "On the web",
    "draft": "Not published yet",
    "resting": "Taking a rest",
    "failed": "Not on the web yet",
}
_ON_ITS_WAY = "On its way to the web"
_NOT_WELL = "On the web, and needs a look"


@dataclass(frozen=True, slots=True)
class Kept:
    """A game of the account."""

    game: Game
    title: str
    state: str
    """The word of its state, as on its own page."""
    said: str
    """The same for its owner."""
    card: str
    """Address of its picture; empty while none is on the web."""
    shown: str
    """How often its widget was shown in DAYS; empty when nothing is counted yet."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of what is kept."""

    games: tuple[Kept, ...]
    page: Page[Game]
    links: str
    """Addresses of the first MOST_NUMBERS games, as the form of all numbers sends them."""
    deleted: tuple[Game, ...]


def shelf_of(owner: User, page: str) -> Shelf:
    """The games of an account, the newest first; a page that is not there is the last one."""
    rows = several.games_of(owner)
    found = Paginator(rows, ON_A_PAGE).get_page(page)
    ids = [game.pk for game in found]
    titles = several.titles_of(ids)
    plays = stats.by_game(ids, days=DAYS, today=timezone.now().date())
    listed = rows.values_list("pk", flat=True)[:MOST_NUMBERS]
    return Shelf(
        games=tuple(
            _kept(game, titles.get(game.pk, ""), words.count(plays[game.pk].widgets) if game.pk in plays else "")
            for game in found
        ),
        page=found,
        links=json.dumps(list(edit_paths(dict.fromkeys(listed, MINE)).values())),
        deleted=tuple(several.deleted_games_of(owner)[:MOST_RECEIPTS]),
    )


def _kept(game: Game, title: str, shown: str) -> Kept:
    state = _state(game)
    card = card_url(game.pk) if game.published_id and game.wanted_id else ""
    said = _NOT_WELL if state == "failed" and game.published_id else _STATES.get(state, _ON_ITS_WAY)
    return Kept(game, title, state, said, card, shown)


def _state(game: Game) -> str:
    """Without a question for those that rest in the bucket, as most do."""
    if game.wanted_id and game.published_id == game.wanted_id and game.due_at is None and game.set_aside_at is None:
        return "in_bucket"
    return queries.publish_state(game).word

"""A seeded model of who plays what, when and with what browser. Pure: the same seed gives the same crowd.

Popularity has a long tail (Zipf), days have a rhythm, and one game goes viral: a tenth of all plays within one hour.
"""

import bisect
import heapq
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pictogame.bucket import keys
from pictogame.stats.agents import Who
from pictogame.stats.simulate.world import Playable, World

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1",
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
)
ODD = 'Mozilla/5.0 (Windows NT 10.0) "An odd one", with \\ and " in it'
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "curl/8.11.0",
    "-",
)
OWN = "Pictogame/0.1 (publisher)"
FILL = "Amazon CloudFront"
COUNTRIES = ("DE", "US", "FR", "BR", "IN", "JP")
UNKNOWN_GAME = "aaaaaaaaaaaaaa"
"""No game has this id: it is as good as a random one."""
_TAIL = 1.1
_VIRAL_SHARE = 0.1
_DAY = 86_400
_AT_ONCE = 1000
"""Times that are drawn and put in order at once."""


class Asked(NamedTuple):
    """A request as it is meant, and what ingest must make of it."""

    at: datetime
    op: str
    """GET, HEAD, PUT or LIST."""
    key: str
    referer: str
    agent: str
    who: Who
    game: str | None
    """The game that it can be told to."""
    kind: str
    """Page, xml, picture, card, oembed, runtime, other, stray."""
    host: str | None = None
    country: str = "DE"
    conditional: bool = False
    """Whether the browser holds it and asks whether it is still the same."""
    part: bool = False
    """Whether it asks for the first bytes alone."""
    missing: bool = False
    """Whether there is no such object."""
    view: bool = False
    """Whether it is a widget's view, if it is answered well."""
    play: bool = False
    """Whether it is a first play, if it is answered with the whole object."""


class _Rhythm(NamedTuple):
    """How much is played at which second of a day, beside the mean of 1."""

    swing: float
    """How much more than that at eight in the evening, and less twelve hours later."""

    def at(self, second: int) -> float:
        """How much at that second."""
        return 1 + self.swing * math.cos(_angle(second))

    def share(self, begin: int, middle: int, end: int) -> float:
        """What of all from `begin` to `end` comes before `middle`."""
        return self._until(begin, middle) / self._until(begin, end)

    def _until(self, begin: int, end: int) -> float:
        # The integral of `at`, around each of the seconds.
        waves = math.sin(_angle(end - 0.5)) - math.sin(_angle(begin - 0.5))
        return end - begin + self.swing * waves * _DAY / math.tau


def _angle(second: float) -> float:
    return (second / 3600 - 20) / 24 * math.tau


_RHYTHM = _Rhythm(0.6)
"""Four times as many play in the evening as in the small hours."""
_EVEN = _Rhythm(0.0)


class Crowd:
    """Plays of `world` from `since` on, `days` long."""

    def __init__(
        self,
        world: World,
        *,
        seed: int,
        plays: int,
        since: datetime,
        days: int,
        address: str,
        hosts: int = 36,
        odd: float = 0.003,
    ) -> None:
        """`address` is the bucket's own, without a slash at its end; `odd` the share of browsers with an odd name."""
        self._odd_share = odd
        self._world = world
        self._random = random.Random(seed)
        self._plays = plays
        self._since = since
        self._days = days
        self._address = address
        self._hosts = [f"https://blog{number}.example" for number in range(hosts)]
        games = list(world.games)
        self._random.shuffle(games)
        self._games: Sequence[Playable] = games
        self._weights = list(itertools.accumulate(1 / (rank + 1) ** _TAIL for rank in range(len(games))))
        self.viral = games[min(len(games) - 1, len(games) // 2)].id
        """Not the first by popularity: that is what goes viral."""

    def requests(self) -> Iterator[Asked]:
        """Every request of every play, in the order in which plays begin. Drawn as it is asked for, in flat memory."""
        by_id = {game.id: game for game in self._games}
        viral = int(self._plays * _VIRAL_SHARE)
        hour = self._days // 2 * _DAY + 19 * 3600
        ordinary = self._seconds(0, self._days * _DAY, self._plays - viral, _RHYTHM)
        sudden = self._seconds(hour, hour + 3600, viral, _EVEN)
        times = heapq.merge(zip(ordinary, itertools.repeat("")), zip(sudden, itertools.repeat(self.viral)))
        for second, who in times:
            at = (self._since + timedelta(seconds=second)).replace(microsecond=0)
            yield from self._visit(at, by_id[who] if who else self._popular())

    def _seconds(self, begin: int, end: int, count: int, rhythm: _Rhythm) -> Iterator[int]:
        """`count` seconds from `begin` to before `end`, in their order, as the rhythm spreads them.

        How many fall into the first half of a time, and how many of those into its first half, is drawn before any of
        them is: so only a few are ever held, and those who want the first need not wait for the last.
        """
        waiting = [(begin, end, count)]
        while waiting:
            begin, end, count = waiting.pop()
            if count > _AT_ONCE and end - begin > 1:
                middle = (begin + end) // 2
                share = rhythm.share(begin, middle, end)
                # Of so many the bell curve is the binomial distribution.
                first = round(self._random.gauss(count * share, math.sqrt(count * share * (1 - share))))
                first = max(0, min(count, first))
                waiting += [(middle, end, count - first), (begin, middle, first)]
            elif end - begin == 1:
                yield from itertools.repeat(begin, count)
            else:
                yield from sorted(self._second(begin, end, rhythm) for _ in range(count))

    def _second(self, begin: int, end: int, rhythm: _Rhythm) -> int:
        while True:
            second = self._random.randrange(begin, end)
            if self._random.random() * (1 + rhythm.swing) < rhythm.at(second):
                return second

    def _popular(self) -> Playable:
        return self._games[bisect.bisect_left(self._weights, self._random.random() * self._weights[-1])]

    def _visit(self, at: datetime, game: Playable) -> Iterator[Asked]:
        chance = self._random.random()
        if chance < 0.06:
            yield from self._bot(at, game)
        elif chance < 0.08:
            yield from self._odd(at, game)
        elif chance < 0.10:
            yield from self._ours(at, game)
        elif chance < 0.14:
            yield from self._bare(at, game)
        else:
            yield from self._frame(at, game, sandboxed=chance > 0.82)

    def _frame(self, at: datetime, game: Playable, *, sandboxed: bool) -> Iterator[Asked]:
        """A widget in a frame: a browser with a cache asks for little; in a sandboxed frame there is none, and no
        request but the page's says where it comes from."""
        host, referer = self._host()
        agent, country = self._browser(), self._random.choice(COUNTRIES)
        page = keys.game_page_key(game.id)
        cached = not sandboxed and self._random.random() < 0.35
        yield Asked(
            at, "GET", page, referer, agent, "people", game.id, "page", host, country, conditional=cached, view=True
        )
        if cached:
            return
        inner = "-" if sandboxed else f"{self._address}/{page}"
        told = None if sandboxed else game.id

        def asks(key: str, kind: str, *, seconds: int, owner: str | None, play: bool = False) -> Asked:
            then = at + timedelta(seconds=seconds)
            return Asked(then, "GET", key, inner, agent, "people", owner, kind, None, country, play=play)

        for key in game.runtime:
            if not key.endswith("/finale.js"):
                yield asks(key, "runtime", seconds=0, owner=told)
        yield asks(game.template, "runtime", seconds=0, owner=told, play=True)
        for key in game.pictures[:2]:
            yield asks(key, "picture", seconds=1, owner=game.id)
        for key in game.shared[:2]:
            yield asks(key, "picture", seconds=1, owner=told)
        if self._random.random() < 0.6:
            for key in game.runtime:
                if key.endswith("/finale.js"):
                    # The loader imports it: the referrer is the script's address, which names no game.
                    script = next((one for one in game.runtime if one.endswith("/loader.js")), key)
                    told_by = f"{self._address}/{script}"
                    yield asks(key, "runtime", seconds=5, owner=None)._replace(referer=told_by)

    def _bare(self, at: datetime, game: Playable) -> Iterator[Asked]:
        """Those who ask for the description: a page that plays without a frame, the page itself, a look at a part."""
        agent, country = self._browser(), self._random.choice(COUNTRIES)
        host, referer = self._host()
        xml, page = keys.game_xml_key(game.id), keys.game_page_key(game.id)
        chance = self._random.random()
        if chance < 0.6:
            yield Asked(at, "GET", xml, referer, agent, "people", game.id, "xml", host, country, view=True)
        elif chance < 0.8:
            own = f"{self._address}/{page}?lang=de"
            yield Asked(at, "GET", xml, own, agent, "people", game.id, "xml", None, country)
        elif chance < 0.9:
            yield Asked(at, "GET", page, "-", agent, "people", game.id, "page", None, country, part=True, view=True)
        else:
            yield Asked(at, "HEAD", page, "-", agent, "people", game.id, "page", None, country, view=True)

    def _bot(self, at: datetime, game: Playable) -> Iterator[Asked]:
        agent, country = self._random.choice(BOTS), self._random.choice(COUNTRIES)
        wanted = (
            (keys.game_page_key(game.id), "page"),
            (keys.game_card_key(game.id), "card"),
            (keys.game_oembed_key(game.id), "oembed"),
        )
        for key, kind in wanted[: self._random.randint(1, 3)]:
            yield Asked(at, "GET", key, "-", agent, "bot", game.id, kind, None, country, view=True)

    def _odd(self, at: datetime, game: Playable) -> Iterator[Asked]:
        """What is not there, or no business of a player's."""
        agent, country = self._browser(), self._random.choice(COUNTRIES)
        chance = self._random.random()
        if chance < 0.3:
            yield Asked(at, "GET", "wp-login.php", "-", agent, "people", None, "stray", None, country, missing=True)
        elif chance < 0.5:
            key = "g/some thing & more.html"
            yield Asked(at, "GET", key, "-", agent, "people", None, "stray", None, country, missing=True)
        elif chance < 0.7:
            key = keys.game_page_key(UNKNOWN_GAME)
            yield Asked(at, "GET", key, "-", agent, "people", None, "page", None, country, missing=True, view=True)
        elif chance < 0.85:
            key = keys.scores_key(game.id)
            yield Asked(at, "GET", key, "-", agent, "people", game.id, "other", None, country, missing=True)
        else:
            key = keys.game_card_key(game.id)
            _, referer = self._host()
            yield Asked(at, "GET", key, referer, agent, "people", game.id, "card", None, country)

    def _ours(self, at: datetime, game: Playable) -> Iterator[Asked]:
        page = keys.game_page_key(game.id)
        yield Asked(at, "HEAD", page, "-", OWN, "own", game.id, "page", view=True)
        if self._random.random() < 0.3:
            yield Asked(at, "PUT", page, "-", OWN, "own", game.id, "page")
            yield Asked(at, "LIST", "", "-", OWN, "own", None, "stray")
        if self._random.random() < 0.3:
            yield Asked(at, "GET", page, "-", FILL, "fill", game.id, "page", view=True)

    def _browser(self) -> str:
        return ODD if self._random.random() < self._odd_share else self._random.choice(BROWSERS)

    def _host(self) -> tuple[str | None, str]:
        """An embedding host and the referrer that it gives; a tenth gives none."""
        chance = self._random.random()
        if chance < 0.1:
            return None, "-"
        site = self._hosts[min(int(self._random.paretovariate(0.7)) - 1, len(self._hosts) - 1)]
        return site.removeprefix("https://"), f"{site}/"

"""A mixed load of what creators do, drawn from a seed, and what must be true of each game in the end."""

import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image, ImageDraw

from pictogame.games import actions
from pictogame.games.errors import PictureGone
from pictogame.games.models import Game
from pictogame.media import actions as media
from pictogame.media.errors import Retry
from pictogame.media.models import Picture

State = Literal["playing", "resting", "gone"]

MOST_GAMES = 40
PICTURES = 14
"""So few that most are shared, let go of and taken up again."""
_SHAPES = ("4:3", "1:1", "3:4")


@dataclass(frozen=True, slots=True)
class Content:
    """What a revision shows."""

    title: str
    pictures: tuple[int, ...]
    """Numbers of pictures, in order."""
    shape: str


@dataclass(slots=True)
class Wish:
    """What a creator wants of a game, and must get once everything has calmed down."""

    game_id: str
    template: str
    content: Content
    state: State = "playing"
    was_public: bool = True
    history: dict[int, Content] = field(default_factory=dict)
    """By the number of the frozen revision."""


def picture_bytes(number: int) -> bytes:
    """A small JPEG: another number is another picture, the same number the same bytes."""
    rng = random.Random(number)
    width, height = rng.choice([(360, 270), (300, 300), (300, 400), (440, 330)])
    picture = Image.new("RGB", (width, height), tuple(rng.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = rng.randrange(width), rng.randrange(height)
        colour = tuple(rng.randrange(256) for _ in range(3))
        draw.ellipse((x, y, x + rng.randrange(20, 160), y + rng.randrange(20, 160)), fill=colour)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


class Load:
    """Creators at work. Every choice comes from the seed, so the same seed does the same in the same order."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.uploads = [picture_bytes(seed * 1000 + number) for number in range(PICTURES)]
        self.wishes: dict[str, Wish] = {}
        self.done: Counter[str] = Counter()
        """How often what was done."""
        self._acts: list[tuple[int, str, Callable[[], None]]] = [
            (30, "create", self._create),
            (22, "change the words", self._words),
            (16, "change the picture", self._picture),
            (6, "publish again", self._again),
            (8, "unpublish", self._unpublish),
            (8, "publish what rests", self._return),
            (7, "roll back", self._roll_back),
            (12, "delete", self._delete),
        ]

    def act(self, times: int = 1) -> None:
        """Does so many things, one after another."""
        weights = [weight for weight, _, _ in self._acts]
        for _ in range(times):
            (_, name, act) = self._rng.choices(self._acts, weights)[0]
            if name == "create" and self._count("playing", "resting") >= MOST_GAMES:
                name, act = "delete", self._delete
            if name != "create" and not self._count("playing", "resting"):
                name, act = "create", self._create
            try:
                act()
                self.done[name] += 1
            except (PictureGone, Retry):
                self.done["told to send the picture again"] += 1

    def delete(self) -> None:
        """Deletes a game, if there is one."""
        self._delete()
        self.done["delete"] += 1

    def act_without_uploads(self, times: int) -> None:
        """Does so many things that need no store, as where it is away."""
        for _ in range(times):
            name, act = self._rng.choice(
                [("change the words", self._words), ("unpublish", self._unpublish), ("delete", self._delete)] * 2
                + [("publish what rests", self._return), ("change the words", self._words)]
            )
            act()
            self.done[name] += 1

    def upload(self, number: int) -> Picture:
        """Sends a picture, as the studio does."""
        return media.receive(chunks=[self.uploads[number]], name=f"{number}.jpg").picture

    def in_state(self, *states: State) -> list[Wish]:
        """The games that are wanted so."""
        return [wish for wish in self.wishes.values() if wish.state in states]

    def _count(self, *states: State) -> int:
        return len(self.in_state(*states))

    def _one(self, *states: State) -> tuple[Wish, Game] | None:
        found = self.in_state(*states)
        if not found:
            return None
        wish = self._rng.choice(found)
        return wish, Game.objects.get(pk=wish.game_id)

    def _title(self) -> str:
        return f"Mark {self._rng.randrange(10**12)}"

    def _create(self) -> None:
        template = self._rng.choice(["jigsaw", "jigsaw", "jigsaw", "pairs"])
        count = 1 if template == "jigsaw" else self._rng.randint(3, 4)
        numbers = tuple(self._rng.sample(range(PICTURES), count))
        content = Content(self._title(), numbers, self._rng.choice(_SHAPES))
        pictures = [self.upload(number) for number in numbers]
        game = actions.create(template=template, title=content.title, options={"shape": content.shape}).game
        try:
            self._add(game, numbers, pictures)
        except PictureGone:
            actions.delete(game=game)  # Nobody ever saw it.
            self.wishes[game.pk] = Wish(game.pk, template, content, state="gone", was_public=False)
            raise
        self.wishes[game.pk] = wish = Wish(game.pk, template, content)
        wish.history[actions.publish(game=game).number] = content

    def _add(self, game: Game, numbers: Sequence[int], pictures: Sequence[Picture]) -> None:
        for number, picture in zip(numbers, pictures, strict=True):
            actions.add_picture(game=game, picture=picture, name=f"{number}.jpg", alt=f"Picture {number}")

    def _words(self) -> None:
        if found := self._one("playing", "resting"):
            wish, game = found
            content = Content(self._title(), wish.content.pictures, self._rng.choice(_SHAPES))
            actions.change(game=game, title=content.title, options={"shape": content.shape})
            self._publish(wish, game, content)

    def _picture(self) -> None:
        if found := self._one("playing", "resting"):
            wish, game = found
            free = [number for number in range(PICTURES) if number not in wish.content.pictures]
            number = self._rng.choice(free)
            picture = self.upload(number)
            draft = actions.open_draft(game=game)
            first = draft.pictures.order_by("position", "pk")[0]
            if wish.template == "jigsaw":  # Its place must be free first.
                actions.remove_picture(game=game, slot_picture_id=first.pk)
            try:
                self._add(game, [number], [picture])
            except PictureGone:
                self._put_back(wish, game)
                raise
            if wish.template != "jigsaw":
                actions.remove_picture(game=game, slot_picture_id=first.pk)
            pictures = (*wish.content.pictures[1:], number)
            self._publish(wish, game, Content(wish.content.title, pictures, wish.content.shape))

    def _put_back(self, wish: Wish, game: Game) -> None:
        """The draft is as it was before."""
        if wish.template == "jigsaw":
            (number,) = wish.content.pictures
            self._add(game, [number], [self.upload(number)])

    def _publish(self, wish: Wish, game: Game, content: Content) -> None:
        wish.history[actions.publish(game=game).number] = content
        wish.content, wish.state = content, "playing"

    def _again(self) -> None:
        if found := self._one("playing"):
            actions.publish(game=found[1])

    def _unpublish(self) -> None:
        if found := self._one("playing"):
            wish, game = found
            actions.unpublish(game=game)
            wish.state = "resting"

    def _return(self) -> None:
        if found := self._one("resting"):
            wish, game = found
            self._publish(wish, game, wish.content)

    def _roll_back(self) -> None:
        candidates = [wish for wish in self.in_state("playing") if len(wish.history) > 1]
        if candidates:
            wish = self._rng.choice(candidates)
            number = self._rng.choice(sorted(wish.history)[:-1])
            game = Game.objects.get(pk=wish.game_id)
            revision = actions.roll_back(game=game, number=number)
            wish.content = wish.history[revision.number] = wish.history[number]

    def _delete(self) -> None:
        if found := self._one("playing", "resting"):
            wish, game = found
            actions.delete(game=game)
            wish.state = "gone"

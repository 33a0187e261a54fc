"""What the publisher's tests play with: games whose pictures lie in the vault, and ways to look at the bucket."""

import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.db.models.functions import Now
from tests.cast import a_picture, process_all

from pictogame.bucket.keys import decode
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.models import Game
from pictogame.lib.types import Key
from pictogame.media.models import Erasure, Picture, Rendition
from pictogame.media.vault import vault
from pictogame.publishing.models import Purge, Receipt, Use
from pictogame.publishing.publisher import Publisher
from pictogame.storage import Store, StoreUnavailable
from pictogame.storage.remote import MemoryStore


def make_pictures() -> None:
    """Does the worker's work, with bytes that lie in the vault under their hash."""
    before = set(Rendition.objects.values_list("pk", flat=True))
    process_all()
    for rendition in Rendition.objects.exclude(pk__in=before).select_related("crop"):
        crop = rendition.crop
        data = f"{rendition.role} of {crop} around {crop.focus_x}, {crop.focus_y}".encode() * 20
        sha256 = vault().keep(data)
        Rendition.objects.filter(pk=rendition.pk).update(sha256=sha256, size=len(data))


def a_game(number: int = 1, *, picture: Picture | None = None, title: str = "A cat, in pieces") -> Game:
    """A game that its creator wants in the bucket; its picture is prepared. Another number is another picture."""
    game = actions.create(template="jigsaw", title=title).game
    actions.add_picture(game=game, picture=picture or a_picture(number), name="cat.jpg", alt="A cat")
    make_pictures()
    actions.publish(game=game)
    return game


def change_picture(game: Game, picture: Picture) -> None:
    """The creator puts another picture in place of the first and publishes again."""
    draft = actions.open_draft(game=game)
    actions.remove_picture(game=game, slot_picture_id=draft.pictures.get().pk)
    actions.add_picture(game=game, picture=picture, name="dog.jpg")
    make_pictures()
    actions.publish(game=game)


def keys_in(store: Store, folder: str = "") -> set[str]:
    """Every key that lies there."""
    return {stat.key for stat in store.list(folder)}


def text_in(store: Store, key: str) -> str:
    """What a browser would read there."""
    return decode(Key(key), store.get(key)).decode()


def named_in(store: Store, game: Game) -> set[str]:
    """The keys that the game's description names."""
    return set(re.findall(r'src="\.\./([^"]+)"', text_in(store, f"g/{game.pk}.xml")))


def days_pass() -> None:
    """What was put off is due."""
    Use.objects.filter(until__isnull=False).update(until=Now() - timedelta(seconds=1))
    BucketObject.objects.filter(delete_after__isnull=False).update(delete_after=Now() - timedelta(seconds=1))


def make_due(game: Game) -> None:
    """The wait after a failure is over."""
    Game.objects.filter(pk=game.pk).update(due_at=Now())


class Faulty(MemoryStore):
    """A bucket that can be told to refuse some keys, and to let something happen before a write."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: Callable[[str], bool] = lambda _key: False
        self.before_put: Callable[[str], None] = lambda _key: None

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_encoding: str | None = None,
    ) -> None:
        self.before_put(key)
        if self.refuses(key):
            raise StoreUnavailable("The bucket does not answer.")
        super().put(
            key, data, content_type=content_type, cache_control=cache_control, content_encoding=content_encoding
        )

    def delete(self, key: str) -> None:
        if self.refuses(key):
            raise StoreUnavailable("The bucket does not answer.")
        super().delete(key)


def is_gzip(data: bytes) -> bool:
    """Whether the bytes are compressed as they are stored."""
    return data[:2] == b"\x1f\x8b" and zlib.decompress(data, wbits=31) is not None


class Killed(BaseException):
    """Stands for the death of a process: nothing catches it."""


def work(publisher: Publisher) -> None:
    """Whatever a publisher would do in the next moments."""
    for _ in range(5):
        Receipt.objects.filter(due_at__isnull=False).update(due_at=Now())
        publisher._chores.hurry()
        publisher.step()
        if Receipt.objects.exists() and not Receipt.objects.filter(finished_at=None).exists():
            break


def everything_is_due() -> None:
    """The waits after failures are over."""
    for rows in (Game.objects.filter(due_at__isnull=False), Purge.objects.filter(due_at__isnull=False)):
        rows.update(due_at=Now())
    Erasure.objects.update(due_at=Now())
    BucketObject.objects.filter(state="deleting").update(delete_after=Now())

"""Anything in any order, and death at any call, against a model that fits on a page."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import HealthCheck, event
from hypothesis import settings as hypothesis
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings
from tests.breaking.end_state import days_pass, hurry, is_calm, told
from tests.breaking.reading import named_by
from tests.media.pictures import drawn, saved
from tests.publishing.cast import keys_in, make_pictures

from pictogame.bucket import keys
from pictogame.bucket.models import BucketObject
from pictogame.games import actions
from pictogame.games.errors import PictureGone
from pictogame.games.models import Game
from pictogame.jobs import leases
from pictogame.lib.hashing import sha256_of
from pictogame.lib.types import GameId
from pictogame.media import actions as media
from pictogame.media.errors import Retry
from pictogame.media.models import Picture
from pictogame.media.vault import Vault
from pictogame.publishing import notices
from pictogame.publishing.audit import audit
from pictogame.publishing.publisher import Publisher
from pictogame.storage import Store, StoreUnavailable
from pictogame.storage.folder import FolderStore
from pictogame.storage.remote import MemoryStore

pytestmark = pytest.mark.django_db

NUMBERS = some.integers(0, 2)
"""Pictures: so few that games share them, lose them and take them up again."""
LONG = 300.0
_ID = str.maketrans("0189", "abcd")
TITLES = some.integers(0, 10**6).map("Mark {}".format)


class Killed(BaseException):
    """The process is dead: nothing of it goes on but what was under way."""


class Mortal:
    """A bucket whose client dies at its n-th call: just before the call does anything, or just after it did it all."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.left: int | None = None
        self.after = False
        self.refuses: Callable[[str], bool] = lambda _key: False

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put(self, key: str, data: bytes | Path, **headers: str | None) -> None:
        self._call(key, lambda: self.store.put(key, data, **headers))

    def delete(self, key: str) -> None:
        self._call(key, lambda: self.store.delete(key))

    def _call(self, key: str, act: Callable[[], None]) -> None:
        if self.refuses(key):
            raise StoreUnavailable("The bucket does not answer.")
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                if self.left == -1 and self.after:
                    act()
                raise Killed
        act()


@dataclass(slots=True)
class Wanted:
    """What the model knows of a game."""

    title: str
    pictures: tuple[int, ...]
    state: str = "playing"
    history: "dict[int, tuple[str, tuple[int, ...]]] | None" = None


def upload(number: int) -> bytes:
    """A small picture; another number is another picture."""
    return _UPLOADS[number]


_UPLOADS = tuple(saved(drawn(400 + number, 300), "PNG") for number in range(3))


class Machine(RuleBasedStateMachine):
    """Creators, a publisher that may die, and time."""

    where: Settings
    kind: str
    numbers: "count[int]" = count()
    vault: Vault

    @initialize()
    def begin(self) -> None:
        """An empty installation of its own, in a transaction that is rolled back."""
        Machine.numbers = count()
        self.folder = Path(tempfile.mkdtemp(prefix="model-"))
        self.where.DATA = self.folder
        Machine.vault = Vault(MemoryStore())
        self.where.BUCKET = (self.folder / "bucket").as_uri()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        store: Store = MemoryStore() if self.kind == "memory" else FolderStore(self.folder / "bucket", public=True)
        self.bucket = Mortal(store)
        self.games: dict[str, Wanted] = {}
        with self.publisher() as publisher:
            publisher.install_runtime()

    def teardown(self) -> None:
        """Whatever happened, everything can be brought to its end, and the bucket is the model."""
        if not hasattr(self, "transaction"):
            return
        try:
            self.bucket.left, self.bucket.refuses = None, lambda _key: False
            self.settle()
            self.bucket_is_the_model()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    # --- Creators ------------------------------------------------------------------------------------------------

    @rule(title=TITLES, number=NUMBERS)
    def create(self, title: str, number: int) -> None:
        """A game with one picture, perhaps one that others have."""
        with told_to_send_it_again():
            picture = self.sent(number)
            with transaction.atomic():  # The studio deletes what could not be made.
                game = actions.create(template="jigsaw", title=title).game
                actions.add_picture(game=game, picture=picture, name="a.png")
                revision = actions.publish(game=game)
            self.games[game.pk] = Wanted(title, (number,), history={revision.number: (title, (number,))})

    @precondition(lambda self: self.of("playing", "resting"))
    @rule(data=some.data(), title=TITLES)
    def change_the_words(self, data: some.DataObject, title: str) -> None:
        """Another title; a game at rest plays again."""
        game, wanted = self.draw(data, "playing", "resting")
        actions.change(game=game, title=title)
        self.publish(game, wanted, title, wanted.pictures)

    @precondition(lambda self: self.of("playing", "resting"))
    @rule(data=some.data(), number=NUMBERS)
    def change_the_picture(self, data: some.DataObject, number: int) -> None:
        """Another picture in place of the one that is there."""
        game, wanted = self.draw(data, "playing", "resting")
        with told_to_send_it_again():
            picture = self.sent(number)
            with transaction.atomic():
                draft = actions.open_draft(game=game)
                actions.remove_picture(game=game, slot_picture_id=draft.pictures.get().pk)
                actions.add_picture(game=game, picture=picture, name="b.png")
            self.publish(game, wanted, wanted.title, (number,))

    @precondition(lambda self: self.of("playing"))
    @rule(data=some.data())
    def unpublish(self, data: some.DataObject) -> None:
        """Off the web, for now."""
        game, wanted = self.draw(data, "playing")
        actions.unpublish(game=game)
        wanted.state = "resting"

    @precondition(lambda self: self.of("playing", "resting"))
    @rule(data=some.data())
    def publish_again(self, data: some.DataObject) -> None:
        """What is there already, or rests."""
        game, wanted = self.draw(data, "playing", "resting")
        self.publish(game, wanted, wanted.title, wanted.pictures)

    @precondition(lambda self: self.of("playing"))
    @rule(data=some.data())
    def roll_back(self, data: some.DataObject) -> None:
        """To any revision that there was."""
        game, wanted = self.draw(data, "playing")
        history = wanted.history or {}
        number = data.draw(some.sampled_from(sorted(history)))
        if number != max(history):
            revision = actions.roll_back(game=game, number=number)
            wanted.title, wanted.pictures = history[revision.number] = history[number]

    @precondition(lambda self: self.of("playing", "resting"))
    @rule(data=some.data())
    def delete(self, data: some.DataObject) -> None:
        """For good."""
        game, wanted = self.draw(data, "playing", "resting")
        actions.delete(game=game)
        wanted.state = "gone"

    # --- Processes and time --------------------------------------------------------------------------------------

    @rule()
    def the_worker_works(self) -> None:
        """Every crop that is wanted is made, and the games that wait for it are looked at again."""
        make_pictures()
        Game.objects.filter(due_at__isnull=False, attempts=0).update(due_at=Now())

    @rule(steps=some.integers(1, 3))
    def the_publisher_works(self, steps: int) -> None:
        """So many steps of a publisher."""
        with self.publisher() as publisher:
            for _ in range(steps):
                publisher.step()

    @rule(call=some.integers(0, 16), after=some.booleans())
    def a_publisher_dies(self, call: int, after: bool) -> None:
        """At its n-th call of the bucket, if it gets so far; there is something to do."""
        self.the_worker_works()
        self.minutes_pass()
        self.bucket.left, self.bucket.after = call, after
        try:
            with self.publisher() as publisher:
                publisher.step()
                publisher.step()
        except Killed:
            event("a publisher died")
        finally:
            self.bucket.left = None

    @rule(letters=some.sets(some.sampled_from("0123456789abcdef"), min_size=1, max_size=12))
    def the_bucket_refuses_some(self, letters: set[str]) -> None:
        """Keys whose own hash begins so can't be written or deleted for a while."""
        self.the_worker_works()
        self.minutes_pass()
        self.bucket.refuses = lambda key: sha256_of(key.encode())[0] in letters
        try:
            with self.publisher() as publisher:
                publisher.step()
        finally:
            self.bucket.refuses = lambda _key: False

    @rule()
    def minutes_pass(self) -> None:
        """Leases lapse and waits are over."""
        Game.objects.filter(lease_until__isnull=False).update(lease_until=None)
        hurry()

    @rule()
    def days_pass(self) -> None:
        """So is every grace."""
        self.minutes_pass()
        days_pass()

    # --- What is true at any time --------------------------------------------------------------------------------

    @invariant()
    def nothing_named_is_absent(self) -> None:
        """Whatever a description in the bucket names lies there, as long as its game is not deleted."""
        if not hasattr(self, "bucket"):
            return
        there = keys_in(self.bucket.store)
        for game_id, wanted in self.games.items():
            key = keys.game_xml_key(game_id)
            if wanted.state == "gone" or key not in there:
                continue
            named = named_by(game_id, ET.fromstring(keys.decode(key, self.bucket.store.get(key))))
            assert named <= there, f"{game_id} names {named - there}"

    @invariant()
    def nothing_lies_there_that_no_row_knows(self) -> None:
        """Rows come first and go last."""
        if hasattr(self, "bucket"):
            known = set(BucketObject.objects.exclude(state="gone").values_list("key", flat=True))
            assert keys_in(self.bucket.store) <= known

    @invariant()
    def what_is_said_is_true(self) -> None:
        """A game that is said to be published is in the bucket as it is wanted."""
        if hasattr(self, "bucket"):
            said = Game.objects.filter(due_at=None, published__isnull=False, published=F("wanted"))
            for game_id in said.values_list("pk", flat=True):
                self.is_there(game_id, self.games[game_id])

    # --- Helpers -------------------------------------------------------------------------------------------------

    def of(self, *states: str) -> list[str]:
        """Ids of games in these states."""
        return [game_id for game_id, wanted in self.games.items() if wanted.state in states]

    def draw(self, data: some.DataObject, *states: str) -> tuple[Game, Wanted]:
        """One of them."""
        game_id = data.draw(some.sampled_from(self.of(*states)))
        return Game.objects.get(pk=game_id), self.games[game_id]

    def publish(self, game: Game, wanted: Wanted, title: str, pictures: tuple[int, ...]) -> None:
        """Publishes, and the model knows."""
        revision = actions.publish(game=game)
        wanted.title, wanted.pictures, wanted.state = title, pictures, "playing"
        assert wanted.history is not None
        wanted.history[revision.number] = (title, pictures)

    def sent(self, number: int) -> Picture:
        """An upload, as the studio takes it."""
        return media.receive(chunks=[upload(number)], name=f"{number}.png").picture

    def publisher(self) -> Publisher:
        """A new one, as after a start."""
        return Publisher(bucket=cast("Store", self.bucket))  # It is one, by what it does not catch.

    def settle(self) -> None:
        """Everything that is to be done is done, today and in days."""
        for in_days in (False, True):
            # A receipt may wait for the second look at a write that got no answer.
            for _ in range(40):
                self.minutes_pass()
                make_pictures()
                with self.publisher() as publisher:
                    publisher.step()
                    publisher.step()
                if is_calm(to_the_end=in_days):
                    break
            else:
                raise AssertionError(f"It never calms down: {told()}")
            days_pass()

    def is_there(self, game_id: str, wanted: Wanted) -> None:
        """The game plays from the bucket as it is wanted."""
        key = keys.game_xml_key(game_id)
        xml = keys.decode(key, self.bucket.store.get(key))
        assert f"<title>{wanted.title}</title>".encode() in xml
        page = self.bucket.store.get(keys.game_page_key(game_id))
        assert xml.partition(b"?>\n")[2] in page

    def bucket_is_the_model(self) -> None:
        """Not an object more, not an object less."""
        expected = set(BucketObject.objects.filter(key__startswith="r/").values_list("key", flat=True))
        there = keys_in(self.bucket.store)
        for game_id, wanted in self.games.items():
            page = keys.game_page_key(game_id)
            known = BucketObject.objects.filter(key=page, state="stored").exists()
            if wanted.state == "playing":
                self.is_there(game_id, wanted)
                key = keys.game_xml_key(game_id)
                expected |= named_by(game_id, ET.fromstring(keys.decode(key, self.bucket.store.get(key))))
            if wanted.state == "playing" or (wanted.state == "resting" and known):
                expected |= {f"g/{game_id}.{end}" for end in ("xml", "html", "json", "jpg")}
            if wanted.state == "resting" and known:
                assert b"taking a rest" in self.bucket.store.get(page)
            if wanted.state == "gone" and known:
                expected.add(page)
                assert self.bucket.store.get(page) == notices.gone_page()
        assert there == expected, f"too much: {there - expected}, too little: {expected - there}"
        assert [*audit(bucket=self.bucket.store, patience=timedelta(0))] == []
        living = {
            number
            for one in self.games.values()
            if one.state != "gone"
            for _, p in (one.history or {}).values()
            for number in p
        }
        for number in set(range(3)) - living:
            assert not Machine.vault.holds(sha256_of(upload(number))), f"Original {number} is in no game"


@contextmanager
def told_to_send_it_again() -> Iterator[None]:
    """A picture that is just being deleted with another game can't be taken; nothing has changed then."""
    try:
        yield
    except (PictureGone, Retry):
        event("told to send the picture again")


@pytest.fixture(autouse=True)
def nothing_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same choices give the same calls in the same order, however busy the machine is: one thread, names in a row,
    no wait that ends by itself.
    """
    monkeypatch.setattr(
        "pictogame.games.actions.new_game_id", lambda: GameId(f"game{next(Machine.numbers):010}".translate(_ID))
    )
    monkeypatch.setattr("pictogame.media.vault._open", lambda _url, _called: Machine.vault)
    monkeypatch.setattr("pictogame.publishing.publisher.THREADS", 1)
    monkeypatch.setattr("pictogame.publishing.writing.THREADS", 1)
    monkeypatch.setattr("pictogame.publishing.publisher._wait_for_pictures", lambda _game: LONG)
    monkeypatch.setattr("pictogame.publishing.chores._SOON", 0.0)
    monkeypatch.setattr(leases, "FIRST_WAIT_SECONDS", LONG)


def play(kind: str, settings: Settings, examples: int) -> None:
    """Runs the machine over a bucket of that kind."""
    machine = type("Machine", (Machine,), {"where": settings, "kind": kind})
    run_state_machine_as_test(
        machine,
        settings=hypothesis(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(("kind", "examples"), [("memory", 8), ("folder", 4)])
def test_anything_in_any_order_ends_as_the_model_says(
    kind: str, examples: int, runtime: Path, settings: Settings
) -> None:
    play(kind, settings, examples)


@pytest.mark.servers
@pytest.mark.parametrize(("kind", "examples"), [("memory", 80), ("folder", 20)])
def test_very_much_in_any_order_ends_as_the_model_says(
    kind: str, examples: int, runtime: Path, settings: Settings
) -> None:
    play(kind, settings, examples)

"""What must be true once everything has calmed down: rows, bucket, vault and the games as a widget reads them."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from tests.breaking.load import Load, Wish
from tests.breaking.reading import NotReadable, Reader

from pictogame.bucket.models import BucketObject
from pictogame.catalog.models import RuntimeObject
from pictogame.games import leftovers, queries
from pictogame.games.models import Game, SlotPicture
from pictogame.lib.hashing import sha256_of
from pictogame.media import actions as media
from pictogame.media.models import Crop, Erasure, Picture, Rendition
from pictogame.publishing import notices
from pictogame.publishing.audit import audit
from pictogame.publishing.models import Doubt, Receipt, ReceiptLine, Use
from pictogame.storage import open_store

_ALL = 1_000_000
_MEDIA = re.compile(r"m/([0-9a-f]{64})(-[0-9]+)?\.[a-z]+")


def is_calm(*, to_the_end: bool = True) -> bool:
    """Nothing is due, nothing is held, nothing waits to be looked at again; `to_the_end`: every receipt is finished."""
    return not any(left.exists() for left in _left(to_the_end=to_the_end))


def hurry() -> None:
    """Minutes pass: waits after failures are over, and so are the leases of receipts whose publisher died."""
    Game.objects.filter(due_at__gt=Now()).update(due_at=Now())
    Crop.objects.filter(due_at__gt=Now()).update(due_at=Now())
    BucketObject.objects.filter(state="deleting", delete_after__gt=Now()).update(delete_after=Now())
    Erasure.objects.filter(begun_at__isnull=False, due_at__gt=Now()).update(due_at=Now())
    Receipt.objects.filter(due_at__gt=Now()).update(due_at=Now())
    Receipt.objects.filter(lease_until__gt=Now()).update(lease_until=Now())


def days_pass() -> None:
    """The grace of everything that was put off is over, and the time of every second look has come."""
    Doubt.objects.update(at=Now())
    Use.objects.filter(until__isnull=False).update(until=Now() - timedelta(seconds=1))
    BucketObject.objects.filter(delete_after__isnull=False).update(delete_after=Now() - timedelta(seconds=1))
    # Who was told to send a picture again may have sent others before it, which came into no game.
    unused, _ = leftovers.unused_pictures(after=0, limit=_ALL, hours=0)
    for picture in unused:
        media.forget(picture=picture)
    Erasure.objects.update(due_at=Now() - timedelta(seconds=1))


def calm_down(check: Callable[[], None], *, rest: Callable[[], None], seconds: float) -> float:
    """Waits until it is calm, then lets days pass and waits again; gives the seconds it took.

    `check` is asked meanwhile and may raise. `rest` ends the workers before days pass: no work takes an hour, and
    bytes that nobody named for an hour are taken away. Raises TimeoutError with what is still to be done.
    """
    began = time.monotonic()
    for to_the_end in (False, True):
        if to_the_end:
            rest()
            days_pass()
        hurry()
        while not is_calm(to_the_end=to_the_end):
            check()
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"After {seconds} s there is still something to do: {told()}")
            time.sleep(0.1)
            hurry()
    return time.monotonic() - began


def _left(*, to_the_end: bool = True) -> "list[QuerySet[Any]]":
    left: list[QuerySet[Any]] = [
        Game.objects.filter(due_at__isnull=False),
        Crop.objects.filter(state=Crop.State.WANTED),
        BucketObject.objects.filter(Q(state="deleting") | Q(delete_after__lte=Now())),
        Doubt.objects.filter(at__lte=Now()),
        Erasure.objects.filter(Q(due_at__lte=Now()) | Q(begun_at__isnull=False)),
    ]
    # A receipt may wait an hour for bytes that a worker was about to keep when it died.
    return [*left, Receipt.objects.filter(finished_at=None)] if to_the_end else left


def told() -> list[dict[str, Any]]:
    """What is still to be done: up to five rows of each kind."""
    return [{"of": left.model.__name__, **row} for left in _left() for row in left.values()[:5]]


def lies(address: str) -> list[str]:
    """Games that are said to be in the bucket, and do not play from it just as they are wanted."""
    found: list[str] = []
    said = Game.objects.filter(published__isnull=False, published=F("wanted"), due_at=None).select_related("published")
    with Reader(address) as reader:
        for game in said:
            title = queries.title_of(game.published) if game.published else ""
            try:
                playing = reader.game(game.pk)
            except NotReadable as error:
                found.append(f"Game {game.pk} is said to be published, and {error}")
                continue
            if {playing.title, playing.page_title, playing.oembed_title} != {title}:
                found.append(f"Game {game.pk} is said to be published as {title!r}, and plays as {playing.title!r}")
    return found


def complaints(load: Load, address: str) -> list[str]:
    """Everything that is wrong, in sentences; empty when all is as it should be."""
    with Reader(address) as reader:
        return [*_rows(load), *_games(load, reader), *_bucket(reader), *_vault(load), *_receipts(load), *_audit()]


def _rows(load: Load) -> Iterator[str]:
    for model in (Game, Crop):
        stuck = model._default_manager.filter(
            Q(due_at__isnull=False) | Q(lease_until__isnull=False) | ~Q(lease_token="") | Q(attempts__gt=0)
        )
        for row in stuck:
            yield f"{model.__name__} {row.pk} is stuck: due {row.due_at}, lease {row.lease_until}, {row.problem!r}"
        for row in model._default_manager.filter(set_aside_at__isnull=False):
            yield f"{model.__name__} {row.pk} is set aside: {row.problem!r}"
    for crop in Crop.objects.exclude(state=Crop.State.READY):
        yield f"Crop {crop} is not ready: {crop.problem!r}"
    for game in Game.objects.exclude(published=F("wanted")).exclude(wanted=None, published=None):
        yield f"Game {game.pk} wants {game.wanted_id} and says that {game.published_id} is published"
    strange = set(Game.objects.values_list("pk", flat=True)) - set(load.wishes)
    if strange:
        yield f"Nobody made the games {strange}"


def _games(load: Load, reader: Reader) -> Iterator[str]:
    for wish in load.wishes.values():
        try:
            match wish.state:
                case "playing":
                    yield from _playing(wish, reader)
                case "resting":
                    yield from _resting(wish, reader)
                case "gone":
                    yield from _gone(wish, reader)
        except NotReadable as error:
            yield f"Game {wish.game_id} ({wish.state}): {error}"


def _playing(wish: Wish, reader: Reader) -> Iterator[str]:
    found, content = reader.game(wish.game_id), wish.content
    for what, title in (("xml", found.title), ("page", found.page_title), ("oembed", found.oembed_title)):
        if title != content.title:
            yield f"Game {wish.game_id}: its {what} says {title!r} and not {content.title!r}"
    if found.alts != tuple(f"Picture {number}" for number in content.pictures):
        yield f"Game {wish.game_id} shows {found.alts} and not {content.pictures}"
    if found.options.get("shape") != content.shape:
        yield f"Game {wish.game_id} is {found.options.get('shape')} and not {content.shape}"
    if found.inline not in found.xml:
        yield f"Game {wish.game_id}: page and description differ"
    for key, data in found.files.items():
        named = _MEDIA.fullmatch(key)
        if named and named[1] != sha256_of(data):
            yield f"{key} holds other bytes than its name says"
    state = queries.publish_state(Game.objects.get(pk=wish.game_id))
    if state.word != "in_bucket":
        yield f"Game {wish.game_id} plays, and its creator reads {state}"


def _resting(wish: Wish, reader: Reader) -> Iterator[str]:
    page = reader.get(f"g/{wish.game_id}.html")
    if page.status == 200 and b"taking a rest" not in page.body:
        yield f"Game {wish.game_id} rests, and its page says something else"
    if page.status == 200:
        xml, _ = reader.description(wish.game_id)
        if xml != notices.resting_xml(wish.game_id):
            yield f"Game {wish.game_id} rests, and its description says something else"


def _gone(wish: Wish, reader: Reader) -> Iterator[str]:
    page = reader.get(f"g/{wish.game_id}.html")
    known = BucketObject.objects.filter(key=f"g/{wish.game_id}.html", state="stored").exists()
    if known and (page.status != 200 or page.body != notices.gone_page()):
        yield f"Game {wish.game_id} is gone, and its page does not say so: {page.status}"
    if not known and page.status == 200:
        yield f"Game {wish.game_id} is gone and never had a page, and there is one"
    for ending in ("xml", "json", "jpg"):
        status = reader.get(f"g/{wish.game_id}.{ending}").status
        if status not in {403, 404}:
            yield f"Game {wish.game_id} is gone, and its .{ending} answers {status}"
    if SlotPicture.objects.filter(revision__game=wish.game_id).exists():
        yield f"Game {wish.game_id} is gone, and its pictures are still noted"
    uses = Use.objects.filter(game=wish.game_id).exclude(object__key=f"g/{wish.game_id}.html")
    if uses.exists():
        yield f"Game {wish.game_id} is gone, and uses {[use.object.key for use in uses]}"


def _bucket(reader: Reader) -> Iterator[str]:
    """Listing, rows and bytes say the same."""
    rows = {row.key: row for row in BucketObject.objects.exclude(state="gone")}
    for row in rows.values():
        if row.state != "stored":
            yield f"{row.key} is {row.state} for ever"
    there: set[str] = {stat.key for stat in open_store(settings.BUCKET, public=True).list()}
    for key in sorted(there - rows.keys()):
        yield f"{key} lies in the bucket, and no row knows it"
    for key in sorted(rows.keys() - there):
        yield f"{key} is {rows[key].state}, and does not lie in the bucket"
    for key in sorted(there & rows.keys()):
        answer = reader.get(key)
        if answer.status != 200 or sha256_of(answer.body) != rows[key].sha256:
            yield f"{key} answers {answer.status} with other bytes than its row says"
    unused = BucketObject.objects.filter(state="stored", uses=None).exclude(key__startswith="r/")
    for key in unused.values_list("key", flat=True):
        yield f"{key} is stored, and no game uses it"


def _vault(load: Load) -> Iterator[str]:
    """Nothing in the vault that no row knows; nothing missing; nothing of games that are gone."""
    there = {stat.key.rpartition("/")[2] for stat in open_store(settings.VAULT).list()}
    pictures = set(Picture.objects.values_list("sha256", flat=True))
    known = pictures | set(Rendition.objects.values_list("sha256", flat=True))
    known |= set(RuntimeObject.objects.values_list("sha256", flat=True))
    for sha256 in sorted(there - known):
        yield f"{sha256} lies in the vault, and no row knows it"
    for sha256 in sorted(known - there):
        yield f"{sha256} is known, and not in the vault"
    numbers = range(len(load.uploads))
    wanted = {
        number for wish in load.in_state("playing", "resting") for c in wish.history.values() for number in c.pictures
    }
    for number in numbers:
        if number not in wanted and sha256_of(load.uploads[number]) in there:
            yield f"Original {number} is in no game, and still in the vault"


def _receipts(load: Load) -> Iterator[str]:
    """Every deleted game has one, finished, with a line for all that it had in the bucket."""
    receipts = {receipt.game_id: receipt for receipt in Receipt.objects.prefetch_related("lines")}
    there: set[str] = {stat.key for stat in open_store(settings.BUCKET, public=True).list()}
    for wish in load.in_state("gone"):
        receipt = receipts.pop(wish.game_id, None)
        if receipt is None:
            yield f"Game {wish.game_id} is gone without a receipt"
            continue
        lines = {line.key: line for line in receipt.lines.all()}
        had = BucketObject.objects.filter(key__startswith=f"g/{wish.game_id}.").values_list("key", flat=True)
        for key in sorted(set(had) - lines.keys()):
            yield f"The receipt of {wish.game_id} says nothing of {key}"
        for line in lines.values():
            if not line.kept and line.confirmed_at is None:
                yield f"The receipt of {wish.game_id} does not confirm {line.key}"
            if line.kind == ReceiptLine.Kind.OBJECT and not line.kept and line.key in there:
                yield f"The receipt of {wish.game_id} confirms {line.key}, which is there"
    for game_id in receipts:
        yield f"Game {game_id} has a receipt and is not deleted"


def _audit() -> Iterator[str]:
    """What our own audit says, which looks another way."""
    for finding in audit(patience=timedelta(0)):
        yield f"Audit: {finding.kind} {finding.key}: {finding.sentence}"

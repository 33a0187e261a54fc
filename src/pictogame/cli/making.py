"""`pictogame make`: from pictures, or a game.xml beside its pictures, to a game that plays from the bucket."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Template
from pictogame.catalog.rules import clean_options, softness_of
from pictogame.cli import saying
from pictogame.cli.exits import Ended, Exit, code_of
from pictogame.cli.progress import Advance, progress
from pictogame.cli.waiting import hands, wait_for
from pictogame.games import actions, page, queries, reading, rules
from pictogame.games.errors import AlreadyThere, PictureUnusable
from pictogame.games.models import Game
from pictogame.games.parts import advice_of, used_of
from pictogame.games.queries import PublishState
from pictogame.games.reading import RecipePicture
from pictogame.lib.errors import Problem
from pictogame.lib.types import Secret
from pictogame.media import actions as media
from pictogame.media.errors import Refused
from pictogame.media.models import Picture

_CHUNK = 1 << 20
_SAID = {
    "draft": "Composing",
    "resting": "Taking a rest",
    "processing": "Preparing the pictures",
    "queued": "Waiting for the publisher",
    "publishing": "Publishing",
    "failed": "Trying again",
    "in_bucket": "In the bucket",
}


@dataclass(frozen=True, slots=True)
class File:
    """A picture that was asked for."""

    path: Path
    slot: str | None = None
    alt: str = ""
    focus: tuple[int, int] = (500, 500)


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a game shall be."""

    template: str
    skin: str
    title: str
    message: str
    language: str
    options: Mapping[str, object]
    files: Sequence[File]
    listed: bool = False


@dataclass(slots=True)
class Made:
    """A game that was made, and what its creator should know; `late` says why it is not in the bucket yet."""

    game: Game
    secret: Secret
    notes: list[str] = field(default_factory=list)
    late: Ended | None = None


def order_of(
    paths: Sequence[Path],
    *,
    template: str | None,
    skin: str | None,
    title: str | None,
    message: str | None,
    language: str | None,
    settings_: Sequence[str],
    alts: Sequence[str],
    listed: bool,
) -> Order:
    """What the command line asks for, with what a game.xml says underneath.

    Raises Ended or Problem for what makes no sense.
    """
    options: dict[str, object] = {}
    for setting in settings_:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise Ended(f"--set takes a name and a value, such as --set pieces=24, not “{setting[:60]}”.", Exit.USAGE)
        options[name.strip()] = value
    if len(paths) == 1 and paths[0].suffix.lower() == ".xml":
        recipe = reading.read_recipe(_content(paths[0]))
        files = [File(_found(paths[0], one), one.slot, one.alt, one.focus or (500, 500)) for one in recipe.pictures]
        template = template or recipe.template
        skin = skin or recipe.skin
        title = title if title is not None else recipe.title
        message = message if message is not None else recipe.message
        language = language or recipe.language
        options = {**recipe.options, **options}
    else:
        files = [File(path) for path in paths]
    if not template:
        raise Ended("Say which game it shall be: --template jigsaw. `pictogame templates` lists them.", Exit.USAGE)
    if len(alts) > len(files):
        raise Ended("There are more --alt than pictures: give one for each picture, in their order.", Exit.USAGE)
    files = [
        File(file.path, file.slot, alts[number] if number < len(alts) else file.alt, file.focus)
        for number, file in enumerate(files)
    ]
    return Order(template, skin or "paper", title or "", message or "", language or "en", options, files, listed)


def make(order: Order, *, seconds: float) -> Made:
    """Makes the game and waits for the bucket; all that can be seen to be wrong is said before any picture is read.

    No game is left when one of its pictures turns out to be refused, or the wait is interrupted: nobody has its edit
    link yet. Where only the bucket keeps it waiting, the game is given, with why.
    """
    template = catalog.template(order.template)
    _check(order, template)
    made = _compose(order)
    if seconds > 0:
        try:
            _wait(made, seconds=seconds)
        except Ended as ended:
            made.late = ended
        except (PictureUnusable, KeyboardInterrupt):
            actions.delete(game=made.game)
            raise
        except Problem as problem:
            made.late = Ended(
                f"The game is made, but can't be published yet: {problem.sentence} "
                "A running publisher brings it into the bucket as soon as that is mended.",
                Exit.WAITING,
            )
    made.game.refresh_from_db()
    made.notes += _on_size(made.game, template)
    return made


def _on_size(game: Game, template: Template) -> Iterator[str]:
    """What there is to say of pictures that are too small: of each one thing, what to do where that is known."""
    revision = queries.newest_of(game)
    advice = advice_of(revision)
    if advice:
        yield advice
    advised = template.slots[0].name if advice else None
    for row in used_of(template, queries.pictures_of(revision)):
        slot = template.slot(row.slot)
        if slot is None or (slot.name == advised and row.position == 0):
            continue
        if soft := softness_of(slot, row.picture.width, row.picture.height):
            yield f"{row.name}: {soft}"


def _wait(made: Made, *, seconds: float) -> None:
    with (
        progress(100, _SAID["processing"]) as advance,
        hands(pictures=True) as working,
    ):
        wait_for(made.game, working, seconds=seconds, saying=_Teller(advance))


class _Teller:
    """Moves the bar when the state changes."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._word = ""

    def __call__(self, state: PublishState) -> None:
        if state.word != self._word:
            self._word = state.word
            self._advance(_SAID[state.word], steps=30)


def _check(order: Order, template: Template) -> None:
    catalog.skin(order.skin)
    rules.clean_title(order.title)
    rules.clean_message(order.message)
    rules.clean_language(order.language, catalog.manifest().languages)
    clean_options(template, order.options)
    for file in order.files:
        rules.clean_alt(file.alt)
    for file in order.files:
        if file.path.is_dir():
            raise Ended(f"{file.path} is a folder: name the pictures in it, such as {file.path}/*.jpg.", Exit.USAGE)
        if not file.path.is_file():
            raise Ended(f"{file.path} is not there.", Exit.USAGE)
    most = sum(slot.most for slot in template.slots)
    least = sum(slot.least for slot in template.slots)
    given = len(order.files)
    if given > most:
        takes = "one picture" if most == 1 else f"at most {most} pictures"
        raise Ended(f"{template.title} takes {takes}, and you gave {given}.", Exit.USAGE)
    if given < least:
        raise Ended(
            f"{template.title} needs {least} picture{'s' if least != 1 else ''}, and you gave {given}.", Exit.USAGE
        )


def _compose(order: Order) -> Made:
    """Receives the pictures, makes the game of them and wants it published.

    No game is made when a picture is refused.
    """
    received = _receive(order.files)
    created = actions.create(
        template=order.template,
        skin=order.skin,
        title=order.title,
        message=order.message,
        language=order.language,
        options=order.options,
        listed=order.listed,
    )
    made = Made(created.game, created.secret, _on_words(order))
    try:
        for file, picture in received:
            try:
                row = actions.add_picture(
                    game=created.game,
                    picture=picture,
                    name=file.path.name,
                    slot=file.slot,
                    alt=file.alt,
                    focus=file.focus,
                )
            except AlreadyThere as problem:
                made.notes.append(problem.sentence)
            else:
                if row.picture.note:
                    made.notes.append(f"{file.path.name}: {row.picture.note}")
        actions.publish(game=created.game)
    except BaseException as error:
        # Nobody else knows of it: a game that was not finished goes away again.
        actions.delete(game=created.game)
        if isinstance(error, Problem) and made.notes:
            # Why it can't be published may be what they say: of two files that are the same, one counts.
            sentence = " ".join([*made.notes, error.sentence])
            raise Ended(sentence, code_of(error), notes=made.notes) from error
        raise
    return made


def _on_words(order: Order) -> list[str]:
    """What is said of words that are not kept as they were given."""
    words = {"title": [order.title], "message": [order.message], "alt text": [file.alt for file in order.files]}
    cleaned = [name for name, given in words.items() if any(map(rules.holds_unwanted, given))]
    if not cleaned:
        return []
    return [
        f"Characters that can't be seen, or that turn text around, were taken out of the {' and the '.join(cleaned)}."
    ]


def _receive(files: Sequence[File]) -> list[tuple[File, Picture]]:
    received: list[tuple[File, Picture]] = []
    refusals: list[dict[str, str]] = []
    with progress(len(files), "Reading the pictures") as advance:
        for file in files:
            try:
                with file.path.open("rb") as opened:
                    chunks: Iterator[bytes] = iter(lambda: opened.read(_CHUNK), b"")
                    size = file.path.stat().st_size
                    received.append(
                        (file, media.receive(chunks=chunks, name=file.path.name, declared_size=size).picture)
                    )
            except Refused as problem:
                refusals.append({"file": str(file.path), "error": problem.sentence})
            except OSError as error:
                refusals.append({"file": str(file.path), "error": f"It can't be read: {error.strerror}."})
            advance(f"Reading {file.path.name}", steps=1)
    if refusals:
        sentence = " ".join(f"{Path(one['file']).name}: {one['error']}" for one in refusals[:3])
        if len(refusals) > 3:
            sentence += f" And {len(refusals) - 3} more."
        raise Ended(sentence, Exit.REFUSED, pictures=refusals)
    return received


def _found(document: Path, picture: RecipePicture) -> Path:
    """The file of a picture that game.xml names: beside it, or where a bucket has it.

    Raises Ended when a published game.xml came alone.
    """
    own = [document.parent / name for name in picture.files]
    if not picture.files[0].startswith("../m/"):
        return own[0]
    beside = [document.parent / Path(name).name for name in picture.files]
    there = next((path for path in [*own, *beside] if path.is_file()), None)
    if there is None:
        name = Path(picture.files[0]).name
        raise Ended(
            f"{document} is the game.xml of a published game, whose pictures lie in its bucket: {name} is neither "
            "beside it nor in ../m. Fetch them into the same folder, or make a game of pictures of your own: "
            "pictogame make cat.jpg --template jigsaw.",
            Exit.USAGE,
        )
    return there


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than is allowed, so that the reader sees that it is too much.
            data = file.read(reading.SIZE_LIMIT + 1)
            # As a bucket stores it.
            return zlib.decompressobj(31).decompress(data, reading.SIZE_LIMIT + 1) if data[:2] == b"\x1f\x8b" else data
    except zlib.error as error:
        raise Ended(f"{path} can't be read: it is damaged.", Exit.USAGE) from error
    except FileNotFoundError as error:
        raise Ended(f"{path} is not there.", Exit.USAGE) from error
    except OSError as error:
        raise Ended(f"{path} can't be read: {error.strerror}.", Exit.USAGE) from error


def told(made: Made) -> dict[str, object]:
    """What machines read of a game that was made."""
    game = made.game
    revision = queries.newest_of(game)
    address = page.page_url(game.id, bucket_url=settings.BUCKET_URL)
    frame = queries.frame_of(revision)
    title = queries.title_of(revision)
    return {
        "id": game.id,
        "title": title,
        "template": revision.template,
        "state": queries.publish_state(game).word,
        "page": address,
        "xml": address.removesuffix(".html") + ".xml",
        "embed": page.embed_code(game.id, title, frame=frame, bucket_url=settings.BUCKET_URL),
        "edit": f"{settings.SITE_URL}{reverse('studio:edit', args=[game.id, made.secret])}",
        "notes": made.notes,
    }


def say(made: Made) -> None:
    """Prints what a person reads of a game that was made."""
    said = told(made)
    for sentence in made.notes:
        saying.note(sentence)
    title = "plays from the bucket" if said["state"] == "in_bucket" else "is on its way to the bucket"
    saying.lines(
        f"“{said['title']}” {title}.",
        "",
        f"  id     {said['id']}",
        f"  page   {said['page']}",
        f"  xml    {said['xml']}",
        f"  edit   {said['edit']}",
        "         (This link is shown once: whoever has it can change and delete the game.)",
        "",
        "Paste this into any web page:",
        "",
        f"{said['embed']}",
    )

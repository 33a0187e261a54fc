"""Bytes on their way in: looked at before they are read, then streamed into the vault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import TooManyFilesSent
from django.core.files import File
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from pictogame.lib.errors import Problem
from pictogame.media import actions as media
from pictogame.media import allowance
from pictogame.media.errors import NoRoom, TooMuchSent
from pictogame.media.models import Picture
from pictogame.media.sniff import MOST_BYTES
from pictogame.studio.errors import NoFile, TooLarge, TooManyFiles

UPLOAD_LIMIT = MOST_BYTES
"""Bytes of one picture that a browser may send: what media takes."""
FORM_LIMIT = 200_000_000
"""Bytes of a whole form, for browsers that send all files at once."""
_PIECE = 1 << 18


def refuse_too_large(request: HttpRequest) -> TooLarge | None:
    """A problem when the body is said to be larger than it may be. Nothing of it is read."""
    limit = UPLOAD_LIMIT if request.method == "PUT" else FORM_LIMIT
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        size = 0
    if size <= limit:
        return None
    if request.method == "PUT":
        return TooLarge(f"Your picture weighs more than {limit // 1_000_000} MB: save it smaller and try again.")
    return TooLarge(f"These files weigh more than {limit // 1_000_000} MB together: send fewer at once.")


def body_of(request: HttpRequest) -> Iterator[bytes]:
    """The body piece by piece, never all of it in memory."""
    while piece := request.read(_PIECE):
        yield piece


def files_of(request: HttpRequest) -> "list[File[bytes]]":
    """The files of a form. Raises TooManyFiles, and NoFile for a form that can't be read."""
    try:
        return list(request.FILES.getlist("file"))
    except TooManyFilesSent as error:
        raise TooManyFiles("These are more files than fit into one go: choose up to 100 at once.") from error
    except MultiPartParserError as error:
        raise NoFile("The form did not arrive whole: send it again.") from error


@dataclass(frozen=True)
class Arrived:
    """What came of the files of a form."""

    pictures: list[tuple[Picture, str]] = field(default_factory=list)
    """Those that were received, with their names."""
    sentences: list[str] = field(default_factory=list)
    """One for each file that was not, or for all of them that were not looked at any more."""
    stopped_by: Problem | None = None
    """Why the rest was not looked at."""


def receive_all(files: "Sequence[File[bytes]]", *, sender: str) -> Arrived:
    """Receives one after the other. What concerns all of them, such as a limit or a full disk, ends it."""
    pictures: list[tuple[Picture, str]] = []
    sentences: list[str] = []
    for number, file in enumerate(files):
        name = file.name or ""
        try:
            allowance.spend(sender=sender, size=file.size or 0)
            found = media.receive(chunks=file.chunks(_PIECE), name=name, declared_size=file.size)
        except (TooMuchSent, NoRoom) as problem:
            more = len(files) - number - 1
            sentences.append(f"{name} and {more} more: {problem.sentence}" if more else f"{name}: {problem.sentence}")
            return Arrived(pictures, sentences, problem)
        except Problem as problem:
            sentences.append(f"{name}: {problem.sentence}" if name else problem.sentence)
        else:
            pictures.append((found.picture, name))
    return Arrived(pictures, sentences)

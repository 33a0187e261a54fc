"""What the words of a game may be. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from pictogame.games.errors import BadText

TITLE_LENGTH = 120
MESSAGE_LENGTH = 280
ALT_LENGTH = 240
NAME_LENGTH = 200
SEED_LIMIT = 2**31

# Embeddings, overrides and isolates turn the text around them over; marks (LRM, RLM, ALM) and joiners, which Arabic,
# Persian and emoji need, stay.
_UNWANTED = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\uffff\ufdd0-\ufdef\ud800-\udfff]"
    "|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe\U0003ffff\U000e0001\U0010fffe\U0010ffff]"
)
_SPACE = re.compile(r"\s+")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})


def clean_text(raw: str) -> str:
    """One line: composed (NFC), without control characters and bidirectional overrides, blanks run together."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", _UNWANTED.sub("", raw))).strip()


def holds_unwanted(raw: str) -> bool:
    """Whether `clean_text` takes out more than blanks: control characters, bidirectional overrides."""
    return bool(_UNWANTED.search(raw))


def clean_title(raw: str) -> str:
    """A title of up to 120 characters; empty when nothing was given. Markup in it is text like any other.

    Raises BadText for one that is too long, and for one in which nothing can be seen.
    """
    return _fitting(raw, TITLE_LENGTH, "A title")


def clean_message(raw: str) -> str:
    """The message at the end, up to 280 characters; may be empty."""
    return _fitting(raw, MESSAGE_LENGTH, "The message at the end")


def clean_alt(raw: str) -> str:
    """What a picture shows, in words, up to 240 characters; may be empty."""
    return _fitting(raw, ALT_LENGTH, "A picture's description")


def clean_name(raw: str) -> str:
    """The last part of a file name, cut to 200 characters; shown to the creator alone."""
    return clean_text(raw.replace("\\", "/").rsplit("/", 1)[-1])[:NAME_LENGTH]


def clean_language(raw: str, known: Iterable[str]) -> str:
    """One of the languages that the runtime speaks; `de-AT` counts as `de`."""
    languages = list(known)
    code = raw.strip().lower().replace("_", "-")
    for language in (code, code.split("-")[0]):
        if language in languages:
            return language
    raise BadText(f"Games speak {', '.join(languages)}, and “{clean_text(raw)[:20]}” is none of them.")


def _fitting(raw: str, limit: int, what: str) -> str:
    text = clean_text(raw)
    if len(text) > limit:
        raise BadText(f"{what} has room for {limit} characters, and yours has {len(text):,}: shorten it.")
    if raw.strip() and all(unicodedata.category(character) in _INVISIBLE for character in text):
        raise BadText(f"{what} needs something that can be seen; yours holds only invisible characters.")
    return text

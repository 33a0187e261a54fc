"""What may be shown of a line that could not be read: its shape, without whom it tells of. Pure."""

import re
from collections.abc import Callable

_LENGTH = 200
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d"
_TIME = re.compile(rf"(?:(?:19|20)\d\d:)?{_CLOCK}")
"""What stands between colons and is no address: those of IPv6 have eight parts, or two colons in a row."""
_COLON = r"(?::|%(?:25)?3[Aa])"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # What most lines begin with is the visitor's address, which some servers write as a name.
    (re.compile(rf"^(?!\[?[\d/A-Za-z-]*[T:]?{_CLOCK})[^\s\"{{]*[.:][^\s\"{{]*(?=\s)"), "[address]"),
    (
        re.compile(rf"[0-9A-Fa-f]*(?:{_COLON}[0-9A-Fa-f]*){{2,}}(?:(?:\.\d{{1,3}}){{3}})?(?:%(?:25)?\w+)?"),
        lambda found: found[0] if _TIME.fullmatch(found[0]) else "[address]",
    ),
    (re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"), "[address]"),
    (re.compile(r"(?<!\d)(?<!\d-)\d{1,3}(?:-\d{1,3}){3}(?!\d)"), "[address]"),
    (re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+"), "[mail]"),
    (re.compile(r"\?[^\s\"]*"), "?[query]"),
    (re.compile(r"(https?://[^\s\"/]+/)[^\s\"?]+"), r"\1[page]"),
    (re.compile(r"[A-Za-z0-9+/_=~-]{24,}"), "[secret]"),
    (re.compile(r"[^\x20-\x7e]"), "."),
)


def masked(line: bytes) -> str:
    """The line's beginning in ASCII: addresses, pages, queries, mail addresses and what is long and random are masked.
    Times stay.

    >>> masked(b'10.1.2.3 - - "GET /g/x.html?token=abc HTTP/1.1" by 2001:db8::1 of me@example.org')
    '[address] - - "GET /g/x.html?[query] HTTP/1.1" by [address] of [mail]'
    >>> masked(b'192.0.2.9 - - [22/Nov/2026:10:00:38 +0000] from ::ffff:10.1.2.3')
    '[address] - - [22/Nov/2026:10:00:38 +0000] from [address]'
    >>> masked(b'home-17.isp.example - - "https://blog.example/a/diary#7"')
    '[address] - - "https://blog.example/[page]"'
    """
    text = line[: 4 * _LENGTH].decode(errors="replace")
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"

"""What may be shown of a line that could not be read: its shape, without whom it tells of. Pure."""

import re

_LENGTH = 200
_RULES = (
    # What most lines begin with is the visitor's address, which some servers write as a name.
    (re.compile(r"^[^\s\"{]*[.:][^\s\"{]*(?=\s)"), "[address]"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[address]"),
    (re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"), "[address]"),
    (re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+"), "[mail]"),
    (re.compile(r"\?[^\s\"]*"), "?[query]"),
    (re.compile(r"(https?://[^\s\"/]+/)[^\s\"?]+"), r"\1[page]"),
    (re.compile(r"[A-Za-z0-9+/_=~-]{24,}"), "[secret]"),
    (re.compile(r"[^\x20-\x7e]"), "."),
)


def masked(line: bytes) -> str:
    """The line's beginning in ASCII: addresses, pages, queries, mail addresses and what is long and random are masked.

    >>> masked(b'10.1.2.3 - - "GET /g/x.html?token=abc HTTP/1.1" by 2001:db8::1 of me@example.org')
    '[address] - - "GET /g/x.html?[query] HTTP/1.1" by [address] of [mail]'
    >>> masked(b'home-17.isp.example - - "https://blog.example/a/diary#7"')
    '[address] - - "https://blog.example/[page]"'
    """
    text = line[: 4 * _LENGTH].decode(errors="replace")
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"

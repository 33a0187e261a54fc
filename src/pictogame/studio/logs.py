"""Keeps edit secrets, what letters open, and passwords within addresses, out of logs."""

import re

_SECRET = re.compile(r"(/(?:edit|preview/[a-z2-7]{14})/)[a-z0-9]{32}")
_LETTER = re.compile(r"(/account/(?:confirm-email|password/reset/key)/)[^\s/?\"']{8,}")
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]+:)[^\s/@]+(?=@)")


def without_secrets(text: str) -> str:
    """The text with the secret part of every address taken out.

    >>> without_secrets("Not Found: /g/b5tq7nzk3xw2mc/edit/abcdefghijklmnopqrstuvwxyz234567/share/")
    'Not Found: /g/b5tq7nzk3xw2mc/edit/…/share/'
    >>> without_secrets("GET /account/password/reset/key/3-d5mvqy-0f1e2d3c4b5a69788796a5b4c3d2e1f0/ 302")
    'GET /account/password/reset/key/…/ 302'
    >>> without_secrets("connection to postgresql://us:very-secret@db/games failed")
    'connection to postgresql://us:…@db/games failed'
    """
    return _PASSWORD.sub(r"\1…", _LETTER.sub(r"\1…", _SECRET.sub(r"\1…", text)))

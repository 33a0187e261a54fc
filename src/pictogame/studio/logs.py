"""Keeps edit secrets out of logs."""

import logging
import re

_SECRET = re.compile(r"(/(?:edit|preview/[a-z2-7]{14})/)[a-z0-9]{32}")


def without_secrets(text: str) -> str:
    """The text with the secret part of every address taken out.

    >>> without_secrets("Not Found: /g/b5tq7nzk3xw2mc/edit/abcdefghijklmnopqrstuvwxyz234567/share/")
    'Not Found: /g/b5tq7nzk3xw2mc/edit/…/share/'
    """
    return _SECRET.sub(r"\1…", text)


class HideSecrets(logging.Filter):
    """Rewrites a record before a handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: nothing is dropped, only words are."""
        text = record.getMessage()
        shorter = without_secrets(text)
        if shorter != text:
            record.msg, record.args = shorter, ()
        return True

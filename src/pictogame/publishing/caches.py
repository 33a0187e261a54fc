"""How long caches may still hold a copy of what was deleted, told by the rule that it was served with. Pure."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from pictogame.bucket.keys import cache_control

_PART = re.compile(r"(?:^|,)\s*([a-z-]+)(?:=([0-9]+))?")


class Copies(NamedTuple):
    """Until when a copy may be kept without asking whether it is still there."""

    browsers_until: datetime
    shared_until: datetime
    """In caches that many people share, such as those of a CDN."""


def copies_of(key: str, *, deleted_at: datetime, pointer_max_age: int) -> Copies:
    """Copies of an object that somebody may have fetched a moment before it was deleted.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> page = copies_of("g/b5tq7nzk3xw2mc.html", deleted_at=at, pointer_max_age=60)
    >>> page.browsers_until - at, page.shared_until - at
    (datetime.timedelta(seconds=60), datetime.timedelta(seconds=60))
    >>> picture = copies_of("m/" + "0a" * 32 + ".avif", deleted_at=at, pointer_max_age=60)
    >>> (picture.browsers_until - at).days, (picture.shared_until - at).days
    (365, 1)
    """
    said: dict[str, str] = dict(_PART.findall(cache_control(key, pointer_max_age=pointer_max_age)))
    browsers = int(said.get("max-age") or 0)
    shared = int(said.get("s-maxage") or browsers)
    return Copies(deleted_at + timedelta(seconds=browsers), deleted_at + timedelta(seconds=shared))

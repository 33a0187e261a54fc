"""The formats of access logs: how each is told, read by DuckDB, and read line by line where that is not enough."""

from collections.abc import Sequence

from pictogame.stats.errors import Unreadable
from pictogame.stats.formats.caddy import Caddy
from pictogame.stats.formats.cloudfront import CloudFront, CloudFrontJson
from pictogame.stats.formats.combined import Combined
from pictogame.stats.formats.line import Format
from pictogame.stats.formats.rgw import Rgw
from pictogame.stats.formats.s3 import S3

__all__ = ["NAMES", "Format", "by_name", "detect"]

_ALL: tuple[Format, ...] = (S3(), CloudFront(), CloudFrontJson(), Rgw(), Caddy(), Combined())
NAMES = tuple(one.name for one in _ALL)


def by_name(name: str) -> Format:
    """The format of that name. Raises Unreadable."""
    for one in _ALL:
        if one.name == name:
            return one
    raise Unreadable(f"There is no format {name!r}: it is one of {', '.join(NAMES)}.")


def detect(lines: Sequence[bytes], *, first: Format | None = None) -> Format | None:
    """The format that reads most of the lines, at least one; where none does, that to which all of them are headings.

    `first` is tried before the others, and enough where it reads more than half. None when it is no log.
    """
    best, most = None, 0
    for one in sorted(_ALL, key=lambda one: first is None or one.name != first.name):
        shape = one.shape(lines)
        read = sum(1 for line in lines if one.parse(line, shape) is not None)
        if read > most:
            best, most = one, read
        if one is first and 2 * read > len(lines):
            break
    return best or next((one for one in _ALL if lines and all(map(one.is_heading, lines))), None)

"""Which logs are to be read, and how many of them may be open at once."""

from collections.abc import Iterator, Sequence

from pictogame.jobs.among import among
from pictogame.stats.found import Found
from pictogame.stats.models import Address

_HANDFUL = 16 << 20
"""Bytes, as stored, of logs that are open at once."""
_OPEN = 200
"""Files that are open at once."""


def handfuls(logs: Sequence[Found]) -> Iterator[list[Found]]:
    """Logs that may be open at once: few, and small."""
    some: list[Found] = []
    size = 0
    for log in logs:
        if some and (len(some) >= _OPEN or size + log.size > _HANDFUL):
            yield some
            some, size = [], 0
        some.append(log)
        size += log.size
    if some:
        yield some


def changed(found: Sequence[Found]) -> Iterator[Found]:
    """Those that are not known to be as they were when they were read to their end."""
    for at in range(0, len(found), 500):
        some = found[at : at + 500]
        by_address = {one.address_sha256: one for one in some}
        known = dict.fromkeys(
            sha256
            for sha256, size, modified_at in Address.objects.filter(
                address_sha256__in=among(list(by_address))
            ).values_list("address_sha256", "size", "modified_at")
            if (size, modified_at) == (by_address[sha256].size, by_address[sha256].modified_at)
        )
        yield from (one for sha256, one in by_address.items() if sha256 not in known)

"""Which logs are to be read, and how many of them may be open at once."""

from collections.abc import Iterator, Sequence

from pictogame.jobs.among import among
from pictogame.stats.found import Found
from pictogame.stats.models import Address, Source

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


def sifted(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Those that are not known to be as they were when they were read to their end, and names of others: compressed
    ones that were cut short then, and still are."""
    new: list[Found] = []
    torn: list[str] = []
    for at in range(0, len(found), 500):
        some = found[at : at + 500]
        by_address = {one.address_sha256: one for one in some}
        known: set[str] = set()
        rows = Address.objects.filter(address_sha256__in=among(list(by_address)))
        for sha256, size, modified_at, state, name in rows.values_list(
            "address_sha256", "size", "modified_at", "source__state", "source__name"
        ):
            one = by_address[sha256]
            if (size, modified_at) == (one.size, one.modified_at):
                known.add(sha256)
                # A whole copy of it may lie elsewhere: the state is that of the one which was read last.
                if state == Source.State.TORN and name == one.name[-300:]:
                    torn.append(one.name)
        new += (one for sha256, one in by_address.items() if sha256 not in known)
    return new, sorted(torn)

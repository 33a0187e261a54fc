"""What an audit finds, and what it says at its end. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pictogame.lib.types import Key


class Kind(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    """A row says that it is there, or a game needs it, and it is not."""
    DIFFERENT = "different"
    """Its bytes are not those that were written."""
    ORPHANED = "orphaned"
    """No row knows it."""
    DOOMED = "doomed"
    """It should be gone by now, or nothing would ever delete it."""
    ASIDE = "set aside"
    """The page of a game that plays, or shall, and that was given up: what it wants, nobody would do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, seen twice before it is told."""

    kind: Kind
    key: Key
    sentence: str
    repaired: bool = False
    """It was mended, or is on its way: what a game needs is written again by the publisher."""
    store: str = "bucket"
    """`bucket` or `vault`."""


@dataclass(slots=True)
class Summary:
    """What was looked at and how it ended; filled while the audit goes on."""

    objects: int = 0
    bytes: int = 0
    hashed: int = 0
    """Objects whose bytes were read and compared."""
    rows: int = 0
    """Rows that say that an object is stored."""
    vault_objects: int = 0
    vault_bytes: int = 0
    games: int = 0
    under_way: int = 0
    """Games that a publisher has yet to look at; what they want and never had is not missing yet."""
    moving: int = 0
    """Objects that changed while they were looked at, so that nothing can be said of them."""
    found: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    repaired: int = 0

    @property
    def total(self) -> int:
        """All findings."""
        return sum(self.found.values())

    def note(self, finding: Finding) -> Finding:
        """Counts it and gives it back."""
        self.found[finding.kind] += 1
        self.repaired += finding.repaired
        return finding


Watch = Callable[[str, int, int], None]
"""Told what is looked at, how many of them were, and how many there are, as far as is known."""


def nobody_watches(_what: str, _done: int, _total: int, /) -> None:
    """For audits that nobody waits for."""

"""Names for what a string or a number is."""

from typing import NewType

Key = NewType("Key", str)
"""Address of an object within its store, without a leading slash."""

Sha256 = NewType("Sha256", str)
"""64 lower-case hex digits."""

GameId = NewType("GameId", str)
"""14 characters of the base32 alphabet `a-z2-7`: 70 random bits."""

Secret = NewType("Secret", str)
"""A creator's right to a game; only its hash is kept."""

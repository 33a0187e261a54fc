"""What is told of each thing that was done to a bucket, or looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done or looked at."""

    what: str
    ok: bool | None
    """None when it could not be asked, so that nobody knows."""
    why: str = ""
    """What is wrong and what to do, or why it is not known. When all is well: something worth knowing, or nothing."""

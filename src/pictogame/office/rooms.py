"""What the office's navigation leads to."""

from dataclasses import dataclass

from django.urls import reverse

_ROOMS = (
    ("How it goes", "admin:index"),
    ("Plays and money", "money"),
    ("Games", "admin:games_game_changelist"),
    ("Pictures", "admin:media_picture_changelist"),
    ("Crops", "admin:media_crop_changelist"),
    ("Objects", "admin:bucket_bucketobject_changelist"),
    ("Receipts", "admin:publishing_receipt_changelist"),
    ("Deeds", "admin:admin_logentry_changelist"),
)
"""Names, and the names of their addresses, in the order of the navigation."""


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the navigation."""

    name: str
    url: str
    here: bool


def rooms(path: str) -> list[Room]:
    """The entries for a page at that path: the room with the longest address that leads there is the one it is in."""
    found = [(name, reverse(view)) for name, view in _ROOMS]
    here = max((url for _, url in found if path.startswith(url)), key=len, default="")
    return [Room(name, url, url == here) for name, url in found]

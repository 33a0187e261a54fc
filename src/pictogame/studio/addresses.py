"""Addresses of the studio that more than one page writes, and the token that opens a preview."""

import hmac
import re
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

MINE = "mine"
"""Stands in an address instead of the secret: its reader comes as the owner, signed in."""


def edit_path(game_id: str, secret: str) -> str:
    """The maker's page of a game."""
    return reverse("studio:edit", args=[game_id, secret])


def edit_paths(secrets: Mapping[str, str]) -> dict[str, str]:
    """The maker's pages of many games, by id: the address is looked up once, which takes as long as writing 100."""
    game_id, secret = next(iter(secrets.items()), ("", ""))
    if not game_id:
        return {}
    before, between, after = re.split(f"{game_id}|{secret}", edit_path(game_id, secret))
    return {one: f"{before}{one}{between}{its}{after}" for one, its in secrets.items()}


def share_path(game_id: str, secret: str) -> str:
    """The page of a game that is published, or rests."""
    return reverse("studio:share", args=[game_id, secret])


def edit_url(game_id: str, secret: str) -> str:
    """The edit link: whoever has it may change and delete the game."""
    return f"{settings.SITE_URL}{edit_path(game_id, secret)}"


def preview_token(game_id: str) -> str:
    """What opens the preview of a game, and nothing else: the edit secret never reaches the frame that plays."""
    return salted_hmac("pictogame.studio.preview", game_id, algorithm="sha256").hexdigest()[:32]


def opens_preview(game_id: str, token: str) -> bool:
    """Whether the token is the one of this game."""
    return hmac.compare_digest(preview_token(game_id), token)


def preview_base(game_id: str) -> str:
    """The folder of a preview, with `g/`, `m/` and `r/` in it as in the bucket; ends with a slash."""
    return reverse("studio:preview-base", args=[game_id, preview_token(game_id)])


def version_base(game_id: str, number: int) -> str:
    """The same of an earlier version."""
    return reverse("studio:version-base", args=[game_id, preview_token(game_id), number])


def page_url(game_id: str) -> str:
    """The page of a published game, in the bucket."""
    return f"{settings.BUCKET_URL}/g/{game_id}.html"


def card_url(game_id: str) -> str:
    """The picture beside a link to a published game, in the bucket."""
    return f"{settings.BUCKET_URL}/g/{game_id}.jpg"

"""The versions of a game that its creator can look at and bring back."""

from dataclasses import dataclass
from datetime import datetime

from pictogame.catalog import queries as catalog
from pictogame.games.models import Game, Revision
from pictogame.games.parts import Form, Parts, parts_of_many
from pictogame.games.queries import title_of
from pictogame.lib.errors import Problem
from pictogame.media.models import Rendition

MOST_SHOWN = 60
"""Versions that one list holds: more than keep their pictures, with the upgrades between them."""


@dataclass(frozen=True, slots=True)
class Version:
    """A revision that was published once."""

    number: int
    published_at: datetime
    """When it was wanted first."""
    title: str
    template: str
    """Its title; its name when the runtime no longer has it."""
    skin: str
    origin: str
    copy_of: int | None
    plays: bool
    """It is what the game wants now."""
    picture: Form | None
    """The smallest rendition of its first picture; none when it has let go of its pictures."""
    can_come_back: bool


def revisions_of(game: Game) -> list[Version]:
    """Those that were published, newest first, up to MOST_SHOWN; half a dozen queries for any number."""
    row = Game.objects.get(pk=game.pk)
    found = list(row.revisions.filter(frozen_at__isnull=False).order_by("-number")[:MOST_SHOWN])
    parts = parts_of_many(found, ready_only=True)
    return [_version(row, revision, parts[revision.pk]) for revision in found]


def _version(game: Game, revision: Revision, parts: Parts | Problem) -> Version:
    manifest = catalog.manifest()
    template, skin = manifest.templates.get(revision.template), manifest.skins.get(revision.skin)
    plays = revision.pk == game.wanted_id
    known = template is not None and skin is not None
    # Without an expression of the database's own: it was read from there.
    at = revision.frozen_at or revision.changed_at
    return Version(
        number=revision.number,
        published_at=at,
        title=title_of(revision) if template else revision.title or revision.template,
        template=template.title if template else revision.template,
        skin=skin.title if skin else revision.skin,
        origin=revision.origin,
        copy_of=revision.copy_of,
        plays=plays,
        picture=_small(parts) if isinstance(parts, Parts) else None,
        can_come_back=known and not plays and revision.emptied_at is None,
    )


def _small(parts: Parts) -> Form | None:
    sources = parts.parts[0].sources if parts.parts else ()
    return next((one for one in sources if one.role == Rendition.Role.SMALL), sources[-1] if sources else None)

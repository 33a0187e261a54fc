"""What game.xml says of a revision, out of its rows."""

from collections.abc import Callable

from pictogame.bucket import keys
from pictogame.catalog import queries as catalog
from pictogame.games.document import DescribedPicture, Description, Source
from pictogame.games.models import Revision
from pictogame.games.parts import Part, Parts, parts_of
from pictogame.lib.types import Key, Sha256

KeyOf = Callable[[Sha256, str], Key]
"""The key of a rendition, from its hash and media type."""


def description_of(revision: Revision, *, key_of: KeyOf = keys.media_key, ready_only: bool = False) -> Description:
    """What game.xml says of a revision. Raises as `parts_of` does."""
    return describe(parts_of(revision, ready_only=ready_only), key_of=key_of)


def describe(parts: Parts, *, key_of: KeyOf = keys.media_key) -> Description:
    """What game.xml says of a revision whose parts are at hand; no query.

    A draft gets the runtime that is installed.
    """
    revision, template = parts.revision, parts.template
    runtime = revision.runtime or runtime_for(revision)
    return Description(
        id=revision.game_id,
        language=revision.language,
        seed=revision.seed,
        title=revision.title or template.title,
        message=revision.message,
        template=revision.template,
        template_src=f"../{runtime['template']}",
        skin=revision.skin,
        skin_src=f"../{runtime['skin']}",
        loader_src=f"../{runtime['loader']}",
        strings_src=f"../{runtime['strings']}" if "strings" in runtime else None,
        options=revision.options,
        pictures=tuple(_described(part, key_of) for part in parts.parts),
        measure=template.score.measure,
        better=template.score.better,
    )


def _described(part: Part, key_of: KeyOf) -> DescribedPicture:
    largest = max(part.sources, key=lambda form: form.width)
    return DescribedPicture(
        slot=part.slot,
        alt=part.alt,
        width=largest.width,
        height=largest.height,
        colours=part.colours,
        sources=tuple(
            Source(f"../{key_of(Sha256(form.sha256), form.media_type)}", form.media_type, form.width, form.height)
            for form in part.sources
        ),
    )


def runtime_for(revision: Revision) -> dict[str, str]:
    """Keys of the installed runtime's objects that a revision would be pinned to.

    Loader, finale, template, skin; strings but for English.
    """
    template = catalog.template(revision.template)
    runtime = {
        "loader": str(catalog.manifest().loader),
        "finale": str(catalog.manifest().finale),
        "template": str(template.script),
        "skin": str(catalog.skin(revision.skin).style),
    }
    if strings := template.strings.get(revision.language):
        runtime["strings"] = str(strings)
    return runtime

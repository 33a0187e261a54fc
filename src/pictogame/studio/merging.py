"""Two windows on one game: a form changes what was changed in it, and overwrites nothing that its window never showed.

A form carries what its fields held when it was shown (`was`). A field that holds the same when it is sent was not
touched there; one that was touched, and changed elsewhere meanwhile, is asked about first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pictogame.catalog.manifest import OptionValue, Template
from pictogame.games.models import Revision
from pictogame.studio.forms import Choices

MOST = 20_000
"""Characters of `was` that are read."""
_WORDS = ("title", "message", "language", "skin")
_CALLED = {"title": "the title", "message": "the words when it is won", "language": "the language", "skin": "the look"}


@dataclass(slots=True)
class Merged:
    """What of a form is to be kept."""

    options: dict[str, OptionValue] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    """A sentence for each field that was changed in two windows."""
    elsewhere: list[str] = field(default_factory=list)
    """What was changed in another window alone, in words."""
    was: dict[str, str] = field(default_factory=dict)
    """What the form's fields hold from now on as far as it is known here."""


def shown(revision: Revision, template: Template) -> dict[str, str]:
    """Every field of the form as it stands for a revision."""
    fields = {name: str(getattr(revision, name)) for name in _WORDS}
    for option in template.options:
        fields[f"option-{option.name}"] = _text(revision.options.get(option.name, option.default))
    return fields


def was_in(sent: Mapping[str, str]) -> dict[str, str] | None:
    """What a form says that its fields held; None when it says nothing that can be read."""
    text = sent.get("was", "")
    try:
        said = json.loads(text) if 0 < len(text) <= MOST else None
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    return {name: value for name, value in said.items() if isinstance(value, str)}


def written(fields: Mapping[str, str]) -> str:
    """What `was_in` reads."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def merge(choices: Choices, *, now: Mapping[str, str], template: Template) -> Merged:
    """Those choices that were made in this form. Without `was` everything that was sent counts as made."""
    was = was_in(choices.sent)
    merged = Merged(was=dict(now) if was is None else {**now, **was})
    values = {**choices.words, **{f"option-{name}": value for name, value in choices.options.items()}}
    kept: dict[str, str] = {}
    labels = {**_CALLED, **{f"option-{one.name}": one.label.lower() for one in template.options}}
    for name, value in values.items():
        text = _text(value)
        before = now.get(name) if was is None else was.get(name, now.get(name))
        if text == before:
            if now.get(name) != before:
                merged.elsewhere.append(labels[name])
            continue
        if now.get(name) not in {before, text}:
            merged.conflicts[name] = _conflict(now.get(name, ""))
            merged.was[name] = now.get(name, "")
            continue
        kept[name] = text
        if now.get(name) == text:
            # It was kept already: what is sent while somebody types may come after the page was published.
            continue
        if name in choices.words:
            merged.words[name] = choices.words[name]
        else:
            merged.options[name.removeprefix("option-")] = value
    if not merged.conflicts and not choices.problems:
        # Else nothing of the form is kept, and what was changed in it is still to be.
        merged.was |= kept
    return merged


def conflict_of(before: str | None, now: str, text: str) -> str:
    """The same for a single field: a sentence when it was changed in two windows, else empty."""
    return "" if before is None or now in {before, text} or text == before else _conflict(now)


def _conflict(now: str) -> str:
    other = f"to “{now[:80]}{'…' if len(now) > 80 else ''}”" if now else "to nothing"
    return f"This was changed {other} in another window meanwhile. To keep yours, change it once more, or publish."


def _text(value: OptionValue) -> str:
    return ("on" if value else "") if isinstance(value, bool) else str(value)

"""What a creator chose on the maker's page, read field by field so that each sentence can stand beside its field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import OptionValue, Template
from pictogame.catalog.rules import clean_value
from pictogame.games import rules
from pictogame.lib.errors import Problem


@dataclass(slots=True)
class Choices:
    """What fits, and a sentence for each field that does not. Names of options are written `option-NAME`."""

    options: dict[str, OptionValue] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    """skin, title, message, language: those that were sent and fit."""
    problems: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    """The fields as they were sent, to show again those that do not fit."""


def read(template: Template, sent: Mapping[str, str]) -> Choices:
    """The choices in a form for this template. A switch that is not sent is off, when the form holds options."""
    choices = Choices(sent=dict(sent))
    for option in template.options:
        name = f"option-{option.name}"
        if name not in sent and not (option.type == "switch" and "choices" in sent):
            continue
        try:
            choices.options[option.name] = clean_value(option, sent.get(name, ""))
        except Problem as problem:
            choices.problems[name] = problem.sentence
    for name, clean in _READERS.items():
        if name in sent:
            try:
                choices.words[name] = clean(sent[name])
            except Problem as problem:
                choices.problems[name] = problem.sentence
    return choices


def _language(raw: str) -> str:
    return rules.clean_language(raw, catalog.manifest().languages)


def _skin(raw: str) -> str:
    return catalog.skin(raw).name


_READERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"title": rules.clean_title, "message": rules.clean_message, "language": _language, "skin": _skin}
)


def focus_in(sent: Mapping[str, str]) -> tuple[int, int] | None:
    """The focus point in thousandths, when both numbers were sent; what is no number counts as the middle."""
    if "focus_x" not in sent or "focus_y" not in sent:
        return None
    return _thousandths(sent["focus_x"]), _thousandths(sent["focus_y"])


def _thousandths(text: str) -> int:
    try:
        return min(1000, max(0, round(float(text))))
    except (ValueError, OverflowError):
        return 500


def order_in(text: str) -> list[int]:
    """Ids in the order given, such as `12,9,10`; what is no number is left out."""
    return [int(part) for part in text.split(",")[:1000] if part.isascii() and part.isdecimal() and len(part) <= 18]

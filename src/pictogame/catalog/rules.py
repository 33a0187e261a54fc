"""What a template accepts. Pure."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pictogame.catalog.errors import BadOption
from pictogame.catalog.manifest import Option, OptionValue, Slot, Template

_ON = frozenset({"true", "on", "yes", "1"})
_OFF = frozenset({"false", "off", "no", "0", ""})


def clean_options(template: Template, raw: Mapping[str, object]) -> dict[str, OptionValue]:
    """Every option of the template by name, in its order: what `raw` says, defaults for the rest.

    Values may come as text, as forms and command lines send them. Raises BadOption for a name that the template does
    not have and for a value that the option does not take.
    """
    for name in raw:
        if template.option(name) is None:
            raise BadOption(_unknown_option(template, name))
    return {
        option.name: clean_value(option, raw[option.name]) if option.name in raw else option.default
        for option in template.options
    }


def fitting_options(template: Template, raw: Mapping[str, object]) -> dict[str, OptionValue]:
    """Like `clean_options`, but what does not fit takes its default:

    used when a creator changes to another template.
    """
    kept: dict[str, OptionValue] = {}
    for option in template.options:
        try:
            kept[option.name] = clean_value(option, raw.get(option.name, option.default))
        except BadOption:
            kept[option.name] = option.default
    return kept


def clean_value(option: Option, value: object) -> OptionValue:
    """The value as the option's type. Raises BadOption with the values that would do."""
    text = str(value).strip()
    match option.type:
        case "switch":
            if text.lower() in _ON:
                return True
            if text.lower() in _OFF:
                return False
            raise BadOption(f"{option.label} ({option.name}) is on or off, and “{_short(text)}” is neither.")
        case "choice":
            for known in option.values:
                if str(known) == text:
                    return known
            some = _spoken(str(known) for known in option.values)
            raise BadOption(f"{option.label} ({option.name}) can be {some}, not “{_short(text)}”.")
        case "number":
            if len(text) <= 10 and text.removeprefix("-").isdecimal() and text.isascii():
                number = int(text)
                if option.least <= number <= option.most and (number - option.least) % option.step == 0:
                    return number
            steps = f" in steps of {option.step}" if option.step > 1 else ""
            raise BadOption(
                f"{option.label} ({option.name}) goes from {option.least} to {option.most}{steps}, "
                f"so “{_short(text)}” won't do."
            )


def ratio_of(template: Template, slot: Slot, options: Mapping[str, OptionValue]) -> str:
    """`w:h` of the pictures in a slot, under the options given (cleaned, or empty for the defaults)."""
    if not slot.ratio.startswith("option:"):
        return slot.ratio
    name = slot.ratio.removeprefix("option:")
    option = template.option(name)
    return str(options.get(name, option.default if option else slot.ratio))


def frame_of(template: Template, options: Mapping[str, OptionValue]) -> tuple[int, int]:
    """Width and height of the board, in lowest proportion as the template writes them: (4, 3)."""
    ratio = ratio_of(template, template.slots[0], options) if template.frame == "picture" else template.frame
    width, height = ratio.split(":")
    return int(width), int(height)


def advice_for(template: Template, options: Mapping[str, OptionValue], *, pixels: int) -> str:
    """A sentence when the first picture has too few `pixels` for the pieces chosen; empty when it will do."""
    for option in template.options:
        chosen = options.get(option.name, option.default)
        if not option.min_piece or not isinstance(chosen, int):
            continue
        counts = sorted(value for value in option.values if isinstance(value, int))
        good = [count for count in counts if count * option.min_piece**2 <= pixels] or counts[:1]
        if good[-1] < chosen:
            return f"Your picture is too small for {chosen} {option.label.lower()}: try {good[-1]}."
    return ""


def softness_of(slot: Slot, width: int, height: int) -> str:
    """A sentence when a picture of so many pixels is smaller than the slot wishes; empty when it will do."""
    if min(width, height) >= slot.min_side:
        return ""
    return f"This picture is small and may look soft: {slot.min_side} pixels on each side look better."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody who wrote `name` most likely meant."""
    names = list(known)
    found = get_close_matches(name.lower()[:60], names, n=1, cutoff=0.5)
    if found:
        return found[0]
    return next((one for one in names if name and (one.startswith(name.lower()) or name.lower().startswith(one))), None)


def unknown_name(noun: str, name: str, known: Iterable[str]) -> str:
    """A sentence for a template or skin that does not exist, with the one that was meant or all there are."""
    names = sorted(known)
    meant = nearest(name, names)
    if meant:
        return f"There is no {noun} called “{_short(name)}”. Did you mean {meant}?"
    return f"There is no {noun} called “{_short(name)}”. There is {_spoken(names, last='and')}."


def _unknown_option(template: Template, name: str) -> str:
    names = [option.name for option in template.options]
    meant = nearest(name, names)
    hint = f"Did you mean {meant}? " if meant else ""
    return f"{template.title} has no option “{_short(name)}”. {hint}It has {_spoken(names, last='and')}."


def _short(text: str) -> str:
    """A value as it may stand in a sentence: one line of 40 characters at most."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= 40 else f"{line[:39]}…"


def _spoken(words: Iterable[str], *, last: str = "or") -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {last} {listed[-1]}" if listed else "none"

"""`pictogame templates`: what a game can be."""

from collections.abc import Iterator

from pictogame.catalog import queries as catalog
from pictogame.catalog.manifest import Option, Slot, Template


def told() -> dict[str, object]:
    """Templates and skins for machines."""
    return {
        "templates": [_template(template) for template in catalog.templates()],
        "skins": [{"name": skin.name, "title": skin.title, "summary": skin.summary} for skin in catalog.skins()],
        "languages": list(catalog.manifest().languages),
    }


def lines() -> Iterator[str]:
    """The same for a person."""
    for template in catalog.templates():
        yield f"{template.name}: {template.summary}"
        for slot in template.slots:
            yield f"    {_many(slot)}"
        width = max((len(option.name) for option in template.options), default=0)
        for option in template.options:
            yield f"    --set {option.name + '=…':{width + 2}}  {option.label}: {_values(option)}"
        yield ""
    yield f"Skins (--skin): {', '.join(skin.name for skin in catalog.skins())}"
    yield f"Languages (--lang): {', '.join(catalog.manifest().languages)}"


def _template(template: Template) -> dict[str, object]:
    return {
        "name": template.name,
        "title": template.title,
        "summary": template.summary,
        "pictures": [
            {"slot": slot.name, "label": slot.label, "min": slot.least, "max": slot.most, "ratio": slot.ratio}
            for slot in template.slots
        ],
        "options": [_option(option) for option in template.options],
        "score": {"measure": template.score.measure, "better": template.score.better},
    }


def _option(option: Option) -> dict[str, object]:
    said: dict[str, object] = {
        "name": option.name,
        "label": option.label,
        "type": option.type,
        "default": option.default,
    }
    if option.type == "choice":
        said["values"] = list(option.values)
    if option.type == "number":
        said |= {"min": option.least, "max": option.most, "step": option.step}
    return said


def _many(slot: Slot) -> str:
    many = str(slot.most) if slot.least == slot.most else f"{slot.least} to {slot.most}"
    return f"{many} picture{'s' if slot.most != 1 else ''}: {slot.label}"


def _values(option: Option) -> str:
    default = str(option.default)
    match option.type:
        case "choice":
            values = [f"{value}*" if str(value) == default else str(value) for value in option.values]
            return f"{', '.join(values)}"
        case "switch":
            return "on*, off" if option.default else "on, off*"
        case "number":
            return f"{option.least} to {option.most} ({default})"

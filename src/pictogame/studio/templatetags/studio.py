"""Icons and small words for the studio's pages."""

from django import template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Lucide icon, from the file of symbols that the build writes. Screen readers hear the word beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("studio/islands/icons.svg"),
        name,
    )


@register.simple_tag
def accounts_open() -> bool:
    """Whether people may make accounts here."""
    return bool(settings.ACCOUNTS_OPEN)


@register.simple_tag
def letters_lie_here() -> bool:
    """Whether letters are not sent, but kept where whoever tries this out finds them."""
    return not settings.EMAIL_IS_SENT


@register.inclusion_tag("account/part/field.html")
def field(bound: BoundField, label: str, help_text: str = "") -> dict[str, object]:
    """A field with its label, what helps to fill it in, and what is wrong with it."""
    bound.field.widget.attrs.pop("placeholder", None)
    bound.help_text = help_text
    said = [f"{bound.auto_id}_helptext"] if help_text else []
    said += [f"{bound.auto_id}_problem"] if bound.errors else []
    if said:
        bound.field.widget.attrs["aria-describedby"] = " ".join(said)
    return {"field": bound, "label": label, "help_text": help_text}

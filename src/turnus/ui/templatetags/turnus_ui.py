"""The words templates use: `{% load turnus_ui %}`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from turnus.ui import formats
from turnus.ui.tables import Badge

register = template.Library()

register.filter("day", formats.date_de)
register.filter("moment", formats.moment_de)
register.filter("cents", formats.cents_de)
register.filter("euro", formats.euro_de)
register.filter("plain", formats.plain_de)
register.filter("yesno_de", formats.bool_de)
register.filter("iban", formats.iban_de)


@register.filter
def number(value: Decimal | int | None, places: int = 0) -> str:
    return formats.number_de(value, places)


@register.filter
def badge(value: Badge | None) -> SafeString | str:
    """`{{ row.state|badge }}`"""
    if value is None:
        return ""
    return format_html('<span class="{} {}">{}</span>', value.shape, value.tone, value.label)


@register.simple_tag
def tone(label: str, colour: str = "") -> SafeString:
    """`{% tone "offen" "warn" %}`: a badge from a word."""
    return format_html('<span class="badge {}">{}</span>', colour, label)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A sign from the sheet in base.html; decoration only, so screen readers skip it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def drawn(value: str) -> SafeString:
    """A picture of turnus.ui.charts. Its texts are escaped where it is drawn."""
    return mark_safe(value) if value.startswith("<svg ") else SafeString("")


@register.filter
def offered(url: str, request: Any) -> bool:
    """`{% if action.url|offered:request %}`: whether the page behind a link is there for this user."""
    offers = getattr(request, "offers", None)
    return offers is None or not url.startswith("/") or bool(offers(url))


@register.inclusion_tag("ui/table.html")
def data_table(table: Any) -> dict[str, Any]:
    return {"table": table}


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, css: str = "") -> dict[str, Any]:
    """Label, control, help and errors of one field, tied together for screen readers."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        shape = "check"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        shape = "choices"
    else:
        shape = ""
    wide = "wide" if isinstance(widget, Textarea | CheckboxSelectMultiple) else ""
    return {"field": bound, "shape": shape, "css": f"{css} {wide}".strip()}


@register.filter
def percent_of(part: int, whole: int) -> str:
    """For the width of a progress bar: a number with a point, whatever the language."""
    return f"{min(100.0, 100 * part / whole):.1f}" if whole else "0"

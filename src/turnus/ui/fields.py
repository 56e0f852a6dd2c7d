"""Form fields that read what German clerks type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from turnus.lib.money import format_number, from_cents, to_cents
from turnus.ui.filters import DateInput
from turnus.ui.formats import plain_de

THOUSANDS = re.compile(r"^-?\d{1,3}(\.\d{3})+$")


def german_number(text: str) -> str:
    """`1.234,56 €` → `1234.56`. A point is a thousands mark only where it can be nothing else."""
    text = text.replace("€", "").replace(" ", "").replace("\u00a0", "")
    if "," in text or THOUSANDS.match(text):
        return text.replace(".", "").replace(",", ".")
    return text


class NumberInput(forms.TextInput):
    """A text field for numbers: the browser's number field refuses the German comma."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "num", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return plain_de(value) if isinstance(value, Decimal) else super().format_value(value)


class NumberField(forms.DecimalField):
    """A decimal with comma or point."""

    widget = NumberInput
    default_error_messages = {"invalid": "Bitte eine Zahl eingeben, zum Beispiel 1.234,5."}

    def to_python(self, value: Any) -> Any:
        return super().to_python(german_number(value) if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}


class CentsField(NumberField):
    """An amount in euros on screen, in whole cents as value."""

    default_error_messages = {"invalid": "Bitte einen Betrag eingeben, zum Beispiel 1.234,56."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 13)
        super().__init__(decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return format_number(from_cents(value), 2) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        return None if amount is None else to_cents(amount)


class DayField(forms.DateField):
    """A day, with the browser's date field."""

    widget = DateInput
    default_error_messages = {"invalid": "Bitte ein gültiges Datum eingeben."}

    def __init__(self, *, initial: date | None = None, **kwargs: Any) -> None:
        super().__init__(initial=initial, input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"], **kwargs)


def text_area(label: str, *, required: bool = False, hint: str = "", rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, help_text=hint, widget=widget, max_length=4000)


def pick(
    label: str, choices: Sequence[tuple[Any, str]], *, required: bool = True, hint: str = ""
) -> forms.ChoiceField:
    """A select that starts empty, so that nobody confirms what he has not chosen."""
    return forms.ChoiceField(
        label=label, choices=[("", "– bitte wählen –"), *choices], required=required, help_text=hint
    )


def show_error(form: forms.BaseForm, error: Exception) -> None:
    """Put what a service refused beside the field it names, or above the form."""
    name = str(getattr(error, "field", ""))
    form.add_error(name if name in form.fields else None, str(error))

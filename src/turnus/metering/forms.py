"""Filters of readings, and the entry of one."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from turnus.masterdata.models import Register
from turnus.metering.models import MeterReading, Origin, Quality
from turnus.ui.fields import DayField, NumberField
from turnus.ui.filters import FilterForm, choice, day, words


class ReadingFilter(FilterForm):
    lookups = {"origin": "origin", "quality": "quality", "since": "date__gte"}
    q = words(hint="MaLo oder Zählernummer")
    origin = choice("Herkunft", [(one.value, str(one.label)) for one in Origin])
    quality = choice("Güte", [(one.value, str(one.label)) for one in Quality])
    since = day("Stand seit")
    blocked = forms.BooleanField(label="nur gesperrte", required=False)

    def by_q(self, rows: QuerySet[MeterReading], value: str) -> QuerySet[MeterReading]:
        location = "register__meter__metering_location__market_location__market_location_id__startswith"
        return rows.filter(Q(**{location: value}) | Q(register__meter__number__istartswith=value))

    def by_blocked(self, rows: QuerySet[MeterReading], value: bool) -> QuerySet[MeterReading]:
        return rows.filter(is_blocked=True)


class ReadingForm(forms.Form):
    """One reading; the value is what the register shows, without factor."""

    register = forms.ChoiceField(label="Zählwerk")
    date = DayField(label="Stand 00:00 Uhr am", help_text="für den 31.12. abends: 01.01.")
    value = NumberField(label="Zählerstand", min_value=0, max_digits=16, decimal_places=4)
    origin = forms.ChoiceField(label="Herkunft", choices=Origin.choices, initial=Origin.CUSTOMER)
    quality = forms.ChoiceField(label="Güte", choices=Quality.choices, initial=Quality.TRUE)

    def __init__(self, *args: Any, registers: list[Register], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["register"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.pk), f"{one.meter.number} · {one.obis_code}") for one in registers]


class DayForm(forms.Form):
    """Which day of a load profile to show."""

    tag = DayField(label="Tag", required=False)

"""Filters of readings, and the entry of one."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from turnus.masterdata.models import Register
from turnus.metering.calc.requests import Stage
from turnus.metering.models import MeterReading, Origin, Quality, ValueRequest
from turnus.system import clock
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


STAGES = {
    Stage.RECORDED: "noch nicht gesendet",
    Stage.ASKED: "angefordert",
    Stage.REMINDED: "erinnert",
    Stage.ESCALATED: "in Klärung",
    Stage.ANSWERED: "beantwortet",
}
_OPEN = Q(answered_at__isnull=True)
_STAGE = {
    Stage.RECORDED: _OPEN & Q(sent_at__isnull=True),
    Stage.ASKED: _OPEN & Q(sent_at__isnull=False, reminded_at__isnull=True, escalated_at__isnull=True),
    Stage.REMINDED: _OPEN & Q(reminded_at__isnull=False, escalated_at__isnull=True),
    Stage.ESCALATED: _OPEN & Q(escalated_at__isnull=False),
    Stage.ANSWERED: Q(answered_at__isnull=False),
}


class RequestFilter(FilterForm):
    lookups = {"kind": "kind", "q": ("market_location__market_location_id__startswith", "reference__iexact",
                                     "reminder_reference__iexact")}  # fmt: skip
    q = words(hint="MaLo oder Nummer der ORDERS")
    kind = choice("Art", [(one.value, str(one.label)) for one in ValueRequest.Kind])
    stage = choice("Stand", [("open", "alle offenen"), *((str(key), label) for key, label in STAGES.items())])
    late = forms.BooleanField(label="nur überfällige", required=False)

    def by_stage(self, rows: QuerySet[ValueRequest], value: str) -> QuerySet[ValueRequest]:
        return rows.filter(_OPEN if value == "open" else _STAGE[Stage(value)])

    def by_late(self, rows: QuerySet[ValueRequest], value: bool) -> QuerySet[ValueRequest]:
        """Open ones whose last deadline (of the reminder, else of the request) has passed."""
        today = clock.today()
        late = Q(reminder_due_on__isnull=True, due_on__lt=today) | Q(reminder_due_on__lt=today)
        return rows.filter(_OPEN & late)


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

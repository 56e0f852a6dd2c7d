"""Filters and decisions of bills."""

from django import forms
from django.db.models import Q, QuerySet

from turnus.billing.models import Bill
from turnus.masterdata.queries import of_customers_like
from turnus.ui.fields import DayField
from turnus.ui.filters import FilterForm, any_of, choice, day, words


def bills_like(rows: QuerySet[Bill], text: str) -> QuerySet[Bill]:
    """Bills whose number or contract's number begins so, or of a customer with that number or name."""
    return any_of(
        rows,
        Q(number__begins=text.upper()),
        Q(contract__number__begins=text.upper()),
        of_customers_like(text, "contract__customer"),
    )


class BillFilter(FilterForm):
    lookups = {
        "state": "state",
        "kind": "kind",
        "since": "bill_date__gte",
    }
    q = words(hint="Rechnung, Vertrag, Kunde")
    state = choice("Zustand", [(state.value, str(state.label)) for state in Bill.State])
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in Bill.Kind])
    since = day("Rechnungsdatum seit")

    def by_q(self, rows: QuerySet[Bill], value: str) -> QuerySet[Bill]:
        return bills_like(rows, value)


class ExceptionFilter(FilterForm):
    lookups = {"kind": "kind"}
    q = words(hint="Vertrag, Kunde")
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in Bill.Kind])

    def by_q(self, rows: QuerySet[Bill], value: str) -> QuerySet[Bill]:
        return bills_like(rows, value)


class DecisionForm(forms.Form):
    """Release or reject; both need a reason, because both are kept with the bill."""

    decision = forms.ChoiceField(choices=[("release", "freigeben"), ("reject", "ablehnen")])
    reason = forms.CharField(label="Begründung", max_length=500)


class BillingRunForm(forms.Form):
    """Start a billing run."""

    until = DayField(
        label="Abrechnen bis einschließlich", help_text="letzter Tag, bis zu dem abgerechnet wird"
    )


class CorrectionForm(forms.Form):
    """Why a bill is taken back, and whether its period is billed again at once."""

    rebill = forms.BooleanField(label="sofort neu abrechnen", required=False, initial=True)
    reason = forms.CharField(
        label="Grund", max_length=300, help_text="steht in der Erläuterung an den Kunden und im Protokoll"
    )


class PlanForm(forms.Form):
    """Plan the instalments of a contract anew."""

    since = DayField(label="gültig ab")
    reason = forms.CharField(label="Anlass", max_length=120)

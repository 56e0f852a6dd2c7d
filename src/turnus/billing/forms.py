"""Filters and decisions of bills."""

from django import forms

from turnus.billing.models import Bill
from turnus.ui.fields import DayField
from turnus.ui.filters import FilterForm, choice, day, words


class BillFilter(FilterForm):
    lookups = {
        "q": (
            "number__istartswith",
            "contract__number__istartswith",
            "contract__customer__number__istartswith",
            "contract__customer__name__icontains",
        ),
        "state": "state",
        "kind": "kind",
        "since": "bill_date__gte",
    }
    q = words(hint="Rechnung, Vertrag, Kunde")
    state = choice("Zustand", [(state.value, str(state.label)) for state in Bill.State])
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in Bill.Kind])
    since = day("Rechnungsdatum seit")


class ExceptionFilter(FilterForm):
    lookups = {"q": BillFilter.lookups["q"], "kind": "kind"}
    q = words(hint="Vertrag, Kunde")
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in Bill.Kind])


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

"""Forms around a principal: its limits, decisions and letterhead."""

from typing import Any

from django import forms

from turnus.clients.models import Letterhead, Role
from turnus.ui.fields import NumberField, pick

THRESHOLD_KINDS = [
    ("bill_net", "Rechnung (netto)"),
    ("bill_gross", "Rechnung (brutto)"),
    ("credit", "Gutschrift"),
    ("payout", "Auszahlung"),
    ("write_off", "Ausbuchung"),
    ("plan", "Ratenplan"),
]
LIMITED_ROLES = [(Role.CLERK.value, Role.CLERK.label), (Role.LEAD.value, Role.LEAD.label)]


class ThresholdForm(forms.Form):
    """Up to which amount a role decides alone."""

    kind = pick("Art", THRESHOLD_KINDS)
    role = pick("Rolle", LIMITED_ROLES)
    amount = NumberField(label="Grenze (€)", min_value=0, max_digits=12, decimal_places=2)


class LetterheadForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The principal's letterhead; the model says what a field may hold."""

    class Meta:
        model = Letterhead
        exclude = ("client", "logo_svg")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colour"].widget.input_type = "color"

"""Forms around a principal: its limits, decisions and letterhead."""

from datetime import date
from typing import Any

from django import forms

from turnus.clients.catalogue import BUILDS_ON, SERVICES
from turnus.clients.models import Letterhead, Role
from turnus.ui.fields import DayField, NumberField, pick

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


class ServicesForm(forms.Form):
    """Which services the principal books from a day on."""

    since = DayField(label="gilt ab")
    chosen = forms.MultipleChoiceField(
        label="Bausteine",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(key, f"{key} {title}") for key, title in SERVICES.items()],
        help_text="Was nicht angekreuzt ist, verschwindet ab diesem Tag aus der Arbeit und läuft nicht mehr.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since < self._today:
            raise forms.ValidationError("Bausteine lassen sich nicht rückwirkend buchen oder beenden.")
        return since

    def clean_chosen(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["chosen"]
        for service, base in BUILDS_ON.items():
            if service in chosen and base not in chosen:
                raise forms.ValidationError(f"{service} setzt {base} ({SERVICES[base]}) voraus.")
        return chosen


class LetterheadForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The principal's letterhead; the model says what a field may hold."""

    class Meta:
        model = Letterhead
        exclude = ("client", "logo_svg")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colour"].widget.input_type = "color"

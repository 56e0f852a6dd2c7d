"""Documenting a contact, and moving a note to the customer it belongs to."""

from typing import Any

from django import forms

from turnus.care.models import ContactNote
from turnus.contracts.models import SupplyContract
from turnus.masterdata.models import Customer
from turnus.ui.fields import pick, text_area

ACCOUNT = "account"


class ContactForm(forms.Form):
    """What the agent enters. Nothing is preselected that has to be a decision."""

    channel = pick("Kanal", ContactNote.Channel.choices)
    identity = pick("Identität geprüft", ContactNote.Identity.choices)
    contract = pick("Betrifft", [])
    topic = pick("Thema", ContactNote.Topic.choices)
    text = text_area("Notiz", hint="Was wurde gesagt?")
    result = text_area("Ergebnis", required=True, rows=2, hint="Was folgt daraus?")

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = SupplyContract.objects.filter(customer=customer).select_related("market_location__address")
        choices = [(str(one.pk), f"{one.number} · {one.market_location.address}") for one in known]
        field = self.fields["contract"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "– bitte wählen –"), *choices, (ACCOUNT, "Konto insgesamt")]

    def chosen(self) -> SupplyContract | None:
        """The contract chosen; None means the account as a whole."""
        value = self.cleaned_data["contract"]
        return None if value == ACCOUNT else SupplyContract.objects.get(pk=value)


class MoveForm(forms.Form):
    """Where a note belongs; it stands there for the account as a whole."""

    number = forms.CharField(label="Richtige Kundennummer", max_length=20)
    reason = forms.CharField(label="Grund", max_length=200)

"""Filters of money lists, assignment of a payment, start of collections and reminders."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from turnus.masterdata.queries import of_customers_like
from turnus.receivables.models import DisconnectionCheck, DunningBlock, OpenItem, StatementEntry
from turnus.system import clock
from turnus.system.models import User
from turnus.ui.fields import DayField, NumberField, pick, text_area
from turnus.ui.filters import FilterForm, any_of, choice, day, words

# Money unexplained for longer than this has an owner and a case.
ESCALATION_DAYS = 10
CUSTOMER = "subaccount__contract_account__customer"


def items_like(rows: QuerySet[OpenItem], text: str) -> QuerySet[OpenItem]:
    """Items whose reference begins so, or of a customer with that number or name."""
    return any_of(rows, Q(reference__begins=text.upper()), of_customers_like(text, CUSTOMER))


class ItemFilter(FilterForm):
    lookups = {
        "kind": "kind",
        "level": "dunning_level",
        "due": "due_date__lte",
    }
    q = words(hint="Beleg, Kunde")
    kind = choice("Art", [(kind.value, str(kind.label)) for kind in OpenItem.Kind])
    side = choice("Seite", [("1", "Forderungen"), ("-1", "Guthaben")])
    level = choice("Mahnstufe", [(str(n), str(n)) for n in range(4)])
    due = day("fällig bis")
    cleared = forms.BooleanField(label="auch ausgeglichene", required=False)

    def by_q(self, rows: QuerySet[OpenItem], value: str) -> QuerySet[OpenItem]:
        return items_like(rows, value)

    def by_side(self, rows: QuerySet[OpenItem], value: str) -> QuerySet[OpenItem]:
        return rows.filter(side=int(value))

    def by_cleared(self, rows: QuerySet[OpenItem], value: bool) -> QuerySet[OpenItem]:
        return rows

    @property
    def with_cleared(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("cleared"))


class EntryFilter(FilterForm):
    lookups = {
        "q": ("name__icontains", "iban__istartswith", "remittance__icontains"),
        "since": "booking_date__gte",
    }
    q = words(hint="Name, IBAN, Verwendungszweck")
    state = choice("Zustand", [("all", "alle"), *[(s.value, str(s.label)) for s in StatementEntry.State]])
    since = day("gebucht seit")
    overdue = forms.BooleanField(label=f"länger als {ESCALATION_DAYS} Tage ungeklärt", required=False)

    def by_overdue(self, rows: QuerySet[StatementEntry], value: bool) -> QuerySet[StatementEntry]:
        border = clock.today() - timedelta(days=ESCALATION_DAYS)
        return rows.filter(state=StatementEntry.State.SUSPENSE, booking_date__lt=border)

    def by_state(self, rows: QuerySet[StatementEntry], value: str) -> QuerySet[StatementEntry]:
        return rows if value == "all" else rows.filter(state=value)


class DisconnectionFilter(FilterForm):
    lookups = {"division": "division"}
    q = words(hint="Kunde, Konto")
    division = choice("Sparte", [("electricity", "Strom"), ("gas", "Gas")])
    everyone = forms.BooleanField(label="auch nicht sperrfähige", required=False)

    def by_q(self, rows: QuerySet[DisconnectionCheck], value: str) -> QuerySet[DisconnectionCheck]:
        return any_of(rows, Q(subaccount__number__begins=value), of_customers_like(value, CUSTOMER))

    def by_everyone(self, rows: QuerySet[DisconnectionCheck], value: bool) -> QuerySet[DisconnectionCheck]:
        return rows

    @property
    def with_all(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("everyone"))


class FindItemForm(forms.Form):
    """Look for the item a payment belongs to, where no suggestion fits."""

    suche = forms.CharField(label="Posten suchen", required=False, max_length=60)

    def find(self, rows: QuerySet[OpenItem]) -> list[OpenItem]:
        text = self.cleaned_data.get("suche", "").strip() if self.is_valid() else ""
        if len(text) < 3:
            return []
        return list(items_like(rows.filter(side=1, open_cents__gt=0), text).order_by("due_date")[:20])


class EntryNoteForm(forms.Form):
    """Owner and note of an unmatched payment."""

    owner = forms.ChoiceField(label="Zuständig", required=False)
    note = text_area("Notiz", rows=2)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Team"), *[(str(one.pk), str(one)) for one in people]]


class ReturnForm(forms.Form):
    """Send an unplaced payment back to the account it came from; the account itself cannot be chosen."""

    name = forms.CharField(label="Empfänger", max_length=70)
    remittance = forms.CharField(
        label="Verwendungszweck", max_length=140, help_text="was der Absender auf seinem Auszug liest"
    )


class StatementForm(forms.Form):
    file = forms.FileField(label="Kontoauszug", help_text="camt.052, camt.053, camt.054 oder MT940")


class DebitRunForm(forms.Form):
    collect_on = DayField(label="Einzug am", help_text="kein Banktag: der nächste danach")


class DunningRunForm(forms.Form):
    on = DayField(label="Stichtag")


class BlockForm(forms.Form):
    """Let dunning rest, for one item or the account, in whole or for a disputed amount."""

    scope = forms.ChoiceField(
        label="Umfang", choices=[("item", "nur dieser Posten"), ("account", "ganzes Konto")]
    )
    reason = pick("Grund", DunningBlock.Reason.choices)
    since = DayField(label="von")
    until = DayField(label="bis einschließlich", required=False, help_text="leer: auf Weiteres")
    amount = NumberField(
        label="strittiger Betrag (€)", required=False, min_value=0, decimal_places=2, max_digits=12
    )
    note = forms.CharField(label="Notiz", max_length=200, required=False)


class RemoveForm(forms.Form):
    reason = forms.CharField(label="Grund", max_length=200)

"""Entry of customers, bank accounts, locations and meters. The services check; the forms only read."""

from __future__ import annotations

from typing import Any

from django import forms

from turnus.masterdata.models import Commodity, ContractAccount, Customer, Mandate, State
from turnus.masterdata.services import NewAddress
from turnus.partners.models import MarketPartner
from turnus.ui.fields import DayField, NumberField, pick, text_area

ADDRESS = ("street", "house_number", "addition", "postal_code", "city")
MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


class AddressFields(forms.Form):
    """The parts of a postal address."""

    street = forms.CharField(label="Straße", max_length=80)
    house_number = forms.CharField(label="Hausnummer", max_length=12, required=False)
    addition = forms.CharField(label="Zusatz", max_length=80, required=False)
    postal_code = forms.CharField(label="PLZ", max_length=10)
    city = forms.CharField(label="Ort", max_length=60)

    def address(self) -> NewAddress:
        return NewAddress(**{name: self.cleaned_data[name] for name in ADDRESS})


class CustomerForm(AddressFields):
    """A customer with its postal address."""

    kind = forms.ChoiceField(label="Art", choices=Customer.Kind.choices)
    salutation = forms.ChoiceField(label="Anrede", choices=Customer.Salutation.choices, required=False)
    first_name = forms.CharField(label="Vorname", max_length=60, required=False)
    name = forms.CharField(label="Name / Firma", max_length=100)
    born_on = DayField(label="Geburtsdatum", required=False)
    email = forms.EmailField(label="E-Mail", required=False)
    phone = forms.CharField(label="Telefon", max_length=40, required=False)
    is_household_customer = forms.BooleanField(label="Haushaltskunde", required=False, initial=True)
    is_reseller = forms.BooleanField(label="Wiederverkäufer", required=False)
    note = text_area("Hinweis", hint="Was jeder wissen muss, der mit dem Kunden spricht.")

    field_order = ("kind", "salutation", "first_name", "name", *ADDRESS)

    def own_values(self) -> dict[str, Any]:
        """Everything but the address."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ADDRESS}


class CustomerEditForm(CustomerForm):
    """The same for a known customer; death and insolvency are entered here, with the reason."""

    deceased_on = DayField(label="verstorben am", required=False)
    insolvent_on = DayField(label="Insolvenz eröffnet am", required=False)
    reason = forms.CharField(label="Anlass der Änderung", max_length=200, required=False)


class BankAccountForm(forms.Form):
    """A bank account and, if signed, its mandate."""

    iban = forms.CharField(label="IBAN", max_length=42, help_text="mit oder ohne Leerzeichen")
    bic = forms.CharField(label="BIC", max_length=11, required=False, help_text="nur außerhalb Deutschlands")
    holder = forms.CharField(label="Kontoinhaber", max_length=70)
    mandate_signed_on = DayField(
        label="Mandat unterschrieben am", required=False, help_text="leer: nur für Auszahlungen"
    )
    mandate_reference = forms.CharField(
        label="Mandatsreferenz", max_length=35, required=False, help_text="leer: die nächste freie"
    )
    scheme = forms.ChoiceField(label="Verfahren", choices=Mandate.Scheme.choices)
    contract_accounts = forms.ModelMultipleChoiceField(
        label="Einzug von den Vertragskonten",
        queryset=ContractAccount.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = self.fields["contract_accounts"]
        assert isinstance(accounts, forms.ModelMultipleChoiceField)
        accounts.queryset = ContractAccount.objects.filter(customer=customer).order_by("number")
        self.fields["holder"].initial = customer.full_name[:70]


def _partner(label: str) -> forms.ModelChoiceField[MarketPartner]:
    return forms.ModelChoiceField(label=label, queryset=MarketPartner.objects.all(), required=False)


class LocationFacts(forms.Form):
    """What is billed and balanced at a market location."""

    grid_operator = _partner("Netzbetreiber")
    metering_operator = _partner("Messstellenbetreiber")
    profile = forms.CharField(label="Lastprofil", max_length=12, required=False, help_text="zum Beispiel H0")
    annual_forecast_kwh = forms.IntegerField(label="Jahresprognose (kWh)", min_value=0, required=False)
    concession_fee_class = forms.CharField(label="KA-Klasse", max_length=40, required=False)
    reading_cycle_month = forms.TypedChoiceField(
        label="Ablesemonat",
        choices=[("", "–"), *[(str(n), name) for n, name in enumerate(MONTHS, start=1)]],
        coerce=int,
        empty_value=None,
        required=False,
    )


class LocationForm(AddressFields, LocationFacts):
    """A new market location with the address of its supply point."""

    market_location_id = forms.CharField(
        label="MaLo-ID", max_length=11, help_text="elf Ziffern, die letzte ist Prüfziffer"
    )
    metering_location_id = forms.CharField(label="MeLo-ID", max_length=33, required=False)
    commodity = pick("Sparte", Commodity.choices)
    state = pick("Bundesland", State.choices)

    field_order = ("market_location_id", "metering_location_id", "commodity", "state", *ADDRESS)


class LocationEditForm(LocationFacts):
    """Change what may change at a market location."""

    reason = forms.CharField(label="Anlass der Änderung", max_length=200)


class MeterForm(forms.Form):
    """A meter with one register; at an exchange it replaces the one that hangs there."""

    metering_location_id = forms.CharField(
        label="MeLo-ID", max_length=33, required=False, help_text="nur für die erste Messlokation nötig"
    )
    number = forms.CharField(label="Zählernummer", max_length=20)
    installed_on = DayField(label="eingebaut am")
    replaces = forms.ChoiceField(label="ersetzt Zähler", required=False)
    obis_code = forms.CharField(
        label="OBIS-Kennzahl", max_length=20, required=False, help_text="leer: Gesamtbezug"
    )
    digits = forms.IntegerField(label="Vorkommastellen", min_value=1, max_value=12, initial=6)
    decimals = forms.IntegerField(label="Nachkommastellen", min_value=0, max_value=6, initial=0)
    transformer_factor = NumberField(label="Wandlerfaktor", max_digits=9, decimal_places=3, initial=1)

    def __init__(self, *args: Any, hanging: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        replaces = self.fields["replaces"]
        assert isinstance(replaces, forms.ChoiceField)
        replaces.choices = [("", "keinen"), *hanging]


class RegisterForm(forms.Form):
    """Correct what turns the counts of a register into kWh or m³."""

    digits = forms.IntegerField(label="Vorkommastellen", min_value=1, max_value=12)
    decimals = forms.IntegerField(label="Nachkommastellen", min_value=0, max_value=6)
    transformer_factor = NumberField(label="Wandlerfaktor", max_digits=9, decimal_places=3)
    reason = forms.CharField(label="Grund der Änderung", max_length=200)


class MandateForm(forms.Form):
    """Stop collecting for now, or take a withdrawal of the customer in."""

    action = pick("Was ist geschehen?", [("block", "vorläufig sperren"), ("revoke", "Kunde hat widerrufen")])
    reason = forms.CharField(label="Grund", max_length=120)

"""Drafting a contract, changing its product, ending it; proposing a price."""

from typing import Any

from django import forms

from turnus.masterdata.models import ContractAccount, Customer, MarketLocation
from turnus.products.models import Product
from turnus.ui.fields import DayField, NumberField, text_area


class ContractForm(forms.Form):
    """A draft: customer and location by number, because nobody scrolls through a million of them."""

    customer = forms.CharField(label="Kundennummer", max_length=20)
    contract_account = forms.CharField(
        label="Vertragskonto", max_length=12, required=False, help_text="leer: das erste, sonst ein neues"
    )
    market_location = forms.CharField(label="MaLo-ID", max_length=11)
    product = forms.ModelChoiceField(label="Produkt", queryset=Product.objects.none(), required=False)
    start = DayField(label="Lieferbeginn")
    last_day = DayField(label="Lieferende", required=False, help_text="letzter Tag; leer: unbefristet")
    signed_on = DayField(label="abgeschlossen am", required=False)

    def __init__(self, *args: Any, client_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client_id = client_id
        product = self.fields["product"]
        assert isinstance(product, forms.ModelChoiceField)
        product.queryset = Product.objects.filter(client_id=client_id)

    def clean_customer(self) -> Customer:
        found = Customer.objects.filter(
            client_id=self.client_id, number=self.cleaned_data["customer"]
        ).first()
        if found is None:
            raise forms.ValidationError("Diese Kundennummer gibt es nicht.")
        return found

    def clean_market_location(self) -> MarketLocation:
        number = self.cleaned_data["market_location"]
        found = MarketLocation.objects.filter(client_id=self.client_id, market_location_id=number).first()
        if found is None:
            raise forms.ValidationError("Diese Marktlokation ist nicht angelegt.")
        return found

    def clean_contract_account(self) -> ContractAccount | None:
        number = self.cleaned_data["contract_account"]
        customer = self.cleaned_data.get("customer")
        known = ContractAccount.objects.filter(client_id=self.client_id, customer=customer).order_by("number")
        if not number:
            return known.first()
        found = known.filter(number=number).first()
        if found is None:
            raise forms.ValidationError("Dieses Vertragskonto gehört nicht zum Kunden.")
        return found


class ProductChangeForm(forms.Form):
    product = forms.ModelChoiceField(label="Neues Produkt", queryset=Product.objects.none())
    since = DayField(label="gültig ab")
    reason = text_area(
        "Anlass",
        rows=2,
        hint="Rückwirkend: Pflicht, und eine zweite Person entscheidet.",
    )

    def __init__(self, *args: Any, products: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = products


class EndForm(forms.Form):
    last_day = DayField(label="letzter Liefertag")
    reason = text_area("Anlass", required=True, rows=2)


class PriceForm(forms.Form):
    """A new price; a second person puts it into force."""

    since = DayField(label="gültig ab")
    energy_ct_per_kwh = NumberField(label="Arbeitspreis (ct/kWh netto)", max_digits=10, decimal_places=5)
    base_eur_per_year = NumberField(label="Grundpreis (€/Jahr netto)", max_digits=9, decimal_places=2)
    announced_on = DayField(
        label="den Kunden mitgeteilt am",
        required=False,
        help_text="Haushalte einen Monat vorher, Grundversorgung sechs Wochen",
    )
    reason = text_area("Anlass", rows=2)

"""Entry of a product. Prices have their own page, because a second person puts them into force."""

from django import forms

from turnus.products.models import Product

FIELDS = (
    "code",
    "name",
    "commodity",
    "is_default_supply",
    "minimum_term_months",
    "notice_weeks",
    "bonus_gross",
    "bonus_after_months",
)


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The model says what a field may hold; the service writes it."""

    class Meta:
        model = Product
        fields = FIELDS

"""Products and their dated prices; bonus conditions; the energy mix that bills must show."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

from turnus.system.models import ClientOwned


@pghistory.track()
class Product(ClientOwned):
    """A tariff that customers choose."""

    class Commodity(models.TextChoices):
        ELECTRICITY = "electricity", "Strom"
        GAS = "gas", "Gas"

    code = models.CharField("Kürzel", max_length=20)
    name = models.CharField("Name", max_length=80)
    commodity = models.CharField("Sparte", max_length=12, choices=Commodity.choices)
    is_default_supply = models.BooleanField("Grundversorgung", default=False)
    minimum_term_months = models.PositiveSmallIntegerField("Mindestlaufzeit (Monate)", default=0)
    notice_weeks = models.PositiveSmallIntegerField("Kündigungsfrist (Wochen)", default=4)
    bonus_gross = models.DecimalField("Bonus brutto (€)", max_digits=8, decimal_places=2, default=0)
    bonus_after_months = models.PositiveSmallIntegerField("Bonus nach Monaten", default=12)

    class Meta:
        verbose_name = "Produkt"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["client", "code"], name="product_code")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Price(ClientOwned):
    """The net prices of a product in [lower, upper); two prices never hold at once."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices")
    valid = DateRangeField("gültig")
    energy_ct_per_kwh = models.DecimalField("Arbeitspreis (ct/kWh netto)", max_digits=10, decimal_places=5)
    base_eur_per_year = models.DecimalField("Grundpreis (€/Jahr netto)", max_digits=9, decimal_places=2)
    announced_on = models.DateField("mitgeteilt am", null=True, blank=True)

    class Meta:
        verbose_name = "Preis"
        constraints = [
            ExclusionConstraint(
                name="one_price_at_a_time",
                expressions=[("product", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]


class EnergyMix(ClientOwned):
    """Electricity labelling of one year (§ 42 EnWG): shares in percent, CO₂ and waste."""

    year = models.PositiveSmallIntegerField("Jahr")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    shares = models.JSONField("Anteile (%)")
    co2_g_per_kwh = models.DecimalField("CO₂ (g/kWh)", max_digits=7, decimal_places=1)
    radioactive_mg_per_kwh = models.DecimalField(
        "radioaktiver Abfall (mg/kWh)", max_digits=7, decimal_places=3
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "year", "product"], name="one_energy_mix", nulls_distinct=False
            )
        ]

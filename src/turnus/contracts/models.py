"""Supply contracts and their dated conditions."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from turnus.masterdata.models import ContractAccount, Customer, MarketLocation
from turnus.products.models import Product
from turnus.system.models import ClientOwned


@pghistory.track()
class SupplyContract(ClientOwned):
    """A customer is supplied at a market location in [lower, upper); open end: upper is None."""

    class State(models.TextChoices):
        DRAFT = "draft", "Entwurf"
        ACTIVE = "active", "aktiv"
        ENDED = "ended", "beendet"

    number = models.CharField("Vertragsnummer", max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    contract_account = models.ForeignKey(ContractAccount, on_delete=models.PROTECT, related_name="contracts")
    market_location = models.ForeignKey(MarketLocation, on_delete=models.PROTECT, related_name="contracts")
    supply = DateRangeField("Lieferzeit")
    state = models.CharField("Status", max_length=8, choices=State.choices, default=State.DRAFT)
    signed_on = models.DateField("abgeschlossen am", null=True, blank=True)

    class Meta:
        verbose_name = "Liefervertrag"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="contract_number"),
            ExclusionConstraint(
                name="one_supply_at_a_time",
                expressions=[("market_location", RangeOperators.EQUAL), ("supply", RangeOperators.OVERLAPS)],
                condition=~Q(state="draft"),
            ),
        ]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class ContractCondition(ClientOwned):
    """Which product a contract has in [lower, upper)."""

    contract = models.ForeignKey(SupplyContract, on_delete=models.PROTECT, related_name="conditions")
    valid = DateRangeField("gültig")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("Anlass", max_length=120, blank=True)

    class Meta:
        verbose_name = "Vertragsbedingung"
        constraints = [
            ExclusionConstraint(
                name="one_condition_at_a_time",
                expressions=[("contract", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

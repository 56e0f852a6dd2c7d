"""Bills with their lines and working, and instalment plans with their instalments. Amounts in euros.

A released bill never changes (trigger in `sql.py`): a correction is a cancellation and a new bill. A bill
keeps its whole input in the form of a `turnus calc bill` file, so that anyone can calculate it again.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from turnus.contracts.models import SupplyContract
from turnus.system.models import ClientOwned, Run, User


class Bill(ClientOwned):
    """A bill of one contract over [lower, upper); numbered, posted and sent only when released."""

    class Kind(models.TextChoices):
        PERIODIC = "periodic", "Turnusabrechnung"
        INTERIM = "interim", "Zwischenabrechnung"
        FINAL = "final", "Schlussrechnung"
        CANCELLATION = "cancellation", "Storno"
        CORRECTION = "correction", "Korrekturrechnung"

    class State(models.TextChoices):
        EXCEPTED = "excepted", "ausgesteuert"
        RELEASED = "released", "freigegeben"
        REJECTED = "rejected", "abgelehnt"

    contract = models.ForeignKey(SupplyContract, on_delete=models.PROTECT, related_name="bills")
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("Art", max_length=12, choices=Kind.choices, default=Kind.PERIODIC)
    state = models.CharField("Status", max_length=8, choices=State.choices)
    number = models.CharField("Rechnungsnummer", max_length=20, null=True)
    period = DateRangeField("Abrechnungszeitraum")
    kwh = models.DecimalField("Verbrauch (kWh)", max_digits=14, decimal_places=3)
    net = models.DecimalField("netto", max_digits=12, decimal_places=2)
    gross = models.DecimalField("brutto", max_digits=12, decimal_places=2)
    instalments = models.DecimalField("erhaltene Abschläge", max_digits=12, decimal_places=2)
    balance = models.DecimalField("Saldo", max_digits=12, decimal_places=2)
    is_estimated = models.BooleanField("geschätzt", default=False)
    # [{percent, net, vat}] of the supplies, and of the instalments received.
    vat = models.JSONField()
    instalments_vat = models.JSONField(default=list)
    # Taxes and levies inside the price, emissions; the file of `turnus calc bill`; the check log of the bill.
    contained = models.JSONField(default=list)
    co2 = models.JSONField(null=True)
    input = models.JSONField()
    checks = models.JSONField(default=list)
    # Rules that put the bill aside: [{rule, text, value, limit}].
    exceptions = models.JSONField(default=list)
    # Keys of the instalment requests of the period, settled by this bill.
    instalment_keys = models.JSONField(default=list)
    bill_date = models.DateField("Rechnungsdatum", null=True)
    due_date = models.DateField("fällig am", null=True)
    prepared_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    # Released or rejected by; a bill that broke no rule is released by the run, then nobody stands here.
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField("Begründung", blank=True)
    open_item_id = models.BigIntegerField(null=True)
    # What this bill cancels or replaces, and whether it was cancelled itself.
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    is_cancelled = models.BooleanField("storniert", default=False)

    class Meta:
        verbose_name = "Rechnung"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="bill_number"),
            models.CheckConstraint(
                condition=Q(state="released", number__isnull=False)
                | (~Q(state="released") & Q(number__isnull=True)),
                name="bill_numbered_when_released",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(decided_by=F("prepared_by")),
                name="bill_four_eyes",
            ),
            models.CheckConstraint(condition=Q(balance=F("gross") - F("instalments")), name="bill_balance"),
            ExclusionConstraint(
                name="period_billed_once",
                expressions=[("contract", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=~Q(state="rejected") & ~Q(kind="cancellation") & Q(is_cancelled=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "state", "id"], condition=~Q(state="released"), name="bill_undecided"
            ),
            models.Index(fields=["run", "state"]),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} (Entwurf {self.pk})"


class BillLine(ClientOwned):
    """One line of a bill, rounded once, with its working. Written once, never changed."""

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    period = DateRangeField()
    kwh = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    unit_price = models.DecimalField(max_digits=12, decimal_places=5, null=True)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2)
    working = models.JSONField()

    class Meta:
        ordering = ["bill_id", "position"]
        constraints = [models.UniqueConstraint(fields=["bill", "position"], name="one_line_per_position")]


class InstalmentPlan(ClientOwned):
    """The instalments agreed for [lower, upper) and how they were calculated."""

    contract = models.ForeignKey(SupplyContract, on_delete=models.PROTECT, related_name="instalment_plans")
    valid = DateRangeField("gültig")
    gross = models.DecimalField("Abschlag brutto", max_digits=10, decimal_places=2)
    count = models.PositiveSmallIntegerField("Anzahl")
    vat_percent = models.DecimalField("USt %", max_digits=5, decimal_places=2)
    reason = models.CharField("Anlass", max_length=120)
    # {expected_kwh, expected_gross, requested_so_far, prices: […]} so that the customer can follow it.
    working = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Abschlagsplan"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross__gt=0) & Q(count__range=(1, 12)), name="instalment_positive"
            ),
            ExclusionConstraint(
                name="one_plan_at_a_time",
                expressions=[("contract", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]


class Instalment(ClientOwned):
    """One instalment of a plan. Requested: a statistical item without VAT; lapsed: settled by a bill."""

    class State(models.TextChoices):
        PLANNED = "planned", "geplant"
        REQUESTED = "requested", "angefordert"
        LAPSED = "lapsed", "abgerechnet"
        CANCELLED = "cancelled", "entfallen"

    plan = models.ForeignKey(InstalmentPlan, on_delete=models.PROTECT, related_name="instalments")
    contract = models.ForeignKey(SupplyContract, on_delete=models.PROTECT, related_name="instalments")
    key = models.CharField(max_length=40)
    due_date = models.DateField("fällig am")
    gross = models.DecimalField("brutto", max_digits=10, decimal_places=2)
    vat_percent = models.DecimalField("USt %", max_digits=5, decimal_places=2)
    state = models.CharField("Status", max_length=9, choices=State.choices, default=State.PLANNED)
    bill = models.ForeignKey(Bill, null=True, on_delete=models.PROTECT, related_name="settled_instalments")

    class Meta:
        verbose_name = "Abschlag"
        ordering = ["due_date", "id"]
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="instalment_key")]
        indexes = [
            models.Index(fields=["client", "state", "due_date"]),
            models.Index(fields=["contract", "due_date"]),
        ]

"""Open items and what clears them. Amounts in integer cents.

An open item changes only through clearing lines (triggers in `sql.py`): `open_cents` is always its amount
less the lines. Clearings are sealed like journals: lines first, then the clearing, whose sides must cancel.
"""

from django.db import models
from django.db.models import F, Q

from turnus.ledger.models import Leg, Subaccount
from turnus.system.models import ClientOwned, User


class OpenItem(ClientOwned):
    """What is owed (side 1) or credited (side −1) on a contract account, born from one leg of a journal."""

    class Kind(models.TextChoices):
        BILL = "bill", "Rechnung"
        CREDIT = "credit", "Guthaben"
        INSTALMENT = "instalment", "Abschlag"
        LAPSE = "lapse", "Abschlag verrechnet"
        PAYMENT = "payment", "Zahlung"
        RETURN = "return", "Rücklastschrift"
        RETURN_FEE = "return_fee", "Rücklastschriftgebühr"
        DUNNING_FEE = "dunning_fee", "Mahngebühr"
        DIFFERENCE = "difference", "Zahlungsdifferenz"
        REVERSAL = "reversal", "Storno"

    leg = models.OneToOneField(Leg, on_delete=models.PROTECT, related_name="open_item")
    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="open_items")
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    side = models.SmallIntegerField()
    amount_cents = models.BigIntegerField("Betrag")
    open_cents = models.BigIntegerField("offen")
    key = models.CharField(max_length=120)
    reference = models.CharField("Beleg", max_length=60)
    # The reference without blanks and punctuation, in capitals: what is looked for in remittance texts.
    reference_key = models.CharField(max_length=60)
    document_date = models.DateField("Belegdatum")
    due_date = models.DateField("fällig")
    value_date = models.DateField("Wertstellung", null=True)
    division = models.CharField("Sparte", max_length=12, blank=True)
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    # A fee or cost belongs to the debt that caused it (§ 367 BGB).
    principal_item = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="costs")
    # Number of the bill that settled this instalment: what comes back later raises the bill's balance.
    billed_in = models.CharField("abgerechnet mit", max_length=60, blank=True)
    announced_on = models.DateField("angekündigt", null=True)
    debit_attempts = models.PositiveSmallIntegerField("Einzugsversuche", default=0)
    debit_blocked = models.CharField("Einzugssperre", max_length=80, blank=True)
    dunning_level = models.PositiveSmallIntegerField("Mahnstufe", default=0)
    dunned_on = models.DateField("zuletzt gemahnt", null=True)

    class Meta:
        verbose_name = "Offener Posten"
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="open_item_key"),
            models.CheckConstraint(condition=Q(side__in=(1, -1)), name="open_item_side"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="open_item_amount"),
            models.CheckConstraint(
                condition=Q(open_cents__gte=0, open_cents__lte=F("amount_cents")),
                name="open_item_never_over_cleared",
            ),
            models.CheckConstraint(condition=Q(dunning_level__lte=3), name="dunning_level_known"),
        ]
        indexes = [
            models.Index(
                fields=["subaccount", "due_date"], condition=Q(open_cents__gt=0), name="open_item_open"
            ),
            models.Index(fields=["subaccount", "id"], name="open_item_subaccount"),
            models.Index(fields=["client", "due_date"], condition=Q(open_cents__gt=0), name="open_item_due"),
            models.Index(fields=["client", "reference_key"], name="open_item_reference"),
            models.Index(
                fields=["client", "amount_cents"], condition=Q(open_cents__gt=0), name="open_item_amount_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"


class Clearing(ClientOwned):
    """A sealed set of lines of one account whose sides cancel. A return reverses it, once."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Zahlung"
        COLLECTION = "collection", "Lastschrift"
        OFFSET = "offset", "Verrechnung"
        LAPSE = "lapse", "in Rechnung verrechnet"
        RETURN = "return", "Rücklastschrift"
        UNDO = "undo", "Zuordnung zurückgenommen"

    id = models.UUIDField(primary_key=True)
    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="clearings")
    kind = models.CharField("Vorgang", max_length=12, choices=Kind.choices)
    line_count = models.PositiveSmallIntegerField()
    cleared_on = models.DateField("Ausgleich am")
    reason = models.CharField("Begründung", max_length=200, blank=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Ausgleich"
        indexes = [models.Index(fields=["subaccount", "cleared_on"])]


class ClearingLine(ClientOwned):
    """How much of one item a clearing takes; negative only in a reversing clearing."""

    clearing = models.ForeignKey(Clearing, on_delete=models.PROTECT, related_name="lines")
    open_item = models.ForeignKey(OpenItem, on_delete=models.PROTECT, related_name="lines")
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_cents=0), name="clearing_line_not_zero")]

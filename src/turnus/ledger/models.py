"""Accounts, sub-ledger accounts, sealed journals and their legs. Amounts are integer cents.

The rules (legs balance, sealed journals never change, the period is open) are triggers; see `sql.py`.
"""

from django.db import models
from django.db.models import F, Q

from turnus.system.models import ClientOwned, User


class Account(ClientOwned):
    """A general-ledger account (Sachkonto)."""

    class Kind(models.TextChoices):
        ASSET = "asset", "Aktiva"
        LIABILITY = "liability", "Passiva"
        INCOME = "income", "Ertrag"
        EXPENSE = "expense", "Aufwand"
        STATISTICAL = "statistical", "statistisch"

    number = models.CharField("Konto", max_length=8)
    name = models.CharField("Bezeichnung", max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    is_control = models.BooleanField("Mitbuchkonto", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="account_number")]
        ordering = ["number"]


class Subaccount(ClientOwned):
    """A personal account of the sub-ledger: one debtor's or creditor's (Personenkonto)."""

    class Kind(models.TextChoices):
        DEBTOR = "debtor", "Debitor"
        CREDITOR = "creditor", "Kreditor"

    number = models.CharField("Personenkonto", max_length=12)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.DEBTOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "kind", "number"], name="subaccount_number")]


class AccountRule(ClientOwned):
    """Account determination: which account an item type posts to, by division and VAT rate.

    Blank division or empty rate means "any"; the most specific row wins.
    """

    item = models.CharField(max_length=40)
    division = models.CharField(max_length=12, blank=True)
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "item", "division", "vat_percent"], name="one_rule", nulls_distinct=False
            )
        ]


class PostingPeriod(ClientOwned):
    """A month; once locked, nothing more is posted into it."""

    month = models.CharField("Monat", max_length=7)
    is_locked = models.BooleanField("gesperrt", default=False)
    locked_at = models.DateTimeField("gesperrt am", null=True)
    locked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # `queries.PeriodFigures` as they stood when the month was locked; None while it is open.
    figures = models.JSONField(null=True)
    # Who reopened it last. A trigger refuses to reopen a month without two persons.
    unlock_proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    unlocked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    unlocked_at = models.DateTimeField("wieder geöffnet am", null=True)

    class Meta:
        verbose_name = "Buchungsperiode"
        constraints = [
            models.UniqueConstraint(fields=["client", "month"], name="one_period"),
            models.CheckConstraint(
                condition=Q(unlocked_by__isnull=True) | ~Q(unlocked_by=F("unlock_proposed_by")),
                name="period_unlock_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.month


class Journal(ClientOwned):
    """A sealed posting document. It is inserted after its legs and thereby closes them."""

    id = models.UUIDField(primary_key=True)
    # Order of sealing, from a sequence; a rolled back posting leaves a gap. Bills have the gap-free numbers.
    number = models.BigIntegerField("Belegnummer", null=True)
    idem_key = models.CharField(max_length=120)
    payload_sha = models.CharField(max_length=64)
    leg_count = models.PositiveSmallIntegerField()
    posting_date = models.DateField("Buchungsdatum")
    document_date = models.DateField("Belegdatum")
    month = models.CharField("Periode", max_length=7)
    kind = models.CharField("Vorgang", max_length=40)
    reference = models.CharField("Referenz", max_length=60, blank=True)
    text = models.CharField("Buchungstext", max_length=120, blank=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "idem_key"], name="journal_idempotent")]
        indexes = [
            models.Index(fields=["client", "posting_date"]),
            models.Index(fields=["client", "reference"]),
        ]

    def __str__(self) -> str:
        return f"Buchung {self.number}"


class Leg(ClientOwned):
    """One line of a journal; debit positive, credit negative, in cents."""

    # Deferred: legs are written first, the journal seals them within the same transaction.
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="legs")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="legs")
    subaccount = models.ForeignKey(Subaccount, null=True, on_delete=models.PROTECT, related_name="legs")
    amount_cents = models.BigIntegerField()
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    text = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_cents=0), name="leg_not_zero")]
        indexes = [
            models.Index(
                fields=["subaccount", "id"], condition=Q(subaccount__isnull=False), name="leg_subaccount"
            )
        ]

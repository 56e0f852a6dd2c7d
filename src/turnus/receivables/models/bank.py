"""Bank statements, direct debit runs, and money that goes back to its sender. Amounts in integer cents."""

from django.db import models
from django.db.models import F, Q

from turnus.documents.models import Original
from turnus.ledger.models import Journal, Subaccount
from turnus.masterdata.models import Mandate
from turnus.receivables.models.items import Clearing, OpenItem
from turnus.system.models import ClientOwned, User


class Statement(ClientOwned):
    """A bank statement as it was delivered; its bytes lie in `original`."""

    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("Format", max_length=10)
    statement_id = models.CharField("Auszug", max_length=60)
    sequence = models.CharField("Nummer", max_length=20, blank=True)
    account = models.CharField("Konto", max_length=40)
    opening_cents = models.BigIntegerField(null=True)
    closing_cents = models.BigIntegerField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    entries = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField("schon bekannt", default=0)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Kontoauszug"
        indexes = [models.Index(fields=["client", "account", "last_day"])]
        ordering = ["-id"]


class StatementEntry(ClientOwned):
    """One payment on a bank account (a batch booking has several), and what became of it."""

    class State(models.TextChoices):
        NEW = "new", "neu"
        ALLOCATED = "allocated", "zugeordnet"
        SUSPENSE = "suspense", "ungeklärt"
        ASSIGNED = "assigned", "von Hand zugeordnet"
        RETURNED = "returned", "Rücklastschrift gebucht"
        COLLECTED = "collected", "Einzug gebucht"
        INFORMED = "informed", "nur gemeldet"
        REFUNDED = "refunded", "zurück an Absender"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=80)
    cross_key = models.CharField(max_length=80)
    place = models.CharField("Stelle", max_length=120)
    amount_cents = models.BigIntegerField("Betrag")
    booking_date = models.DateField("Buchung")
    value_date = models.DateField("Wertstellung")
    name = models.CharField("Name", max_length=140, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    remittance = models.TextField("Verwendungszweck", blank=True)
    end_to_end_id = models.CharField(max_length=40, blank=True)
    mandate_reference = models.CharField("Mandat", max_length=40, blank=True)
    batch_id = models.CharField("Sammler", max_length=40, blank=True)
    gvc = models.CharField("GVC", max_length=3, blank=True)
    bank_code = models.CharField(max_length=20, blank=True)
    is_return = models.BooleanField(default=False)
    return_reason = models.CharField("Rückgabegrund", max_length=10, blank=True)
    original_cents = models.BigIntegerField(null=True)
    charges_cents = models.BigIntegerField(null=True)
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.NEW)
    rung = models.CharField("Stufe", max_length=20, blank=True)
    reason = models.TextField("Begründung", blank=True)
    journal = models.ForeignKey(Journal, null=True, on_delete=models.PROTECT, related_name="+")
    subaccount = models.ForeignKey(Subaccount, null=True, on_delete=models.PROTECT, related_name="+")
    assignments = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField("Notiz", blank=True)

    class Meta:
        verbose_name = "Umsatz"
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="statement_entry_once"),
            models.CheckConstraint(
                condition=Q(state__in=("new", "informed")) | Q(journal__isnull=False),
                name="settled_entry_is_posted",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "cross_key"], name="statement_entry_cross"),
            models.Index(
                fields=["client", "booking_date"], condition=Q(state="suspense"), name="statement_suspense"
            ),
            models.Index(fields=["client", "id"], condition=Q(state="new"), name="statement_new"),
            models.Index(fields=["client", "iban"], name="statement_entry_iban"),
        ]
        ordering = ["id"]


class DebitRun(ClientOwned):
    """A direct debit file in the making: planned, released by a second person, handed to the bank."""

    class State(models.TextChoices):
        PLANNED = "planned", "vorgeschlagen"
        RELEASED = "released", "freigegeben"
        CANCELLED = "cancelled", "verworfen"

    number = models.CharField("Nummer", max_length=20)
    collect_on = models.DateField("Einzug am")
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.PLANNED)
    count = models.PositiveIntegerField("Lastschriften", default=0)
    total_cents = models.BigIntegerField("Summe", default=0)
    original = models.ForeignKey(Original, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Lastschriftlauf"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="debit_run_number"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(released_by=F("created_by")),
                name="debit_run_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(original__isnull=False, released_by__isnull=False),
                name="debit_file_archived",
            ),
        ]


class Debit(ClientOwned):
    """One collection of a run; several items of an account on the same day are collected together."""

    class State(models.TextChoices):
        PLANNED = "planned", "vorgeschlagen"
        RELEASED = "released", "eingereicht"
        COLLECTED = "collected", "eingezogen"
        RETURNED = "returned", "zurückgegeben"
        CANCELLED = "cancelled", "verworfen"

    run = models.ForeignKey(DebitRun, on_delete=models.PROTECT, related_name="debits")
    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="+")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    sequence = models.CharField("Sequenz", max_length=4)
    scheme = models.CharField("Verfahren", max_length=4)
    batch_id = models.CharField("Sammler", max_length=35)
    collect_on = models.DateField("Einzug am")
    amount_cents = models.BigIntegerField("Betrag")
    end_to_end_id = models.CharField(max_length=35)
    iban = models.CharField("IBAN", max_length=34)
    debtor = models.CharField("Zahler", max_length=70)
    remittance = models.CharField("Verwendungszweck", max_length=140)
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.PLANNED)
    # What the collection posted: needed to take it back when the debit is returned.
    clearing = models.ForeignKey(Clearing, null=True, on_delete=models.PROTECT, related_name="+")
    payment_item = models.ForeignKey(OpenItem, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Lastschrift"
        constraints = [
            models.UniqueConstraint(fields=["client", "end_to_end_id"], name="debit_end_to_end"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="debit_positive"),
        ]
        indexes = [models.Index(fields=["client", "batch_id"], name="debit_batch")]


class DebitItem(ClientOwned):
    """An item in a collection. While `live`, no other collection can take it: never debited twice."""

    debit = models.ForeignKey(Debit, on_delete=models.PROTECT, related_name="items")
    open_item = models.ForeignKey(OpenItem, on_delete=models.PROTECT, related_name="debit_items")
    amount_cents = models.BigIntegerField()
    live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["open_item"], condition=Q(live=True), name="item_in_one_debit"),
        ]


class DebitExclusion(ClientOwned):
    """Why an item that was due is not collected in this run."""

    run = models.ForeignKey(DebitRun, on_delete=models.CASCADE, related_name="exclusions")
    open_item = models.ForeignKey(OpenItem, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=30)
    reason = models.CharField("Grund", max_length=200)


class PayoutFile(ClientOwned):
    """A credit transfer file as it was handed to the bank."""

    number = models.CharField("Nummer", max_length=20)
    execute_on = models.DateField("Ausführung am")
    count = models.PositiveIntegerField("Überweisungen")
    total_cents = models.BigIntegerField("Summe")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("erzeugt")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Überweisungsdatei"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="payout_file_number")]


class Payout(ClientOwned):
    """Received money that goes back to the account it came from, approved by a second person.

    IBAN and amount are the entry's (trigger in `sql.py`). The money is in transit from the approval until its
    debit stands on a statement; before it is in a file, it can be taken back.
    """

    class State(models.TextChoices):
        APPROVED = "approved", "freigegeben"
        IN_FILE = "in_file", "in Datei"
        SETTLED = "settled", "ausgeführt"
        CANCELLED = "cancelled", "zurückgenommen"

    number = models.CharField("Nummer", max_length=20)
    entry = models.ForeignKey(StatementEntry, on_delete=models.PROTECT, related_name="payouts")
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.APPROVED)
    amount_cents = models.BigIntegerField("Betrag")
    iban = models.CharField("IBAN", max_length=34)
    name = models.CharField("Empfänger", max_length=70)
    remittance = models.CharField("Verwendungszweck", max_length=140)
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(PayoutFile, null=True, on_delete=models.PROTECT, related_name="payouts")
    settled_by = models.ForeignKey(StatementEntry, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField("freigegeben am")
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    cancel_reason = models.CharField("Grund", max_length=200, blank=True)

    class Meta:
        verbose_name = "Auszahlung"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="payout_number"),
            models.UniqueConstraint(
                fields=["entry"], condition=~Q(state="cancelled"), name="entry_returned_once"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payout_positive"),
            models.CheckConstraint(condition=~Q(approved_by=F("proposed_by")), name="payout_four_eyes"),
            models.CheckConstraint(
                condition=Q(state__in=("approved", "cancelled"), file__isnull=True)
                | Q(state__in=("in_file", "settled"), file__isnull=False),
                name="payout_in_its_file",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", settled_by__isnull=False)
                | (~Q(state="settled") & Q(settled_by__isnull=True)),
                name="payout_settled_by_debit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "id"],
                condition=Q(state__in=("approved", "in_file")),
                name="payout_in_transit",
            ),
        ]

    def __str__(self) -> str:
        return self.number

"""Open items and their clearing, bank statements, direct debit runs, dunning. Amounts in integer cents.

An open item changes only through clearing lines (triggers in `sql.py`): `open_cents` is always its amount
less the lines. Clearings are sealed like journals: lines first, then the clearing, whose sides must cancel.
"""

from django.db import models
from django.db.models import F, Q

from turnus.documents.models import Document, Original
from turnus.ledger.models import Journal, Leg, Subaccount
from turnus.masterdata.models import Mandate
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


class DunningBlock(ClientOwned):
    """Dunning rests for an account or one item, in whole or for a disputed amount."""

    class Reason(models.TextChoices):
        OBJECTION = "objection", "Widerspruch"
        DEFERRAL = "deferral", "Stundung"
        PLAN = "plan", "Ratenplan"
        MEDIATION = "mediation", "Schlichtung"
        INSOLVENCY = "insolvency", "Insolvenz"
        DECEASED = "deceased", "verstorben"
        MASTER_DATA = "master_data", "Stammdaten strittig"
        PROMISE = "promise", "Zahlungszusage"
        PRICE = "price", "Preiserhöhung strittig"

    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="dunning_blocks")
    open_item = models.ForeignKey(
        OpenItem, null=True, on_delete=models.PROTECT, related_name="dunning_blocks"
    )
    reason = models.CharField("Grund", max_length=12, choices=Reason.choices)
    since = models.DateField("von")
    until = models.DateField("bis einschließlich", null=True)
    amount_cents = models.BigIntegerField("strittiger Betrag", null=True)
    note = models.CharField("Notiz", max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Mahnsperre"
        indexes = [models.Index(fields=["subaccount"])]


class DunningRun(ClientOwned):
    """A dunning proposal and what was made of it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Vorschlag"
        RELEASED = "released", "freigegeben"
        CANCELLED = "cancelled", "zurückgenommen"

    on = models.DateField("Stichtag")
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.PROPOSED)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Mahnlauf"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(state="proposed"), name="one_open_dunning_proposal"
            ),
        ]


class DunningNotice(ClientOwned):
    """One letter of a run: all overdue items of an account."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Vorschlag"
        REMOVED = "removed", "herausgenommen"
        SENT = "sent", "freigegeben"
        CANCELLED = "cancelled", "zurückgenommen"

    run = models.ForeignKey(DunningRun, on_delete=models.CASCADE, related_name="notices")
    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="dunning_notices")
    number = models.CharField("Nummer", max_length=20, blank=True)
    level = models.PositiveSmallIntegerField("Mahnstufe")
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.PROPOSED)
    total_cents = models.BigIntegerField("Forderung")
    fee_cents = models.BigIntegerField("Gebühr", default=0)
    pay_until = models.DateField("zahlbar bis")
    fee_item = models.ForeignKey(OpenItem, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    removed_reason = models.CharField("Grund", max_length=200, blank=True)

    class Meta:
        verbose_name = "Mahnung"
        constraints = [models.UniqueConstraint(fields=["run", "subaccount"], name="one_notice_per_account")]
        indexes = [models.Index(fields=["subaccount", "id"], name="dunning_notice_account")]


class DunningNoticeItem(ClientOwned):
    """An item in a notice as it stood then: history per item and level."""

    notice = models.ForeignKey(DunningNotice, on_delete=models.CASCADE, related_name="items")
    open_item = models.ForeignKey(OpenItem, on_delete=models.PROTECT, related_name="notice_items")
    open_cents = models.BigIntegerField("offen")
    due_date = models.DateField("fällig")
    level_before = models.PositiveSmallIntegerField()
    dunned_before = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "open_item"], name="one_line_per_item")]


class DunningExclusion(ClientOwned):
    """An account or item that is overdue and still not dunned, with the reason."""

    run = models.ForeignKey(DunningRun, on_delete=models.CASCADE, related_name="exclusions")
    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="+")
    open_item = models.ForeignKey(OpenItem, null=True, on_delete=models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField("Betrag")
    code = models.CharField(max_length=30)
    reason = models.CharField("Grund", max_length=200)


class DisconnectionCheck(ClientOwned):
    """The nightly answer whether arrears reach the threshold of a disconnection, with its working.

    § 41f EnWG. One row per account in arrears and division; nothing is threatened or sent by it.
    """

    subaccount = models.ForeignKey(Subaccount, on_delete=models.PROTECT, related_name="disconnection_checks")
    division = models.CharField("Sparte", max_length=12, blank=True)
    code = models.CharField(max_length=20)
    is_eligible = models.BooleanField("sperrfähig")
    eligible_since = models.DateField("sperrfähig seit", null=True)
    arrears_cents = models.BigIntegerField("Rückstand")
    required_cents = models.BigIntegerField("Schwelle")
    reason = models.CharField("Ergebnis", max_length=200)
    legal = models.CharField("Grundlage", max_length=60)
    # {contracts, steps: [{text, cents, met}], counted: […], excluded: […]} as it was calculated.
    working = models.JSONField()
    computed_on = models.DateField("gerechnet am")

    class Meta:
        verbose_name = "Sperrprüfung"
        ordering = ["-arrears_cents", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "subaccount", "division"], name="one_disconnection_check"
            ),
            models.CheckConstraint(
                condition=Q(is_eligible=False, eligible_since__isnull=True)
                | Q(
                    is_eligible=True,
                    eligible_since__isnull=False,
                    code="eligible",
                    arrears_cents__gte=F("required_cents"),
                ),
                name="eligible_only_above_threshold",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "-arrears_cents"],
                condition=Q(is_eligible=True),
                name="disconnection_eligible",
            ),
        ]

    def __str__(self) -> str:
        return f"Sperrprüfung {self.computed_on:%d.%m.%Y}"

"""Dunning, what stands against it, and the threshold of a disconnection. Amounts in integer cents."""

from django.db import models
from django.db.models import F, Q

from turnus.documents.models import Document
from turnus.ledger.models import Subaccount
from turnus.receivables.models.items import OpenItem
from turnus.system.models import ClientOwned, User


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

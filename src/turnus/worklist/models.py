"""Cases (Klärungsfälle) and approvals: everything that needs a person, in one place."""

from django.db import models
from django.db.models import F, Q

from turnus.system.models import ClientOwned, User


class Case(ClientOwned):
    """Something a machine could not finish, with its reason. One case per cause (`key`)."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        WAITING = "waiting", "wartet"
        DONE = "done", "erledigt"

    class Priority(models.IntegerChoices):
        HIGH = 1, "hoch"
        NORMAL = 2, "normal"
        LOW = 3, "niedrig"

    number = models.CharField("Nummer", max_length=20)
    kind = models.CharField("Art", max_length=60)
    service = models.CharField("Baustein", max_length=3)
    key = models.CharField(max_length=200)
    title = models.CharField("Titel", max_length=200)
    reason = models.TextField("Grund")
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    object_label = models.CharField("Objekt", max_length=120, blank=True)
    details = models.JSONField(default=dict)
    occurrences = models.PositiveIntegerField("Vorkommen", default=1)
    state = models.CharField("Status", max_length=8, choices=State.choices, default=State.OPEN)
    priority = models.SmallIntegerField("Priorität", choices=Priority.choices, default=Priority.NORMAL)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="cases", verbose_name="Zuständig"
    )
    due_on = models.DateField("fällig", null=True)
    opened_at = models.DateTimeField("eröffnet")
    closed_at = models.DateTimeField("erledigt am", null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField("Ergebnis", blank=True)

    class Meta:
        verbose_name = "Klärungsfall"
        ordering = ["priority", "due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"], condition=~Q(state="done"), name="one_open_case_per_cause"
            ),
            models.UniqueConstraint(fields=["client", "number"], name="case_number"),
            models.CheckConstraint(
                condition=Q(state="done", closed_at__isnull=False)
                | (~Q(state="done") & Q(closed_at__isnull=True)),
                name="case_closed_when_done",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "state", "priority", "due_on"]),
            models.Index(fields=["client", "object_kind", "object_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CaseNote(ClientOwned):
    """A remark or an event in the life of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["id"]


class Approval(ClientOwned):
    """A matter that needs a second person (four eyes). The database refuses the proposer as decider."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        APPROVED = "approved", "freigegeben"
        REJECTED = "rejected", "abgelehnt"

    kind = models.CharField("Art", max_length=40)
    object_kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    title = models.CharField("Titel", max_length=200)
    amount = models.DecimalField("Betrag", max_digits=12, decimal_places=2, null=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    reason = models.TextField("Begründung", blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = "Freigabe"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="approval_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True)
                | (~Q(state="open") & Q(decided_by__isnull=False)),
                name="approval_decided_by_someone",
            ),
            models.UniqueConstraint(
                fields=["client", "kind", "object_kind", "object_id"],
                condition=Q(state="open"),
                name="one_open_approval",
            ),
        ]

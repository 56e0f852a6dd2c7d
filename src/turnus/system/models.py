"""Users, principals as identities, audit, number ranges, runs. What every room stands on."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """A person or machine that works with Turnus. What it may see stands in `clients.Membership`."""

    class Meta(AbstractUser.Meta):
        db_table = "system_user"

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Principal(models.Model):
    """An energy supplier (Auftraggeber) for whom the back office is run.

    Only the identity lies here, because runs, audit and number ranges belong to a principal; what
    the principal has booked and decided lies in `clients`.
    """

    short_name = models.SlugField("Kürzel", max_length=30, unique=True)
    name = models.CharField("Name", max_length=120)
    market_partner_id = models.CharField("Marktpartner-ID Strom", max_length=13, blank=True)
    market_partner_id_gas = models.CharField("Marktpartner-ID Gas", max_length=13, blank=True)
    is_active = models.BooleanField("aktiv", default=True)

    class Meta:
        verbose_name = "Auftraggeber"
        ordering = ["short_name"]

    def __str__(self) -> str:
        return self.name


class ClientOwned(models.Model):
    """Base of every table whose rows belong to one principal; row-level security hangs on it."""

    client = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", verbose_name="Auftraggeber"
    )

    class Meta:
        abstract = True


class BusinessDate(models.Model):
    """At most one row: the day on which a demo or training installation stands still."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    day = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_business_date")]


class AuditEntry(ClientOwned):
    """Who did what to which object, when and why. Rows are only ever added (trigger)."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["client", "object_kind", "object_id"])]
        ordering = ["-id"]


class NumberRange(ClientOwned):
    """A gap-free counter of one principal; the row lock makes concurrent users queue."""

    name = models.CharField(max_length=40)
    prefix = models.CharField(max_length=20, blank=True)
    digits = models.PositiveSmallIntegerField(default=7)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="one_range_per_name")]


class Run(ClientOwned):
    """A mass run: a population cut into chunks. The same key is never run twice."""

    class State(models.TextChoices):
        PLANNED = "planned", "geplant"
        RUNNING = "running", "läuft"
        DONE = "done", "fertig"

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "kind", "key"], name="one_run_per_key")]
        ordering = ["-id"]


class RunChunk(ClientOwned):
    """One transaction's worth of a run."""

    class State(models.TextChoices):
        PENDING = "pending", "offen"
        DONE = "done", "fertig"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    subjects = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_chunk_per_number")]
        indexes = [
            models.Index(fields=["run", "number"], condition=Q(state="pending"), name="runchunk_pending"),
        ]


class RunFailure(ClientOwned):
    """A subject that a run could not handle, with the reason a person can act on."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="failures")
    subject = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "subject"], name="one_failure_per_subject")]

"""Originals (byte-identical, hashed, immutable) and documents that left or will leave the house."""

from django.db import models

from turnus.documents.calc.packing import unpack
from turnus.system.models import ClientOwned, User


class Original(ClientOwned):
    """The bytes of a message, bank file, letter or PDF exactly as they came or went (GoBD).

    Rows are only ever added (trigger); the same bytes of one principal are stored once. Size and hash are
    those of `content`, the bytes as they came; `stored` may be packed.
    """

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    name = models.CharField(max_length=255)
    packing = models.CharField(max_length=8, blank=True)
    stored = models.BinaryField()
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "sha256"], name="original_once")]

    @property
    def content(self) -> bytes:
        """The bytes exactly as they came or went. Raises: ValueError if what is stored is damaged."""
        return unpack(self.packing, bytes(self.stored))


class Document(ClientOwned):
    """A letter or bill: what it is about, its PDF, and how it is sent."""

    class State(models.TextChoices):
        CREATED = "created", "erzeugt"
        DISPATCHED = "dispatched", "versendet"
        RETURNED = "returned", "zurückgekommen"
        CANCELLED = "cancelled", "zurückgezogen"

    class Channel(models.TextChoices):
        LETTER = "letter", "Brief"
        EMAIL = "email", "E-Mail"
        PORTAL = "portal", "Portal"

    number = models.CharField("Nummer", max_length=30)
    kind = models.CharField("Art", max_length=40)
    title = models.CharField("Titel", max_length=200)
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="+", null=True)
    # A letter is kept as its data until it is rendered; afterwards both are kept.
    data = models.JSONField(default=dict)
    customer_number = models.CharField("Kunde", max_length=30, blank=True)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True)
    state = models.CharField("Status", max_length=12, choices=State.choices, default=State.CREATED)
    channel = models.CharField("Versandweg", max_length=8, choices=Channel.choices, default=Channel.LETTER)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Dokument"
        constraints = [models.UniqueConstraint(fields=["client", "kind", "number"], name="document_number")]
        indexes = [
            models.Index(fields=["client", "customer_number"]),
            models.Index(fields=["client", "object_kind", "object_id"]),
            models.Index(fields=["client", "state", "kind"]),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

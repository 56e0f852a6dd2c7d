"""Interchanges and messages as they came and went, the acknowledgements due, and what became of each."""

from django.db import models
from django.db.models import Q

from turnus.documents.models import Original
from turnus.masterdata.models import MarketLocation
from turnus.partners.models import MarketPartner
from turnus.system.models import ClientOwned, Principal


class Interchange(ClientOwned):
    """One EDIFACT interchange (Übertragungsdatei). Its bytes are `original.content[offset:end]`."""

    class Direction(models.TextChoices):
        IN = "in", "eingegangen"
        OUT = "out", "ausgegangen"

    class State(models.TextChoices):
        TAKEN_IN = "taken_in", "angenommen"
        REFERENCE_REUSED = "reference_reused", "Referenz mehrfach verwendet"
        DAMAGED = "damaged", "beschädigt"
        NOT_EDIFACT = "not_edifact", "keine EDIFACT-Datei"

    class Transport(models.TextChoices):
        """How far an outgoing file is; empty for incoming ones."""

        WAITING = "waiting", "wartet auf Versand"
        SENT = "sent", "gesendet"
        ACKNOWLEDGED = "acknowledged", "bestätigt"
        REFUSED = "refused", "abgewiesen"

    direction = models.CharField("Richtung", max_length=3, choices=Direction.choices, default=Direction.IN)
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="interchanges")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField("Datei", max_length=255)
    sender = models.CharField("Absender", max_length=35, blank=True)
    receiver = models.CharField("Empfänger", max_length=35, blank=True)
    reference = models.CharField("Referenz", max_length=35, blank=True)
    charset = models.CharField(max_length=10, blank=True)
    is_test = models.BooleanField("Testdatei", default=False)
    offset = models.BigIntegerField(default=0)
    end = models.BigIntegerField(default=0)
    state = models.CharField("Status", max_length=16, choices=State.choices, default=State.TAKEN_IN)
    findings = models.JSONField(default=list)
    message_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("erstellt", null=True)
    received_at = models.DateTimeField("eingegangen")
    answers = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="answers_to", verbose_name="antwortet auf"
    )
    transport = models.CharField("Versand", max_length=12, choices=Transport.choices, blank=True)
    # The file lies complete but hidden in the outbox; what is missing is the last step (see outbox.py).
    staged_at = models.DateTimeField("bereitgelegt", null=True)
    sent_at = models.DateTimeField("gesendet", null=True)

    class Meta:
        verbose_name = "Übertragungsdatei"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["original", "position"], name="interchange_once"),
            # A sender numbers its files; the same number with other content is a matter for a person.
            models.UniqueConstraint(
                fields=["client", "direction", "sender", "receiver", "reference"],
                condition=Q(state="taken_in") & ~Q(reference=""),
                name="interchange_reference_once",
            ),
            models.CheckConstraint(
                condition=Q(direction="in", transport="") | (Q(direction="out") & ~Q(transport="")),
                name="outgoing_has_transport",
            ),
            models.CheckConstraint(
                condition=~Q(transport="sent") | Q(staged_at__isnull=False, sent_at__isnull=False),
                name="sent_file_was_staged",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "id"], condition=Q(transport="waiting"), name="interchange_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} von {self.sender}"


class Message(ClientOwned):
    """One message and what became of it. Its bytes are `original.content[offset:end]`."""

    class State(models.TextChoices):
        RECEIVED = "received", "eingegangen"
        PROCESSED = "processed", "verarbeitet"
        CASE = "case", "in Klärung"
        REJECTED = "rejected", "fehlerhaft"
        SENT = "sent", "ausgehend"

    # Indexes of foreign keys are left out where another index begins with the same column.
    client = models.ForeignKey(
        Principal, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="Auftraggeber"
    )
    interchange = models.ForeignKey(
        Interchange, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    position = models.PositiveIntegerField("Nr.")
    reference = models.CharField("Nachrichtenreferenz", max_length=35, blank=True)
    type = models.CharField("Typ", max_length=12, blank=True)
    version = models.CharField("Version", max_length=12, blank=True)
    pid = models.CharField("Prüfidentifikator", max_length=12, blank=True)
    document_number = models.CharField("Dokumentennummer", max_length=70, blank=True)
    document_at = models.DateTimeField("Nachrichtendatum", null=True)
    process = models.CharField("Vorgang", max_length=80, blank=True)
    partner = models.ForeignKey(
        MarketPartner, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="Marktpartner"
    )
    location_text = models.CharField("Lokation laut Nachricht", max_length=70, blank=True)
    market_location = models.ForeignKey(
        MarketLocation,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        verbose_name="Marktlokation",
        db_index=False,
    )
    offset = models.BigIntegerField(default=0)
    end = models.BigIntegerField(default=0)
    state = models.CharField("Status", max_length=10, choices=State.choices, default=State.RECEIVED)
    findings = models.JSONField(default=list)
    outcome = models.TextField("Ergebnis", blank=True)
    # Cause of the case that waits for this message; many messages may wait for one case.
    case_key = models.CharField(max_length=200, blank=True)
    values_found = models.PositiveIntegerField("Werte", default=0)
    values_stored = models.PositiveIntegerField("übernommen", default=0)
    received_at = models.DateTimeField("eingegangen")
    processed_at = models.DateTimeField("verarbeitet", null=True)

    class Meta:
        verbose_name = "Marktnachricht"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["interchange", "position"], name="message_once")]
        indexes = [
            models.Index(fields=["client", "state", "type"]),
            models.Index(fields=["client", "received_at"]),
            models.Index(fields=["market_location", "received_at"], name="message_location"),
            models.Index(fields=["client", "location_text"], name="message_location_text"),
            models.Index(fields=["client", "case_key"], condition=~Q(case_key=""), name="message_case"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pid} {self.reference}".strip()


class Acknowledgement(ClientOwned):
    """An answer that is due: CONTRL for an interchange, APERAK for a message. Silence is an alarm.

    For incoming files we owe it, for outgoing ones the partner does.
    """

    class Kind(models.TextChoices):
        CONTRL = "CONTRL", "Syntaxbestätigung (CONTRL)"
        APERAK = "APERAK", "Anwendungsbestätigung (APERAK)"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    interchange = models.ForeignKey(Interchange, on_delete=models.PROTECT, related_name="acknowledgements")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="acknowledgements")
    due_at = models.DateTimeField("fällig")
    answered_by = models.ForeignKey(
        Interchange, null=True, on_delete=models.PROTECT, related_name="acknowledges"
    )
    answered_at = models.DateTimeField("beantwortet", null=True)
    is_refusal = models.BooleanField("Abweisung", default=False)
    escalated_at = models.DateTimeField("in Klärung seit", null=True)

    class Meta:
        verbose_name = "Bestätigung"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "interchange", "message"], name="one_acknowledgement", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["client", "due_at"], condition=Q(answered_at__isnull=True), name="ack_open")
        ]

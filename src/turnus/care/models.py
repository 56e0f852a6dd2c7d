"""Notes of customer contacts (M34): who said what, how sure we were of the person, what came of it."""

from django.db import models
from django.db.models import F, Q

from turnus.contracts.models import SupplyContract
from turnus.masterdata.models import Customer
from turnus.system.models import ClientOwned, User


class ContactNote(ClientOwned):
    """One contact with a customer. Time and agent are set by the service, never typed.

    A note concerns one contract or, expressly, the whole account; a note on the wrong customer is
    moved (`ContactMove` keeps the trace) and is then no longer seen at the former one.
    """

    class Channel(models.TextChoices):
        PHONE_IN = "phone_in", "Anruf eingehend"
        PHONE_OUT = "phone_out", "Anruf ausgehend"
        EMAIL = "email", "E-Mail"
        LETTER = "letter", "Brief"
        PORTAL = "portal", "Portal"
        CHAT = "chat", "Chat"
        PERSONAL = "personal", "persönlich"

    class Identity(models.TextChoices):
        NOT_VERIFIED = "not_verified", "nicht geprüft – keine Auskunft"
        BASIC = "basic", "Name und Kundennummer"
        FULL = "full", "zusätzlich Geburtsdatum, Zählernummer oder Anschrift"
        AUTHORISED = "authorised", "Bevollmächtigte Person, Vollmacht liegt vor"

    class Concerns(models.TextChoices):
        CONTRACT = "contract", "Vertrag"
        ACCOUNT = "account", "Konto insgesamt"

    class Topic(models.TextChoices):
        BILL = "bill", "Rechnung"
        INSTALMENT = "instalment", "Abschlag"
        PAYMENT = "payment", "Zahlung und Bankverbindung"
        READING = "reading", "Zählerstand"
        MOVE = "move", "Ein- und Auszug"
        PRODUCT = "product", "Tarif und Vertrag"
        DUNNING = "dunning", "Mahnung"
        MASTER_DATA = "master_data", "Stammdaten"
        COMPLAINT = "complaint", "Beschwerde"
        OTHER = "other", "Sonstiges"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_notes")
    concerns = models.CharField("Betrifft", max_length=8, choices=Concerns.choices)
    contract = models.ForeignKey(
        SupplyContract,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contact_notes",
        verbose_name="Vertrag",
    )
    channel = models.CharField("Kanal", max_length=10, choices=Channel.choices)
    identity = models.CharField("Identität", max_length=12, choices=Identity.choices)
    topic = models.CharField("Thema", max_length=12, choices=Topic.choices)
    text = models.TextField("Notiz", blank=True)
    result = models.TextField("Ergebnis")
    at = models.DateTimeField("Zeitpunkt")
    agent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="Bearbeitung")

    class Meta:
        verbose_name = "Kontaktnotiz"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(concerns="contract", contract__isnull=False)
                | Q(concerns="account", contract__isnull=True),
                name="contact_concerns_contract_or_account",
            ),
            models.CheckConstraint(condition=~Q(result=""), name="contact_has_result"),
        ]
        indexes = [models.Index(fields=["customer", "-at"])]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_topic_display()}"


class ContactMove(ClientOwned):
    """The trace of a note that stood on the wrong customer. Rows are only ever added."""

    note = models.ForeignKey(ContactNote, on_delete=models.PROTECT, related_name="moves")
    from_customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    to_customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("Grund")
    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Umzug einer Kontaktnotiz"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_customer=F("to_customer")), name="contact_moves_elsewhere"
            )
        ]

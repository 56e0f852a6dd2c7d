"""What a principal has booked, whom it lets work, which limits it has set, how its letters look."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from turnus.system.models import ClientOwned, Principal, User

__all__ = [
    "ApprovalThreshold",
    "BookedService",
    "HouseBank",
    "Letterhead",
    "Membership",
    "Principal",
    "Setting",
]


class Role(models.TextChoices):
    CLERK = "clerk", "Sachbearbeitung"
    LEAD = "lead", "Teamleitung"
    PRINCIPAL = "principal", "Auftraggeber"
    MACHINE = "machine", "Maschine"


class Membership(ClientOwned):
    """A user works for a principal in a role. No row, no access: row-level security reads this list."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField("Rolle", max_length=10, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class BookedService(ClientOwned):
    """A service (Baustein M01 … M52) the principal has booked, with the days of its validity."""

    service = models.CharField("Baustein", max_length=3)
    valid = DateRangeField("gültig")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="service_booked_once",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("service", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]


class ApprovalThreshold(ClientOwned):
    """Up to which amount a role may decide on one kind of matter alone (Wertgrenze).

    kinds: `bill_net`, `bill_gross` (put a bill aside above the clerk's limit), `credit`, `payout`,
    `write_off`, `plan`. `amount` in euros; a matter above every role's limit goes to the principal.
    """

    kind = models.CharField("Art", max_length=30)
    role = models.CharField("Rolle", max_length=10, choices=Role.choices)
    amount = models.DecimalField("Grenze (€)", max_digits=12, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "role"], name="one_threshold"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="threshold_not_negative"),
        ]


class Setting(ClientOwned):
    """A decision of the principal that rooms read by name; defaults stand in `clients.services`."""

    name = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="one_setting")]


class HouseBank(ClientOwned):
    """A bank account of the principal, over which it collects and pays."""

    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)
    bank_name = models.CharField("Bank", max_length=80, blank=True)
    holder = models.CharField("Inhaber", max_length=70)
    creditor_id = models.CharField("Gläubiger-ID", max_length=35)
    ledger_account = models.CharField("Sachkonto", max_length=8, default="1200")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "iban"], name="one_house_bank")]


class Letterhead(ClientOwned):
    """Everything the law and good manners want on a principal's letters."""

    company = models.CharField("Firma", max_length=120)
    street = models.CharField("Straße und Hausnummer", max_length=120)
    postal_code = models.CharField("PLZ", max_length=5)
    city = models.CharField("Ort", max_length=80)
    register_court = models.CharField("Registergericht", max_length=80)
    register_number = models.CharField("Registernummer", max_length=40)
    managing_directors = models.CharField("Geschäftsführung", max_length=200)
    tax_number = models.CharField("Steuernummer", max_length=40)
    vat_id = models.CharField("USt-IdNr.", max_length=20, blank=True)
    hotline = models.CharField("Telefon", max_length=40)
    email = models.EmailField("E-Mail")
    web = models.CharField("Internet", max_length=120)
    colour = models.CharField("Farbe", max_length=7, default="#1b4b72")
    logo_svg = models.TextField("Logo (SVG)", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client"], name="one_letterhead")]

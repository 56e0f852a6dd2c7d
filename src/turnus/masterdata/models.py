"""Customers, their bank accounts and mandates; market and metering locations, meters, registers."""

from datetime import date

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from turnus.ledger.models import Subaccount
from turnus.partners.models import MarketPartner
from turnus.system.models import ClientOwned, User


class Commodity(models.TextChoices):
    ELECTRICITY = "electricity", "Strom"
    GAS = "gas", "Gas"


class State(models.TextChoices):
    """Federal states: their holidays decide load profiles and periods of the law."""

    BW = "BW", "Baden-Württemberg"
    BY = "BY", "Bayern"
    BE = "BE", "Berlin"
    BB = "BB", "Brandenburg"
    HB = "HB", "Bremen"
    HH = "HH", "Hamburg"
    HE = "HE", "Hessen"
    MV = "MV", "Mecklenburg-Vorpommern"
    NI = "NI", "Niedersachsen"
    NW = "NW", "Nordrhein-Westfalen"
    RP = "RP", "Rheinland-Pfalz"
    SL = "SL", "Saarland"
    SN = "SN", "Sachsen"
    ST = "ST", "Sachsen-Anhalt"
    SH = "SH", "Schleswig-Holstein"
    TH = "TH", "Thüringen"


# Row-level security lets only leakproof conditions use an index. Upper() is not leakproof, = and ^@ on a
# stored column are: hence the `…_key` columns, which the database fills and which need no history.
@pghistory.track(exclude=["city_key"])
class Address(ClientOwned):
    """A postal address in its parts, as SEPA and letters need them."""

    street = models.CharField("Straße", max_length=80)
    house_number = models.CharField("Hausnummer", max_length=12, blank=True)
    addition = models.CharField("Zusatz", max_length=80, blank=True)
    postal_code = models.CharField("PLZ", max_length=10)
    city = models.CharField("Ort", max_length=60)
    country = models.CharField("Land", max_length=2, default="DE")
    city_key = models.GeneratedField(
        expression=Upper("city"), output_field=models.CharField(max_length=60), db_persist=True
    )

    class Meta:
        verbose_name = "Adresse"
        indexes = [
            models.Index(
                fields=["client", "city_key"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="address_city_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.house_number}, {self.postal_code} {self.city}"


@pghistory.track(exclude=["name_key"])
class Customer(ClientOwned):
    """A contract partner: person or company."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Firma"

    class Salutation(models.TextChoices):
        MS = "ms", "Frau"
        MR = "mr", "Herr"
        NONE = "", "ohne"

    number = models.CharField("Kundennummer", max_length=20)
    kind = models.CharField("Art", max_length=8, choices=Kind.choices, default=Kind.PERSON)
    salutation = models.CharField("Anrede", max_length=4, choices=Salutation.choices, blank=True)
    first_name = models.CharField("Vorname", max_length=60, blank=True)
    name = models.CharField("Name / Firma", max_length=100)
    born_on = models.DateField("Geburtsdatum", null=True, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    address = models.ForeignKey(
        Address, on_delete=models.PROTECT, related_name="+", verbose_name="Postanschrift"
    )
    is_household_customer = models.BooleanField("Haushaltskunde", default=True)
    is_reseller = models.BooleanField("Wiederverkäufer", default=False)
    deceased_on = models.DateField("verstorben am", null=True, blank=True)
    insolvent_on = models.DateField("Insolvenz eröffnet am", null=True, blank=True)
    note = models.TextField("Hinweis", blank=True)
    name_key = models.GeneratedField(
        expression=Upper("name"), output_field=models.CharField(max_length=100), db_persist=True
    )

    class Meta:
        verbose_name = "Kunde"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="customer_number")]
        indexes = [models.Index(fields=["client", "name_key"], name="customer_name_key")]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.number})"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.name}".strip()


@pghistory.track()
class BankAccount(ClientOwned):
    """A customer's bank account. Usable only once a second person has approved it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="bank_accounts")
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)
    holder = models.CharField("Kontoinhaber", max_length=70)
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "Bankverbindung"
        constraints = [
            models.UniqueConstraint(fields=["customer", "iban"], name="one_iban_per_customer"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(approved_by=F("entered_by")),
                name="bank_account_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["client", "iban"])]

    def __str__(self) -> str:
        return f"{self.iban} ({self.holder})"


@pghistory.track()
class Mandate(ClientOwned):
    """A SEPA direct debit mandate."""

    class Scheme(models.TextChoices):
        CORE = "CORE", "Basis"
        B2B = "B2B", "Firmen"

    class Status(models.TextChoices):
        ACTIVE = "active", "aktiv"
        BLOCKED = "blocked", "gesperrt"
        REVOKED = "revoked", "widerrufen"

    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="mandates")
    reference = models.CharField("Mandatsreferenz", max_length=35)
    signed_on = models.DateField("unterschrieben am")
    scheme = models.CharField("Verfahren", max_length=4, choices=Scheme.choices, default=Scheme.CORE)
    status = models.CharField("Status", max_length=8, choices=Status.choices, default=Status.ACTIVE)
    blocked_reason = models.CharField("Sperrgrund", max_length=120, blank=True)
    last_used_on = models.DateField("zuletzt genutzt", null=True, blank=True)

    class Meta:
        verbose_name = "Mandat"
        constraints = [models.UniqueConstraint(fields=["client", "reference"], name="mandate_reference")]

    def __str__(self) -> str:
        return self.reference


@pghistory.track()
class ContractAccount(ClientOwned):
    """A customer's account (Vertragskonto): what is owed and how it is paid.

    It shares its key with its sub-ledger account, so that money rooms, which know no customers,
    and this room speak of the same account.
    """

    class PaymentMethod(models.TextChoices):
        DIRECT_DEBIT = "direct_debit", "Lastschrift"
        TRANSFER = "transfer", "Überweisung"

    subaccount = models.OneToOneField(
        Subaccount, primary_key=True, on_delete=models.PROTECT, related_name="contract_account"
    )
    number = models.CharField("Vertragskonto", max_length=12)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contract_accounts")
    payment_method = models.CharField(
        "Zahlweg", max_length=12, choices=PaymentMethod.choices, default=PaymentMethod.TRANSFER
    )
    mandate = models.ForeignKey(
        Mandate, null=True, blank=True, on_delete=models.PROTECT, related_name="contract_accounts"
    )

    class Meta:
        verbose_name = "Vertragskonto"
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="contract_account_number")]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class MarketLocation(ClientOwned):
    """A market location (MaLo): where energy is delivered and balanced."""

    market_location_id = models.CharField("MaLo-ID", max_length=11)
    commodity = models.CharField("Sparte", max_length=12, choices=Commodity.choices)
    address = models.ForeignKey(
        Address, on_delete=models.PROTECT, related_name="+", verbose_name="Lieferstelle"
    )
    state = models.CharField("Bundesland", max_length=2, choices=State.choices)
    grid_operator = models.ForeignKey(
        MarketPartner, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="Netzbetreiber"
    )
    metering_operator = models.ForeignKey(
        MarketPartner,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="Messstellenbetreiber",
    )
    profile = models.CharField("Lastprofil", max_length=12, blank=True)
    annual_forecast_kwh = models.PositiveIntegerField("Jahresverbrauchsprognose (kWh)", null=True, blank=True)
    concession_fee_class = models.CharField("KA-Klasse", max_length=40, blank=True)
    reading_cycle_month = models.PositiveSmallIntegerField("Ablesemonat", null=True, blank=True)

    class Meta:
        verbose_name = "Marktlokation"
        ordering = ["market_location_id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "market_location_id"], name="one_market_location"),
            models.CheckConstraint(
                condition=Q(market_location_id__regex=r"^\d{11}$"), name="market_location_id_shape"
            ),
            models.CheckConstraint(
                condition=Q(reading_cycle_month__isnull=True) | Q(reading_cycle_month__range=(1, 12)),
                name="reading_cycle_is_month",
            ),
        ]

    def __str__(self) -> str:
        return self.market_location_id


@pghistory.track()
class MeteringLocation(ClientOwned):
    """A metering location (MeLo): where the meter hangs. Here: one market location each."""

    metering_location_id = models.CharField("MeLo-ID", max_length=33)
    market_location = models.ForeignKey(
        MarketLocation, on_delete=models.PROTECT, related_name="metering_locations"
    )

    class Meta:
        verbose_name = "Messlokation"
        constraints = [
            models.UniqueConstraint(fields=["client", "metering_location_id"], name="one_metering_location")
        ]

    def __str__(self) -> str:
        return self.metering_location_id


@pghistory.track()
class Meter(ClientOwned):
    """A meter and the days it hung at its metering location: [installed, removed)."""

    metering_location = models.ForeignKey(MeteringLocation, on_delete=models.PROTECT, related_name="meters")
    number = models.CharField("Zählernummer", max_length=20)
    installed = DateRangeField("eingebaut")

    class Meta:
        verbose_name = "Zähler"
        constraints = [
            ExclusionConstraint(
                name="meter_hangs_once",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("number", RangeOperators.EQUAL),
                    ("metering_location", RangeOperators.EQUAL),
                    ("installed", RangeOperators.OVERLAPS),
                ],
            )
        ]
        indexes = [models.Index(fields=["client", "number"])]

    def __str__(self) -> str:
        return self.number

    def hangs_on(self, day: date) -> bool:
        """Whether the meter measures on this day."""
        return day in self.installed


@pghistory.track()
class Register(ClientOwned):
    """A register (Zählwerk) of a meter with what it needs to turn counts into kWh or m³."""

    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="registers")
    obis_code = models.CharField("OBIS-Kennzahl", max_length=20)
    digits = models.PositiveSmallIntegerField("Vorkommastellen", default=6)
    decimals = models.PositiveSmallIntegerField("Nachkommastellen", default=0)
    transformer_factor = models.DecimalField("Wandlerfaktor", max_digits=9, decimal_places=3, default=1)

    class Meta:
        verbose_name = "Zählwerk"
        constraints = [
            models.UniqueConstraint(fields=["meter", "obis_code"], name="one_register"),
            models.CheckConstraint(condition=Q(transformer_factor__gt=0), name="transformer_factor_positive"),
            models.CheckConstraint(condition=Q(digits__range=(1, 12)), name="register_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.obis_code}"

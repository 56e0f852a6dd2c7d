"""Measured values: meter readings, interval days, gas quality, energy amounts. All of them versioned.

A value is never changed: a better or corrected one is a new version, and bills remember the version they
used. At most one version of a value is current, and the database sees to it.
"""

from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from turnus.documents.models import Original
from turnus.masterdata.models import MarketLocation, MeteringLocation, Register
from turnus.system.models import ClientOwned, Principal, User

Row = TypeVar("Row", bound=models.Model)


class ValueManager(models.Manager[Row]):
    """Values only: a withdrawal is a version that says that nothing is known any more."""

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(is_withdrawal=False)


class Versioned(ClientOwned):
    """What values have in common that a partner can withdraw (MSCONS 13006).

    A withdrawn version stays (`withdrawn_at`) and never counts again. Where nothing is left that counts, one
    more version with `is_withdrawal` becomes the current one; it repeats the withdrawn value. `objects` knows
    values only, `versions` knows withdrawals, too; queries in SQL have to leave them out.
    """

    withdrawn_at = models.DateTimeField("zurückgezogen", null=True)
    is_withdrawal = models.BooleanField("Rückzug", default=False, db_default=False)

    objects = ValueManager()
    versions = models.Manager()

    class Meta:
        abstract = True


class Quality(models.TextChoices):
    """How good a value is."""

    TRUE = "true", "wahrer Wert"
    SUBSTITUTE = "substitute", "Ersatzwert"
    PROVISIONAL = "provisional", "vorläufiger Wert"
    ESTIMATE = "estimate", "geschätzt"


class Origin(models.TextChoices):
    """Who determined a value."""

    GRID = "grid", "Netz-/Messstellenbetreiber"
    CUSTOMER = "customer", "Kunde"
    REMOTE = "remote", "Fernauslesung"
    ESTIMATE = "estimate", "Schätzung"


class Decision(models.TextChoices):
    """What a person decided about a blocked reading."""

    RELEASED = "released", "freigegeben"
    REJECTED = "rejected", "verworfen"


class MeterReading(Versioned):
    """What a register showed at 00:00 of `date`.

    A blocked reading never counts. Released, it is no longer blocked; rejected, it stays so for good.
    """

    register = models.ForeignKey(
        Register, on_delete=models.PROTECT, related_name="readings", verbose_name="Zählwerk"
    )
    date = models.DateField("Stand 00:00 am")
    value = models.DecimalField("Zählerstand", max_digits=16, decimal_places=4)
    origin = models.CharField("Herkunft", max_length=10, choices=Origin.choices)
    quality = models.CharField("Güte", max_length=12, choices=Quality.choices)
    version = models.PositiveSmallIntegerField("Version", default=1)
    is_current = models.BooleanField("gültig", default=True)
    is_blocked = models.BooleanField("gesperrt", default=False)
    blocked_reason = models.CharField("Sperrgrund", max_length=240, blank=True)
    decision = models.CharField("Entscheidung", max_length=8, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("entschieden", null=True)
    document_at = models.DateTimeField("Nachrichtendatum")
    superseded_at = models.DateTimeField("ersetzt", null=True)
    original = models.ForeignKey(Original, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField("übernommen")
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Zählerstand"
        ordering = ["register", "date", "version"]
        constraints = [
            models.UniqueConstraint(fields=["register", "date", "version"], name="reading_version"),
            models.UniqueConstraint(
                fields=["register", "date"], condition=Q(is_current=True), name="one_current_reading"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="reading_not_negative"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(is_current=False),
                name="withdrawn_reading_does_not_count",
            ),
            models.CheckConstraint(
                condition=Q(is_blocked=False) | ~Q(blocked_reason=""), name="blocked_reading_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(is_blocked=False) | Q(is_current=False), name="blocked_reading_does_not_count"
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "superseded_at"],
                condition=Q(superseded_at__isnull=False),
                name="reading_superseded",
            ),
            BrinIndex(fields=["taken_at"], name="reading_taken_at"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.date:%d.%m.%Y}: {self.value.normalize():f}"


class IntervalSeries(ClientOwned):
    """A load profile: one OBIS code at a market or metering location, in quarter-hours or hours."""

    market_location = models.ForeignKey(
        MarketLocation, on_delete=models.PROTECT, related_name="interval_series"
    )
    metering_location = models.ForeignKey(
        MeteringLocation, null=True, on_delete=models.PROTECT, related_name="interval_series"
    )
    obis_code = models.CharField("OBIS-Kennzahl", max_length=20)
    unit = models.CharField("Einheit", max_length=8, default="kWh")
    minutes = models.PositiveSmallIntegerField("Raster (Minuten)", default=15)
    is_gas_day = models.BooleanField("Gastag (06–06 Uhr)", default=False)

    class Meta:
        verbose_name = "Lastgang"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "market_location", "metering_location", "obis_code", "minutes"],
                name="one_series",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(minutes__in=(15, 60)), name="series_minutes"),
        ]


class IntervalDay(ClientOwned):
    """One day of a load profile.

    values: little-endian int32, one per interval (92, 96, 100 quarter-hours; 23, 24, 25 hours); the quantity
    is value · 10^-scale. status: one byte per interval (`records.Status`, 0 = missing).

    A version is a delivery as it came. Where several deliveries together make the day (parts of a day, or a
    true value for one substitute), one more version with `is_put_together` holds what counts.
    It has no more indexes than needed, and its references are checked per statement (`sql.py`), not per row:
    this is the largest table of all.
    """

    client = models.ForeignKey(
        Principal,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="Auftraggeber",
    )
    series = models.ForeignKey(
        IntervalSeries, on_delete=models.PROTECT, related_name="days", db_index=False, db_constraint=False
    )
    day = models.DateField("Tag")
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    scale = models.PositiveSmallIntegerField(default=3)
    values = models.BinaryField()
    status = models.BinaryField()
    total = models.DecimalField("Summe", max_digits=18, decimal_places=6)
    missing = models.PositiveSmallIntegerField("fehlend", default=0)
    substitutes = models.PositiveSmallIntegerField("Ersatzwerte", default=0)
    is_put_together = models.BooleanField("aus mehreren Lieferungen", default=False)
    # A withdrawn delivery never counts again; where none is left, the day misses all its values.
    withdrawn_at = models.DateTimeField("zurückgezogen", null=True)
    document_at = models.DateTimeField("Nachrichtendatum")
    superseded_at = models.DateTimeField("ersetzt", null=True)
    original = models.ForeignKey(
        Original,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    taken_at = models.DateTimeField("übernommen")

    class Meta:
        verbose_name = "Lastgangtag"
        constraints = [
            models.UniqueConstraint(fields=["series", "day", "version"], name="interval_day_version"),
            models.UniqueConstraint(
                fields=["series", "day"], condition=Q(is_current=True), name="one_current_interval_day"
            ),
            models.CheckConstraint(condition=Q(scale__lte=6), name="interval_scale"),
        ]
        indexes = [
            models.Index(
                fields=["client", "superseded_at"],
                condition=Q(superseded_at__isnull=False),
                name="interval_superseded",
            ),
            BrinIndex(fields=["taken_at"], name="interval_taken_at"),
        ]


class GasQuality(Versioned):
    """Calorific value (kWh/m³) or conversion factor of a market location for a time, half-open.

    Where a delivery counts for a part of its time only, because a better one covers the rest, that part is a
    row of its own, `cut_from` the delivery.
    """

    class Kind(models.TextChoices):
        CALORIFIC_VALUE = "calorific_value", "Brennwert"
        CONVERSION_FACTOR = "conversion_factor", "Zustandszahl"

    market_location = models.ForeignKey(MarketLocation, on_delete=models.PROTECT, related_name="gas_quality")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    valid = DateRangeField("gültig")
    value = models.DecimalField("Wert", max_digits=10, decimal_places=6)
    quality = models.CharField("Güte", max_length=12, choices=Quality.choices)
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    cut_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="cuts")
    document_at = models.DateTimeField("Nachrichtendatum")
    superseded_at = models.DateTimeField("ersetzt", null=True)
    original = models.ForeignKey(Original, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField("übernommen")
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "Gasbeschaffenheit"
        constraints = [
            ExclusionConstraint(
                name="one_gas_quality_at_a_time",
                expressions=[
                    ("market_location", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_current=True),
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="gas_quality_positive"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(is_current=False),
                name="withdrawn_gas_quality_does_not_count",
            ),
        ]


class EnergyAmount(Versioned):
    """An amount of energy or a peak over a time: measured, for a delivery note, allocated, or balanced."""

    class Kind(models.TextChoices):
        MEASURED = "measured", "Energiemenge"
        DELIVERY_NOTE = "delivery_note", "Lieferschein"
        ALLOCATED = "allocated", "Allokation"
        BALANCED = "balanced", "bilanzierte Menge"
        PEAK = "peak", "Leistungsmaximum"
        BEFORE_SUPPLY = "before_supply", "vor Lieferbeginn"
        PROFILE = "profile", "Profil- oder Summenzeitreihe"

    market_location = models.ForeignKey(
        MarketLocation, on_delete=models.PROTECT, related_name="energy_amounts"
    )
    metering_location = models.ForeignKey(
        MeteringLocation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("Art", max_length=14, choices=Kind.choices)
    obis_code = models.CharField("OBIS-Kennzahl / Produkt", max_length=35)
    starts_at = models.DateTimeField("von")
    ends_at = models.DateTimeField("bis")
    value = models.DecimalField("Menge", max_digits=18, decimal_places=6)
    unit = models.CharField("Einheit", max_length=8)
    quality = models.CharField("Güte", max_length=12, choices=Quality.choices)
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    document_at = models.DateTimeField("Nachrichtendatum")
    superseded_at = models.DateTimeField("ersetzt", null=True)
    original = models.ForeignKey(Original, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField("übernommen")

    class Meta:
        verbose_name = "Energiemenge"
        constraints = [
            models.UniqueConstraint(
                fields=["market_location", "metering_location", "kind", "obis_code", "starts_at", "ends_at"],
                condition=Q(is_current=True),
                name="one_current_amount",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(ends_at__gte=models.F("starts_at")), name="amount_period"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(is_current=False),
                name="withdrawn_amount_does_not_count",
            ),
        ]


class ValueRequest(ClientOwned):
    """Something we miss from a market partner, or doubt. One open request per cause (`key`).

    This room only records it; `market` sends it, reminds of it and opens a case, the value that answers it
    closes it. `reference` and `reminder_reference` are the document numbers of both ORDERS.
    """

    class Kind(models.TextChoices):
        READING = "reading", "Zählerstand"
        INTERVALS = "intervals", "Lastgang"
        GAS_QUALITY = "gas_quality", "Brennwert und Zustandszahl"

    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=120)
    market_location = models.ForeignKey(
        MarketLocation, on_delete=models.PROTECT, related_name="value_requests"
    )
    register = models.ForeignKey(Register, null=True, on_delete=models.PROTECT, related_name="+")
    series = models.ForeignKey(IntervalSeries, null=True, on_delete=models.PROTECT, related_name="+")
    period = DateRangeField("Zeit")
    reason = models.CharField("Grund", max_length=240)
    doubted_value = models.DecimalField("bezweifelter Wert", max_digits=16, decimal_places=4, null=True)
    due_on = models.DateField("Antwort bis")
    requested_at = models.DateTimeField("angelegt")
    sent_at = models.DateTimeField("gesendet", null=True)
    reference = models.CharField("Anforderung", max_length=35, blank=True)
    reminded_at = models.DateTimeField("erinnert", null=True)
    reminder_reference = models.CharField("Erinnerung", max_length=35, blank=True)
    reminder_due_on = models.DateField("Antwort auf die Erinnerung bis", null=True)
    escalated_at = models.DateTimeField("in Klärung seit", null=True)
    answered_at = models.DateTimeField("beantwortet", null=True)

    class Meta:
        verbose_name = "Werteanforderung"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"], condition=Q(answered_at__isnull=True), name="one_open_value_request"
            ),
            # Nobody is reminded of what was never asked; a reminder always has its own deadline.
            models.CheckConstraint(
                condition=Q(reminded_at__isnull=True, reminder_due_on__isnull=True)
                | Q(reminded_at__isnull=False, reminder_due_on__isnull=False, sent_at__isnull=False),
                name="reminder_after_request",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "due_on"], condition=Q(answered_at__isnull=True), name="open_value_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.market_location}"

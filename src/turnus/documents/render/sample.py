"""Worked examples as documents: for the preview of a principal's letterhead, for the bench and for tests.

The electricity bill is the worked example of `docs/algorithms/` with a meter exchange and a price change; the
gas bill the one with conversion and carbon cost. Persons and companies are invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from turnus.documents.calc.bill import (
    BillDocument,
    BillKind,
    BillPayment,
    ChargeKind,
    ChargeLine,
    Co2Statement,
    Commodity,
    ContainedCharge,
    DayShare,
    EnergyMix,
    EnergyPortion,
    GasRun,
    GroupComparison,
    GroupValue,
    InstalmentReceived,
    MeasuredInterval,
    MixColumn,
    NextInstalments,
    PaymentMethod,
    PriorConsumption,
    Product,
    Reading,
    ReadingOrigin,
    SplitMethod,
    Supply,
    VatTotal,
)
from turnus.documents.calc.consumer import consumer_information
from turnus.documents.calc.letters import (
    Bullets,
    Change,
    Collection,
    ExplanationLetter,
    Facts,
    GeneralLetter,
    LetterFrame,
    OverdueItem,
    Paragraph,
    PreNotification,
    ReminderLetter,
)
from turnus.documents.calc.parties import Letterhead, PostalAddress, Recipient
from turnus.lib.period import Period

__all__ = [
    "sample_electricity_bill",
    "sample_explanation",
    "sample_gas_bill",
    "sample_letter",
    "sample_letterhead",
    "sample_pre_notification",
    "sample_reminder",
]

D = Decimal
_ISSUED = date(2026, 1, 15)
_YEAR = Period.inclusive(date(2025, 1, 1), date(2025, 12, 31))


def sample_letterhead() -> Letterhead:
    """An invented municipal supplier."""
    return Letterhead(
        name="Stadtwerke Lindenau GmbH",
        short_name="Stadtwerke Lindenau",
        claim="Energie von nebenan",
        address=PostalAddress("Am Gaswerk 12", "45127", "Essen"),
        register_court="Amtsgericht Essen",
        register_number="HRB 00000",
        managing_directors=("Dr. Hanna Brinkmann", "Jörg Weiß"),
        tax_number="111/5700/0000",
        vat_id="DE000000000",
        hotline="0201 000-0",
        hotline_hours="Mo–Fr 8–18 Uhr",
        email="service@stadtwerke-lindenau.example",
        web="www.stadtwerke-lindenau.example",
        bank_name="Sparkasse Lindenau",
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        creditor_id="DE98ZZZ09999999999",
    )


def _recipient() -> Recipient:
    return Recipient(
        ("Erika Müller-Özdemir",),
        PostalAddress("Lindenweg 7", "45127", "Essen"),
        "Guten Tag Frau Müller-Özdemir,",
    )


def _supply(commodity: Commodity) -> Supply:
    electricity = commodity is Commodity.ELECTRICITY
    return Supply(
        address=PostalAddress("Lindenweg 7", "45127", "Essen"),
        market_location="51234567890" if electricity else "61234567890",
        metering_location="DE" + ("0012345" if electricity else "7012345").rjust(31, "0"),
        grid_operator="Netz Lindenau GmbH",
        grid_operator_code="9900000000001" if electricity else "9870000000001",
        metering_operator="Netz Lindenau GmbH",
        profile="H0 (dynamisiert)" if electricity else "D14",
    )


def _instalments(count: int, gross: Decimal, net: Decimal, vat: Decimal) -> tuple[InstalmentReceived, ...]:
    """One entry for all payments; net and VAT are sums over the payments, each taxed when received."""
    return (InstalmentReceived(None, gross, net, vat, D(19), f"{count} Abschläge"),)


def _months(first: date, count: int) -> tuple[date, ...]:
    return tuple(
        date(first.year + (first.month + i - 1) // 12, (first.month + i - 1) % 12 + 1, 1)
        for i in range(count)
    )


def _electricity_intervals() -> tuple[MeasuredInterval, ...]:
    grid, customer = ReadingOrigin.GRID, ReadingOrigin.CUSTOMER
    exchange = date(2025, 5, 15)
    return (
        MeasuredInterval(
            "1EMH0012345678",
            Period(_YEAR.start, exchange),
            Reading(D(12345), grid),
            Reading(D(13742), grid),
            D(1397),
            D(1397),
        ),
        MeasuredInterval(
            "1ESY1160000042",
            Period(exchange, _YEAR.end),
            Reading(D(3), grid),
            Reading(D(2106), customer),
            D(2103),
            D(2103),
        ),
    )


def _electricity_lines() -> tuple[ChargeLine, ...]:
    first, second = _YEAR.split_at(date(2025, 7, 1))
    old, new = _electricity_intervals()
    before, after = new.period.split_at(date(2025, 7, 1))
    share = D("0.189626")
    whole = EnergyPortion(old.meter_number, old.period, old.period, SplitMethod.MEASURED, D(1), D(1397))
    head = EnergyPortion(new.meter_number, new.period, before, SplitMethod.SLP, share, share * 2103)
    tail = EnergyPortion(new.meter_number, new.period, after, SplitMethod.SLP, 1 - share, (1 - share) * 2103)
    energy, base, vat = ChargeKind.ENERGY, ChargeKind.BASE, D(19)

    def energy_line(period: Period, kwh: str, price: str, net: str, *portions: EnergyPortion) -> ChargeLine:
        return ChargeLine(
            energy, "Arbeitspreis", period, D(kwh), "kWh", D(price), "ct/kWh", D(net), vat, portions
        )

    def base_line(period: Period, price: str, net: str) -> ChargeLine:
        share = DayShare(period.days, 365)
        return ChargeLine(
            base, "Grundpreis", period, D(period.days), "Tage", D(price), "€/Jahr", D(net), vat, (), (share,)
        )

    return (
        energy_line(first, "1796", "24.80", "445.41", whole, head),
        energy_line(second, "1704", "26.10", "444.74", tail),
        base_line(first, "120.00", "59.51"),
        base_line(second, "132.00", "66.54"),
    )


def _electricity_contained() -> tuple[ContainedCharge, ...]:
    kwh = D(3500)
    per_kwh = (
        ("electricity_tax", "Stromsteuer", "2.05", "71.75"),
        ("concession_fee", "Konzessionsabgabe", "1.59", "55.65"),
        ("chp_levy", "KWKG-Umlage", "0.277", "9.70"),
        ("offshore_levy", "Offshore-Netzumlage", "0.816", "28.56"),
        ("special_grid_use_levy", "Aufschlag für besondere Netznutzung", "1.558", "54.53"),
        ("grid_fee", "Netzentgelt", "7.40", "259.00"),
    )
    rows = tuple(
        ContainedCharge(k, label, ((kwh, D(rate)),), D(amount)) for k, label, rate, amount in per_kwh
    )
    return (*rows, ContainedCharge("metering_fee", "Messstellenbetrieb", (), D("16.81")))


def _groups(prefix: str, rows: tuple[tuple[str, int], ...], own: int) -> GroupComparison:
    values = tuple(GroupValue(prefix + label, D(kwh), i == own) for i, (label, kwh) in enumerate(rows))
    return GroupComparison(values, "Richtwerte unseres Hauses")


def sample_energy_mix() -> EnergyMix:
    """Product, company and country, as the law wants them."""

    def column(label: str, co2: str, waste: str, *shares: tuple[str, str]) -> MixColumn:
        return MixColumn(label, tuple((key, D(share)) for key, share in shares), D(co2), D(waste))

    return EnergyMix(
        2024,
        (
            column("Ihr Tarif", "0", "0", ("renewables_eeg", "57.2"), ("renewables_other", "42.8")),
            column(
                "Unser Unternehmen",
                "148",
                "0.0001",
                ("nuclear", "0.4"),
                ("coal", "9.8"),
                ("gas", "8.1"),
                ("other_fossil", "0.7"),
                ("renewables_eeg", "57.2"),
                ("renewables_other", "23.8"),
            ),
            column(
                "Deutschland",
                "312",
                "0.0002",
                ("nuclear", "2.1"),
                ("coal", "23.5"),
                ("gas", "13.9"),
                ("other_fossil", "1.3"),
                ("renewables_eeg", "52.8"),
                ("renewables_other", "6.4"),
            ),
        ),
    )


def sample_electricity_bill(serial: int = 1, letterhead: Letterhead | None = None) -> BillDocument:
    """Electricity 2025 with meter exchange and price change: net 1,016.20, gross 1,209.28, balance 131.28."""
    prior = Period.inclusive(date(2024, 1, 1), date(2024, 12, 31))
    sizes = (("1 Person", 2300), ("2 Personen", 3000), ("3 Personen", 3600), ("4 Personen", 4100))
    groups = _groups("Haushalt mit ", sizes, own=2)
    return BillDocument(
        letterhead=letterhead or sample_letterhead(),
        recipient=_recipient(),
        kind=BillKind.PERIODIC,
        commodity=Commodity.ELECTRICITY,
        number=f"R-2026-{serial:07d}",
        issue_date=_ISSUED,
        period=_YEAR,
        customer_number="K0004711",
        contract_number="V0008150",
        is_household=True,
        is_business=False,
        product=Product(
            "Lindenau Natur",
            False,
            date(2023, 4, 1),
            "unbefristet",
            "ein Monat",
            date(2026, 2, 28),
            price_guarantee_until=date(2026, 6, 30),
        ),
        supply=_supply(Commodity.ELECTRICITY),
        intervals=_electricity_intervals(),
        lines=_electricity_lines(),
        vat_totals=(VatTotal(D(19), D("1016.20"), D("193.08")),),
        net=D("1016.20"),
        gross=D("1209.28"),
        instalments=_instalments(11, D("1078.00"), D("905.85"), D("172.15")),
        balance=D("131.28"),
        payment=BillPayment(
            PaymentMethod.DIRECT_DEBIT,
            _ISSUED + timedelta(days=18),
            f"R-2026-{serial:07d}",
            "DE89370400440532013000",
            "M00012345",
        ),
        contained=_electricity_contained(),
        kwh=D(3500),
        prior=PriorConsumption(prior, D(3684)),
        group=groups,
        energy_mix=sample_energy_mix(),
        next_instalments=NextInstalments(
            D("113.10"),
            D("95.04"),
            D("18.06"),
            D(19),
            _months(date(2026, 2, 1), 11),
            D("1244.15"),
            D("98.00"),
        ),
        consumer=consumer_information(_ISSUED),
    )


def _gas_interval() -> MeasuredInterval:
    volume, z, hs = D(1834), D("0.9543"), D("11.412")
    run = GasRun(_YEAR, volume, z, hs, volume * z * hs)
    opening, closing = (Reading(D(value), ReadingOrigin.CUSTOMER) for value in (20411, 22245))
    return MeasuredInterval("7ELS0001112223", _YEAR, opening, closing, volume, run.kwh, gas=(run,))


def _gas_lines() -> tuple[ChargeLine, ...]:
    interval = _gas_interval()
    portion = EnergyPortion(interval.meter_number, _YEAR, _YEAR, SplitMethod.MEASURED, D(1), interval.kwh)
    energy = ChargeLine(
        kind=ChargeKind.ENERGY,
        label="Arbeitspreis",
        period=_YEAR,
        quantity=D(19973),
        unit="kWh",
        unit_price=D("8.45"),
        price_unit="ct/kWh",
        net=D("1687.72"),
        vat_percent=D(19),
        portions=(portion,),
    )
    base = replace(
        energy,
        kind=ChargeKind.BASE,
        label="Grundpreis",
        quantity=D(365),
        unit="Tage",
        unit_price=D(144),
        price_unit="€/Jahr",
        net=D("144.00"),
        portions=(),
        day_shares=(DayShare(365, 365),),
    )
    return energy, base


def _gas_contained() -> tuple[ContainedCharge, ...]:
    kwh = D(19973)
    return (
        ContainedCharge("energy_tax_gas", "Energiesteuer auf Erdgas", ((kwh, D("0.55")),), D("109.85")),
        ContainedCharge("concession_fee", "Konzessionsabgabe", ((kwh, D("0.03")),), D("5.99")),
        ContainedCharge("co2_price_gas", "CO₂-Preis (BEHG)", ((kwh, D("0.9977")),), D("199.27")),
        ContainedCharge("gas_storage_levy", "Gasspeicherumlage", ((kwh, D("0.294")),), D("58.72")),
        ContainedCharge("grid_fee", "Netzentgelt", ((kwh, D("1.45")),), D("289.61")),
        ContainedCharge("metering_fee", "Messstellenbetrieb", (), D("14.30")),
    )


def sample_gas_bill(serial: int = 2, letterhead: Letterhead | None = None) -> BillDocument:
    """Gas 2025 with conversion at 150 m above sea level: 19,973 kWh, gross 2,179.75, credit 20.25."""
    electricity = sample_electricity_bill(serial, letterhead)
    groups = _groups("Wohnfläche ", (("50 m²", 7000), ("100 m²", 14000), ("150 m²", 21000)), own=2)
    return replace(
        electricity,
        commodity=Commodity.GAS,
        number=f"R-2026-{serial:07d}",
        contract_number="V0008151",
        product=Product("Lindenau Wärme", True, date(2019, 10, 1), "unbefristet", "zwei Wochen", None),
        supply=_supply(Commodity.GAS),
        intervals=(_gas_interval(),),
        lines=_gas_lines(),
        vat_totals=(VatTotal(D(19), D("1831.72"), D("348.03")),),
        net=D("1831.72"),
        gross=D("2179.75"),
        instalments=_instalments(11, D("2200.00"), D("1848.77"), D("351.23")),
        balance=D("-20.25"),
        payment=BillPayment(
            PaymentMethod.PAYOUT,
            _ISSUED + timedelta(days=14),
            f"R-2026-{serial:07d}",
            "DE89370400440532013000",
        ),
        contained=_gas_contained(),
        kwh=D(19973),
        prior=PriorConsumption(Period.inclusive(date(2024, 1, 1), date(2024, 12, 31)), D(21240)),
        group=groups,
        energy_mix=None,
        co2=Co2Statement(D("3623.0"), D("237.13"), D("0.20088"), D(19973)),
        next_instalments=NextInstalments(
            D("198.00"),
            D("166.39"),
            D("31.61"),
            D(19),
            _months(date(2026, 2, 1), 11),
            D("2178.00"),
            D("200.00"),
        ),
    )


def _frame(subject: str, letterhead: Letterhead | None, *references: tuple[str, str]) -> LetterFrame:
    return LetterFrame(
        letterhead or sample_letterhead(), _recipient(), date(2026, 3, 2), subject, "K0004711", references
    )


def sample_reminder(letterhead: Letterhead | None = None) -> ReminderLetter:
    """Level 1, two items, one of them partly paid."""
    items = (
        OverdueItem("Abschlag Februar 2026", date(2026, 2, 1), D("113.10"), D("113.10")),
        OverdueItem("Rechnung R-2026-0000001", date(2026, 2, 2), D("131.28"), D("31.28")),
    )
    frame = _frame("Zahlungserinnerung", letterhead, ("Vertragskonto", "00000815"))
    return ReminderLetter(frame, 1, items, date(2026, 3, 16), "00000815", D("145.58"), D("1.20"))


def sample_pre_notification(letterhead: Letterhead | None = None) -> PreNotification:
    """One announced debit."""
    collections = (Collection(date(2026, 4, 1), D("113.10"), "Abschlag April 2026, Vertrag V0008150"),)
    frame = _frame("Ankündigung einer Lastschrift", letterhead)
    return PreNotification(frame, collections, "DE89370400440532013000", "M00012345", "Erika Müller-Özdemir")


def sample_explanation(letterhead: Letterhead | None = None) -> ExplanationLetter:
    """The corrected worked example: closing reading 13,724 instead of 13,742, gross 1,203.96."""
    changes = (
        Change("Zählerstand am 14.05.2025", "13.742", "13.724", "\u221218"),
        Change("Verbrauch im Jahr 2025", "3.500 kWh", "3.482 kWh", "\u221218 kWh"),
    )
    return ExplanationLetter(
        frame=_frame("Erläuterung zu Ihrer korrigierten Rechnung", letterhead),
        cause="Beim Ausbau des alten Zählers wurden zwei Ziffern des Zählerstands vertauscht.",
        changes=changes,
        old_bill="R-2026-0000001 vom 15.01.2026",
        cancellation="R-2026-0000987 vom 02.03.2026",
        new_bill="R-2026-0000988 vom 02.03.2026",
        old_gross=D("1209.28"),
        new_gross=D("1203.96"),
        outcome="Diesen Betrag überweisen wir Ihnen bis zum 16.03.2026 auf Ihr Konto.",
        consumer=consumer_information(date(2026, 3, 2)),
    )


def sample_letter(letterhead: Letterhead | None = None) -> GeneralLetter:
    """A short answer with facts and a list."""
    return GeneralLetter(
        _frame("Ihre Nachricht vom 24. Februar", letterhead),
        (
            Paragraph(
                "vielen Dank für Ihre Nachricht. Wir haben den Zählerstand mit dem Netzbetreiber geklärt."
            ),
            Facts((("Gemeldeter Stand", "2.106 kWh am 31.12.2025"), ("Bestätigt am", "27.02.2026"))),
            Bullets(("Ihre Rechnung bleibt unverändert.", "Sie brauchen nichts weiter zu tun.")),
        ),
    )

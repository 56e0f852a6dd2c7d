"""Every reason why a bill cannot be calculated, found in one pass, in one fixed order.

Nothing is guessed here: a missing reading, price or gas quality is a finding, and the caller holds the bill.
Reading checks come first, because the later ones need to know which spans are split.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from turnus.billing.calc import intervals
from turnus.billing.calc.records import BillInput, Code, Commodity, Finding, Reading, Split, VatModel
from turnus.lib.period import Period
from turnus.lib.quantity import register_difference
from turnus.products.calc import profiles

__all__ = ["CHECKS", "check", "coverage"]


def check(bill: BillInput) -> list[Finding]:
    """All findings of all checks; an empty list means the bill can be calculated."""
    return [finding for one_check in CHECKS for finding in one_check(bill)]


def reading_conflict(bill: BillInput) -> list[Finding]:
    """A meter has one value per day."""
    findings = []
    for (meter, day), group in _by_meter_and_day(bill.readings):
        values = sorted({reading.value for reading in group})
        if len(values) > 1:
            text = f"Zähler {meter} hat am {day:%d.%m.%Y} zwei Stände ({values[0]} und {values[-1]})"
            findings.append(Finding(Code.READING_CONFLICT, "readings", text))
    return findings


def reading_exceeds_digits(bill: BillInput) -> list[Finding]:
    """A value fits into its register: five digits count to 99,999."""
    return [
        Finding(
            Code.READING_EXCEEDS_DIGITS,
            f"readings[{number}].value",
            f"Stand {reading.value} passt nicht in ein Zählwerk mit {reading.digits} Stellen",
        )
        for number, reading in enumerate(bill.readings)
        if reading.digits is not None and reading.value >= 10**reading.digits
    ]


def several_registers(bill: BillInput) -> list[Finding]:
    """Peak and off-peak registers have prices of their own; summed up or alone they make a wrong bill."""
    return [
        Finding(
            Code.SEVERAL_REGISTERS,
            "readings",
            f"Zähler {meter} zählt den Verbrauch in mehreren Zählwerken ({', '.join(codes)}) und hat kein "
            "Summenzählwerk (1-1:1.8.0); Hoch- und Niedertarif werden noch nicht abgerechnet",
        )
        for meter, codes in bill.registers
        if len(codes) > 1
    ]


def factor_conflict(bill: BillInput) -> list[Finding]:
    """Both readings of a pair were taken behind the same transformer."""
    return [
        Finding(
            Code.FACTOR_CONFLICT,
            "readings.factor",
            f"Zähler {a.meter}: Wandlerfaktor {a.factor} am {a.day:%d.%m.%Y}, "
            f"{b.factor} am {b.day:%d.%m.%Y}; ein Wechsel des Faktors braucht zwei Ablesungen "
            "wie ein Zählerwechsel",
        )
        for a, b in intervals.reading_pairs(bill)
        if a.factor is not None and b.factor is not None and a.factor != b.factor
    ]


def reading_backwards(bill: BillInput) -> list[Finding]:
    """A register runs forward, or it is known at how many digits it starts again."""
    return [
        Finding(
            Code.READING_BACKWARDS,
            "readings",
            f"Zähler {a.meter}: Endstand {b.value} am {b.day:%d.%m.%Y} liegt unter dem "
            f"Anfangsstand {a.value}; für einen Überlauf fehlt die Stellenzahl (digits)",
        )
        for a, b in intervals.reading_pairs(bill)
        if register_difference(a.value, b.value, b.digits if b.digits is not None else a.digits) is None
    ]


def reading_coverage(bill: BillInput) -> list[Finding]:
    """Readings must lead from the first day to the last without a gap and never twice over the same day."""
    findings = []
    cursor, meter = bill.period.start, ""
    for opening, closing in intervals.reading_pairs(bill):
        if opening.day > cursor:
            findings.append(_reading_hole(bill, cursor, opening.day))
        elif opening.day < cursor:
            common = Period(opening.day, min(cursor, closing.day))
            text = f"Zähler {meter} und {opening.meter} messen beide im Zeitraum {common.german()}"
            findings.append(Finding(Code.READING_OVERLAP, "readings", text))
        if closing.day > cursor:
            cursor, meter = closing.day, opening.meter
    if cursor < bill.period.end:
        findings.append(_reading_hole(bill, cursor, bill.period.end))
    return findings


def _reading_hole(bill: BillInput, start: date, end: date) -> Finding:
    days = {reading.day for reading in bill.readings}
    if start == bill.period.start and start not in days:
        text = f"Es fehlt der Anfangsstand zum {start:%d.%m.%Y}, 00:00 Uhr"
        return Finding(Code.READING_MISSING_START, "readings", text)
    if end == bill.period.end and end not in days:
        text = f"Es fehlt der Endstand zum {end:%d.%m.%Y}, 00:00 Uhr (nach Ablauf des letzten Tages)"
        return Finding(Code.READING_MISSING_END, "readings", text)
    text = f"Für {Period(start, end).german()} gibt es keinen Zähler mit Anfangs- und Endstand"
    return Finding(Code.READING_GAP, "readings", text)


def price_coverage(bill: BillInput) -> list[Finding]:
    """Exactly one price holds on each day of the period."""
    return coverage(
        [price.period for price in bill.prices],
        bill.period,
        "prices",
        (Code.PRICE_MISSING, "Es fehlt ein Preis für {}"),
        (Code.PRICE_OVERLAP, "Für {} gelten zwei Preise"),
    )


def vat_coverage(bill: BillInput) -> list[Finding]:
    """STICHTAG needs the rate of the last day only, ZEITSCHEIBEN one for every day."""
    needed = bill.period
    if bill.vat_model is VatModel.STICHTAG:
        needed = Period.inclusive(bill.period.last, bill.period.last)
    return coverage(
        [rate.period for rate in bill.vat],
        needed,
        "vat",
        (Code.VAT_MISSING, "Es fehlt ein Umsatzsteuersatz für {}"),
        (Code.VAT_OVERLAP, "Für {} gelten zwei Umsatzsteuersätze"),
    )


def gas_coverage(bill: BillInput) -> list[Finding]:
    """Gas has exactly one calorific value and conversion factor on each day."""
    if bill.commodity is not Commodity.GAS:
        return []
    return coverage(
        [quality.period for quality in bill.gas],
        bill.period,
        "gas",
        (Code.GAS_QUALITY_MISSING, "Es fehlen Brennwert und Zustandszahl für {}"),
        (Code.GAS_QUALITY_OVERLAP, "Für {} gibt es zwei Angaben zu Brennwert und Zustandszahl"),
    )


def profile(bill: BillInput) -> list[Finding]:
    """A profile must be known if the bill uses it; one for electricity must be known in any case.

    Gas without an assigned profile is divided by days: its profiles need temperatures.
    """
    needed = bill.split is Split.SLP and _is_split(bill)
    if bill.profile is None:
        if not needed or bill.commodity is Commodity.GAS:
            return []
        text = "Für die Aufteilung nach Lastprofil fehlt das Profil"
        return [Finding(Code.PROFILE_MISSING, "profile", text)]
    if bill.commodity is Commodity.GAS and not needed:
        return []
    try:
        profiles.canonical_profile(bill.commodity, bill.profile)
    except profiles.UnknownProfile as error:
        return [Finding(Code.PROFILE_UNKNOWN, "profile", str(error))]
    return []


def state(bill: BillInput) -> list[Finding]:
    """The federal state, if given, is one of the sixteen."""
    if bill.state is None or bill.state in profiles.STATES:
        return []
    text = f"Bundesland „{bill.state}“ ist nicht bekannt; bekannt sind {', '.join(sorted(profiles.STATES))}"
    return [Finding(Code.STATE_UNKNOWN, "state", text)]


#: The order of the report. A test proves that every code of `Code` is reached by one of these.
CHECKS: tuple[Callable[[BillInput], list[Finding]], ...] = (
    several_registers,
    reading_conflict,
    reading_exceeds_digits,
    factor_conflict,
    reading_backwards,
    reading_coverage,
    price_coverage,
    vat_coverage,
    gas_coverage,
    profile,
    state,
)


def _is_split(bill: BillInput) -> bool:
    """Whether a price or gas quality changes between two readings."""
    changes = [price.period.start for price in bill.prices] + [quality.period.start for quality in bill.gas]
    return any(
        opening.day < change < closing.day
        for opening, closing in intervals.reading_pairs(bill)
        for change in changes
    )


def _by_meter_and_day(readings: Sequence[Reading]) -> list[tuple[tuple[str, date], list[Reading]]]:
    def key(reading: Reading) -> tuple[str, date]:
        return reading.meter, reading.day

    return [(k, list(group)) for k, group in groupby(sorted(readings, key=key), key=key)]


def coverage(
    periods: list[Period],
    needed: Period,
    field: str,
    missing: tuple[Code, str],
    overlap: tuple[Code, str],
) -> list[Finding]:
    """Findings for days of `needed` that no period covers, and for days that two cover."""
    used = sorted(common for period in periods if (common := needed.intersect(period)) is not None)
    findings = []
    cursor = needed.start
    for period in used:
        if period.start > cursor:
            text = missing[1].format(Period(cursor, period.start).german())
            findings.append(Finding(missing[0], field, text))
        elif period.start < cursor:
            text = overlap[1].format(Period(period.start, min(cursor, period.end)).german())
            findings.append(Finding(overlap[0], field, text))
        cursor = max(cursor, period.end)
    if cursor < needed.end:
        findings.append(Finding(missing[0], field, missing[1].format(Period(cursor, needed.end).german())))
    return findings

"""A bill and its working as JSON data and as German sentences a clerk and a customer can follow by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from turnus.billing.calc.records import (
    BaseWorking,
    Bill,
    BonusWorking,
    EnergyWorking,
    Line,
    MeterInterval,
    Portion,
    VatSum,
)
from turnus.lib.money import format_eur, format_number

__all__ = ["bill_data", "line_data", "plain", "reading_text", "vat_data", "working_data"]

METHODS = {"measured": "gemessen", "slp": "nach Lastprofil", "days": "nach Tagen"}


def plain(number: Decimal) -> str:
    """A number without exponent and without superfluous zeros: 24.80 → "24.8", 1E+2 → "100"."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def german(number: Decimal) -> str:
    """A number as it was measured or agreed, with decimal comma."""
    return plain(number).replace(".", ",")


def bill_data(bill: Bill) -> dict[str, Any]:
    """The result of `turnus calc bill`; amounts and quantities are strings."""
    return {
        "lines": [line_data(line) for line in bill.lines],
        "kwh": plain(bill.kwh),
        "net": str(bill.net),
        "vat": vat_data(bill.vat),
        "gross": str(bill.gross),
        "instalments": f"{bill.instalments:.2f}",
        "instalments_vat": vat_data(bill.instalments_vat),
        "balance": f"{bill.balance:.2f}",
        "contained": contained_data(bill),
        "co2": co2_data(bill),
        "estimated": bill.estimated,
    }


def line_data(line: Line) -> dict[str, Any]:
    """One line with its working; kWh None where the line has none."""
    return {
        "kind": line.kind.value,
        "from": line.period.start.isoformat(),
        "to": line.period.last.isoformat(),
        "kwh": None if line.kwh is None else plain(line.kwh),
        "unit_price": None if line.unit_price is None else format(line.unit_price, "f"),
        "net": str(line.net),
        "vat_percent": plain(line.vat_percent),
        "working": working_data(line),
    }


def vat_data(sums: tuple[VatSum, ...]) -> list[dict[str, str]]:
    """Net and VAT per rate."""
    return [{"percent": plain(s.percent), "net": str(s.net), "vat": str(s.vat)} for s in sums]


def contained_data(bill: Bill) -> list[dict[str, Any]]:
    """Taxes and levies inside the price; `net` None while a rate is unpublished."""
    return [
        {
            "code": charge.code,
            "title": charge.title,
            "rates": [{"kwh": plain(kwh), "ct_per_kwh": plain(rate)} for kwh, rate in charge.rates],
            "net": None if charge.net is None else str(charge.net),
        }
        for charge in bill.contained
    ]


def co2_data(bill: Bill) -> dict[str, str] | None:
    """The statement of § 3 CO2KostAufG, None without one."""
    if bill.co2 is None:
        return None
    return {
        "kg": str(bill.co2.kg),
        "net": str(bill.co2.net),
        "gross": str(bill.co2.gross),
        "factor_net_calorific": plain(bill.co2.factor_net_calorific),
    }


def working_data(line: Line) -> dict[str, Any]:
    """`text` to read, the other fields to calculate with."""
    working = line.working
    if isinstance(working, EnergyWorking):
        return _energy_data(line, working)
    if isinstance(working, BaseWorking):
        years = [{"year": y.year, "days": y.days, "days_in_year": y.days_in_year} for y in working.years]
        return {"text": _base_text(line, working), "years": years}
    return {"text": _bonus_text(line, working), "gross": str(working.gross), "vat": str(working.vat)}


def _energy_data(line: Line, working: EnergyWorking) -> dict[str, Any]:
    parts = [_portion_data(portion) for portion in working.portions]
    texts = [_portion_text(portion) for portion in working.portions]
    kwh, price = line.kwh or Decimal(0), line.unit_price or Decimal(0)
    how = "als Rest der Aufteilung" if working.takes_rest else "gerundet"
    total = f"{german(kwh)} kWh ({how}) × {german(price)} ct = {format_eur(line.net)}"
    return {
        "text": "; ".join([*texts, total]),
        "exact_kwh": f"{working.exact:.6f}",
        "takes_rest": working.takes_rest,
        "parts": parts,
    }


def _portion_data(portion: Portion) -> dict[str, Any]:
    interval = portion.interval
    data: dict[str, Any] = {
        "meter": interval.meter,
        "opening": {"date": interval.period.start.isoformat(), "value": plain(interval.opening)},
        "closing": {"date": interval.period.end.isoformat(), "value": plain(interval.closing)},
        "difference": plain(interval.difference),
        "overflow": interval.overflow,
        "factor": plain(interval.factor),
        "quantity": plain(interval.quantity),
        "from": portion.period.start.isoformat(),
        "to": portion.period.last.isoformat(),
        "days": portion.period.days,
        "of_days": interval.period.days,
        "method": portion.method,
        "profile": portion.profile,
        "share": f"{portion.share:.6f}",
        "kwh": f"{portion.kwh:.6f}",
        "estimated": interval.estimated,
    }
    if interval.gas:
        data["gas"] = [
            {
                "from": run.period.start.isoformat(),
                "to": run.period.last.isoformat(),
                "volume_m3": plain(run.volume),
                "conversion_factor": str(run.conversion_factor),
                "calorific_value": str(run.calorific_value),
                "kwh": f"{run.kwh:.6f}",
            }
            for run in interval.gas
        ]
    return data


def reading_text(interval: MeterInterval) -> str:
    """ "Zähler 4711: 13.742 − 12.345 = 1.397", with overflow and factor where they matter."""
    steps = f"Zähler {interval.meter}: {german(interval.closing)} − {german(interval.opening)}"
    if interval.overflow:
        steps += " mit Überlauf"
    steps += f" = {german(interval.difference)}"
    if interval.factor != 1:
        steps += f", × {german(interval.factor)} = {german(interval.quantity)}"
    return steps


def _portion_text(portion: Portion) -> str:
    interval = portion.interval
    text = reading_text(interval)
    if interval.gas:
        text += " m³; " + "; ".join(
            f"{german(run.volume)} m³ × {german(run.conversion_factor)} × "
            f"{german(run.calorific_value)} kWh/m³ = {format_number(run.kwh, 2)} kWh"
            for run in interval.gas
        )
    else:
        text += " kWh"
    if interval.estimated:
        text += " (geschätzt)"
    if portion.method == "measured":
        return f"{text} ({portion.period.german()})"
    percent = format_number(portion.share * 100, 4)
    days = f"{portion.period.days} von {interval.period.days} Tagen"
    method = f"{METHODS[portion.method]} {portion.profile}".strip()
    return (
        f"{text}, davon {portion.period.german()} ({days}) {method} "
        f"{percent} % = {format_number(portion.kwh, 2)} kWh"
    )


def _base_text(line: Line, working: BaseWorking) -> str:
    price = format_eur(line.unit_price or Decimal(0))
    parts = " + ".join(f"{price} × {year.days}/{year.days_in_year}" for year in working.years)
    return f"{parts} = {format_eur(line.net)}"


def _bonus_text(line: Line, working: BonusWorking) -> str:
    percent = german(line.vat_percent)
    return (
        f"Bonus {format_eur(working.gross)} brutto = {format_eur(-line.net)} netto "
        f"+ {format_eur(working.vat)} USt ({percent} %)"
    )

"""Page two of a bill: every figure from the meter to the balance, so that it can be checked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from turnus.documents.calc.bill import (
    BillDocument,
    ChargeLine,
    Commodity,
    ContainedCharge,
    EnergyPortion,
    MeasuredInterval,
    SplitMethod,
)
from turnus.documents.render.wording import ORIGIN, SPLIT, ct, day, eur, kwh, number, percent, span

__all__ = ["calculation_payload"]

_GRID = frozenset({"grid_fee", "metering_fee"})


def calculation_payload(bill: BillDocument) -> dict[str, Any]:
    """Sections of the calculation; empty lists are left out by the template."""
    gas = bill.commodity is Commodity.GAS
    portions = [row for line in bill.lines for row in _portions(line, bill)]
    money = _money_shares(bill)
    return {
        **_steps(gas=gas, split=bool(portions)),
        "several_meters": len(bill.intervals) > 1,
        "unit": "m³" if gas else "kWh",
        "readings": [_reading(interval) for interval in bill.intervals],
        "gas_runs": [row for interval in bill.intervals for row in _gas_runs(interval)],
        "gas_sum": kwh(sum((i.kwh for i in bill.intervals), Decimal(0))),
        "portions": portions,
        "lines": [_line(line) for line in bill.lines],
        "totals": _totals(bill),
        "instalments": [_instalment_row(bill, i) for i in range(len(bill.instalments))],
        "instalments_sum": eur(bill.instalments_gross),
        "balance": eur(abs(bill.balance)),
        "balance_label": "Guthaben" if bill.balance < 0 else "Noch zu zahlen",
        "balance_formula": _balance_formula(bill),
        "contained": [_contained(charge) for charge in bill.contained],
        "money": money,
        "money_alt": "Wofür Sie bezahlen: "
        + "; ".join(f"{part['label']} {part['amount']}" for part in money),
        "co2": _co2(bill),
    }


def _steps(*, gas: bool, split: bool) -> dict[str, str]:
    """Numbered headings; steps that a bill does not need are not counted."""
    titles = [("step_readings", "Messen: Ihre Zählerstände")]
    if gas:
        titles.append(("step_gas", "Umrechnen: von Kubikmetern zu Kilowattstunden"))
    if split:
        titles.append(("step_split", "Aufteilen: auf die Preiszeiträume"))
    titles += [
        ("step_charges", "Berechnen: Ihre Kosten"),
        ("step_instalments", "Abziehen: Ihre Abschläge"),
    ]
    return {key: f"{n}. {title}" for n, (key, title) in enumerate(titles, start=1)}


def _balance_formula(bill: BillDocument) -> str:
    if not bill.instalments:
        return "Rechnungsbetrag brutto"
    paid = eur(bill.instalments_gross)
    return f"{paid} − {eur(bill.gross)}" if bill.balance < 0 else f"{eur(bill.gross)} − {paid}"


def _reading(interval: MeasuredInterval) -> dict[str, str]:
    overflow = ""
    if interval.closing.value < interval.opening.value and interval.overflow_digits:
        overflow = f"Zählwerk über {'9' * interval.overflow_digits} hinaus gelaufen"
    factor = "" if interval.factor == 1 else f"× Wandlerfaktor {number(interval.factor)}"
    return {
        "meter": interval.meter_number,
        "register": interval.register,
        "from": day(interval.period.start),
        "to": day(interval.period.last),
        "opening": number(interval.opening.value),
        "opening_origin": ORIGIN[interval.opening.origin],
        "closing": number(interval.closing.value),
        "closing_origin": ORIGIN[interval.closing.origin],
        "notes": " · ".join(note for note in (factor, overflow) if note),
        "consumption": number(interval.consumption),
    }


def _gas_runs(interval: MeasuredInterval) -> list[dict[str, str]]:
    return [
        {
            "meter": interval.meter_number,
            "span": span(run.period),
            "volume": number(run.volume, 0, 4),
            "z": number(run.conversion_factor, 4) if run.conversion_factor is not None else "fehlt",
            "hs": number(run.calorific_value, 3, 6) if run.calorific_value is not None else "fehlt",
            "kwh": number(run.kwh, 0, 2),
        }
        for run in interval.gas
    ]


def _portions(line: ChargeLine, bill: BillDocument) -> list[dict[str, str]]:
    """Where a line got its kWh from; only lines that contain a divided interval need the table."""
    if all(portion.method is SplitMethod.MEASURED for portion in line.portions):
        return []
    rows = [_portion(portion, bill) for portion in line.portions]
    exact = sum((portion.kwh for portion in line.portions), Decimal(0))
    rounded = "" if exact == line.quantity else f"{number(exact, 0, 2)} kWh, gerundet "
    note = f"{rounded}{kwh(line.quantity)}"
    rows.append({"sum": f"{line.label} {span(line.period)}", "kwh": note})
    return rows


def _portion(portion: EnergyPortion, bill: BillDocument) -> dict[str, str]:
    method = SPLIT[portion.method]
    if portion.method is SplitMethod.SLP and bill.supply.profile:
        method = f"{method} {bill.supply.profile}"
    whole = [
        i.kwh
        for i in bill.intervals
        if i.period == portion.interval and i.meter_number == portion.meter_number
    ]
    return {
        "meter": portion.meter_number,
        "span": span(portion.period),
        "whole": number(whole[0], 0, 2) if whole else "",
        "share": percent(portion.share * 100, 4),
        "method": method,
        "kwh": number(portion.kwh, 0, 2),
    }


def _line(line: ChargeLine) -> dict[str, str]:
    price = ""
    if line.unit_price is not None:
        price = ct(line.unit_price) if line.price_unit.startswith("ct") else eur(line.unit_price)
    return {
        "label": line.label,
        "span": span(line.period),
        "quantity": f"{number(line.quantity)} {line.unit}".strip() if line.quantity else "",
        "price": price,
        "per": "je kWh" if line.price_unit == "ct/kWh" else _per(line.price_unit),
        "working": _working(line),
        "net": eur(line.net),
        "vat": percent(line.vat_percent),
    }


def _per(price_unit: str) -> str:
    return f"je {price_unit.split('/', 1)[1]}" if "/" in price_unit else ""


def _working(line: ChargeLine) -> str:
    if line.day_shares and line.unit_price is not None:
        shares = " + ".join(f"{share.days}/{share.days_in_year}" for share in line.day_shares)
        bracket = f"({shares})" if len(line.day_shares) > 1 else shares
        return f"{eur(line.unit_price)} × {bracket} Tage"
    if line.working or line.unit_price is None:
        return line.working
    return f"{number(line.quantity)} {line.unit} × {number(line.unit_price, 2)} {line.price_unit}"


def _totals(bill: BillDocument) -> list[dict[str, str]]:
    rows = []
    for total in bill.vat_totals:
        rate = percent(total.percent)
        rows.append({"label": f"Nettobetrag zu {rate} USt", "value": eur(total.net)})
        rows.append({"label": f"Umsatzsteuer {rate} auf {eur(total.net)}", "value": eur(total.vat)})
    rows.append({"label": "Rechnungsbetrag brutto", "value": eur(bill.gross), "style": "sum"})
    return rows


def _instalment_row(bill: BillDocument, index: int) -> dict[str, str]:
    paid = bill.instalments[index]
    return {
        "label": paid.label,
        "date": day(paid.paid_on) if paid.paid_on else "",
        "net": eur(paid.net),
        "rate": percent(paid.vat_percent),
        "vat": eur(paid.vat),
        "gross": eur(paid.gross),
    }


def _contained(charge: ContainedCharge) -> dict[str, str]:
    due = [(quantity, rate) for quantity, rate in charge.rates if rate]
    parts = [f"{number(quantity, 0, 0)} kWh × {number(rate, 2)} ct" for quantity, rate in due]
    amount = eur(charge.amount) if charge.amount is not None else "noch nicht veröffentlicht"
    return {"label": charge.label, "working": " + ".join(parts), "amount": amount}


def _money_shares(bill: BillDocument) -> list[dict[str, Any]]:
    """Where the gross amount goes, as shares of a bar (0 … 1)."""
    known = [charge for charge in bill.contained if charge.amount is not None]
    if bill.gross <= 0 or not known:
        return []
    grid = sum((c.amount for c in known if c.amount is not None and c.key in _GRID), Decimal(0))
    levies = sum((c.amount for c in known if c.amount is not None and c.key not in _GRID), Decimal(0))
    vat = sum((total.vat for total in bill.vat_totals), Decimal(0))
    rest = "Beschaffung und Vertrieb" if grid else "Beschaffung, Netz und Vertrieb"
    parts = [(rest, bill.net - grid - levies), ("Netz und Messung", grid)]
    parts += [("Steuern, Abgaben, Umlagen", levies), ("Umsatzsteuer", vat)]
    if any(amount < 0 for _, amount in parts):
        return []
    return [
        {"label": label, "amount": eur(amount), "share": float(amount / bill.gross)}
        for label, amount in parts
        if amount
    ]


def _co2(bill: BillDocument) -> dict[str, str]:
    if bill.co2 is None:
        return {}
    hint = bill.consumer.co2_refund_hint if bill.consumer else ""
    return {
        "kg": f"{number(bill.co2.kg, 1)} kg",
        "cost": eur(bill.co2.cost_gross),
        "factor": f"{number(bill.co2.factor_kg_per_kwh_hi, 5)} kg/kWh",
        "kwh": kwh(bill.co2.kwh),
        "hint": hint,
    }

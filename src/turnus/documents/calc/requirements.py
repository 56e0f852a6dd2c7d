"""What each requirement of the checklist looks at: one function per item, one per condition.

A check returns "" when the content is on the bill, otherwise a German note of what is missing. Items and
their dates of validity are data (`data/bill_checklist.toml`); `checklist.py` puts both together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from turnus.documents.calc.bill import BillDocument, BillKind, ChargeKind, Commodity, PaymentMethod
from turnus.documents.calc.consistency import inconsistencies

__all__ = ["CHECKS", "CONDITIONS", "PLACES", "SHARED"]

_STORAGE_LEVY_END = date(2025, 12, 31)


def _always(bill: BillDocument) -> bool:
    return True


def _with_prior_supply(bill: BillDocument) -> bool:
    return bill.kind is not BillKind.CANCELLATION and not bill.prior_missing_reason


def _across_storage_levy_end(bill: BillDocument) -> bool:
    return bill.commodity is Commodity.GAS and bill.period.start <= _STORAGE_LEVY_END < bill.period.last


CONDITIONS: dict[str, Callable[[BillDocument], bool]] = {
    "always": _always,
    "electricity": lambda bill: bill.commodity is Commodity.ELECTRICITY,
    "gas": lambda bill: bill.commodity is Commodity.GAS,
    "estimated": lambda bill: bill.is_estimated,
    "no_cancellation": lambda bill: bill.kind is not BillKind.CANCELLATION,
    "with_prior_supply": _with_prior_supply,
    "with_instalments": lambda bill: bool(bill.instalments) or bill.balance != bill.gross,
    "gas_across_storage_levy_end": _across_storage_levy_end,
    "business_above_250": lambda bill: bill.is_business and abs(bill.gross) > Decimal(250),
}


def _wanted(**parts: object) -> str:
    """Names of the parts that are empty, as one German note."""
    lacking = [name.replace("_", " ") for name, value in parts.items() if not value]
    return f"fehlt: {', '.join(lacking)}" if lacking else ""


def _adds_up(bill: BillDocument) -> str:
    return "; ".join(inconsistencies(bill))


def _amount_due(bill: BillDocument) -> str:
    if bill.balance != 0 and bill.payment.method is PaymentMethod.NOTHING_DUE:
        return "ein Betrag ist offen, aber nicht gesagt, wie er beglichen wird"
    if bill.balance > 0 and (bill.payment.due_date - bill.issue_date).days < 14:
        return "Fälligkeit liegt weniger als zwei Wochen nach dem Rechnungsdatum (§ 40c Abs. 1 EnWG)"
    return ""


def _free_explanation(bill: BillDocument) -> str:
    hint = bill.consumer and bill.consumer.free_explanation
    return _wanted(Hinweis_auf_unentgeltliche_Erläuterung=hint)


def _supplier(bill: BillDocument) -> str:
    head = bill.letterhead
    return _wanted(
        Name=head.name,
        Anschrift=head.address.street and head.address.city,
        Registergericht=head.register_court,
    )


def _contact(bill: BillDocument) -> str:
    return _wanted(Telefonnummer=bill.letterhead.hotline, **{"E-Mail-Adresse": bill.letterhead.email})


def _supply_point(bill: BillDocument) -> str:
    supply = bill.supply
    return _wanted(Verbrauchsstelle=supply.address.street, Marktlokation=supply.market_location)


def _contract(bill: BillDocument) -> str:
    prices = any(line.kind is ChargeKind.ENERGY for line in bill.lines)
    return _wanted(Vertragsdauer=bill.product.term, Preise=prices)


def _termination(bill: BillDocument) -> str:
    # Default supply has no term: two weeks at any time (§ 20 GVV), so no date to name.
    day = bill.product.next_termination or bill.product.is_default_supply or bill.kind is BillKind.FINAL
    return _wanted(Kündigungsfrist=bill.product.notice_period, nächster_Kündigungstermin=day)


def _operators(bill: BillDocument) -> str:
    supply = bill.supply
    return _wanted(
        Messstellenbetreiber=supply.metering_operator,
        Netzbetreiber=supply.grid_operator,
        Codenummer_des_Netzbetreibers=supply.grid_operator_code,
    )


def _readings(bill: BillDocument) -> str:
    if not bill.intervals:
        return "fehlt: Zählerstände"
    missing = bill.period.start != min(i.period.start for i in bill.intervals)
    missing = missing or bill.period.end != max(i.period.end for i in bill.intervals)
    return "Zählerstände decken den Abrechnungszeitraum nicht" if missing else ""


def _origin(bill: BillDocument) -> str:
    known = all(i.opening.origin and i.closing.origin for i in bill.intervals)
    return _wanted(Art_der_Ermittlung=bill.intervals and known)


def _prior(bill: BillDocument) -> str:
    return _wanted(Verbrauch_im_Vorjahreszeitraum=bill.prior)


def _group(bill: BillDocument) -> str:
    return _wanted(Vergleichskundengruppe=bill.group and bill.group.values)


def _dispute(bill: BillDocument) -> str:
    info = bill.consumer
    office = info and info.arbitration
    return _wanted(
        Rechte_im_Streitfall=info and info.dispute_rights, Schlichtungsstelle=office and office.lines
    )


def _regulator(bill: BillDocument) -> str:
    office = bill.consumer and bill.consumer.regulator
    return _wanted(Verbraucherservice_der_Bundesnetzagentur=office and office.lines)


def _advice(bill: BillDocument) -> str:
    offices = bill.consumer.energy_advice if bill.consumer else ()
    with_web = [office for office in offices if any("www." in line for line in office.lines)]
    return _wanted(Energieberatung_mit_Internetadresse=with_web)


def _switching(bill: BillDocument) -> str:
    return _wanted(Hinweis_zum_Lieferantenwechsel=bill.consumer and bill.consumer.switching_hint)


def _product_name(bill: BillDocument) -> str:
    return _wanted(Produktname=bill.product.name)


def _contained(bill: BillDocument, **keys: str) -> str:
    return _wanted(**{label: _stated(bill, key) for label, key in keys.items()})


def _stated(bill: BillDocument, key: str) -> bool:
    # An amount of None means that a rate is not published yet: the bill has to wait.
    for charge in bill.contained:
        if charge.key == key and charge.amount is not None:
            return True
    return key in bill.excluded_charges


def _energy_tax(bill: BillDocument) -> str:
    if bill.commodity is Commodity.GAS:
        return _contained(bill, Energiesteuer="energy_tax_gas")
    return _contained(bill, Stromsteuer="electricity_tax")


def _levies(bill: BillDocument) -> str:
    return _contained(bill, **{"KWKG-Umlage": "chp_levy", "Offshore-Netzumlage": "offshore_levy"})


def _gas_costs(bill: BillDocument) -> str:
    return _contained(bill, Emissionshandel="co2_price_gas", Gasspeicherumlage="gas_storage_levy")


def _storage_relief(bill: BillDocument) -> str:
    return _wanted(Weitergabe_der_Gasspeicherumlage=bill.storage_levy_relief_ct)


def _factors(bill: BillDocument) -> str:
    runs = [run for interval in bill.intervals for run in interval.gas]
    quality = bool(runs) and all(run.conversion_factor and run.calorific_value for run in runs)
    explained = all(line.portions or line.kind is not ChargeKind.ENERGY for line in bill.lines)
    terms = bill.consumer and bill.consumer.standard_terms_hint
    return _wanted(
        **{"Zustandszahl und Brennwert": quality or bill.commodity is not Commodity.GAS},
        Herleitung_der_Mengen=explained,
        Hinweis_auf_die_Bedingungen=terms,
    )


def _estimate(bill: BillDocument) -> str:
    estimate = bill.estimate
    return _wanted(Anlass_der_Schätzung=estimate and estimate.reason, Grundlage=estimate and estimate.basis)


def _energy_mix(bill: BillDocument) -> str:
    mix = bill.energy_mix
    if mix is None or len(mix.columns) < 2:
        return "fehlt: Stromkennzeichnung mit Vergleichswerten"
    # § 42(1): the previous calendar year from 1 July on, before that the year before it may still stand.
    needed = bill.issue_date.year - (1 if bill.issue_date.month >= 7 else 2)
    if mix.year < needed:
        return f"Stromkennzeichnung ist von {mix.year}, nötig sind Werte von {needed}"
    wrong = [column.label for column in mix.columns if sum(share for _, share in column.shares) != 100]
    return f"Stromkennzeichnung ergibt nicht 100 %: {', '.join(wrong)}" if wrong else ""


def _both_parties(bill: BillDocument) -> str:
    to = bill.recipient
    return _wanted(
        Name_des_Kunden=to.name_lines and to.name_lines[0].strip(),
        Anschrift_des_Kunden=to.address.city,
        Lieferant=_named_supplier(bill),
    )


def _named_supplier(bill: BillDocument) -> bool:
    return bool(bill.letterhead.name and bill.letterhead.address.city)


def _tax_number(bill: BillDocument) -> str:
    return _wanted(Steuernummer=bill.letterhead.tax_number or bill.letterhead.vat_id)


def _issue_date(bill: BillDocument) -> str:
    early = bill.issue_date <= bill.period.last
    return "Rechnungsdatum liegt vor dem Ende des Abrechnungszeitraums" if early else ""


def _number(bill: BillDocument) -> str:
    return _wanted(Rechnungsnummer=bill.number.strip())


def _quantity(bill: BillDocument) -> str:
    stated = any(line.kind is ChargeKind.ENERGY and line.unit for line in bill.lines)
    return _wanted(Menge_und_Art=stated)


def _period(bill: BillDocument) -> str:
    outside = [
        line.label
        for line in bill.lines
        if line.period.start < bill.period.start or line.period.end > bill.period.end
    ]
    return f"außerhalb des Abrechnungszeitraums: {', '.join(outside)}" if outside else ""


def _net_per_rate(bill: BillDocument) -> str:
    shown = {total.percent for total in bill.vat_totals}
    used = {line.vat_percent for line in bill.lines}
    return _wanted(Nettosumme_je_Steuersatz=bill.vat_totals and used <= shown)


def _vat(bill: BillDocument) -> str:
    charged = all(total.vat or not total.percent or not total.net for total in bill.vat_totals)
    return _wanted(Steuerbetrag=bill.vat_totals and charged)


def _instalments(bill: BillDocument) -> str:
    if bill.balance != bill.gross and not bill.instalments:
        return "fehlt: Aufstellung der abgesetzten Abschläge"
    untaxed = [i for i in bill.instalments if i.vat_percent and not i.vat and i.gross]
    return "fehlt: Umsatzsteuer der Abschläge" if untaxed else ""


def _co2(bill: BillDocument) -> str:
    hint = bill.consumer and bill.consumer.co2_refund_hint
    return _wanted(**{"CO₂-Angaben": bill.co2, "Erstattungshinweis": hint})


def _tax_notice(bill: BillDocument) -> str:
    return _wanted(Hinweis_nach_EnergieStV=bill.consumer and bill.consumer.energy_tax_notice)


def _efficiency(bill: BillDocument) -> str:
    return _wanted(Hinweis_auf_Energieeffizienz=bill.consumer and bill.consumer.efficiency_info)


def _e_invoice(bill: BillDocument) -> str:
    return _wanted(**{"E-Rechnung": bill.has_e_invoice})


CHECKS: dict[int, Callable[[BillDocument], str]] = {
    1: _adds_up,
    2: _amount_due,
    3: _free_explanation,
    4: _supplier,
    5: _contact,
    6: _supply_point,
    7: _contract,
    8: _termination,
    9: _operators,
    10: _readings,
    11: _origin,
    12: _prior,
    13: _group,
    14: _dispute,
    15: _regulator,
    16: _advice,
    17: _switching,
    18: _product_name,
    19: _energy_tax,
    20: lambda bill: _contained(bill, Konzessionsabgabe="concession_fee"),
    21: _levies,
    22: lambda bill: _contained(bill, Aufschlag_für_besondere_Netznutzung="special_grid_use_levy"),
    23: lambda bill: _contained(bill, Netzentgelte="grid_fee"),
    24: lambda bill: _contained(bill, Messstellenbetrieb="metering_fee"),
    25: _gas_costs,
    26: _storage_relief,
    27: _factors,
    28: _estimate,
    29: _energy_mix,
    30: _both_parties,
    31: _tax_number,
    32: _issue_date,
    33: _number,
    34: _quantity,
    35: _period,
    36: _net_per_rate,
    37: _vat,
    38: _instalments,
    39: _co2,
    40: _tax_notice,
    41: _efficiency,
    42: _e_invoice,
}

#: Items that look at nothing but `letterhead`, `consumer`, `energy_mix`, `commodity`, `kind`, `issue_date`:
#: the same answer for every bill that shares these. A test proves that they read nothing else.
SHARED = frozenset({3, 4, 5, 14, 15, 16, 17, 29, 31, 40, 41})

#: Where the missing content is kept, if that depends on the bill and not on the item alone.
PLACES: dict[int, Callable[[BillDocument], str]] = {
    30: lambda bill: "customer" if _named_supplier(bill) else "letterhead",
}

"""A bill in words and figures: the payload of `templates/bill.typ`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from turnus.documents.calc.bill import BillDocument, BillKind, BillPayment, Commodity, PaymentMethod
from turnus.documents.calc.parties import Letterhead
from turnus.documents.render.bill_calculation import calculation_payload
from turnus.documents.render.bill_comparison import comparison_payload
from turnus.documents.render.frame import frame_payload
from turnus.documents.render.qrcode import epc_payload, qr_svg
from turnus.documents.render.wording import (
    BILL_TITLE,
    COMMODITY,
    day,
    eur,
    grouped_iban,
    kwh,
    masked_iban,
    number,
    percent,
    span,
)

__all__ = ["bill_payload"]

Row = dict[str, str]


def bill_payload(bill: BillDocument) -> dict[str, Any]:
    """Everything `templates/bill.typ` prints, as strings."""
    noun = COMMODITY[bill.commodity]
    title = BILL_TITLE[bill.kind].format(noun)
    info = [
        ("Rechnungsnummer", bill.number),
        ("Rechnungsdatum", day(bill.issue_date)),
        ("Kundennummer", bill.customer_number),
        ("Vertragsnummer", bill.contract_number),
    ]
    running = f"{title} {bill.number} · Kundennummer {bill.customer_number}"
    frame = frame_payload(
        bill.letterhead, bill.recipient, title=f"{title} {bill.number}", running=running, info=info
    )
    return {
        **frame,
        "subject": title,
        "subtitle": f"{span(bill.period)} · {bill.supply.address.one_line()}",
        "salutation": bill.recipient.salutation,
        "intro": _intro(bill, noun),
        "hero": _hero(bill),
        "summary": _summary(bill),
        "tiles": _tiles(bill),
        "estimate": _estimate(bill),
        "next": _next_instalments(bill),
        "product": _product(bill),
        "supply": _supply(bill),
        "notes": [*_correction_note(bill), *bill.notes],
        "free_explanation": bill.consumer.free_explanation if bill.consumer else "",
        "calculation": calculation_payload(bill),
        "comparison": comparison_payload(bill),
        "rights": _rights(bill),
    }


def _intro(bill: BillDocument, noun: str) -> str:
    if bill.kind is BillKind.CANCELLATION:
        return "mit dieser Rechnung heben wir die unten genannte Rechnung vollständig auf."
    closing = " Damit ist Ihr Vertrag abgerechnet." if bill.kind is BillKind.FINAL else ""
    return (
        f"vom {day(bill.period.start)} bis zum {day(bill.period.last)} haben wir Ihnen {kwh(bill.kwh)} "
        f"{noun} geliefert. Hier ist Ihre Abrechnung.{closing}"
    )


def _hero(bill: BillDocument) -> dict[str, str]:
    """The one figure a customer looks for, and what happens with it."""
    if bill.balance > 0:
        label, tone = "Sie zahlen noch", "due"
    elif bill.balance < 0:
        label, tone = "Ihr Guthaben", "credit"
    else:
        label, tone = "Ihr Konto ist ausgeglichen", "even"
    due = f"fällig am {day(bill.payment.due_date)}" if bill.balance > 0 else ""
    if bill.balance < 0 and bill.payment.method is not PaymentMethod.OFFSET:
        due = f"Auszahlung bis {day(bill.payment.due_date)}"
    return {
        "label": label,
        "amount": eur(abs(bill.balance)),
        "due": due,
        "note": _payment_note(bill.payment, bill.letterhead),
        "tone": tone,
        **_paycode(bill),
    }


def _paycode(bill: BillDocument) -> dict[str, str]:
    """For those who transfer: the code from which a banking app fills in amount, account and reference."""
    head, payment = bill.letterhead, bill.payment
    if payment.method is not PaymentMethod.TRANSFER or bill.balance <= 0 or not payment.reference:
        return {"code": "", "code_alt": ""}
    content = epc_payload(name=head.name, iban=head.iban, amount=bill.balance, reference=payment.reference)
    return {"code": qr_svg(content), "code_alt": f"Zahlcode: {_payment_note(payment, head)}"}


def _payment_note(payment: BillPayment, head: Letterhead) -> str:
    account = masked_iban(payment.iban)
    match payment.method:
        case PaymentMethod.DIRECT_DEBIT:
            return (
                f"Wir buchen den Betrag am {day(payment.due_date)} von Ihrem Konto {account} ab. "
                "Sie brauchen nichts zu tun. "
                f"Mandat {payment.mandate_reference}, Gläubiger-ID {head.creditor_id}."
            )
        case PaymentMethod.TRANSFER:
            return (
                f"Bitte überweisen Sie den Betrag bis zum {day(payment.due_date)} auf unser Konto "
                f"{grouped_iban(head.iban)} ({head.bank_name}). Verwendungszweck: {payment.reference}"
            )
        case PaymentMethod.PAYOUT if payment.iban:
            return f"Wir überweisen Ihr Guthaben bis zum {day(payment.due_date)} auf Ihr Konto {account}."
        case PaymentMethod.PAYOUT:
            return "Bitte nennen Sie uns Ihre Bankverbindung, damit wir Ihr Guthaben überweisen können."
        case PaymentMethod.OFFSET:
            return "Wir verrechnen den Betrag mit Ihrem nächsten Abschlag. Sie brauchen nichts zu tun."
        case _:
            return "Ihre Abschläge entsprechen genau dem Rechnungsbetrag. Sie brauchen nichts zu tun."


def _summary(bill: BillDocument) -> list[Row]:
    rows: list[Row] = []
    kinds = (("energy", "Verbrauch"), ("base", "Grundpreis"), ("demand", "Leistung"), ("bonus", "Bonus"))
    for kind, label in (*kinds, ("other", "Weitere Positionen")):
        lines = [line for line in bill.lines if line.kind == kind]
        if lines:
            net = sum((line.net for line in lines), Decimal(0))
            extra = f"{kwh(bill.kwh)}" if kind == "energy" else ""
            rows.append({"label": label, "extra": extra, "value": eur(net), "style": "plain"})
    for total in bill.vat_totals:
        label = f"Umsatzsteuer {percent(total.percent)}"
        rows.append(
            {"label": label, "extra": f"auf {eur(total.net)}", "value": eur(total.vat), "style": "plain"}
        )
    rows.append({"label": "Rechnungsbetrag", "extra": "brutto", "value": eur(bill.gross), "style": "sum"})
    if bill.instalments:
        label = "Ihre bezahlten Abschläge"
        rows.append({"label": label, "extra": "", "value": eur(-bill.instalments_gross), "style": "plain"})
    label = "Guthaben" if bill.balance < 0 else "Noch zu zahlen"
    rows.append({"label": label, "extra": "", "value": eur(abs(bill.balance)), "style": "total"})
    return rows


def _tiles(bill: BillDocument) -> list[Row]:
    """Short answers beside the sum: how much, compared with before, what it costs a day."""
    tiles = [{"label": "Ihr Verbrauch", "value": kwh(bill.kwh), "note": f"in {bill.period.days} Tagen"}]
    if bill.prior and bill.prior.kwh:
        per_day = bill.kwh / bill.period.days
        before = bill.prior.kwh / bill.prior.period.days
        change = (per_day - before) / before * 100
        sign = "+" if change > 0 else ""
        tiles.append(
            {
                "label": "Zum Vorjahr",
                "value": f"{sign}{percent(change, 1)}",
                "note": f"zuvor {kwh(bill.prior.kwh)}",
            }
        )
    tiles.append(
        {
            "label": "Kosten je Tag",
            "value": eur(bill.gross / bill.period.days),
            "note": "alles inbegriffen, brutto",
        }
    )
    return tiles


def _estimate(bill: BillDocument) -> Row:
    if bill.estimate is None:
        return {}
    return {"reason": bill.estimate.reason, "basis": bill.estimate.basis}


def _next_instalments(bill: BillDocument) -> dict[str, Any]:
    plan = bill.next_instalments
    if plan is None or not plan.due_dates:
        return {}
    before = ""
    if plan.previous_gross is not None and plan.previous_gross != plan.gross:
        before = f"bisher {eur(plan.previous_gross)}"
    year = eur(plan.expected_year_gross) if plan.expected_year_gross is not None else ""
    return {
        "amount": eur(plan.gross),
        "before": before,
        "first": day(plan.due_dates[0]),
        "tax": f"darin {percent(plan.vat_percent)} USt: {eur(plan.vat)}, netto {eur(plan.net)}",
        "dates": [day(due) for due in plan.due_dates],
        "expected": year,
        "count": str(len(plan.due_dates)),
    }


def _product(bill: BillDocument) -> list[tuple[str, str]]:
    product = bill.product
    tariff = "Grundversorgung" if product.is_default_supply else "Sondervertrag (keine Grundversorgung)"
    rows = [("Tarif", f"{product.name} · {tariff}"), ("Vertragsbeginn", day(product.contract_start))]
    if bill.kind is BillKind.FINAL:
        return [*rows, ("Lieferende", day(bill.period.last)), ("Kündigungsfrist", product.notice_period)]
    rows.append(("Vertragsdauer", product.term))
    if product.minimum_term_until and product.minimum_term_until >= bill.issue_date:
        rows.append(("Laufzeit bis", day(product.minimum_term_until)))
    if product.price_guarantee_until:
        rows.append(("Preisgarantie bis", day(product.price_guarantee_until)))
    rows.append(("Kündigungsfrist", product.notice_period))
    if product.next_termination:
        rows.append(("Kündbar zum", day(product.next_termination)))
    return rows


def _supply(bill: BillDocument) -> list[tuple[str, str]]:
    supply = bill.supply
    rows = [("Verbrauchsstelle", supply.address.one_line()), ("Marktlokation", supply.market_location)]
    if supply.metering_location:
        rows.append(("Messlokation", supply.metering_location))
    rows.append(("Netzbetreiber", f"{supply.grid_operator} · Codenummer {supply.grid_operator_code}"))
    code = f" · Codenummer {supply.metering_operator_code}" if supply.metering_operator_code else ""
    rows.append(("Messstellenbetreiber", f"{supply.metering_operator}{code}"))
    if supply.profile:
        rows.append(("Lastprofil", supply.profile))
    return rows


def _correction_note(bill: BillDocument) -> list[str]:
    old = bill.corrected
    if old is None:
        return []
    verb = "storniert" if bill.kind is BillKind.CANCELLATION else "ersetzt"
    reason = f" Grund: {old.reason}" if old.reason else ""
    return [f"Diese Rechnung {verb} die Rechnung {old.number} vom {day(old.issue_date)}.{reason}"]


def _rights(bill: BillDocument) -> dict[str, Any]:
    info = bill.consumer
    if info is None:
        return {}
    offices = [office for office in (info.arbitration, info.regulator) if office]
    gas = bill.commodity is Commodity.GAS
    texts = [info.dispute_rights, info.switching_hint, info.efficiency_info, info.standard_terms_hint]
    titles = ["Wenn etwas nicht stimmt", "Lieferant wechseln", "Energie sparen", "Grundlagen"]
    return {
        "texts": [{"title": a, "text": b} for a, b in zip(titles, texts, strict=True) if b],
        "offices": [{"name": o.name, "lines": list(o.lines)} for o in (*offices, *info.energy_advice)],
        "tax_notice": info.energy_tax_notice if gas else "",
        "storage": _storage_relief(bill),
    }


def _storage_relief(bill: BillDocument) -> str:
    relief = bill.storage_levy_relief_ct
    ended = date(2025, 12, 31)
    concerned = bill.commodity is Commodity.GAS and bill.period.start <= ended < bill.issue_date
    if relief is None or not concerned:
        return ""
    return (
        "Die Gasspeicherumlage ist zum 31.12.2025 entfallen. Diese Entlastung von "
        f"{number(relief, 3)} ct/kWh (netto) geben wir seit dem 01.01.2026 in Ihrem Arbeitspreis weiter."
    )

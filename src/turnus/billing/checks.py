"""What `turnus verify` proves of billing: bills recomputed from what they remember, each posted once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.correction import mirror
from turnus.billing.calc.fileformat import FileRefused, parse
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.calc.records import BillRefused
from turnus.billing.calc.wording import line_data, vat_data
from turnus.billing.models import Bill, BillLine
from turnus.ledger.models import Journal
from turnus.system.verify import Finding

__all__ = ["check_bills", "check_bills_posted"]

BATCH = 2000


def check_bills(*, client_id: int) -> tuple[int, list[Finding]]:
    """Lines and totals of every bill equal a new calculation from its stored input, to the cent."""
    looked_at, findings = 0, []
    for bill, lines in _bills_with_lines(client_id):
        looked_at += 1
        fault = _fault(bill, lines)
        if fault:
            findings.append(Finding("check_bills", str(bill), fault))
    return looked_at, findings


def _bills_with_lines(client_id: int) -> Iterator[tuple[Bill, list[BillLine]]]:
    last = 0
    while batch := list(Bill.objects.filter(client_id=client_id, id__gt=last).order_by("id")[:BATCH]):
        last = batch[-1].pk
        lines: dict[int, list[BillLine]] = {}
        for line in BillLine.objects.filter(bill__in=batch).order_by("bill_id", "position"):
            lines.setdefault(line.bill_id, []).append(line)
        for bill in batch:
            yield bill, lines.get(bill.pk, [])


def _fault(bill: Bill, lines: list[BillLine]) -> str:
    try:
        again = calculate(parse(bill.input))
    except (FileRefused, BillRefused) as error:
        return f"lässt sich aus den gespeicherten Angaben nicht mehr rechnen: {error}"
    if bill.kind == Bill.Kind.CANCELLATION:
        again = mirror(again)
    if [_line(line) for line in lines] != [_calculated_line(data) for data in map(line_data, again.lines)]:
        return "Positionen weichen von der Nachrechnung ab"
    stored = (bill.kwh, bill.net, bill.gross, bill.instalments, bill.balance)
    fresh = (again.kwh, again.net, again.gross, again.instalments, again.balance)
    if stored != fresh or bill.vat != vat_data(again.vat):
        return f"Summen weichen von der Nachrechnung ab: {_sums(bill)} statt {again.gross} €"
    if bill.instalments_vat != vat_data(again.instalments_vat):
        return "Abschläge und ihre Umsatzsteuer weichen von der Nachrechnung ab"
    return ""


def _line(line: BillLine) -> tuple[Any, ...]:
    return (line.kind, line.kwh, line.unit_price, line.net, line.vat_percent, line.working)


def _calculated_line(data: dict[str, Any]) -> tuple[Any, ...]:
    def number(name: str) -> Decimal | None:
        return None if data[name] is None else Decimal(data[name])

    return (
        data["kind"],
        number("kwh"),
        number("unit_price"),
        number("net"),
        number("vat_percent"),
        data["working"],
    )


def _sums(bill: CalculatedBill | Bill) -> str:
    return f"{bill.gross} €"


def check_bills_posted(*, client_id: int) -> tuple[int, list[Finding]]:
    """Every released bill is posted exactly once, no other bill is; no period is billed twice."""
    released = Bill.objects.filter(client_id=client_id, state=Bill.State.RELEASED)
    wanted = {
        f"bill:bill-{pk}": number
        for pk, number in released.exclude(kind=Bill.Kind.CANCELLATION).values_list("id", "number")
    }
    posted = set(
        Journal.objects.filter(client_id=client_id, idem_key__startswith="bill:bill-").values_list(
            "idem_key", flat=True
        )
    )
    findings = [
        Finding("check_bills_posted", str(number), "freigegeben, aber nicht gebucht")
        for key, number in wanted.items()
        if key not in posted
    ]
    findings += [
        Finding("check_bills_posted", key, "gebucht, aber nicht freigegeben")
        for key in sorted(posted - wanted.keys())
    ]
    standing = Bill.objects.filter(client_id=client_id, is_cancelled=False)
    standing = standing.exclude(state=Bill.State.REJECTED).exclude(kind=Bill.Kind.CANCELLATION)
    twice = standing.values("contract_id", "period").annotate(n=Count("id")).filter(n__gt=1)
    findings += [
        Finding("check_bills_posted", f"Vertrag {row['contract_id']}", f"{row['n']} Rechnungen je Zeitraum")
        for row in twice
    ]
    return len(wanted), findings

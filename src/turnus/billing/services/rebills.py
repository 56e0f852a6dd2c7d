"""Bills whose basis has changed since: a true value after a substitute, a corrected calorific value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.fileformat import parse
from turnus.billing.calc.records import BillRefused
from turnus.billing.models import Bill
from turnus.billing.queries.gather import gather_period
from turnus.billing.services.prepare import terms_of
from turnus.clients.services import settings_of
from turnus.lib.money import format_eur
from turnus.lib.period import Period
from turnus.worklist.services import NewCase, open_cases

__all__ = ["Rebill", "check_rebills"]

# Readings and gas qualities that were taken in after the bill and lie in its period.
_CHANGED = """
SELECT b.id FROM billing_bill b
JOIN contracts_supplycontract c ON c.id = b.contract_id
WHERE b.client_id = %(client)s AND b.state = 'released' AND NOT b.is_cancelled AND b.kind <> 'cancellation'
AND (EXISTS (
    SELECT 1 FROM metering_meterreading v
    JOIN masterdata_register r ON r.id = v.register_id
    JOIN masterdata_meter m ON m.id = r.meter_id
    JOIN masterdata_meteringlocation p ON p.id = m.metering_location_id
    WHERE p.market_location_id = c.market_location_id AND v.is_current AND NOT v.is_blocked
    AND v.taken_at >= %(since)s AND v.taken_at > b.prepared_at
    AND v.date BETWEEN lower(b.period) AND upper(b.period))
OR EXISTS (
    SELECT 1 FROM metering_gasquality g
    WHERE g.market_location_id = c.market_location_id AND g.is_current
    AND g.taken_at >= %(since)s AND g.taken_at > b.prepared_at AND g.valid && b.period))
ORDER BY b.id
"""


@dataclass(frozen=True, slots=True)
class Rebill:
    """A bill that would be another one today; `gross` None if it could not be calculated any more."""

    bill: Bill
    gross: Decimal | None
    reason: str


@transaction.atomic
def check_rebills(*, client_id: int, since: datetime, today: date, at: datetime) -> list[Rebill]:
    """Open a case for every released bill that newer values would change in money (M45).

    `since`: values taken in before are not looked at again. The bill itself stays as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"client": client_id, "since": since})
        ids = [row[0] for row in cursor.fetchall()]
    bills = Bill.objects.filter(id__in=ids).select_related("contract__market_location").order_by("id")
    found = [rebill for bill in bills if (rebill := _rebill(bill, today)) is not None]
    open_cases(client_id=client_id, new=[_new_case(rebill) for rebill in found], at=at)
    return found


def _rebill(bill: Bill, today: date) -> Rebill | None:
    case = gather_period(
        client_id=bill.client_id,
        contract_id=bill.contract_id,
        period=Period(bill.period.lower, bill.period.upper),
        today=today,
        terms=terms_of(settings_of(client_id=bill.client_id)),
        keys=bill.instalment_keys,
        locked=False,
    )
    old = {(r.meter, r.day): r.value for r in parse(bill.input).readings}
    new = {(r.meter, r.day): r.value for r in case.input.readings}
    changes = [
        f"Zähler {meter} am {day:%d.%m.%Y}: {old.get((meter, day), '–')} → {value}"
        for (meter, day), value in new.items()
        if old.get((meter, day)) != value
    ]
    try:
        gross = calculate(case.input).gross
    except BillRefused as refused:
        return Rebill(bill, None, f"nicht mehr abrechenbar: {refused}")
    if gross == bill.gross:
        return None
    what = "; ".join(changes) or "Brennwert oder Zustandszahl geändert"
    return Rebill(bill, gross, f"{what}. Brutto {format_eur(bill.gross)} → {format_eur(gross)}")


def _new_case(rebill: Rebill) -> NewCase:
    bill = rebill.bill
    return NewCase(
        kind="rebill_check",
        service="M45",
        key=f"rebill-{bill.pk}",
        title=f"Rechnung {bill.number} prüfen: Messwert hat sich geändert",
        reason=rebill.reason,
        object_kind="billing.bill",
        object_id=bill.pk,
        object_label=f"{bill.number} · MaLo {bill.contract.market_location.market_location_id}",
        details={
            "bill": bill.pk,
            "old_gross": str(bill.gross),
            "new_gross": None if rebill.gross is None else str(rebill.gross),
        },
    )

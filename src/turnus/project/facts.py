"""What lower rooms ask of upper ones, through the tables of `handlers.py`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from turnus.billing.models import Bill
from turnus.worklist.retroactive import BilledPeriod


def billed_periods(
    *,
    client_id: int,
    contract_ids: Collection[int],
    market_location_ids: Collection[int],
    since: date | None,
) -> list[BilledPeriod]:
    """Released bills that stand, of these contracts and of all contracts at these locations.

    Bills that are put aside are not among them: nobody has them yet, and they are checked before they go.
    """
    rows = Bill.objects.filter(
        Q(contract__in=contract_ids) | Q(contract__market_location__in=market_location_ids),
        client_id=client_id,
        state=Bill.State.RELEASED,
        is_cancelled=False,
    ).exclude(kind=Bill.Kind.CANCELLATION)
    if since is not None:
        rows = rows.filter(period__endswith__gt=since)
    return [
        BilledPeriod(bill.pk, str(bill.number), bill.contract.number, bill.period.lower, bill.period.upper)
        for bill in rows.select_related("contract").order_by("contract__number", "period")
    ]

"""Planning a billing run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from turnus.billing.services.waiting import release_completed
from turnus.ledger.services import open_periods
from turnus.system import audit, runs
from turnus.system.models import Run, User

__all__ = ["start_billing"]


@transaction.atomic
def start_billing(
    *,
    client_id: int,
    until: date,
    today: date,
    user: User | None,
    at: datetime,
    contract_ids: Sequence[int] | None = None,
    month: int | None = None,
    documents: bool = True,
) -> Run:
    """Plan a billing run over everything due by `until`; the same run twice on a day is the same run.

    Before that, bills that waited for content the law wants on them are looked at again: what is complete
    goes out, what is out of date is billed anew (`release_completed`).
    The caller executes the run (`system.runs.execute`) or hands it to the workers.
    """
    # Open before the workers begin: the first posting of a month makes all others wait for its end, and they
    # would hold instalments that it needs.
    open_periods(client_id=client_id, months={f"{today:%Y-%m}"})
    release_completed(client_id=client_id, user=user, at=at, today=today, documents=documents)
    scope = "" if contract_ids is None else "-" + "-".join(str(i) for i in sorted(contract_ids))
    key = f"{until.isoformat()}-{month or 'alle'}-{today.isoformat()}{scope}"
    parameters = {
        "until": until.isoformat(),
        "today": today.isoformat(),
        "month": month,
        "contract_ids": None if contract_ids is None else sorted(contract_ids),
        "documents": documents,
    }
    run, created = runs.start(
        client_id=client_id, kind="billing", key=key[:120], parameters=parameters, user=user, at=at
    )
    if created:
        audit.record(
            client_id=client_id,
            at=at,
            user=user,
            action="billing_started",
            object_kind="system.run",
            object_id=run.pk,
            text=f"Abrechnung bis {until:%d.%m.%Y}, {run.total} Verträge fällig",
        )
    return run

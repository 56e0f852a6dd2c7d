"""Solutions a clerk can run from a case of billing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from turnus.billing.document import WAITING, ask_for, create_missing
from turnus.billing.services import correct_bill, estimate_reading, prepare_bills, release_completed
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import CaseAction, close_case

__all__ = ["BILL_AGAIN", "CORRECT", "ESTIMATE", "PRINT"]


def _bill_again(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    return _bill(case, user, at)


def _estimate(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Estimate the reading that is missing at the end of the period, then bill."""
    day = date.fromisoformat(form["day"])
    result = estimate_reading(
        client_id=case.client_id, contract_id=_contract_id(case), day=day, user=user, at=at
    )
    return f"{result.kwh} kWh {result.text}. {_bill(case, user, at)}"


def _correct(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Cancel the bill of a rebill check and bill its period again."""
    if case.object_id is None:
        raise ValueError("Der Fall nennt keine Rechnung.")
    cancellation, new = correct_bill(
        bill_id=case.object_id, user=user, at=at, today=at.date(), reason=form.get("reason") or case.reason
    )
    return f"Storno {cancellation.number}, neue Rechnung {new.number} über {new.gross} € brutto"


def _bill(case: Case, user: User, at: datetime) -> str:
    prepared = prepare_bills(
        client_id=case.client_id,
        contract_ids=[_contract_id(case)],
        until=date.fromisoformat(case.details["to"]),
        today=at.date(),
        run=None,
        user=user,
        at=at,
    )
    if prepared.held:
        raise ValueError("Es fehlen weiterhin Angaben; die Gründe stehen im Fall.")
    if not prepared.bill_ids:
        raise ValueError("Für diesen Vertrag ist nichts mehr abzurechnen.")
    return "abgerechnet und freigegeben" if prepared.released else "abgerechnet und ausgesteuert"


def _print(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Check the waiting bills again, issue those that are complete, print what was released without letter.

    Refused while nothing has changed. What still lacks the content afterwards is a case of its own.
    """
    client_id = case.client_id
    done = release_completed(client_id=client_id, user=user, at=at, today=at.date())
    created, unprinted = create_missing(client_id=client_id, user=user, at=at)
    lacking = unprinted + done.lacking[case.key.removeprefix(WAITING)]
    if lacking and not (created or done.released or done.billed_anew):
        raise ValueError(
            f"{lacking} Rechnungen fehlen weiterhin Pflichtangaben; welche und was zu tun ist, sagt der Fall."
        )
    outcome = done.text() + (f"; {created} nachträglich als Schreiben erzeugt" if created else "")
    case.refresh_from_db()
    if lacking and case.state != Case.State.DONE:
        close_case(case=case, user=user, at=at, outcome=outcome)
        ask_for(client_id=client_id, verdicts=done.verdicts, at=at)
        create_missing(client_id=client_id, user=user, at=at)
    return outcome


def _contract_id(case: Case) -> int:
    if case.object_id is None:
        raise ValueError("Der Fall nennt keinen Vertrag.")
    return case.object_id


CORRECT = CaseAction("correct", "Stornieren und neu abrechnen", _correct, {"reason": "Begründung"})
PRINT = CaseAction("print", "Erneut prüfen und freigeben", _print)
BILL_AGAIN = CaseAction("bill_again", "Erneut abrechnen", _bill_again)
ESTIMATE = CaseAction(
    "estimate", "Stand schätzen und abrechnen", _estimate, {"day": "Stand 00:00 am (JJJJ-MM-TT)"}
)

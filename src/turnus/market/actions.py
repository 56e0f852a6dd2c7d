"""What a clerk can do from a case about messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from turnus.lib.ids import InvalidId, check_market_partner_id
from turnus.market.models import Message
from turnus.market.services import (
    follow_up_requests,
    reject_message,
    remind_again,
    reprocess,
    send_requests,
    send_waiting,
)
from turnus.partners.models import MarketPartner
from turnus.partners.services import create_market_partner
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import CaseAction


def _again(case: Case, user: User, at: datetime, *, force: bool = False, location: str = "") -> str:
    """Process all messages that wait for the case. Raises ValueError if the cause is still there."""
    waiting = Message.objects.filter(client_id=case.client_id, case_key=case.key).order_by("id")
    ids = list(waiting.values_list("pk", flat=True))
    if not ids:
        raise ValueError("Auf diesen Fall wartet keine Nachricht mehr.")
    stored = 0
    for pk in ids:
        message = reprocess(message_id=pk, user=user, at=at, force=force, location=location)
        if message.case_key == case.key:
            raise ValueError(f"Die Ursache besteht noch: {message.outcome}")
        stored += message.values_stored
    count = "1 Nachricht" if len(ids) == 1 else f"{len(ids)} Nachrichten"
    return f"{count} erneut verarbeitet, {stored} Werte übernommen."


def _retry(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    return _again(case, user, at)


def _force(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    return _again(case, user, at, force=True)


def _assign(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    location = form.get("location", "").strip()
    if not location:
        raise ValueError("Bitte die Markt- oder Messlokation angeben.")
    return _again(case, user, at, location=location)


def _create_partner(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Create the unknown partner of the case and process what waited."""
    number, name = str(case.details.get("Marktpartner-ID", "")), form.get("name", "").strip()
    if not name:
        raise ValueError("Bitte den Namen des Marktpartners angeben.")
    try:
        check_market_partner_id(number)
    except InvalidId as error:
        raise ValueError(str(error)) from error
    if not MarketPartner.objects.filter(market_partner_id=number).exists():
        create_market_partner(
            client_id=case.client_id,
            values={"market_partner_id": number, "name": name, "role": MarketPartner.Role.GRID_OPERATOR},
            user=user,
            at=at,
        )
    return _again(case, user, at)


def _dismiss(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Leave the messages unprocessed for a stated reason."""
    reason = form.get("reason", "").strip()
    if not reason:
        raise ValueError("Bitte den Grund angeben.")
    outcome = f"Nicht verarbeitet: {reason}"
    rows = Message.objects.filter(client_id=case.client_id, case_key=case.key)
    count = rows.update(state=Message.State.REJECTED, outcome=outcome, case_key="", processed_at=at)
    return f"{outcome} ({count} Nachrichten)"


def _send(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Ask or remind again after the missing partner or location has been entered."""
    asked = send_requests(client_id=case.client_id, at=at)
    reminded = follow_up_requests(client_id=case.client_id, at=at).reminded
    case.refresh_from_db()
    if case.state != Case.State.DONE:
        raise ValueError(f"Die Ursache besteht noch: {' '.join(asked.impossible) or case.reason}")
    return f"{asked.sent + reminded} Anforderungen geschrieben."


def _remind(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Remind the responsible party once more; if it stays silent, a new case follows."""
    assert case.object_id is not None
    due_on = remind_again(client_id=case.client_id, request_id=case.object_id, user=user, at=at)
    return f"Noch einmal erinnert; Antwort bis {due_on:%d.%m.%Y}."


def _hand_over(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Send what waited for the partner's address."""
    result = send_waiting(client_id=case.client_id, at=at)
    case.refresh_from_db()
    if case.state != Case.State.DONE and result.held:
        raise ValueError(f"Die Ursache besteht noch: {case.reason}")
    return f"{result.sent} Dateien übergeben."


def _reject(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Send every waiting message back to its sender."""
    reason = form.get("reason", "").strip()
    if not reason:
        raise ValueError("Bitte die Begründung angeben; der Marktpartner liest sie.")
    ids = Message.objects.filter(client_id=case.client_id, case_key=case.key).values_list("pk", flat=True)
    for pk in list(ids):
        reject_message(message_id=pk, cause=case.kind, reason=reason, user=user, at=at)
    return f"Beim Absender zurückgewiesen: {reason}"


RETRY = CaseAction("retry", "Erneut verarbeiten", _retry)
FORCE = CaseAction("force", "Trotzdem verarbeiten", _force)
ASSIGN = CaseAction("assign", "Lokation zuordnen", _assign, {"location": "Markt- oder Messlokation"})
CREATE_PARTNER = CaseAction(
    "create_partner",
    "Marktpartner anlegen und verarbeiten",
    _create_partner,
    {"name": "Name des Marktpartners"},
)
SEND = CaseAction("send", "Erneut anfordern", _send)
REMIND = CaseAction("remind", "Noch einmal erinnern (ORDERS)", _remind)
HAND_OVER = CaseAction("hand_over", "Wartende Dateien übergeben", _hand_over)
REJECT = CaseAction("reject", "Beim Absender zurückweisen (APERAK)", _reject, {"reason": "Begründung"})
DISMISS = CaseAction("dismiss", "Nicht verarbeiten", _dismiss, {"reason": "Grund"})

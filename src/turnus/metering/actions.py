"""What a clerk can do about a blocked reading from its case."""

from collections.abc import Mapping
from datetime import datetime

from turnus.metering.services import reject_reading, release_reading
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import CaseAction


def _release_from_case(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    reason = form.get("reason", "").strip()
    if not reason:
        raise ValueError("Bitte begründen, warum die Ablesung gelten soll.")
    assert case.object_id is not None
    release_reading(client_id=case.client_id, reading_id=case.object_id, user=user, at=at, reason=reason)
    return f"Ablesung gilt: {reason}"


def _reject_from_case(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    assert case.object_id is not None
    reason = form.get("reason", "").strip() or "unplausibel"
    reject_reading(client_id=case.client_id, reading_id=case.object_id, user=user, at=at, reason=reason)
    return f"Ablesung verworfen: {reason}"


RELEASE = CaseAction(
    "release", "Ablesung trotzdem gelten lassen", _release_from_case, {"reason": "Begründung"}
)
REJECT = CaseAction("reject", "Ablesung verwerfen", _reject_from_case, {"reason": "Begründung (freiwillig)"})

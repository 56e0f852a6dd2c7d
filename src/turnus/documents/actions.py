"""What a clerk can do from a case about documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from turnus.documents.services import render_again
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import CaseAction

__all__ = ["RENDER_AGAIN"]


def _render_again(*, case: Case, user: User, at: datetime, form: Mapping[str, str]) -> str:
    """Raises ValueError (DocumentError) while the cause is still there."""
    done = render_again(client_id=case.client_id, key=case.key, at=at)
    return f"{done} {'Schreiben' if done == 1 else 'Schreiben insgesamt'} gesetzt."


RENDER_AGAIN = CaseAction("render_again", "Erneut setzen", _render_again)

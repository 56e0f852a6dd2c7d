"""Decide what becomes of checked messages: refused, understood by their handler, or a case."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, transaction

from turnus.catalogue import pid_title
from turnus.market.models import Message
from turnus.market.records import Handled, Incoming
from turnus.market.services.registry import handler_path, load
from turnus.market.text import short
from turnus.system.models import User
from turnus.worklist.services import NewCase

SERVICE = "M45"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    """State and result of one message."""

    state: str
    handled: Handled


def decide_all(
    *, client_id: int, messages: Sequence[Incoming], sender: str, user: User | None, at: datetime
) -> list[Decided]:
    """The fate of each message, in order. A message that fails for itself alone does not harm the others."""
    result: dict[int, Decided] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(messages):
        path = handler_path(item.checked.type, item.checked.pid)
        if not item.checked.ok:
            result[index] = _faulty(item, sender)
        elif path is None:
            result[index] = _unhandled(item)
        else:
            groups[path].append(index)
    for path, indexes in groups.items():
        batch = [messages[index] for index in indexes]
        for index, handled in zip(indexes, _run(client_id, path, batch, user, at), strict=True):
            state = Message.State.PROCESSED if handled.case is None else Message.State.CASE
            result[index] = Decided(state, handled)
    return [result[index] for index in range(len(messages))]


def _run(client_id: int, path: str, batch: list[Incoming], user: User | None, at: datetime) -> list[Handled]:
    """Run a handler over a batch; if that fails, message by message, so that only the culprit waits."""
    try:
        with transaction.atomic():
            return load(path)(client_id=client_id, messages=batch, user=user, at=at)
    except (ValueError, ArithmeticError, LookupError, TypeError, DatabaseError) as error:
        if len(batch) == 1:
            logger.exception("handler %s failed for message %s", path, batch[0].message_id)
            return [_failed(batch[0], error)]
    return [_run(client_id, path, [item], user, at)[0] for item in batch]


def _faulty(item: Incoming, sender: str) -> Decided:
    checked = item.checked
    errors = [finding for finding in checked.findings if finding.severity == "error"]
    name = f"{checked.type} {checked.pid}".strip()
    more = f" (und {len(errors) - 1} weitere)" if len(errors) > 1 else ""
    case = NewCase(
        kind="message_faulty",
        service=SERVICE,
        key=short(f"message_faulty:{sender}:{name}:{errors[0].code}", 200),
        title=short(f"{name} von {sender} ist fehlerhaft: {errors[0].text}", 200),
        reason=errors[0].text,
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(f"{name} {checked.reference}", 120),
        details={"Absender": sender, "Fehler": [finding.text for finding in errors[:20]]},
    )
    process = pid_title(checked.type, checked.pid)
    return Decided(Message.State.REJECTED, Handled(f"Abgelehnt: {errors[0].text}{more}", process, case=case))


def _unhandled(item: Incoming) -> Decided:
    checked = item.checked
    name = f"{checked.type} {checked.pid}".strip() or "Nachricht ohne Typ"
    title = pid_title(checked.type, checked.pid)
    case = NewCase(
        kind="message_unhandled",
        service="M44",
        key=short(f"message_unhandled:{name}", 200),
        title=f"{name} ({title}) wird noch nicht selbsttätig verarbeitet",
        reason="Für diese Nachrichtenart ist keine Verarbeitung eingetragen. Bitte von Hand bearbeiten.",
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(f"{name} {checked.reference}", 120),
    )
    outcome = f"{title}: wird von Hand bearbeitet."
    return Decided(Message.State.CASE, Handled(outcome, title, case=case))


def _failed(item: Incoming, error: Exception) -> Handled:
    checked = item.checked
    name = f"{checked.type} {checked.pid}".strip()
    case = NewCase(
        kind="message_failed",
        service=SERVICE,
        key=short(f"message_failed:{item.message_id}", 200),
        title=f"{name} {checked.reference} ließ sich nicht verarbeiten",
        reason=short(f"{type(error).__name__}: {error}", 2000),
        object_kind="market.message",
        object_id=item.message_id,
        object_label=short(f"{name} {checked.reference}", 120),
    )
    return Handled("Die Verarbeitung ist gescheitert; das Original liegt vor.", case=case)

"""Take in a file: original first, then every message for itself, set-wise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from turnus.catalogue import message_types, pid_title
from turnus.catalogue.mscons.read import read_file
from turnus.catalogue.mscons.records import Checked
from turnus.catalogue.values import parse_instant
from turnus.documents.models import Original
from turnus.documents.services import store_original
from turnus.edifact import Finding, InterchangeHead, InterchangeTail, NotEdifact, has_error
from turnus.market.calc.answers import FaultyMessage
from turnus.market.models import Interchange, Message
from turnus.market.records import Handled, Incoming, MessageOutcome, TakeInResult
from turnus.market.services.acknowledge import acknowledge
from turnus.market.services.obstacles import obstacle_of
from turnus.market.services.outcome import SERVICE, Decided, decide_all
from turnus.market.text import findings_json, short
from turnus.partners.models import MarketPartner
from turnus.system.bulk import copy_rows, reserve_ids
from turnus.system.models import User
from turnus.worklist.services import NewCase, open_case, open_cases

MEDIA_TYPE = "application/edifact"
BATCH_MESSAGES = 1000
BATCH_VALUES = 60_000
_COLUMNS = (
    "id", "client_id", "interchange_id", "position", "reference", "type", "version", "pid", "document_number",
    "document_at", "process", "partner_id", "location_text", "market_location_id", "offset", "end", "state",
    "findings", "outcome", "case_key", "values_found", "values_stored", "received_at", "processed_at",
)  # fmt: skip


def take_in(*, client_id: int, content: bytes, name: str, at: datetime, user: User | None) -> TakeInResult:
    """Take in the bytes of a file and say what became of each message.

    The original is stored and committed before anything else. The same bytes again change nothing
    (`known_before`). What follows is one transaction: a crash leaves the original, and taking the file in
    again does the rest. Faulty messages and unknown places become cases; they never stop the others.
    """
    original, _ = store_original(
        client_id=client_id, content=content, name=name, media_type=MEDIA_TYPE, at=at
    )
    with transaction.atomic():
        # Two processes with the same file queue here.
        Original.objects.select_for_update(no_key=True).only("pk").get(pk=original.pk)
        if Interchange.objects.filter(original=original).exists():
            return TakeInResult(name, original.pk, True, tuple(_earlier(original.pk)))
        intake = _Intake(client_id, original.pk, short(name[-255:], 255), at, user)
        error = intake.run(content)
    return TakeInResult(name, original.pk, False, tuple(intake.outcomes), error)


def _earlier(original_id: int) -> Iterator[MessageOutcome]:
    rows = Message.objects.filter(interchange__original_id=original_id)
    rows = rows.select_related("interchange").order_by("id")
    for row in rows.iterator():
        yield MessageOutcome(
            row.pk, row.reference, row.type, row.pid, row.location_text, row.state, row.outcome,
            row.values_found, row.values_stored, row.case_key, row.process, row.interchange.sender,
        )  # fmt: skip


class _Intake:
    """One file on its way in."""

    def __init__(self, client_id: int, original_id: int, name: str, at: datetime, user: User | None) -> None:
        self.client_id = client_id
        self.original_id = original_id
        self.name = name
        self.at = at
        self.user = user
        self.outcomes: list[MessageOutcome] = []
        self.interchange: Interchange | None = None
        self.partner_id: int | None = None
        self.obstacle: NewCase | None = None
        self.position = 0
        self.files = 0
        self.batch: list[Checked] = []
        self.batch_values = 0
        self.process: dict[tuple[str, str], str] = {}
        self.head: InterchangeHead | None = None
        self.types: set[str] = set()
        self.faulty: list[tuple[Message | None, FaultyMessage]] = []

    def run(self, content: bytes) -> str:
        """Read and record everything; returns why the file is no EDIFACT at all, else an empty text."""
        try:
            for event in read_file(content):
                if isinstance(event, InterchangeHead):
                    self._begin(event)
                elif isinstance(event, Checked):
                    self._add(event)
                else:
                    self._finish(event)
        except NotEdifact as error:
            self._refuse(str(error))
            return str(error)
        return ""

    def _begin(self, head: InterchangeHead) -> None:
        partner = MarketPartner.objects.filter(market_partner_id=head.sender).first()
        self.partner_id = partner.pk if partner else None
        obstacle, state = obstacle_of(client_id=self.client_id, head=head, partner=partner)
        self.obstacle = obstacle
        created = head.created if len(head.created) == 12 else "20" + head.created
        self.interchange = Interchange.objects.create(
            client_id=self.client_id,
            original_id=self.original_id,
            position=self.files,
            name=self.name,
            sender=short(head.sender, 35),
            receiver=short(head.receiver, 35),
            reference=short(head.reference, 35),
            charset=short(head.charset, 10),
            is_test=head.is_test,
            offset=head.offset,
            state=state,
            created_at=parse_instant(created, "203"),
            received_at=self.at,
        )
        self.files += 1
        self.position = 0
        self.head, self.types, self.faulty = head, set(), []

    def _add(self, checked: Checked) -> None:
        self.batch.append(checked)
        self.batch_values += checked.content.values if checked.content else 0
        if len(self.batch) >= BATCH_MESSAGES or self.batch_values >= BATCH_VALUES:
            self._flush()

    def _finish(self, tail: InterchangeTail) -> None:
        self._flush()
        interchange = self.interchange
        assert interchange is not None
        interchange.findings = findings_json(tail.findings)
        interchange.message_count = self.position
        last = Message.objects.filter(interchange=interchange).order_by("-position").only("end").first()
        interchange.end = last.end if last else interchange.offset
        if has_error(tail.findings):
            interchange.state = Interchange.State.DAMAGED
            open_case(client_id=self.client_id, new=self._damaged(tail.findings), at=self.at)
        interchange.save(update_fields=["findings", "message_count", "end", "state"])
        if self.obstacle is None and self.head is not None and self.types - {"CONTRL"}:
            acknowledge(
                interchange=interchange,
                head=self.head,
                file_faults=[finding.code for finding in tail.findings if finding.severity == "error"],
                faulty=self.faulty,
                at=self.at,
            )

    def _damaged(self, findings: Sequence[Finding]) -> NewCase:
        assert self.interchange is not None
        error = next(finding for finding in findings if finding.severity == "error")
        return NewCase(
            kind="interchange_damaged",
            service=SERVICE,
            key=f"interchange_damaged:{self.original_id}:{self.interchange.position}",
            title=f"Datei {self.name} von {self.interchange.sender} ist beschädigt",
            reason=error.text,
            object_kind="market.interchange",
            object_id=self.interchange.pk,
            object_label=self.name[-120:],
            details={"Fehler": [finding.text for finding in findings]},
        )

    def _refuse(self, reason: str) -> None:
        """The bytes are no EDIFACT: keep a row and a case, so that nobody looks for the file in vain."""
        self.interchange = Interchange.objects.create(
            client_id=self.client_id, original_id=self.original_id, name=self.name,
            state=Interchange.State.NOT_EDIFACT, received_at=self.at,
            findings=findings_json([Finding("no_edifact", "error", 0, 0, reason)]),
        )  # fmt: skip
        open_case(
            client_id=self.client_id,
            at=self.at,
            new=NewCase(
                kind="not_edifact",
                service=SERVICE,
                key=f"not_edifact:{self.original_id}",
                title=f"{self.name} ist keine Marktnachricht",
                reason=reason,
                object_kind="market.interchange",
                object_id=self.interchange.pk,
                object_label=self.name[-120:],
            ),
        )

    # ── a batch of messages ───────────────────────────────────────────────────────────────────────────────

    def _flush(self) -> None:
        if not self.batch:
            return
        assert self.interchange is not None
        ids = reserve_ids(Message, len(self.batch))
        incoming = [
            Incoming(pk, checked, self.original_id) for pk, checked in zip(ids, self.batch, strict=True)
        ]
        decided = self._decide(incoming)
        cases = {one.handled.case.key: one.handled.case for one in decided if one.handled.case}
        open_cases(client_id=self.client_id, new=list(cases.values()), at=self.at)
        rows = [self._row(item, one) for item, one in zip(incoming, decided, strict=True)]
        copy_rows(Message, _COLUMNS, rows)
        self.types |= {checked.type for checked in self.batch}
        self.faulty += [_faulty(item) for item in incoming if not item.checked.ok]
        assert self.interchange is not None
        self.outcomes += [
            _outcome(item, one, self.interchange.sender) for item, one in zip(incoming, decided, strict=True)
        ]
        self.batch, self.batch_values = [], 0

    def _decide(self, incoming: list[Incoming]) -> list[Decided]:
        assert self.interchange is not None
        if self.obstacle is not None:
            handled = Handled(self.obstacle.reason, case=self.obstacle)
            return [Decided(Message.State.CASE, handled) for _ in incoming]
        return decide_all(
            client_id=self.client_id,
            messages=incoming,
            sender=self.interchange.sender,
            user=self.user,
            at=self.at,
        )

    def _row(self, item: Incoming, decided: Decided) -> tuple[Any, ...]:
        assert self.interchange is not None
        self.position += 1
        checked, handled = item.checked, decided.handled
        kind = (checked.type, checked.pid)
        if kind not in self.process:
            self.process[kind] = short(pid_title(*kind), 80)
        findings = json.dumps(findings_json(checked.findings)) if checked.findings else "[]"
        return (
            item.message_id, self.client_id, self.interchange.pk, self.position, short(checked.reference, 35),
            short(checked.type, 12), short(checked.version, 12), short(checked.pid, 12),
            short(checked.document_number, 70), checked.document_at, handled.process or self.process[kind],
            self.partner_id, short(", ".join(checked.locations), 70), handled.market_location_id,
            checked.offset, checked.end, decided.state, findings, short(handled.outcome, 4000),
            handled.case.key if handled.case else "", checked.content.values if checked.content else 0,
            handled.values_stored, self.at, self.at if handled.case is None else None,
        )  # fmt: skip


def _faulty(item: Incoming) -> tuple[Message, FaultyMessage]:
    """What our answer has to say about a rejected message."""
    checked = item.checked
    directory = message_types()[checked.type].directory if checked.type in message_types() else "D::UN"
    faults = tuple(
        (finding.code, finding.segment, finding.text)
        for finding in checked.findings
        if finding.severity == "error"
    )
    kind = (checked.type, *directory.split(":"), checked.version)
    return Message(pk=item.message_id), FaultyMessage(
        checked.reference, kind, checked.document_number, faults
    )


def _outcome(item: Incoming, decided: Decided, sender: str) -> MessageOutcome:
    checked, handled = item.checked, decided.handled
    process = handled.process or pid_title(checked.type, checked.pid)
    return MessageOutcome(
        item.message_id, checked.reference, checked.type, checked.pid, ", ".join(checked.locations),
        decided.state, handled.outcome, checked.content.values if checked.content else 0,
        handled.values_stored, handled.case.key if handled.case else "", process, sender,
    )  # fmt: skip

"""A clerk enters a reading, or decides about a blocked one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from turnus.metering.calc.plausibility import Finding
from turnus.metering.calc.versions import rank
from turnus.metering.models import Decision, MeterReading, Quality
from turnus.metering.records import NewReading, Stored
from turnus.metering.services.readings import case_key, plan_for, store_readings
from turnus.metering.services.requests import answer_readings
from turnus.system import audit
from turnus.system.models import User
from turnus.worklist.models import Case
from turnus.worklist.services import close_case


class ReadingDecided(ValueError):
    """The reading is not blocked, or somebody has decided about it, or a better value counts already."""


@dataclass(frozen=True, slots=True)
class EnteredReading:
    """What came of a clerk's entry. `stored` is None when the screen has to ask "wirklich?" first.

    findings: all doubts, in German; advance and expected: at the register, in its unit.
    """

    stored: Stored | None
    findings: tuple[Finding, ...]
    advance: Decimal | None
    expected: Decimal | None
    overflowed: bool

    @property
    def must_confirm(self) -> bool:
        """Whether nothing is stored yet because the reading looks wrong."""
        return self.stored is None


@transaction.atomic
def enter_reading(
    *, client_id: int, reading: NewReading, user: User, at: datetime, confirmed: bool = False
) -> EnteredReading:
    """Store a clerk's reading, or, when it is implausible and not `confirmed`, store nothing and say why.

    Confirmation settles an unusual amount; what cannot be (below the last reading, a meter that did not hang
    there) is stored blocked, for a decision in its case.
    """
    plan = plan_for(client_id=client_id, readings=[replace(reading, confirmed=False)], at=at)
    judgement = plan.rows[0].judgement if plan.rows else None
    findings = judgement.findings if judgement else ()
    if findings and not confirmed:
        assert judgement is not None
        return EnteredReading(None, findings, judgement.advance, judgement.expected, judgement.overflowed)
    result = store_readings(
        client_id=client_id, readings=[replace(reading, confirmed=confirmed)], user=user, at=at
    )
    if judgement is None:
        return EnteredReading(result.items[0], (), None, None, False)
    return EnteredReading(
        result.items[0], findings, judgement.advance, judgement.expected, judgement.overflowed
    )


@transaction.atomic
def release_reading(
    *, client_id: int, reading_id: int, user: User, at: datetime, reason: str
) -> MeterReading:
    """Let a blocked reading count after all.

    Raises:
        ReadingDecided: it is not blocked any more, or a better value for the day counts already.
        MeterReading.DoesNotExist: there is none of this id.
    """
    reading = _blocked(client_id, reading_id)
    # The withdrawal of a former value is no better value, but it has to make way.
    current = MeterReading.versions.filter(
        register_id=reading.register_id, date=reading.date, is_current=True
    ).first()
    if current is not None:
        if not current.is_withdrawal and _rank(current) > _rank(reading):
            raise ReadingDecided(f"Es gilt bereits ein besserer Zählerstand ({current.value.normalize():f}).")
        MeterReading.versions.filter(pk=current.pk).update(is_current=False, superseded_at=at)
    reading.is_blocked, reading.is_current = False, True
    _decided(reading, Decision.RELEASED, user, at, reason)
    # A person vouches for it, so it answers what was asked about it like a true value.
    arrived = {(reading.register_id, reading.date): Quality.TRUE}
    answer_readings(client_id=client_id, arrived=arrived, at=at)
    return reading


@transaction.atomic
def reject_reading(*, client_id: int, reading_id: int, user: User, at: datetime, reason: str) -> MeterReading:
    """Discard a blocked reading for good; it stays visible. The request to its sender stays open.

    Raises:
        ReadingDecided: it is not blocked any more.
        MeterReading.DoesNotExist: there is none of this id.
    """
    reading = _blocked(client_id, reading_id)
    _decided(reading, Decision.REJECTED, user, at, reason)
    return reading


def _blocked(client_id: int, reading_id: int) -> MeterReading:
    reading = MeterReading.objects.select_for_update(of=("self",)).get(client_id=client_id, pk=reading_id)
    if not reading.is_blocked or reading.decision:
        raise ReadingDecided("Über diesen Zählerstand ist bereits entschieden.")
    return reading


def _decided(reading: MeterReading, decision: Decision, user: User, at: datetime, reason: str) -> None:
    reading.decision, reading.decided_by, reading.decided_at = decision, user, at
    reading.save(update_fields=["is_blocked", "is_current", "decision", "decided_by", "decided_at"])
    audit.record(
        client_id=reading.client_id, at=at, user=user, action=f"reading_{decision.value}",
        object_kind="metering.meterreading", object_id=reading.pk, text=reason,
        details={"value": str(reading.value), "blocked_reason": reading.blocked_reason},
    )  # fmt: skip
    key = case_key(reading.register_id, reading.date, reading.version)
    for case in Case.objects.filter(~Q(state=Case.State.DONE), client_id=reading.client_id, key=key):
        close_case(case=case, user=user, at=at, outcome=f"{decision.label}: {reason}")


def _rank(reading: MeterReading) -> tuple[int, int, datetime]:
    return rank(reading.quality, reading.origin, reading.document_at)

"""Hand outgoing interchanges over to the gateway's folder, and watch whether partners acknowledge them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.catalogue import deadlines
from turnus.lib.market_time import market_day
from turnus.market.models import Acknowledgement, Interchange, Message
from turnus.market.outbox import MarketOutbox, OutgoingFile
from turnus.market.queries import overdue
from turnus.market.text import short
from turnus.partners.models import MarketPartner
from turnus.system.boot import home
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import NewCase, close_cause, open_cases

SERVICE = "M44"
WAITING, SENT = Interchange.Transport.WAITING, Interchange.Transport.SENT
# Service messages are not answered by an APERAK, and a CONTRL is not answered at all.
_WITHOUT_APERAK = frozenset({"CONTRL", "APERAK"})


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many files went out, how many wait, and why (German, one per partner)."""

    sent: int
    held: int
    obstacles: tuple[str, ...]


def outbox_of(client_id: int) -> MarketOutbox:
    """The principal's folder for market messages."""
    name = Principal.objects.get(pk=client_id).short_name
    return MarketOutbox(home() / "outbox" / name / "market")


def send_waiting(*, client_id: int, at: datetime, outbox: MarketOutbox | None = None) -> HandedOver:
    """Hand over what waits, file by file, each exactly once; the clocks of its answers begin.

    A file for a partner without a communication address waits with a case per partner; the case closes once
    a file for the partner has gone out. Interrupted anywhere, the next call goes on where this one stopped.

    Raises:
        OSError: the outbox cannot be written; files before that are sent and marked.
    """
    folder = outbox or outbox_of(client_id)
    ids = list(_waiting(client_id).order_by("id").values_list("pk", flat=True))
    partners = _partners(_waiting(client_id))
    sent, obstacles, reached = 0, dict[str, NewCase](), set[str]()
    for pk in ids:
        with transaction.atomic():
            row = _locked(client_id, pk)
            if row is None:
                continue
            obstacle = _obstacle(row, partners.get(row.receiver))
            if row.staged_at is None and obstacle is None:
                content = row.original.content[row.offset : row.end]
                folder.stage(_file(row, partners.get(row.receiver)), content)
                row.staged_at = at
                row.save(update_fields=["staged_at"])
        if row.staged_at is None:
            assert obstacle is not None
            obstacles[row.receiver] = obstacle
            continue
        with transaction.atomic():
            row = _locked(client_id, pk)
            if row is not None:
                folder.release(_file(row, partners.get(row.receiver)))
                _mark_sent(row, at)
                sent += 1
                reached.add(row.receiver)
    _cases(client_id, obstacles, reached, at)
    held = _waiting(client_id).count()
    return HandedOver(sent, held, tuple(case.reason for case in obstacles.values()))


def _waiting(client_id: int) -> QuerySet[Interchange]:
    return Interchange.objects.filter(client_id=client_id, transport=WAITING)


def _locked(client_id: int, pk: int) -> Interchange | None:
    """The interchange if it still waits and nobody else is at it."""
    rows = _waiting(client_id).filter(pk=pk).select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("original").first()


def _partners(rows: QuerySet[Interchange]) -> dict[str, MarketPartner]:
    numbers = rows.order_by().values("receiver")
    found = MarketPartner.objects.filter(market_partner_id__in=numbers)
    return {partner.market_partner_id: partner for partner in found}


def _obstacle(row: Interchange, partner: MarketPartner | None) -> NewCase | None:
    if partner is not None and partner.email:
        return None
    if partner is None:
        reason = (
            f"Den Marktpartner {row.receiver or 'ohne Nummer'} kennen wir nicht; Dateien an ihn warten. "
            "Bitte den Marktpartner mit seiner Kommunikationsadresse anlegen."
        )
    else:
        reason = (
            f"Für {partner} ist keine Kommunikationsadresse hinterlegt; Dateien an ihn warten. "
            "Bitte die E-Mail-Adresse für den Datenaustausch aus dem Kommunikationsdatenblatt eintragen."
        )
    return NewCase(
        kind="partner_address_missing",
        service="M43",
        key=_address_key(row.receiver),
        title=short(f"Ausgang an {partner or row.receiver}: keine Kommunikationsadresse", 200),
        reason=reason,
        object_kind="partners.marketpartner" if partner else "",
        object_id=partner.pk if partner else None,
        object_label=str(partner or row.receiver),
        details={"Marktpartner-ID": row.receiver},
    )


def _address_key(receiver: str) -> str:
    return short(f"partner_address_missing:{receiver}", 200)


def _file(row: Interchange, partner: MarketPartner | None) -> OutgoingFile:
    first = row.messages.order_by("position").first()
    return OutgoingFile(
        name=row.name,
        sender=row.sender,
        receiver=row.receiver,
        address=partner.email if partner else "",
        reference=row.reference,
        message_type=first.type if first else "",
        sha256=row.original.sha256,
    )


def _mark_sent(row: Interchange, at: datetime) -> None:
    row.transport, row.sent_at = SENT, at
    row.save(update_fields=["transport", "sent_at"])
    for message in row.messages.order_by("position"):
        _expect(row, message, at)


def _expect(row: Interchange, message: Message, at: datetime) -> None:
    """The acknowledgements a partner owes for a message that has gone out."""
    owed: list[tuple[str, Message | None, str]] = []
    if message.type != "CONTRL":
        owed.append((Acknowledgement.Kind.CONTRL, None, "contrl"))
    if message.type not in _WITHOUT_APERAK and not _is_gas(row):
        owed.append((Acknowledgement.Kind.APERAK, message, "aperak_electricity"))
    for kind, about, rule in owed:
        try:
            due = deadlines.due_at(rule, at)
        except deadlines.NoDeadline:
            continue  # the duty to answer is younger than this message
        Acknowledgement.objects.get_or_create(
            client_id=row.client_id, kind=kind, interchange=row, message=about, defaults={"due_at": due}
        )


def _is_gas(row: Interchange) -> bool:
    """Gas partners speak up only where something is wrong. The sender's code tells the commodity."""
    principal = Principal.objects.get(pk=row.client_id)
    return row.sender == principal.market_partner_id_gas and row.sender != principal.market_partner_id


def _cases(client_id: int, obstacles: dict[str, NewCase], reached: Iterable[str], at: datetime) -> None:
    known = set(
        Case.objects.filter(client_id=client_id, key__in=[case.key for case in obstacles.values()])
        .exclude(state=Case.State.DONE)
        .values_list("key", flat=True)
    )
    new = [case for case in obstacles.values() if case.key not in known]
    open_cases(client_id=client_id, new=new, at=at)
    for receiver in sorted(reached):
        outcome = "Die wartenden Dateien sind übergeben."
        close_cause(client_id=client_id, key=_address_key(receiver), at=at, outcome=outcome)


def silence_key(interchange_id: int, kind: str) -> str:
    """Cause of the case about an acknowledgement that has not come."""
    return f"acknowledgement_missing:{interchange_id}:{kind}"


@transaction.atomic
def escalate_silence(*, client_id: int, at: datetime) -> int:
    """Open one case for every file a partner has not acknowledged in time; returns how many are new."""
    late = list(
        overdue(client_ids=[client_id], at=at)
        .filter(interchange__direction=Interchange.Direction.OUT, escalated_at__isnull=True)
        .select_for_update(of=("self",))
    )
    cases: dict[str, NewCase] = {}
    for row in late:
        cases.setdefault(silence_key(row.interchange_id, row.kind), _silent(row, at))
    open_cases(client_id=client_id, new=list(cases.values()), at=at)
    Acknowledgement.objects.filter(pk__in=[row.pk for row in late]).update(escalated_at=at)
    return len(cases)


def _silent(row: Acknowledgement, at: datetime) -> NewCase:
    out = row.interchange
    first = out.messages.order_by("position").first()
    sent = f"{out.sent_at:%d.%m.%Y}" if out.sent_at else "–"
    return NewCase(
        kind="acknowledgement_missing",
        service=SERVICE,
        key=silence_key(out.pk, row.kind),
        title=short(f"{row.kind} fehlt: {out.receiver} schweigt zu {out.reference}", 200),
        reason=(
            f"{out.receiver} hat unsere Datei {out.name} vom {sent} nicht mit einer {row.kind} beantwortet. "
            "Bitte beim Marktpartner nachfragen, ob sie angekommen ist. Trifft die Antwort noch ein, "
            "schließt sich der Fall von selbst."
        ),
        object_kind="market.message",
        object_id=first.pk if first else None,
        object_label=short(str(first or out), 120),
        due_on=market_day(at),
        details={"Marktpartner-ID": out.receiver, "Referenz": out.reference},
    )


@transaction.atomic
def note_answer(
    *, out: Interchange, kind: str, messages: Iterable[Message], is_refusal: bool, at: datetime
) -> None:
    """A partner has answered our file: settle what was owed and say how the file stands.

    messages: what an APERAK is about; empty: the whole file. A refusal stays one, whatever comes later.
    """
    about: list[Message | None] = [*messages] if kind == Acknowledgement.Kind.APERAK else [None]
    for message in about or [None]:
        row, _ = Acknowledgement.objects.select_for_update(of=("self",)).get_or_create(
            client_id=out.client_id, kind=kind, interchange=out, message=message, defaults={"due_at": at}
        )
        row.answered_at = row.answered_at or at
        row.is_refusal = row.is_refusal or is_refusal
        row.save(update_fields=["answered_at", "is_refusal"])
    rows = Acknowledgement.objects.filter(interchange=out)
    if rows.filter(is_refusal=True).exists():
        state = Interchange.Transport.REFUSED
    elif rows.filter(answered_at__isnull=True).exists():
        state = Interchange.Transport(out.transport)
    else:
        state = Interchange.Transport.ACKNOWLEDGED
    Interchange.objects.filter(pk=out.pk).update(transport=state)
    if not rows.filter(kind=kind, answered_at__isnull=True).exists():
        outcome = f"Die {kind} ist eingetroffen."
        close_cause(client_id=out.client_id, key=silence_key(out.pk, kind), at=at, outcome=outcome)

"""The letter that explains a correction: cause, old and new values, difference (M09)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from turnus.billing.calc.fileformat import parse
from turnus.billing.document import page_of
from turnus.billing.models import Bill
from turnus.documents.calc.letters import Change, ExplanationLetter, LetterFrame
from turnus.documents.models import Document
from turnus.documents.render.records import to_data
from turnus.documents.services import DocumentDraft, create_documents
from turnus.lib.money import format_eur, format_number
from turnus.system.models import User

__all__ = ["create"]


def create(
    *, old: Bill, cancellation: Bill, new: Bill, reason: str, user: User | None, at: datetime
) -> Document | None:
    """Write the letter for a corrected bill; None while the principal has no letterhead to print it on."""
    try:
        page = page_of(new.pk)
    except LookupError:
        return None
    frame = LetterFrame(
        letterhead=page.letterhead,
        recipient=page.recipient,
        letter_date=page.issue_date,
        subject="Erläuterung zu Ihrer korrigierten Rechnung",
        customer_number=page.customer_number,
        references=(("Vertrag", page.contract_number), ("Rechnung", str(new.number))),
    )
    letter = ExplanationLetter(
        frame=frame,
        cause=reason,
        changes=changes(old, new),
        old_bill=_named(old),
        cancellation=_named(cancellation),
        new_bill=_named(new),
        old_gross=old.gross,
        new_gross=new.gross,
        outcome=_outcome(new.gross - old.gross),
        consumer=page.consumer,
    )
    draft = DocumentDraft(
        kind="explanation",
        number=str(new.number),
        title="Erläuterung zur korrigierten Rechnung",
        customer_number=page.customer_number,
        object_kind="billing.bill",
        object_id=new.pk,
        data=to_data(letter),
    )
    return create_documents(client_id=new.client_id, drafts=[draft], user=user, at=at)[0]


def changes(old: Bill, new: Bill) -> tuple[Change, ...]:
    """Readings, consumption and net amount that differ between two bills of one period."""
    before = {(r.meter, r.day): r.value for r in parse(old.input).readings}
    found = [
        Change(
            f"Zählerstand {meter} am {day:%d.%m.%Y}",
            _number(before[meter, day]),
            _number(value),
            _signed(value - before[meter, day]),
        )
        for (meter, day), value in ((((r.meter, r.day)), r.value) for r in parse(new.input).readings)
        if (meter, day) in before and before[meter, day] != value
    ]
    if old.kwh != new.kwh:
        kwh = f"{_signed(new.kwh - old.kwh)} kWh"
        found.append(Change("Verbrauch", f"{_number(old.kwh)} kWh", f"{_number(new.kwh)} kWh", kwh))
    difference = f"{_signed(new.net - old.net, 2)} €"
    found.append(Change("Nettobetrag", format_eur(old.net), format_eur(new.net), difference))
    return tuple(found)


def _named(bill: Bill) -> str:
    return f"{bill.number} vom {bill.bill_date:%d.%m.%Y}"


def _number(value: Decimal) -> str:
    places = 0 if value == value.to_integral_value() else 3
    return format_number(value, places)


def _signed(value: Decimal, places: int | None = None) -> str:
    """With a real minus sign, as printed; a plus where it grew."""
    text = _number(abs(value)) if places is None else format_number(abs(value), places)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{text}"


def _outcome(difference: Decimal) -> str:
    if difference < 0:
        return (
            f"Sie erhalten {format_eur(-difference)} zurück; der Betrag ist in der neuen Rechnung verrechnet."
        )
    if difference > 0:
        return f"Es sind {format_eur(difference)} mehr zu zahlen; der Betrag steht in der neuen Rechnung."
    return "Am Rechnungsbetrag ändert sich nichts."

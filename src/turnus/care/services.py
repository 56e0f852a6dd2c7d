"""Record and correct notes of customer contacts (M34)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from turnus.care.models import ContactMove, ContactNote
from turnus.contracts.models import SupplyContract
from turnus.masterdata.models import Customer
from turnus.system import audit
from turnus.system.models import User


class IncompleteContact(ValueError):
    """Something that every note needs is missing or does not fit; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewContact:
    """What the agent enters; exactly one of `contract` and `on_account` must be chosen."""

    customer: Customer
    channel: str
    identity: str
    topic: str
    result: str
    text: str = ""
    contract: SupplyContract | None = None
    on_account: bool = False


@transaction.atomic
def record_contact(*, client_id: int, new: NewContact, user: User, at: datetime) -> ContactNote:
    """File a contact at the customer. Agent and time come from the session, not from the form.

    Raises:
        IncompleteContact: identity level, topic, result or the choice contract/account is missing.
    """
    _check(new)
    note = ContactNote.objects.create(
        client_id=client_id,
        customer=new.customer,
        concerns=_concerns(new),
        contract=new.contract,
        channel=new.channel,
        identity=new.identity,
        topic=new.topic,
        text=new.text.strip(),
        result=new.result.strip(),
        at=at,
        agent=user,
    )
    audit.record(
        client_id=client_id, at=at, user=user, action="contact_recorded",
        object_kind="care.contactnote", object_id=note.pk, text=f"{note} bei {new.customer.number}",
    )  # fmt: skip
    return note


def _concerns(new: NewContact) -> str:
    return ContactNote.Concerns.ACCOUNT if new.contract is None else ContactNote.Concerns.CONTRACT


def _check(new: NewContact) -> None:
    for field, label, value, choices in (
        ("channel", "Kanal", new.channel, ContactNote.Channel.values),
        ("identity", "Identitätsprüfung", new.identity, ContactNote.Identity.values),
        ("topic", "Thema", new.topic, ContactNote.Topic.values),
    ):
        if value not in choices:
            raise IncompleteContact(field, f"{label} fehlt oder ist unbekannt: „{value}“.")
    if not new.result.strip():
        raise IncompleteContact("result", "Ergebnis des Kontakts fehlt.")
    if (new.contract is None) != new.on_account:
        raise IncompleteContact("contract", "Bitte einen Vertrag oder „Konto insgesamt“ wählen.")
    if new.contract is not None and new.contract.customer_id != new.customer.pk:
        raise IncompleteContact(
            "contract", f"Vertrag {new.contract.number} gehört nicht zu Kunde {new.customer.number}."
        )


@transaction.atomic
def move_contact(
    *, note: ContactNote, to: Customer, contract: SupplyContract | None, reason: str, user: User, at: datetime
) -> ContactNote:
    """Move a note to the customer it belongs to; it disappears from the former one, the trace stays.

    Args:
        contract: a contract of the new customer, or None for the account as a whole.

    Raises:
        IncompleteContact: no reason, the same customer, another principal's customer, or a contract
            that is not the new customer's.
    """
    if not reason.strip():
        raise IncompleteContact("reason", "Grund für das Verschieben fehlt.")
    if to.pk == note.customer_id:
        raise IncompleteContact("to", f"Die Notiz steht schon bei Kunde {to.number}.")
    if to.client_id != note.client_id:
        raise IncompleteContact("to", "Verschieben zwischen Auftraggebern ist nicht erlaubt.")
    if contract is not None and contract.customer_id != to.pk:
        raise IncompleteContact("contract", f"Vertrag {contract.number} gehört nicht zu Kunde {to.number}.")
    locked = ContactNote.objects.select_for_update().get(pk=note.pk)
    former = locked.customer
    ContactMove.objects.create(
        client_id=note.client_id, note=locked, from_customer=former, to_customer=to,
        reason=reason.strip(), at=at, user=user,
    )  # fmt: skip
    locked.customer, locked.contract = to, contract
    locked.concerns = ContactNote.Concerns.CONTRACT if contract else ContactNote.Concerns.ACCOUNT
    locked.save(update_fields=["customer", "contract", "concerns"])
    audit.record(
        client_id=note.client_id, at=at, user=user, action="contact_moved",
        object_kind="care.contactnote", object_id=note.pk, text=reason.strip(),
        details={"from": former.number, "to": to.number},
    )  # fmt: skip
    return locked

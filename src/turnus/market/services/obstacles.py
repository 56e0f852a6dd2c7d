"""Why a whole interchange is not processed although it can be read."""

from __future__ import annotations

from turnus.edifact import InterchangeHead
from turnus.market.models import Interchange
from turnus.market.text import short
from turnus.partners.models import MarketPartner
from turnus.system.models import Principal
from turnus.worklist.services import NewCase


def obstacle_of(
    *, client_id: int, head: InterchangeHead, partner: MarketPartner | None, is_new: bool = True
) -> tuple[NewCase | None, str]:
    """The case that has to be solved first (None: none) and the state of the interchange.

    is_new: False for an interchange that is stored already and holds its reference rightly.
    """
    sender, receiver = short(head.sender, 35), short(head.receiver, 35)
    principal = Principal.objects.get(pk=client_id)
    own = {principal.market_partner_id, principal.market_partner_id_gas} - {""}
    if is_new and _reference_used(client_id, head):
        reason = (
            f"{sender} hat die Dateireferenz {short(head.reference, 35)} schon für anderen Inhalt verwendet. "
            "Bitte beim Marktpartner klären, welche Datei gilt."
        )
        key = f"interchange_reference:{sender}:{short(head.reference, 35)}"
        title = f"Dateireferenz {short(head.reference, 35)} von {sender} doppelt verwendet"
        return _case("interchange_reference", key, title, reason), Interchange.State.REFERENCE_REUSED
    if own and receiver not in own:
        reason = (
            f"Die Datei ist an {receiver or 'niemanden'} gerichtet, wir sind {' und '.join(sorted(own))}."
        )
        key = f"wrong_receiver:{sender}:{receiver}"
        title = f"Datei von {sender} ist an {receiver} gerichtet, nicht an uns"
        return _case("wrong_receiver", key, title, reason), Interchange.State.TAKEN_IN
    if partner is None:
        reason = f"Den Marktpartner {sender or 'ohne Nummer'} kennen wir nicht; seine Nachrichten warten."
        key, title = f"partner_unknown:{sender}", f"Unbekannter Marktpartner {sender}"
        return _case("partner_unknown", key, title, reason, {"Marktpartner-ID": sender}), "taken_in"
    if head.is_test:
        reason = "Die Datei ist als Test gekennzeichnet und wird nicht verarbeitet."
        key = f"test_interchange:{sender}"
        return _case("test_interchange", key, f"Testdatei von {sender}", reason), Interchange.State.TAKEN_IN
    return None, Interchange.State.TAKEN_IN


def _reference_used(client_id: int, head: InterchangeHead) -> bool:
    reference = short(head.reference, 35)
    return (
        bool(reference)
        and Interchange.objects.filter(
            client_id=client_id,
            direction=Interchange.Direction.IN,
            sender=short(head.sender, 35),
            receiver=short(head.receiver, 35),
            reference=reference,
            state=Interchange.State.TAKEN_IN,
        ).exists()
    )


def _case(kind: str, key: str, title: str, reason: str, details: dict[str, object] | None = None) -> NewCase:
    return NewCase(
        kind=kind, service="M44", key=short(key, 200), title=title, reason=reason, details=details or {}
    )

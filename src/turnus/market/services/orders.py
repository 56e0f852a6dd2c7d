"""Write the ORDERS for one value request, the first one and every reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from turnus.market.calc.answers import Party
from turnus.market.calc.orders import ValueOrder, order
from turnus.market.services.outgoing import keep_outgoing, new_reference, version_of
from turnus.masterdata.models import Commodity
from turnus.metering.models import ValueRequest
from turnus.metering.queries import responsible_party
from turnus.metering.services import case_keys
from turnus.system.models import Principal
from turnus.worklist.services import NewCase


@dataclass(frozen=True, slots=True)
class Written:
    """Document number of the ORDERS, or why there is none (German)."""

    reference: str = ""
    obstacle: str = ""


def write_order(*, request: ValueRequest, at: datetime, reminds_of: str = "") -> Written:
    """Write an ORDERS for a request and keep it for sending.

    reminds_of: document number of the ORDERS it reminds of. The descriptions of 17102 and 17103 have no place
    for a reference to an earlier request, so a reminder is the same question under its own number, and the
    connection is kept with us.
    """
    place = request.market_location
    is_gas = place.commodity == Commodity.GAS
    principal = Principal.objects.get(pk=request.client_id)
    number = principal.market_partner_id_gas if is_gas else principal.market_partner_id
    partner = responsible_party(request)
    location = _location(request)
    if not number:
        return Written(
            obstacle=f"Die Marktpartner-ID {'Gas' if is_gas else 'Strom'} des Auftraggebers fehlt."
        )
    if partner is None:
        return Written(obstacle="An der Marktlokation ist kein Marktpartner eingetragen.")
    if not location:
        return Written(obstacle="An der Marktlokation ist keine Messlokation eingetragen.")
    us, them = _party(number), _party(partner.market_partner_id)
    reference = new_reference(request.client_id)
    period = request.period
    wanted = ValueOrder(request.kind, is_gas, location, period.lower, period.upper)
    about = f"{request.get_kind_display()} angefordert: {request.reason}"
    keep_outgoing(
        client_id=request.client_id, us=us, them=them, reference=reference,
        messages=[order(reference, wanted, us, them, at, version_of("ORDERS", at))], at=at,
        outcome=f"Erinnerung an {reminds_of}: {about}" if reminds_of else about,
        market_location_id=place.pk, location=location,
    )  # fmt: skip
    return Written(reference)


def impossible(request: ValueRequest, obstacle: str) -> NewCase:
    """The case for a request that cannot be written."""
    return NewCase(
        kind="request_impossible",
        service="M01",
        key=case_keys(request.pk)[0],
        title=f"{request.get_kind_display()} für {request.market_location} lässt sich nicht anfordern",
        reason=obstacle,
        object_kind="metering.valuerequest",
        object_id=request.pk,
        object_label=str(request.market_location),
        due_on=request.due_on,
    )


def _location(request: ValueRequest) -> str:
    place = request.market_location
    if request.kind == ValueRequest.Kind.INTERVALS and place.commodity == Commodity.ELECTRICITY:
        return place.market_location_id
    if request.register is not None:
        return request.register.meter.metering_location.metering_location_id
    first = place.metering_locations.order_by("id").first()
    return first.metering_location_id if first else ""


def _party(number: str) -> Party:
    """A market partner with the UNB code of the authority its id comes from."""
    return Party(number, {"99": "500", "98": "502"}.get(number[:2], "14"))

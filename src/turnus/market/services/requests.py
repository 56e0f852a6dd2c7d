"""Ask market partners for what metering misses: one ORDERS per open request, the same day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from turnus.market.calc.answers import Party
from turnus.market.calc.orders import ValueOrder, order
from turnus.market.services.outgoing import keep_outgoing, new_reference, version_of
from turnus.masterdata.models import Commodity
from turnus.metering.models import ValueRequest
from turnus.metering.services import mark_sent
from turnus.partners.models import MarketPartner
from turnus.system.models import Principal
from turnus.worklist.services import NewCase, open_cases


@dataclass(frozen=True, slots=True)
class SentRequests:
    """How many requests went out, and why others could not (a case each)."""

    sent: int
    impossible: tuple[str, ...]


@transaction.atomic
def send_requests(*, client_id: int, at: datetime) -> SentRequests:
    """Write an ORDERS for every open request that has not gone out; a repeat sends nothing twice.

    A request that cannot be asked (no partner, no metering location, no own code) becomes a case.
    """
    waiting = (
        ValueRequest.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, sent_at__isnull=True, answered_at__isnull=True)
        .select_related(
            "market_location__grid_operator", "market_location__metering_operator",
            "register__meter__metering_location",
        )
        .order_by("id")
    )  # fmt: skip
    principal = Principal.objects.get(pk=client_id)
    sent: list[int] = []
    cases: list[NewCase] = []
    for request in waiting:
        reason = _send(request, principal, at)
        if reason:
            cases.append(_case(request, reason))
        else:
            sent.append(request.pk)
    mark_sent(client_id=client_id, request_ids=sent, at=at)
    open_cases(client_id=client_id, new=cases, at=at)
    return SentRequests(len(sent), tuple(case.reason for case in cases))


def _send(request: ValueRequest, principal: Principal, at: datetime) -> str:
    """Write one request; returns why it is impossible, else an empty text."""
    place = request.market_location
    is_gas = place.commodity == Commodity.GAS
    number = principal.market_partner_id_gas if is_gas else principal.market_partner_id
    partner = _addressee(request)
    location = _location(request)
    if not number:
        return f"Die Marktpartner-ID {'Gas' if is_gas else 'Strom'} des Auftraggebers fehlt."
    if partner is None:
        return "An der Marktlokation ist kein Marktpartner eingetragen."
    if not location:
        return "An der Marktlokation ist keine Messlokation eingetragen."
    us, them = (
        Party(number, _qualifier(number)),
        Party(partner.market_partner_id, _qualifier(partner.market_partner_id)),
    )
    reference = new_reference(request.client_id)
    period = request.period
    wanted = ValueOrder(request.kind, is_gas, location, period.lower, period.upper)
    message = order(reference, wanted, us, them, at, version_of("ORDERS", at))
    keep_outgoing(
        client_id=request.client_id, us=us, them=them, reference=reference, messages=[message], at=at,
        outcome=f"{request.get_kind_display()} angefordert: {request.reason}",
        market_location_id=place.pk, location=location,
    )  # fmt: skip
    return ""


def _addressee(request: ValueRequest) -> MarketPartner | None:
    """Gas quality comes from the grid operator, values of electricity from the metering operator."""
    place = request.market_location
    if request.kind == ValueRequest.Kind.GAS_QUALITY or place.commodity == Commodity.GAS:
        return place.grid_operator
    return place.metering_operator or place.grid_operator


def _location(request: ValueRequest) -> str:
    place = request.market_location
    if request.kind == ValueRequest.Kind.INTERVALS and place.commodity == Commodity.ELECTRICITY:
        return place.market_location_id
    if request.register is not None:
        return request.register.meter.metering_location.metering_location_id
    first = place.metering_locations.order_by("id").first()
    return first.metering_location_id if first else ""


def _qualifier(number: str) -> str:
    """UNB code of the authority a market partner id comes from."""
    return {"99": "500", "98": "502"}.get(number[:2], "14")


def _case(request: ValueRequest, reason: str) -> NewCase:
    return NewCase(
        kind="request_impossible",
        service="M01",
        key=f"request_impossible:{request.pk}",
        title=f"{request.get_kind_display()} für {request.market_location} lässt sich nicht anfordern",
        reason=reason,
        object_kind="masterdata.marketlocation",
        object_id=request.market_location_id,
        object_label=str(request.market_location),
        due_on=request.due_on,
    )

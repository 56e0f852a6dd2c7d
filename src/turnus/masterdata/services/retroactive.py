"""Master data that bills were calculated with: changed only by two people, once something is billed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from turnus.masterdata.models import MarketLocation, Register
from turnus.masterdata.services.locations import (
    BILLED_FACTS,
    change_location,
    change_register,
    check_register,
)
from turnus.system.changes import InvalidInput
from turnus.system.models import User
from turnus.worklist.models import Approval
from turnus.worklist.retroactive import (
    Difference,
    RetroactiveChange,
    billed_periods,
    propose_change,
    propose_corrections,
    require_decider,
)

LOCATION, REGISTER = "location_change", "register_change"
STALE = "Die Angabe hat sich seit dem Vorschlag geändert. Bitte ablehnen und neu vorschlagen."


def billed_differences(location: MarketLocation, values: Mapping[str, Any]) -> dict[str, Any]:
    """The given values that differ and that bills were calculated with."""
    return {
        name: values[name]
        for name in BILLED_FACTS
        if name in values and values[name] != getattr(location, name)
    }


@transaction.atomic
def propose_location_change(
    *, location: MarketLocation, values: Mapping[str, Any], reason: str, user: User, at: datetime
) -> Approval:
    """Propose facts (`BILLED_FACTS`) of a location with billed periods.

    Raises:
        InvalidInput: nothing of that kind differs, no reason, or a proposal waits already.
    """
    differing = billed_differences(location, values)
    if not differing:
        raise InvalidInput("profile", "Daran ändert sich nichts.")
    return propose_change(
        change=RetroactiveChange(
            client_id=location.client_id, kind=LOCATION, object_kind="masterdata.marketlocation",
            object_id=location.pk, title=f"Marktlokation {location}: rückwirkende Änderung",
            differences=[_difference(location, name, value) for name, value in differing.items()],
            billed=billed_periods(client_id=location.client_id, market_location_ids=[location.pk]),
            reason=reason, data=_data(location, differing),
        ),
        user=user, at=at,
    )  # fmt: skip


@transaction.atomic
def approve_location_change(*, approval: Approval, user: User, at: datetime) -> None:
    """Make an approved change of a location and propose the correction of its bills.

    Registered in `project.handlers.APPROVAL_HANDLERS` for `location_change`.

    Raises:
        PermissionError: neither lead nor principal.
        InvalidInput: the location has been changed since.
    """
    require_decider(approval=approval, user=user)
    location = MarketLocation.objects.select_for_update().get(pk=approval.object_id)
    values = _fresh(location, approval)
    reason = approval.details["Grund"]
    change_location(location=location, values=values, user=user, at=at, reason=reason)
    _correct(approval, location.pk, f"Marktlokation {location}: {reason}", at)


@transaction.atomic
def propose_register_change(
    *, register: Register, values: Mapping[str, Any], reason: str, user: User, at: datetime
) -> Approval:
    """Propose other digits, decimals or transformer factor of a register with billed periods.

    Raises:
        InvalidInput: an impossible value, nothing differs, no reason, or a proposal waits already.
    """
    check_register(register=register, values=values)
    differing = {name: value for name, value in values.items() if value != getattr(register, name)}
    if not differing:
        raise InvalidInput("transformer_factor", "Daran ändert sich nichts.")
    location_id = register.meter.metering_location.market_location_id
    return propose_change(
        change=RetroactiveChange(
            client_id=register.client_id, kind=REGISTER, object_kind="masterdata.register",
            object_id=register.pk, title=f"Zählwerk {register}: rückwirkende Änderung",
            differences=[_difference(register, name, value) for name, value in differing.items()],
            billed=billed_periods(
                client_id=register.client_id, market_location_ids=[location_id],
                since=register.meter.installed.lower,
            ),
            reason=reason, data=_data(register, differing),
        ),
        user=user, at=at,
    )  # fmt: skip


@transaction.atomic
def approve_register_change(*, approval: Approval, user: User, at: datetime) -> None:
    """Make an approved change of a register and propose the correction of the bills it counted for.

    Registered in `project.handlers.APPROVAL_HANDLERS` for `register_change`.

    Raises:
        PermissionError: neither lead nor principal.
        InvalidInput: the register has been changed since.
    """
    require_decider(approval=approval, user=user)
    register = Register.objects.select_for_update(of=("self",)).get(pk=approval.object_id)
    values = _fresh(register, approval)
    if "transformer_factor" in values:
        values["transformer_factor"] = Decimal(values["transformer_factor"])
    reason = approval.details["Grund"]
    change_register(register=register, values=values, user=user, at=at, reason=reason)
    location_id = register.meter.metering_location.market_location_id
    _correct(approval, location_id, f"Zählwerk {register}: {reason}", at, register)


def _difference(row: MarketLocation | Register, name: str, value: Any) -> Difference:
    label = str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return Difference(label, str(getattr(row, name)), str(value))


def _data(row: MarketLocation | Register, differing: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "before": {name: _plain(getattr(row, name)) for name in differing},
        "after": {name: _plain(value) for name, value in differing.items()},
    }


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _fresh(row: MarketLocation | Register, approval: Approval) -> dict[str, Any]:
    """The values to set, unless somebody has changed them since they were proposed."""
    data = approval.details["data"]
    if any(_plain(getattr(row, name)) != value for name, value in data["before"].items()):
        raise InvalidInput("reason", STALE)
    return dict(data["after"])


def _correct(
    approval: Approval, location_id: int, reason: str, at: datetime, register: Register | None = None
) -> None:
    periods = billed_periods(
        client_id=approval.client_id,
        market_location_ids=[location_id],
        since=register.meter.installed.lower if register else None,
    )
    propose_corrections(client_id=approval.client_id, periods=periods, service="M03", reason=reason, at=at)

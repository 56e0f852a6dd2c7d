"""Market partners: public identities with their contact data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from turnus.lib.ids import InvalidId, check_market_partner_id
from turnus.partners.models import MarketPartner
from turnus.system import audit
from turnus.system.changes import InvalidInput
from turnus.system.models import User


@transaction.atomic
def create_market_partner(
    *, client_id: int, values: Mapping[str, Any], user: User | None, at: datetime
) -> MarketPartner:
    """Create a market partner under its code number.

    Args:
        client_id: the principal for whom it is entered; its audit trail names the change. The
            partner itself is public and shared.

    Raises:
        InvalidInput: malformed or known code number, or a value does not fit.
    """
    row = MarketPartner(**values)
    try:
        check_market_partner_id(row.market_partner_id)
    except InvalidId as error:
        raise InvalidInput("market_partner_id", str(error)) from error
    if MarketPartner.objects.filter(market_partner_id=row.market_partner_id).exists():
        raise InvalidInput("market_partner_id", f"Marktpartner {row.market_partner_id} ist schon angelegt.")
    _check(row)
    row.save(force_insert=True)
    _audit(client_id, row, "created", user, at, {})
    return row


@transaction.atomic
def update_market_partner(
    *, client_id: int, partner: MarketPartner, values: Mapping[str, Any], user: User | None, at: datetime
) -> bool:
    """Change a partner's data (not its code number); False if nothing differs.

    Raises:
        InvalidInput: a value does not fit.
    """
    if values.get("market_partner_id", partner.market_partner_id) != partner.market_partner_id:
        raise InvalidInput("market_partner_id", "Die Marktpartner-ID kann nicht geändert werden.")
    before = {name: getattr(partner, name) for name in values}
    differing = {name: [before[name], value] for name, value in values.items() if before[name] != value}
    if not differing:
        return False
    for name, value in values.items():
        setattr(partner, name, value)
    _check(partner)
    partner.save(update_fields=list(differing))
    _audit(client_id, partner, "changed", user, at, differing)
    return True


def _check(row: MarketPartner) -> None:
    try:
        row.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(field, f"{field}: {messages[0]}") from error


def _audit(
    client_id: int, row: MarketPartner, action: str, user: User | None, at: datetime, details: dict[str, Any]
) -> None:
    audit.record(
        client_id=client_id, at=at, user=user, action=action, object_kind="partners.marketpartner",
        object_id=row.pk, text=str(row), details=details,
    )  # fmt: skip

"""Use cases that need what billing and the money rooms know together."""

from datetime import date, datetime

from turnus.accounting.queries import supplies_of
from turnus.receivables.queries import accounts_in_arrears
from turnus.receivables.services import DisconnectionResult, assess_disconnections
from turnus.system.models import User


def check_disconnections(*, client_id: int, on: date, user: User | None, at: datetime) -> DisconnectionResult:
    """Compute for a day whose arrears reach the threshold of a disconnection (§ 41f EnWG).

    Bring instalments and expected years down to receivables, which store the answer. Repeatable.
    """
    accounts = accounts_in_arrears(client_id=client_id, on=on)
    supplies = supplies_of(client_id=client_id, account_ids=accounts, on=on)
    return assess_disconnections(client_id=client_id, on=on, supplies=supplies, user=user, at=at)

"""Number ranges without gaps: the counter row is locked until the transaction that drew ends."""

from django.db import connection

from turnus.system.models import NumberRange

DEFAULTS = {
    # name: (prefix, digits)
    "bill": ("R", 8),
    "customer": ("K", 7),
    "contract": ("V", 7),
    "contract_account": ("", 8),
    "mandate": ("M", 8),
    "dunning_notice": ("MA", 7),
    "direct_debit_run": ("LE", 6),
    "payout": ("AZ", 7),
    "payout_file": ("UE", 6),
    "case": ("F", 7),
    "interchange": ("TU", 9),
    "document": ("D", 9),
}


class UnknownRange(KeyError):
    """No number range of this name is defined."""


def draw(*, client_id: int, name: str, count: int = 1) -> list[str]:
    """Draw `count` consecutive numbers of one range; they exist only if the transaction commits.

    Raises:
        UnknownRange: the name is neither configured nor among the defaults.
    """
    if count < 1:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE system_numberrange SET last = last + %s WHERE client_id = %s AND name = %s "
            "RETURNING prefix, digits, last",
            [count, client_id, name],
        )
        row = cursor.fetchone()
    if row is None:
        if name not in DEFAULTS:
            raise UnknownRange(name)
        prefix, digits = DEFAULTS[name]
        NumberRange.objects.get_or_create(
            client_id=client_id, name=name, defaults={"prefix": prefix, "digits": digits}
        )
        return draw(client_id=client_id, name=name, count=count)
    prefix, digits, last = row
    return [f"{prefix}{number:0{digits}d}" for number in range(last - count + 1, last + 1)]

"""Load, set-wise for a batch of receipts, everything they might mean."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection

from turnus.clients.services import setting
from turnus.lib.money import to_cents
from turnus.masterdata.models import BankAccount, ContractAccount, Mandate
from turnus.receivables.calc.allocation import Account, Item, Pool, Receipt, Target, name_key
from turnus.receivables.calc.redemption import COSTS, PRINCIPAL, Debt
from turnus.receivables.calc.references import Shape, lookups, reference_key
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.system.models import NumberRange
from turnus.system.numbers import DEFAULTS

_RANGES = ("bill", "contract_account", "customer", "contract")
_COSTS = (OpenItem.Kind.RETURN_FEE, OpenItem.Kind.DUNNING_FEE)


def receipt_of(entry: StatementEntry) -> Receipt:
    """A bank entry as the ladder sees it."""
    text = f"{entry.remittance} {entry.end_to_end_id}"
    return Receipt(
        entry.amount_cents, entry.value_date, text, entry.name, entry.iban, entry.mandate_reference
    )


def shapes_of(client_id: int) -> tuple[Shape, ...]:
    """How the principal's numbers look."""
    own = {
        r.name: (r.prefix, r.digits)
        for r in NumberRange.objects.filter(client_id=client_id, name__in=_RANGES)
    }
    return tuple(Shape(*own.get(name, DEFAULTS[name])) for name in _RANGES)


def load_pool(
    *, client_id: int, receipts: Sequence[Receipt], names: bool = True, broad: bool = False
) -> Pool:
    """Everything the receipts might mean.

    Args: `names` also looks for accounts by name and amount, the last and dearest rung; `broad` by name
    alone, for suggestions to a clerk.
    """
    shapes = shapes_of(client_id)
    keys = {key for receipt in receipts for key in lookups(receipt.text, shapes)}
    references = _references(client_id, keys)
    mandates = _mandates(client_id, {receipt.mandate for receipt in receipts if receipt.mandate})
    ibans = _ibans(client_id, {receipt.iban for receipt in receipts if receipt.iban})
    ids = {target.account_id for target in references.values()} | set(mandates.values())
    ids.update(account_id for accounts in ibans.values() for account_id in accounts)
    named = _named(client_id, receipts, broad) if names or broad else set()
    accounts = load_accounts(client_id, ids | named)
    by_amount: dict[int, list[int]] = {}
    for account_id in named:
        for cents in {item.open_cents for item in accounts[account_id].items}:
            by_amount.setdefault(cents, []).append(account_id)
    tolerance = to_cents(Decimal(str(setting(client_id=client_id, name="payment_tolerance"))))
    return Pool(
        accounts=accounts,
        references=references,
        mandates=mandates,
        ibans=ibans,
        by_amount={cents: tuple(sorted(found)) for cents, found in by_amount.items()},
        shapes=shapes,
        tolerance_cents=tolerance,
    )


# One look for all kinds of references; arrays, because thousands of parameters cost more than the query.
_LOOKUP = """
SELECT number, subaccount_id, NULL::bigint, false FROM masterdata_contractaccount
  WHERE client_id = %(client)s AND number = ANY(%(keys)s)
UNION ALL
SELECT c.number, a.subaccount_id, NULL, false FROM masterdata_customer c
  JOIN masterdata_contractaccount a ON a.customer_id = c.id
  WHERE c.client_id = %(client)s AND c.number = ANY(%(keys)s)
UNION ALL
SELECT number, contract_account_id, NULL, false FROM contracts_supplycontract
  WHERE client_id = %(client)s AND number = ANY(%(keys)s)
UNION ALL
(SELECT reference_key, subaccount_id, CASE WHEN open_cents > 0 AND side = 1 THEN id END, kind <> 'instalment'
  FROM receivables_openitem
  WHERE client_id = %(client)s AND reference_key = ANY(%(keys)s)
    AND kind IN ('bill', 'credit', 'instalment', 'return') ORDER BY due_date, id)
"""


def _references(client_id: int, keys: set[str]) -> dict[str, Target]:
    if not keys:
        return {}
    found: dict[str, list[Target]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKUP, {"client": client_id, "keys": list(keys)})
        for key, account_id, item_id, is_bill in cursor.fetchall():
            found.setdefault(reference_key(key), []).append(Target(account_id, item_id, is_bill))
    return {key: target for key, targets in found.items() if (target := _one(targets)) is not None}


def _one(targets: list[Target]) -> Target | None:
    """What a key stands for when several rows carry it: nothing if they are of different accounts."""
    if len({target.account_id for target in targets}) != 1:
        return None
    usable = [target for target in targets if target.item_id is not None]
    is_bill = any(target.is_bill for target in targets)
    return Target(targets[0].account_id, usable[0].item_id if usable else None, is_bill)


def _mandates(client_id: int, references: set[str]) -> dict[str, int]:
    if not references:
        return {}
    rows = Mandate.objects.filter(
        client_id=client_id, reference__in=references, contract_accounts__isnull=False
    )
    return dict(rows.order_by("id").values_list("reference", "contract_accounts__pk"))


def _ibans(client_id: int, ibans: set[str]) -> dict[str, tuple[int, ...]]:
    if not ibans:
        return {}
    rows = BankAccount.objects.filter(
        client_id=client_id, iban__in=ibans, customer__contract_accounts__isnull=False
    ).values_list("iban", "customer__contract_accounts__pk")
    found: dict[str, set[int]] = {}
    for iban, account_id in rows:
        found.setdefault(iban, set()).add(account_id)
    return {iban: tuple(sorted(accounts)) for iban, accounts in found.items()}


def _named(client_id: int, receipts: Sequence[Receipt], broad: bool) -> set[int]:
    """Accounts of customers whose name a receipt carries; unless `broad`, only those that owe its amount."""
    words = {word for receipt in receipts for word in name_key(receipt.name)}
    words |= {receipt.name.upper() for receipt in receipts if receipt.name}
    if broad:
        words |= {word for receipt in receipts for word in name_key(receipt.text) if len(word) > 3}
    if not words:
        return set()
    accounts = ContractAccount.objects.filter(
        client_id=client_id,
        customer__client_id=client_id,
        customer__name_key__in={spelling for word in words for spelling in _spellings(word)},
    )
    if not broad:
        amounts = {receipt.cents for receipt in receipts}
        accounts = accounts.filter(
            subaccount__open_items__open_cents__in=amounts, subaccount__open_items__side=1
        )
    return set(accounts.values_list("pk", flat=True)[:2000])


def _spellings(word: str) -> set[str]:
    """A word in capitals with its umlauts spelled either way."""
    spelled = {word}
    for pair, umlaut in (("AE", "Ä"), ("OE", "Ö"), ("UE", "Ü"), ("SS", "ß")):
        spelled |= {one.replace(pair, umlaut) for one in spelled}
    return spelled


def load_accounts(client_id: int, ids: Iterable[int]) -> dict[int, Account]:
    """Accounts with names and open debts."""
    wanted = list(ids)
    items: dict[int, list[Item]] = {}
    rows = OpenItem.objects.filter(client_id=client_id, subaccount_id__in=wanted, open_cents__gt=0, side=1)
    for row in rows.order_by("due_date", "id"):
        items.setdefault(row.subaccount_id, []).append(_item(row))
    accounts = ContractAccount.objects.filter(pk__in=wanted).select_related(
        "customer", "mandate__bank_account"
    )
    return {
        account.pk: Account(
            account_id=account.pk,
            label=f"{account.number} {account.customer.full_name}",
            names=tuple(
                {
                    account.customer.full_name,
                    account.mandate.bank_account.holder if account.mandate else account.customer.full_name,
                }
            ),
            items=tuple(items.get(account.pk, ())),
        )
        for account in accounts
    }


def _item(row: OpenItem) -> Item:
    is_cost = row.kind in _COSTS
    debt = Debt(
        item_id=row.pk,
        open_cents=row.open_cents,
        due_date=row.due_date,
        group=row.principal_item_id or row.pk,
        rank=COSTS if is_cost else PRINCIPAL,
        burden=row.dunning_level,
    )
    return Item(debt, row.reference, row.reference_key, row.kind)

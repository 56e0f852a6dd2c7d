"""`turnus bench bank`: from the bytes of a camt.053 to posted, allocated, durable entries.

The statement is like a supplier's: most payments name their bill with the exact amount, some only the account
or come from a known IBAN, a few nobody recognises. Making accounts, bills and the file is not measured.
"""

import io
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from turnus.bench.base import BenchResult, result

DAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
IBAN = "DE02120300000000202051"
_CHUNK = 1000
_NINETEEN = Decimal(19)
_FILE = 10_000  # entries per file: larger days come as several pages


def run(*, size: int) -> BenchResult:
    """Import `size` statement entries.

    Raises: `RuntimeError` if an entry did not end where its kind must.
    """
    from turnus.ledger.services import seed_accounts
    from turnus.receivables.services import import_statement
    from turnus.system.isolation import allow
    from turnus.system.models import Principal

    client = Principal.objects.create(short_name="bench", name="Bench")
    allow([client.pk])
    seed_accounts(client_id=client.pk)
    numbers = _prepare(client.pk, size)
    files = [_statement(numbers[i : i + _FILE], i) for i in range(0, size, _FILE)]
    posted = suspense = 0
    start = time.perf_counter()
    for number, path in enumerate(files):
        outcome = import_statement(
            client_id=client.pk, content=path.read_bytes(), name=f"bench-{number}.xml", at=NOW, user=None
        )
        posted += outcome.allocated
        suspense += outcome.suspense
    seconds = time.perf_counter() - start
    for path in files:
        path.unlink()
    unknown = sum(1 for i in range(size) if _kind(i) == "unknown")
    if (posted, suspense) != (size - unknown, unknown):
        raise RuntimeError(
            f"{posted} zugeordnet, {suspense} ungeklärt; erwartet {size - unknown} und {unknown}"
        )
    return result(kind="bank", size=size, unit="Umsätze", seconds=seconds)


def _kind(index: int) -> str:
    """85 % bill number, 8 % account number, 5 % IBAN, 2 % unknown."""
    place = index % 100
    return "bill" if place < 85 else "account" if place < 93 else "iban" if place < 98 else "unknown"


def _iban(index: int) -> str:
    """A German IBAN with right check digits."""
    bban = f"50010517{index:010d}"
    check = 98 - int(f"{bban}131400") % 97
    return f"DE{check:02d}{bban}"


def _prepare(client_id: int, size: int) -> list[tuple[int, str]]:
    """A customer, an account and a bill per entry; returns (index, account number)."""
    from turnus.clients.models import HouseBank
    from turnus.masterdata.models import Address

    HouseBank.objects.create(client_id=client_id, iban=IBAN, holder="Bench", creditor_id="DE98ZZZ09999999999")
    address = Address.objects.create(client_id=client_id, street="Weg", postal_code="45127", city="Essen")
    for start in range(0, size, _CHUNK):
        _chunk(client_id, address.pk, range(start, min(start + _CHUNK, size)))
    return [(index, f"{index + 1:08d}") for index in range(size)]


def _chunk(client_id: int, address_id: int, indexes: range) -> None:
    from turnus.ledger.models import Subaccount
    from turnus.masterdata.models import BankAccount, ContractAccount, Customer
    from turnus.receivables.services import BillPosting, VatPart, post_bills

    customers = Customer.objects.bulk_create(
        [
            Customer(
                client_id=client_id,
                number=f"K{i + 1:07d}",
                first_name="Erika",
                name=f"Muster{i}",
                address_id=address_id,
            )
            for i in indexes
        ]
    )
    subs = Subaccount.objects.bulk_create(
        [Subaccount(client_id=client_id, number=f"{i + 1:08d}") for i in indexes]
    )
    ContractAccount.objects.bulk_create(
        [
            ContractAccount(client_id=client_id, subaccount=s, number=s.number, customer=c)
            for s, c in zip(subs, customers, strict=True)
        ]
    )
    BankAccount.objects.bulk_create(
        [
            BankAccount(client_id=client_id, customer=c, iban=_iban(i), holder=c.full_name)
            for i, c in zip(indexes, customers, strict=True)
        ]
    )
    bills = [
        BillPosting(
            key=f"{i}",
            subaccount_id=sub.pk,
            bill_number=f"R{i + 1:08d}",
            bill_date=date(2026, 10, 1),
            due_date=date(2026, 10, 20),
            division="electricity",
            parts=(VatPart(_NINETEEN, *_amounts(i)),),
        )
        for i, sub in zip(indexes, subs, strict=True)
    ]
    post_bills(client_id=client_id, bills=bills, posting_date=date(2026, 10, 1), user=None, at=NOW)


def _amounts(index: int) -> tuple[Decimal, Decimal]:
    """Net and VAT in euros; many different amounts, as in life."""
    net = Decimal(5000 + index * 37 % 90000).scaleb(-2)
    return net, (net * _NINETEEN / 100).quantize(Decimal("0.01"))


def _statement(numbers: list[tuple[int, str]], offset: int) -> Path:
    """One camt.053 file on disk."""
    import tempfile

    from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053

    def booking(index: int, account: str) -> Booking:
        kind = _kind(index)
        texts = {
            "bill": f"Rechnung R{index + 1:08d} vom 01.10.2026",
            "account": f"Vertragskonto {account} Strom",
            "iban": "Strom und Gas",
            "unknown": "Danke",
        }
        iban = _iban(index) if kind == "iban" else "DE02500105170137075030"
        amount = sum(_amounts(index), Decimal(0))
        name = "Unbekannt" if kind == "unknown" else f"Erika Muster{index}"
        return Booking(f"B{offset}-{index}", DAY, (Payment(amount, "credit", name, iban, texts[kind]),))

    total = sum((sum(_amounts(index), Decimal(0)) for index, _ in numbers), Decimal(0))
    page = Page(f"S{offset}", IBAN, "Bench", Decimal(0), total, DAY)
    buffer = io.BytesIO()
    write_camt053(page, (booking(index, account) for index, account in numbers), buffer)
    with tempfile.NamedTemporaryFile(suffix=".xml", delete=False) as target:
        target.write(buffer.getvalue())
    return Path(target.name)

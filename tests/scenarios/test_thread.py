"""The whole thread on one contract: from the grid operator's message to money in the bank.

The story is a table: what happens on a day, with what, and what stands afterwards. Its bill is the handbook's
worked example (a): meter exchange, price change, H0 in North Rhine-Westphalia, 1,209.28 € gross.
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import factories as make
from turnus.billing.models import Bill
from turnus.billing.services import start_billing
from turnus.clients.models import HouseBank, Letterhead
from turnus.demo import messages
from turnus.demo.portfolio import MeterSpec, SiteSpec, creditor_id_of, iban_of
from turnus.documents.models import Document
from turnus.documents.services import pdf_of
from turnus.ledger.services import seed_accounts
from turnus.market.services import take_in
from turnus.masterdata.models import BankAccount, ContractAccount
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import Debit, OpenItem, StatementEntry
from turnus.receivables.services import (
    assign,
    import_statement,
    plan_debit_run,
    propose_dunning,
    release_debit_run,
    release_dunning,
)
from turnus.system import runs
from turnus.worklist.models import Case

pytestmark = pytest.mark.django_db

HOUSE, OWN, STRANGER = (iban_of("37050198", 4711), iban_of("12030000", 202051), iban_of("76026000", 99))
STORY = """
day        | event      | with                              | then
2025-01-02 | readings   | 1ALT 2025-01-01 12345             | stored 1
2025-01-02 | readings   | 1ALT 2025-01-01 12345             | known
2025-05-16 | readings   | 1ALT 2025-05-15 13742             | stored 1
2025-05-16 | readings   | 1NEU 2025-05-15 3                 | stored 1
2026-01-03 | billing    | 2025-12-31                        | held: Endstand
2026-01-04 | readings   | 9XXX 2026-01-01 2106              | register_unknown
2026-01-05 | readings   | 1NEU 2026-01-01 2106              | stored 1
2026-01-06 | billing    | 2025-12-31                        | gross 1209.28
2026-01-06 | owed       |                                   | 1209.28
2026-01-06 | pdf        |                                   | %PDF
2026-01-08 | debit      | 2026-01-22                        | 1209.28
2026-01-08 | release by | clerk                             | refused
2026-01-08 | release by | lead                              | pain.008
2026-01-22 | collected  | 1209.28                           | 0.00
2026-01-22 | collected  | 1209.28                           | 0.00
2026-01-27 | returned   | 1209.28 AC04 3.00                 | 1212.28
2026-02-02 | paid       | 1000.00 Rechnung {bill}           | 212.28
2026-02-03 | stranger   | 50.00 fuer Oma                    | suspense 50.00
2026-02-04 | assigned   | 50.00                             | 162.28
2026-02-16 | dunning    |                                   | letters 1
"""


@dataclass
class World:
    """What the rows of the story work on."""

    client: object
    supply: make.Supply
    clerk: object
    lead: object
    account: ContractAccount
    statements: int = 0
    balance: Decimal = Decimal("0.00")
    seen: dict = field(default_factory=dict)


def _world():
    client = make.principal(market_partner_id="9900777000015")
    HouseBank.objects.create(client=client, iban=HOUSE, holder="Stadtwerk A", creditor_id=creditor_id_of(1))
    Letterhead.objects.create(
        client=client, company="Stadtwerk A GmbH", street="Markt 1", postal_code="45127", city="Essen",
        register_court="Amtsgericht Essen", register_number="HRB 1", managing_directors="Mara Vogt",
        tax_number="1/2/3", hotline="0201 1", email="a@example.org", web="www.example.org",
    )  # fmt: skip
    make.what_bills_must_show(client)
    seed_accounts(client_id=client.pk)
    clerk, lead = make.user("anna", client), make.user("lea", client, "lead")
    supply = make.supply(client, date(2025, 1, 1), reading_cycle_month=12, concession_fee_class="TK 1,59")
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00")
    make.price(supply.product, date(2025, 7, 1), None, "26.10", "132.00")
    make.meter(supply.location, "1ALT", date(2014, 1, 1), date(2025, 5, 15))
    make.meter(supply.location, "1NEU", date(2025, 5, 15))
    mandate = make.mandate(supply.customer, OWN)
    BankAccount.objects.filter(pk=mandate.bank_account_id).update(approved_by=lead, approved_at=make.NOW)
    ContractAccount.objects.filter(pk=supply.account.pk).update(
        mandate=mandate, payment_method="direct_debit"
    )
    return World(client, supply, clerk, lead, supply.account)


def _at(day):
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def _owed(world):
    items = OpenItem.objects.filter(subaccount_id=world.account.pk)
    return str(
        sum((Decimal(i.side * i.open_cents) for i in items), Decimal(0)).scaleb(-2).quantize(Decimal("0.01"))
    )


def _readings(world, day, given):
    number, on, value = given.split()
    meter = MeterSpec(number, date(2014, 1, 1), None, 6, Decimal(1), ())
    place = world.supply.location.market_location_id
    site = SiteSpec("electricity", place, "", "", "", "H0", 0, "", (meter,), "", "", "", None, (0, 0))
    line = messages.ReadingLine(site, meter, date.fromisoformat(on), Decimal(value))
    party = messages.Party("9900000000001", "9900777000015", "500", "293")
    reference = f"{number}{on}".replace("-", "")
    file = messages.readings_file(party, [line], reference=reference, at=_at(date.fromisoformat(on)))
    cases = Case.objects.count()
    taken = take_in(client_id=world.client.pk, content=file, name="x.edi", at=_at(day), user=world.clerk)
    if taken.known_before:
        return "known"
    stored = sum(m.values_stored for m in taken.messages)
    return f"stored {stored}" if stored else "".join(c.kind for c in Case.objects.order_by("id")[cases:])


def _billing(world, day, until):
    run = start_billing(
        client_id=world.client.pk, until=date.fromisoformat(until), today=day, user=world.clerk, at=_at(day)
    )
    runs.execute(run)
    bill = Bill.objects.filter(state="released").first()
    if bill is None:
        return f"held: {'Endstand' if 'Endstand' in Case.objects.get(kind='billing_hold').reason else '?'}"
    world.seen["bill"] = bill.number
    return f"gross {bill.gross}"


def _pdf(world, day, _):
    return pdf_of(document=Document.objects.get(kind="bill"), at=_at(day))[:4].decode()


def _debit(world, day, on):
    run = plan_debit_run(
        client_id=world.client.pk, collect_on=date.fromisoformat(on), today=day, user=world.clerk, at=_at(day)
    )
    world.seen["run"] = run.pk
    return str(Decimal(run.total_cents).scaleb(-2))


def _release(world, day, who):
    try:
        run = release_debit_run(run_id=world.seen["run"], user=getattr(world, who), at=_at(day))
    except PermissionError:
        return "refused"
    return "pain.008" if b"pain.008.001.08" in bytes(run.original.content) else "?"


def _statement(world, day, payment):
    """One statement with one line; the same line again is the same file."""
    key = (day, payment)
    if key not in world.seen:
        world.statements += 1
        page = Page(f"S{world.statements}", HOUSE, "Stadtwerk A", world.balance, payment.amount, day)
        target = io.BytesIO()
        write_camt053(page, [Booking(f"{day:%y%m%d}001", day, (payment,))], target)
        world.balance += payment.amount
        world.seen[key] = target.getvalue()
    return import_statement(
        client_id=world.client.pk, content=world.seen[key], name="auszug.xml", at=_at(day), user=world.clerk
    )


def _own_debit():
    return Debit.objects.select_related("mandate").get()


def _collected(world, day, amount):
    debit = _own_debit()
    _statement(world, day, Payment(Decimal(amount), "collection", end_to_end_id=debit.end_to_end_id))
    return _owed(world)


def _returned(world, day, given):
    amount, reason, fee = given.split()
    debit = _own_debit()
    total = -(Decimal(amount) + Decimal(fee))
    back = Payment(
        total,
        "return",
        "Erika Muster",
        OWN,
        "",
        debit.end_to_end_id,
        debit.mandate.reference,
        reason,
        Decimal(fee),
    )
    _statement(world, day, back)
    debit.mandate.refresh_from_db()
    assert debit.mandate.status == "blocked"
    return _owed(world)


def _paid(world, day, given):
    amount, text = given.format(bill=world.seen["bill"]).split(" ", 1)
    _statement(world, day, Payment(Decimal(amount), "credit", "Erika Muster", OWN, text))
    return _owed(world)


def _stranger(world, day, given):
    amount, text = given.split(" ", 1)
    _statement(world, day, Payment(Decimal(amount), "credit", "Unbekannt", STRANGER, text))
    entry = StatementEntry.objects.get(state="suspense")
    return f"suspense {Decimal(entry.amount_cents).scaleb(-2)}"


def _assigned(world, day, amount):
    entry = StatementEntry.objects.get(state="suspense")
    item = OpenItem.objects.filter(subaccount_id=world.account.pk, open_cents__gt=5000, side=1).get()
    assign(entry_id=entry.pk, parts=[(item.pk, Decimal(amount))], user=world.clerk, at=_at(day))
    return _owed(world)


def _dunning(world, day, _):
    run = propose_dunning(client_id=world.client.pk, on=day, user=world.clerk, at=_at(day))
    release_dunning(run_id=run.pk, user=world.lead, at=_at(day))
    return f"letters {Document.objects.filter(kind='reminder').count()}"


EVENTS = {
    "readings": _readings, "billing": _billing, "owed": lambda world, day, given: _owed(world), "pdf": _pdf,
    "debit": _debit, "release by": _release, "collected": _collected, "returned": _returned, "paid": _paid,
    "stranger": _stranger, "assigned": _assigned, "dunning": _dunning,
}  # fmt: skip


def test_from_message_to_money():
    world = _world()
    rows = [[cell.strip() for cell in line.split("|")] for line in STORY.strip().splitlines()[1:]]
    for day, event, given, expected in rows:
        found = EVENTS[event](world, date.fromisoformat(day), given)
        assert found == expected, f"{day} {event} {given}"

"""Two years before the month that is shown: customers taken over, instalments paid, the first yearly bill."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from turnus.billing.models import Bill
from turnus.billing.services import (
    plan_instalments,
    release_bills,
    request_due_instalments,
    start_billing,
)
from turnus.contracts.models import SupplyContract
from turnus.demo import bank, messages, tables
from turnus.demo.portfolio import START, YEAR
from turnus.demo.setup import moment
from turnus.demo.world import Step, World
from turnus.market.services import take_in
from turnus.receivables.models import Debit
from turnus.receivables.services import plan_debit_run, release_debit_run
from turnus.system import imports, runs
from turnus.worklist.models import Approval
from turnus.worklist.services import decide

# The first year is told briefly: four instalments instead of eleven.
FIRST_YEAR = 4
TAKE_OVER = date(2024, 9, 16)
# From this month on some customers no longer pay.
TROUBLE_FROM = date(2026, 7, 1)


def steps() -> list[Step]:
    """The steps in the order in which they happened."""
    first_year = [_month(day) for day in due_days(START, FIRST_YEAR)]
    second_year = [_month(day) for day in due_days(YEAR, 11)]
    return [
        Step("take_over", "Bestand übernehmen (CSV)", TAKE_OVER, take_over),
        Step("readings_2024", "Anfangsstände (CSV)", date(2024, 10, 4), readings_2024),
        Step("plans_2024", "Abschlagspläne 2024/25", TAKE_OVER, plan),
        *first_year,
        Step("readings_2025", "Ablesung und Gasbeschaffenheit 2025", date(2025, 10, 6), readings_2025),
        Step("billing_2025", "Jahresabrechnung 2024/25", date(2025, 10, 8), billing_2025, whole=False),
        Step("settled_2025", "Jahresabrechnung bezahlt", date(2025, 10, 28), settled_2025),
        *second_year,
    ]


def due_days(since: date, count: int) -> Iterator[date]:
    """The days on which the first instalments of a year are due."""
    for n in range(1, count + 1):
        month = since.month - 1 + n
        yield date(since.year + month // 12, month % 12 + 1, 15)


def take_over(world: World) -> str:
    """The files of the former system go in; a second person approves the bank details."""
    at, rows = moment(TAKE_OVER), 0
    for kind, content in tables.tables(world.portfolio).items():
        path = world.write(f"import/{kind}.csv", content)
        report = imports.run(
            kind=kind,
            client_id=world.client_id,
            content=content,
            name=path.name,
            user=world.staff.clerk,
            at=at,
        )
        if report.errors:
            raise AssertionError(f"{kind}: {report.errors[0]}")
        rows += report.rows
    for approval in Approval.objects.filter(client_id=world.client_id, kind="bank_account", state="open"):
        decide(
            approval=approval, approve=True, user=world.staff.lead, at=moment(TAKE_OVER, 15),
            reason="Stichprobe mit den Mandaten in Papierform verglichen",
        )  # fmt: skip
    return f"{rows} Zeilen aus 6 Dateien"


def _readings(world: World, name: str, *, after: date, until: date, on: date) -> int:
    """The grid operator's list of readings as a CSV file."""
    content = tables.readings_table(world.portfolio, until=until, after=after)
    path = world.write(f"import/{name}.csv", content)
    report = imports.run(
        kind="readings", client_id=world.client_id, content=content, name=path.name,
        user=world.staff.clerk, at=moment(on),
    )  # fmt: skip
    if report.errors:
        raise AssertionError(f"{name}: {report.errors[0]}")
    return report.new


def readings_2024(world: World) -> str:
    """The readings with which the supply began."""
    new = _readings(world, "readings_2024", after=date.min, until=START, on=date(2024, 10, 4))
    return f"{new} Zählerstände"


def contract_ids(world: World) -> list[int]:
    """All contracts of the principal."""
    return list(
        SupplyContract.objects.filter(client_id=world.client_id).order_by("id").values_list("id", flat=True)
    )


def plan(world: World) -> str:
    """Instalments of the first year for every contract; billing plans those of the next by itself."""
    ids = contract_ids(world)
    left = plan_instalments(
        client_id=world.client_id, contract_ids=ids, since=START, user=world.staff.clerk,
        at=moment(TAKE_OVER), count=FIRST_YEAR,
    )  # fmt: skip
    return f"{len(ids) - len(left)} Pläne"


def _month(day: date) -> Step:
    return Step(f"instalments_{day:%Y_%m}", f"Abschläge {day:%m/%Y}", day, partial(month, due=day))


def month(world: World, *, due: date) -> str:
    """One month of instalments: request, direct debit file, statement."""
    client_id, staff = world.client_id, world.staff
    announced = moment(due - timedelta(days=14))
    requested = request_due_instalments(client_id=client_id, until=due, user=staff.machine, at=announced)
    debits = debit_run(world, collect_on=due, today=due - timedelta(days=5))
    day = bank.Day(debits[0].collect_on if debits else due)
    bank.collect(day, debits)
    people = world.by_account()
    draw = world.random(f"transfers-{due}")
    for transfer in bank.transfers(world, due_by=due):
        twist = people[transfer.account.number][1]
        if twist == "stopped_paying" and due >= TROUBLE_FROM:
            continue
        reference = transfer.item.reference
        text = draw.choice(
            (f"Abschlag {reference}", reference, f"Vertragskonto {transfer.account.number} {reference}")
        )
        day.book(transfer.payment(text))
    if not day.bookings:
        return "keine Zahlung"
    result = bank.deliver(world, [day])
    return f"{requested} angefordert, {result.new} Zahlungen"


def debit_run(world: World, *, collect_on: date, today: date) -> list[Debit]:
    """Plan and release a debit run; the file lies in the demo's folder. Returns its debits."""
    run = plan_debit_run(
        client_id=world.client_id,
        collect_on=collect_on,
        today=today,
        user=world.staff.clerk,
        at=moment(today),
    )
    if run is None or not run.count:
        return []
    released = release_debit_run(run_id=run.pk, user=world.staff.lead, at=moment(today, 14))
    if released.original is not None:
        world.write(f"bank/{today:%Y-%m-%d}_pain008_{released.number}.xml", released.original.content)
    return list(Debit.objects.filter(run=released).select_related("mandate").order_by("id"))


def readings_2025(world: World) -> str:
    """The grid operator's list of readings and, for gas, its message of calorific values."""
    new = _readings(world, "readings_2025", after=START, until=YEAR, on=date(2025, 10, 6))
    if world.principal.market_partner_id_gas:
        at = moment(date(2025, 10, 6), 7)
        file = messages.gas_quality_file(world.portfolio, reference="GQ2025", at=at, year=2024)
        path = world.write("inbox/2025-10-06_MSCONS_13007.edi", file)
        take_in(client_id=world.client_id, content=file, name=path.name, at=at, user=world.staff.machine)
    return f"{new} Zählerstände"


def billing_2025(world: World) -> str:
    """The first yearly bill; what the value limits put aside is released by the lead."""
    today = date(2025, 10, 8)
    run = start_billing(
        client_id=world.client_id, until=date(2025, 9, 30), today=today, user=world.staff.clerk,
        at=moment(today),
        documents=False,
    )  # fmt: skip
    runs.execute(run)
    aside = Bill.objects.filter(client_id=world.client_id, state=Bill.State.EXCEPTED).order_by("id")
    ids = list(aside.values_list("id", flat=True))
    if ids:
        release_bills(
            bill_ids=ids, user=world.staff.lead, at=moment(today, 16), today=today,
            reason="Verbrauch und Preis geprüft", documents=False,
        )  # fmt: skip
    bills = Bill.objects.filter(client_id=world.client_id, state=Bill.State.RELEASED)
    return f"{bills.count()} Rechnungen, davon {len(ids)} nach Prüfung"


def settled_2025(world: World) -> str:
    """Everybody pays the balance of the yearly bill, by debit or by transfer."""
    collect_on = date(2025, 10, 27)
    debits = debit_run(world, collect_on=collect_on, today=date(2025, 10, 20))
    day = bank.Day(debits[0].collect_on if debits else collect_on)
    bank.collect(day, debits)
    for transfer in bank.transfers(world, due_by=date(2025, 10, 31)):
        day.book(transfer.payment(f"Rechnung {transfer.item.reference}"))
    result = bank.deliver(world, [day])
    return f"{result.new} Zahlungen"

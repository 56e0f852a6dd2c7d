"""October 2026: the month of business that the demo shows."""

from datetime import date
from decimal import Decimal

from turnus.billing.models import Bill
from turnus.billing.services import release_bills, start_billing
from turnus.care.services import NewContact, record_contact
from turnus.contracts.models import SupplyContract
from turnus.demo import bank, messages
from turnus.demo.history import debit_run
from turnus.demo.portfolio import iban_of
from turnus.demo.setup import moment
from turnus.demo.world import Step, World, euros
from turnus.documents.models import Document
from turnus.documents.services import dispatch, start_rendering
from turnus.market.services import take_in
from turnus.masterdata.models import Customer
from turnus.masterdata.services import propose_bank_account
from turnus.products.models import Product
from turnus.products.services import NewPrice, propose_price
from turnus.receivables.calc.suggestions import Suggestion
from turnus.receivables.models import Debit, OpenItem, StatementEntry
from turnus.receivables.services import assign, propose_dunning, release_dunning, suggestions
from turnus.system import runs

TODAY = date(2026, 10, 31)
BILLED, DUNNED = date(2026, 10, 6), date(2026, 10, 30)
# Exceptions and unknown payers that stay for the visitor to work on.
LEFT_OVER = 3


def _october(day: int) -> date:
    return date(2026, 10, day)


def steps() -> list[Step]:
    """The steps in the order in which they happen."""
    return [
        Step("inbox_readings", "Zählerstände des Netzbetreibers (MSCONS)", _october(2), readings),
        Step("inbox_gas", "Gasbeschaffenheit (MSCONS 13007)", _october(2), gas_quality),
        Step("inbox_profiles", "Lastgänge (MSCONS 13025)", _october(3), load_profiles),
        Step("inbox_trouble", "Beschädigte Datei, fremde Marktlokation", _october(4), trouble),
        Step("inbox_true", "Wahrer Wert nach Ersatzwert", _october(5), true_values),
        Step("billing_2026", "Turnusabrechnung 2025/26", BILLED, billing, whole=False),
        Step("release_2026", "Freigabe ausgesteuerter Rechnungen", BILLED, release),
        Step("letters_2026", "Rechnungen als PDF, Versand", BILLED, letters, whole=False),
        Step("debits_2026", "Lastschriften einreichen", _october(15), debits),
        Step("statement_2026", "Kontoauszug: Einzüge und Überweisungen", _october(26), statement),
        Step("returns_2026", "Kontoauszug: Rücklastschriften, Unbekannte", _october(28), returns),
        Step("assign_2026", "Zahlungen zuordnen", _october(29), assignments),
        Step("dunning_2026", "Mahnlauf Stufe 1", DUNNED, dunning),
        Step("care_2026", "Kundenkontakte, Anträge zur Freigabe", TODAY, care),
    ]


def _take(world: World, name: str, content: bytes, day: date) -> None:
    path = world.write(f"inbox/{name}", content)
    at = moment(day, 10)
    take_in(
        client_id=world.client_id, content=path.read_bytes(), name=path.name, at=at, user=world.staff.machine
    )


def readings(world: World) -> str:
    """13017 and 13002: the closing readings of the year."""
    lines, at, count = messages.closing_readings(world.portfolio), moment(_october(2), 6), 0
    for commodity, pid, party in (
        ("electricity", "13017", messages.electricity_party(world.portfolio)),
        ("gas", "13002", messages.gas_party(world.portfolio)),
    ):
        own = [line for line in lines if line.site.commodity == commodity]
        if own:
            file = messages.readings_file(party, own, reference=f"ZS{pid}", at=at)
            _take(world, f"2026-10-02_MSCONS_{pid}.edi", file, _october(2))
            count += len(own)
    return f"{count} Nachrichten"


def gas_quality(world: World) -> str:
    """13007 for all gas sites but one."""
    if not world.principal.market_partner_id_gas:
        return "nur Strom"
    at = moment(_october(2), 7)
    file = messages.gas_quality_file(world.portfolio, reference="GQ2026", at=at, year=2025)
    _take(world, "2026-10-02_MSCONS_13007.edi", file, _october(2))
    return "Brennwerte je Monat und Zustandszahl"


def load_profiles(world: World) -> str:
    """13025: quarter-hours of September."""
    at = moment(_october(3), 5)
    file = messages.load_profile_file(
        world.portfolio, month=date(2026, 9, 1), reference="LG2026", at=at, seed=world.seed
    )
    _take(world, "2026-10-03_MSCONS_13025.edi", file, _october(3))
    return f"{len(file) // 1024} kB Viertelstundenwerte"


def trouble(world: World) -> str:
    """What arrives broken or for somebody else becomes a case, and nothing is lost."""
    at = moment(_october(4), 6)
    damaged = messages.damaged_file(world.portfolio, reference="DEF1", at=at)
    _take(world, "2026-10-04_MSCONS_defekt.edi", damaged, _october(4))
    strange = messages.unknown_location_file(world.portfolio, reference="UNB1", at=at)
    _take(world, "2026-10-04_MSCONS_fremd.edi", strange, _october(4))
    return "2 Dateien"


def true_values(world: World) -> str:
    """A true value replaces a substitute: a new version, before the bill."""
    lines = messages.true_values(world.portfolio)
    if not lines:
        return "keine"
    at, party = moment(_october(5), 6), messages.electricity_party(world.portfolio)
    file = messages.readings_file(party, lines, reference="WW1", at=at)
    _take(world, "2026-10-05_MSCONS_13017_wahr.edi", file, _october(5))
    return f"{len(lines)} Zählerstände"


def billing(world: World) -> str:
    """The periodic bills of the grid operator's cycle and the final bills of those who moved out."""
    run = start_billing(
        client_id=world.client_id, until=date(2026, 9, 30), today=BILLED, user=world.staff.clerk,
        at=moment(BILLED),
    )  # fmt: skip
    state = runs.execute(run)
    aside = Bill.objects.filter(client_id=world.client_id, state=Bill.State.EXCEPTED).count()
    return f"{state.done} Verträge, {aside} ausgesteuert"


def release(world: World) -> str:
    """The lead releases what the clerk's run put aside; a few are left to the visitor."""
    found = Bill.objects.filter(client_id=world.client_id, state=Bill.State.EXCEPTED)
    waiting = list(found.order_by("gross", "id"))
    plain = [bill.pk for bill in waiting if all(e["rule"] != "deviation" for e in bill.exceptions)]
    chosen = plain[: max(0, len(plain) - LEFT_OVER)]
    if chosen:
        release_bills(
            bill_ids=chosen, user=world.staff.lead, at=moment(BILLED, 15), today=BILLED,
            reason="Zählerstand und Vorjahr verglichen, plausibel",
        )  # fmt: skip
    return f"{len(chosen)} freigegeben, {len(waiting) - len(chosen)} bleiben offen"


def letters(world: World) -> str:
    """Every released bill of the month as PDF, laid into the outbox."""
    client_id = world.client_id
    at = moment(BILLED, 17)
    run, _ = start_rendering(
        client_id=client_id, key=f"demo-{BILLED}", user=world.staff.machine, at=at, kind="bill"
    )
    runs.execute(run, processes=2)
    ready = Document.objects.filter(client_id=client_id, kind="bill", state=Document.State.CREATED)
    sent = dispatch(
        client_id=client_id, ids=list(ready.values_list("id", flat=True)), at=at, user=world.staff.clerk
    )
    return f"{sent} Rechnungen versandt"


def debits(world: World) -> str:
    """The balances of the bills are collected on their due date."""
    made = debit_run(world, collect_on=date(2026, 10, 22), today=_october(15))
    return f"{len(made)} Lastschriften"


def _own_debits(world: World) -> list[Debit]:
    found = Debit.objects.filter(client_id=world.client_id, run__collect_on__gte=date(2026, 10, 1))
    return list(found.select_related("mandate").order_by("id"))


def statement(world: World) -> str:
    """Collections are credited; most of those who transfer have paid their bill."""
    found = _own_debits(world)
    first = bank.Day(found[0].collect_on if found else _october(22))
    bank.collect(first, found)
    second = bank.Day(_october(26))
    people, draw = world.by_account(), world.random("october-transfers")
    for n, transfer in enumerate(bank.transfers(world, due_by=TODAY)):
        if people[transfer.account.number][1] == "stopped_paying" or n % 15 == 9:
            continue
        customer = people[transfer.account.number][0]
        text = draw.choice(
            (
                f"Rechnung {transfer.item.reference}",
                f"{transfer.item.reference} {customer.number}",
                f"Rg. {transfer.item.reference} vom 06.10.2026",
            )
        )
        if n % 25 == 7:
            text = "Strom"  # a reference that says nothing: the account number of the payer has to help
        day = first if n % 3 == 0 else second
        day.book(transfer.payment(text))
    result = bank.deliver(world, [first, second])
    return f"{result.new} Zahlungen, {result.suspense} ins Klärungskonto"


def returns(world: World) -> str:
    """Three kinds of returned debits, and people who pay for others or twice."""
    day, people = bank.Day(_october(28)), world.by_account()
    account_of = {d.pk: d.subaccount.number for d in _own_debits(world)}
    plain, given_back = 0, 0
    for debit in _own_debits(world):
        twist = people[account_of[debit.pk]][1]
        reason = {"wrong_bank_account": "AC04", "objects_to_debit": "MD06"}.get(twist, "")
        if not reason and not twist and plain < 2:
            plain, reason = plain + 1, "MS03"
        if reason:
            bank.give_back(day, debit, reason)
            given_back += 1
    _strangers(world, day)
    result = bank.deliver(world, [day])
    return f"{given_back} Rücklastschriften, {result.suspense} ins Klärungskonto"


def _strangers(world: World, day: bank.Day) -> None:
    """Relatives pay for customers without naming a number, and somebody pays the wrong supplier."""
    base, people = world.portfolio.principal.number_base, world.by_account()
    open_bills = [
        t for t in bank.transfers(world, due_by=TODAY) if people[t.account.number][1] != "stopped_paying"
    ]
    for n, transfer in enumerate(open_bills[:3]):
        customer = people[transfer.account.number][0]
        bank.stranger(
            day, name=f"Eheleute {customer.name}", amount=str(euros(transfer.item.open_cents)),
            remittance="Stromrechnung 2026 vielen Dank", number=base + 11 + n,
        )  # fmt: skip
    customer = world.portfolio.customers[5]
    text = f"fuer {customer.number} Danke"
    bank.stranger(day, name=f"Dr. {customer.name}", amount="150.00", remittance=text, number=base + 21)
    for name, amount, text, number in (
        ("Hausverwaltung Krug GmbH", "214.60", "Nebenkosten Oktober", 22),
        ("Wagner, Ilse", "63.00", "Abschlag wie immer", 23),
    ):
        bank.stranger(day, name=name, amount=amount, remittance=text, number=base + number)


def assignments(world: World) -> str:
    """The clerk assigns what a suggestion explains; the rest waits in suspense."""
    waiting = StatementEntry.objects.filter(
        client_id=world.client_id, state=StatementEntry.State.SUSPENSE, amount_cents__gt=0
    ).order_by("id")
    done = 0
    for entry in list(waiting):
        best = next(iter(suggestions(entry_id=entry.pk)), None)
        parts = _parts(best, entry) if best and done < 2 else []
        if parts:
            assign(entry_id=entry.pk, parts=parts, user=world.staff.clerk, at=moment(_october(29), 11))
            done += 1
    return f"{done} zugeordnet, {waiting.count()} offen"


def _parts(best: Suggestion, entry: StatementEntry) -> list[tuple[int, Decimal]]:
    """The suggested item, or the oldest one of the suggested account, as far as the money goes."""
    items = OpenItem.objects.filter(subaccount_id=best.account_id, side=1, open_cents__gt=0)
    if best.item_id is not None:
        items = items.filter(pk=best.item_id)
    item = items.order_by("due_date", "id").first()
    return [(item.pk, euros(min(entry.amount_cents, item.open_cents)))] if item else []


def dunning(world: World) -> str:
    """Reminders: the proposal excludes some with a reason, the lead releases the rest, letters go out."""
    client_id = world.client_id
    run = propose_dunning(client_id=client_id, on=DUNNED, user=world.staff.clerk, at=moment(DUNNED, 9))
    released = release_dunning(run_id=run.pk, user=world.staff.lead, at=moment(DUNNED, 14))
    reminders = Document.objects.filter(client_id=client_id, kind="reminder", state=Document.State.CREATED)
    ids = list(reminders.values_list("id", flat=True))
    sent = dispatch(client_id=client_id, ids=ids, at=moment(DUNNED, 15), user=world.staff.clerk)
    return f"{released.notices.count()} Mahnungen, {released.exclusions.count()} ausgenommen, {sent} Briefe"


def care(world: World) -> str:
    """Calls of the day, and two matters that wait for a second person."""
    client_id, clerk = world.client_id, world.staff.clerk
    numbers = [c.number for c in world.portfolio.customers[:3]]
    customers = list(Customer.objects.filter(client_id=client_id, number__in=numbers).order_by("number"))
    notes = (
        ("phone_in", "full", "bill", "Rechnung erklärt: Preis ab 1.1.2026 gesenkt, Verbrauch fast gleich."),
        ("phone_in", "basic", "instalment", "Abschlag bleibt, neuer Plan wird mit der Rechnung zugesandt."),
        ("email", "full", "reading", "Foto des Zählers passt zum Stand der Rechnung."),
    )
    for customer, (channel, identity, topic, result) in zip(customers, notes, strict=True):
        contract = SupplyContract.objects.filter(customer=customer).order_by("id").first()
        new = NewContact(customer, channel, identity, topic, result, contract=contract)
        record_contact(client_id=client_id, new=new, user=clerk, at=moment(TODAY, 10))
    spec = world.portfolio.customers[-1]
    customer = Customer.objects.get(client_id=client_id, number=spec.number)
    propose_bank_account(
        customer=customer, iban=iban_of("43060967", world.portfolio.principal.number_base + 77),
        holder=spec.full_name, user=clerk, at=moment(TODAY, 11), mandate_signed_on=date(2026, 10, 29),
        contract_accounts=list(customer.contract_accounts.all()),
    )  # fmt: skip
    product = Product.objects.get(client_id=client_id, code="TREUE-STROM")
    propose_price(
        product=product, household=True, reason="Beschaffungskosten 2027", user=clerk, at=moment(TODAY, 12),
        new=NewPrice(date(2027, 1, 1), Decimal("27.30"), Decimal("126.00"), announced_on=date(2026, 10, 30)),
    )  # fmt: skip
    return f"{len(customers)} Kontakte, 2 Anträge"

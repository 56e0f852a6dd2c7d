"""From the bank's file to the cleared item: the acceptance of services 13 to 18, told as stories."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bank_story import DAY, HOUSE, NINETEEN, NOW, PAYER, Story
from turnus.clients.models import HouseBank
from turnus.documents.models import Original
from turnus.ledger.queries import balances
from turnus.ledger.services import lock_period
from turnus.masterdata.models import Mandate
from turnus.receivables import checks, services
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.files.records import FileRefused
from turnus.receivables.models import Debit, OpenItem, Statement, StatementEntry
from turnus.receivables.services import VatPart
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


def entry() -> StatementEntry:
    return StatementEntry.objects.get()


def test_bill_number_and_exact_amount_clear_the_item(story: Story) -> None:
    item = story.bill(story.payer(), "R00000123", "131.28")
    result = story.take(story.statement(Payment(Decimal("131.28"), remittance="Rg. R 0000 0123 danke")))
    item.refresh_from_db()
    assert (result.allocated, result.suspense, item.open_cents) == (1, 0, 0)
    assert (entry().rung, entry().state) == ("reference", "allocated")
    assert "R00000123" in entry().reason
    assert balances(client_id=story.client.pk)["1200"] == Decimal("131.28")
    story.verify()


def test_statement_twice_changes_nothing_in_either_form(story: Story) -> None:
    story.bill(story.payer(), "R00000123", "131.28")
    content = story.statement(Payment(Decimal("131.28"), remittance="R00000123"), Payment(Decimal("5.00")))
    story.take(content)
    before = balances(client_id=story.client.pk), OpenItem.objects.count(), StatementEntry.objects.count()
    again = story.take(content)
    other_bytes = story.take(content.replace(b"<GrpHdr>", b"<GrpHdr><!-- x -->"))
    as_notice = story.take(
        content.replace(b"camt.053", b"camt.054").replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")
        .replace(b"<Stmt>", b"<Ntfctn>").replace(b"</Stmt>", b"</Ntfctn>")
    )  # fmt: skip
    for result in (again, other_bytes, as_notice):
        assert (result.state, result.new, result.known) == ("known", 0, 2)
    assert before == (
        balances(client_id=story.client.pk), OpenItem.objects.count(), StatementEntry.objects.count()
    )  # fmt: skip
    story.verify()


def test_two_equal_payments_on_one_statement_are_two(story: Story) -> None:
    result = story.take(
        story.statement(Payment(Decimal("50.00"), name="A"), Payment(Decimal("50.00"), name="A"))
    )
    assert (result.entries, result.new, result.suspense) == (2, 2, 2)
    assert balances(client_id=story.client.pk)["1792"] == Decimal("-100.00")


def test_one_euro_less_is_forgiven_with_its_vat_and_logged(story: Story) -> None:
    item = story.bill(story.payer(), "R00000123", "120.00")
    story.take(story.statement(Payment(Decimal("119.00"), remittance="R00000123")))
    item.refresh_from_db()
    assert item.open_cents == 0
    assert "1,00 € Abweichung innerhalb der Toleranz" in entry().reason
    assert balances(client_id=story.client.pk)["4900"] == Decimal("0.84")
    assert balances(client_id=story.client.pk)["1776"] == Decimal("-19.00")
    story.verify()


def test_instalment_received_is_a_prepayment_with_vat_also_in_parts(story: Story) -> None:
    account = story.payer()
    (key,) = story.instalments(account, 10)
    story.take(story.statement(Payment(Decimal("50.00"), remittance=f"Abschlag {account.number}")))
    story.take(story.statement(Payment(Decimal("48.00"), remittance=f"Rest {account.number}")))
    got = balances(client_id=story.client.pk)
    assert (got["1200"], got["1718"], got["1776"]) == (Decimal("98.00"), Decimal("-82.35"), Decimal("-15.65"))
    assert got["1400"] == got["1593"] == Decimal("0.00")
    parts = services.received_instalment_parts(client_id=story.client.pk, keys=[key], until=DAY)
    assert parts[key] == VatPart(NINETEEN, Decimal("82.35"), Decimal("15.65"))
    story.verify()


def test_payment_by_iban_and_by_name_with_amount(story: Story) -> None:
    debited, named = story.payer(debit=True), story.payer(first_name="Jörg", name="Grün")
    one, two = story.bill(debited, "R00000001", "10.00"), story.bill(named, "R00000002", "77.70")
    story.take(
        story.statement(
            Payment(Decimal("10.00"), iban=PAYER, remittance="Strom"),
            Payment(Decimal("77.70"), name="GRUEN JOERG", remittance="Strom"),
        )
    )
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.open_cents, two.open_cents) == (0, 0)
    assert list(StatementEntry.objects.order_by("id").values_list("rung", flat=True)) == ["iban", "amount"]


def test_unknown_money_is_in_suspense_the_same_day_then_assigned_and_undone(
    story: Story,
) -> None:
    account = story.payer(name="Beispiel")
    item = story.bill(account, "R00000123", "131.28")
    story.bill(story.payer(name="Anders"), "R00000124", "500.00")
    result = story.take(
        story.statement(Payment(Decimal("131.28"), name="Firma XY", remittance="für Erika Beispiel"))
    )
    assert result.suspense == 1
    assert balances(client_id=story.client.pk)["1792"] == Decimal("-131.28")
    best = services.suggestions(entry_id=entry().pk)[0]
    assert (best.account_id, best.item_id) == (account.pk, item.pk)
    assert "Name im Verwendungszweck" in best.reasons and "Betrag von R00000123" in best.reasons

    services.assign(entry_id=entry().pk, parts=[(item.pk, Decimal("131.28"))], user=story.clerk, at=NOW)
    item.refresh_from_db()
    assert item.open_cents == 0
    payment = OpenItem.objects.get(kind="payment")
    assert payment.value_date == DAY
    assert balances(client_id=story.client.pk)["1792"] == Decimal("0.00")
    story.verify()

    services.undo_assignment(entry_id=entry().pk, user=story.clerk, at=NOW)
    item.refresh_from_db()
    assert (item.open_cents, entry().state) == (13128, "suspense")
    assert balances(client_id=story.client.pk)["1792"] == Decimal("-131.28")
    services.assign(entry_id=entry().pk, parts=[(item.pk, Decimal("100"))], user=story.clerk, at=NOW)
    item.refresh_from_db()
    assert item.open_cents == 3128
    assert OpenItem.objects.filter(kind="payment", open_cents=3128).exists(), "the rest is a credit"
    story.verify()


def test_splitting_and_what_an_assignment_refuses(story: Story) -> None:
    one = story.bill(story.payer(), "R00000001", "60.00")
    two = story.bill(story.payer(), "R00000002", "40.00")
    story.take(story.statement(Payment(Decimal("100.00"), name="Wer?")))
    pk = entry().pk

    def refuse(match: str, *parts: tuple[int, Decimal]) -> None:
        with pytest.raises(ValueError, match=match):
            services.assign(entry_id=pk, parts=list(parts), user=story.clerk, at=NOW)

    refuse("kein Posten")
    refuse("nicht größer als null", (one.pk, Decimal("0")))
    refuse("weniger offen", (one.pk, Decimal("60.01")))
    refuse("weniger offen", (one.pk, Decimal("40")), (one.pk, Decimal("40")))
    refuse("gibt es bei diesem Auftraggeber nicht", (987654, Decimal("1")))
    services.assign(
        entry_id=pk, parts=[(one.pk, Decimal("60")), (two.pk, Decimal("40"))], user=story.clerk, at=NOW
    )
    assert OpenItem.objects.filter(open_cents__gt=0).count() == 0
    refuse("nicht ungeklärt", (one.pk, Decimal("1")))
    story.verify()


def test_collection_and_return_with_fee_reopen_the_instalment_with_its_due_date(story: Story) -> None:
    account = story.payer(debit=True)
    (key,) = story.instalments(account, 10)
    debit = story.collected(account)
    assert (debit.state, debit.amount_cents) == ("collected", 9800)
    after = balances(client_id=story.client.pk)
    assert (after["1718"], after["1776"], after["1400"]) == (
        Decimal("-82.35"), Decimal("-15.65"), Decimal("0.00"),
    )  # fmt: skip
    story.take(
        story.statement(
            Payment(
                Decimal("-101.00"), "return", "Erika Muster", PAYER, "", debit.end_to_end_id, "", "AM04",
                Decimal("3.00"),
            )
        )
    )  # fmt: skip
    item = OpenItem.objects.get(kind="instalment")
    assert (item.open_cents, item.due_date, item.debit_attempts, item.debit_blocked) == (
        9800, date(2026, 10, 2), 1, "",
    )  # fmt: skip
    got = balances(client_id=story.client.pk)
    assert got["1718"] == got["1776"] == Decimal("0.00")
    assert (got["1400"], got["1200"], got["4970"], got["2700"]) == (
        Decimal("101.00"), Decimal("-3.00"), Decimal("3.00"), Decimal("-3.00"),
    )  # fmt: skip
    fee = OpenItem.objects.get(kind="return_fee")
    assert (fee.open_cents, fee.principal_item_id) == (300, item.pk)
    assert services.received_instalments(client_id=story.client.pk, keys=[key], until=DAY)[key] == 0
    assert Mandate.objects.get().status == "active", "no money is no reason to block the mandate"
    story.verify()


@pytest.mark.parametrize(
    ("reason", "mandate", "blocked", "case"),
    [
        ("AC04", "blocked", "Konto aufgelöst", True),
        ("MD01", "blocked", "kein gültiges Mandat", True),
        ("MD06", "active", "Widerspruch des Zahlers", True),
        ("MS03", "active", "", False),
        ("XX99", "active", "unbekannter Rückgabegrund", True),
    ],
)
def test_return_reasons_have_their_consequences(
    story: Story, reason: str, mandate: str, blocked: str, case: bool
) -> None:
    account = story.payer(debit=True)
    story.bill(account, "R00000001", "50.00")
    debit = story.collected(account)
    story.take(
        story.statement(
            Payment(Decimal("-50.00"), "return", end_to_end_id=debit.end_to_end_id, reason=reason)
        )
    )
    item = OpenItem.objects.get(kind="bill")
    assert (Mandate.objects.get().status, item.debit_blocked, item.open_cents) == (mandate, blocked, 5000)
    assert Case.objects.filter(kind="debit_returned").exists() is case
    story.verify()


def test_return_after_the_final_bill_raises_the_balance_of_the_bill(story: Story) -> None:
    account = story.payer(debit=True)
    keys = story.instalments(account, 10)
    debit = story.collected(account)
    paid = (VatPart(NINETEEN, Decimal("82.35"), Decimal("15.65")),)
    bill = story.bill(account, "R00000009", "1209.28", instalments=paid, instalment_keys=tuple(keys))
    assert bill.open_cents == 111128
    story.take(
        story.statement(
            Payment(Decimal("-98.00"), "return", end_to_end_id=debit.end_to_end_id, reason="MS03")
        )
    )
    instalment = OpenItem.objects.get(kind="instalment")
    assert instalment.open_cents == 0, "no old instalment is dunned"
    more = OpenItem.objects.get(kind="return")
    assert (more.open_cents, more.reference, more.due_date) == (9800, "R00000009", bill.due_date)
    assert balances(client_id=story.client.pk)["1400"] == Decimal("1209.28")
    assert balances(client_id=story.client.pk)["1718"] == Decimal("0.00")
    story.verify()


def test_batch_of_returns_reopens_each_and_an_unknown_one_is_kept_apart(story: Story) -> None:
    first, second = story.payer(debit=True), story.payer(debit=True)
    story.bill(first, "R00000001", "10.00")
    story.bill(second, "R00000002", "20.00")
    one = story.collected(first)
    two = Debit.objects.get(subaccount_id=second.pk)
    result = story.take(
        story.statement(
            Payment(
                Decimal("-13.00"), "return", end_to_end_id=one.end_to_end_id, reason="MD06",
                charges=Decimal("3.00"),
            ),
            Payment(Decimal("-20.00"), "return", mandate_id=two.mandate.reference, reason="MS03"),
            Payment(Decimal("-7.00"), "return", end_to_end_id="FREMD", reason="MS03"),
            together=True,
        )
    )  # fmt: skip
    assert (result.returned, result.suspense) == (2, 1)
    assert sorted(OpenItem.objects.filter(kind="bill").values_list("open_cents", flat=True)) == [1000, 2000]
    assert balances(client_id=story.client.pk)["1792"] == Decimal("7.00")
    story.verify()


def test_bank_charges_are_expense_and_unknown_debits_suspense(story: Story) -> None:
    story.take(story.statement(Payment(Decimal("-4.90"), "fee"), Payment(Decimal("-30.00"), name="?")))
    got = balances(client_id=story.client.pk)
    assert (got["4970"], got["1792"], got["1200"]) == (Decimal("4.90"), Decimal("30.00"), Decimal("-34.90"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"CRDT</CdtDbtInd><Sts>", b"DBIT</CdtDbtInd><Sts>", "balance_mismatch"),
        (HOUSE.encode(), b"DE75512108001245126199", "foreign_account"),
        (b"EUR", b"CHF", "foreign_currency"),
        (b"</Document>", b"", "xml_damaged"),
    ],
)  # fmt: skip
def test_bad_files_change_nothing_are_kept_and_become_a_case(
    story: Story, old: bytes, new: bytes, code: str
) -> None:
    content = story.statement(Payment(Decimal("5.00")))
    assert old in content
    with pytest.raises(FileRefused) as caught:
        story.take(content.replace(old, new), "schlecht.xml")
    assert caught.value.finding.code == code
    assert Statement.objects.count() == StatementEntry.objects.count() == 0
    assert balances(client_id=story.client.pk) == {}
    assert Original.objects.get().name == "schlecht.xml"
    assert Case.objects.get().details["code"] == code


def test_locked_month_is_posted_today_with_the_banks_value_date(story: Story) -> None:
    lock_period(client_id=story.client.pk, month="2026-11", today=date(2026, 12, 1), user=None, at=NOW)
    later = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    services.import_statement(
        client_id=story.client.pk,
        content=story.statement(Payment(Decimal("5.00"))),
        name="x",
        at=later,
        user=None,
    )
    posted = StatementEntry.objects.get()
    assert posted.journal is not None
    assert (posted.journal.posting_date, posted.value_date) == (date(2026, 12, 1), DAY)


def test_paying_several_items_in_one_batch_uses_what_is_still_open(story: Story) -> None:
    account = story.payer()
    story.bill(account, "R00000001", "100.00")
    one = Payment(Decimal("60.00"), remittance="R00000001")
    story.take(story.statement(one, one))
    assert OpenItem.objects.get(kind="bill").open_cents == 0
    credit = OpenItem.objects.filter(kind="payment", open_cents__gt=0).get()
    assert (credit.open_cents, credit.subaccount_id) == (2000, account.pk)
    story.verify()


def test_money_unexplained_for_more_than_ten_days_becomes_a_case_with_solutions(story: Story) -> None:
    item = story.bill(story.payer(), "R00000123", "40.00")
    story.take(story.statement(Payment(Decimal("40.00"), name="Wer?"), Payment(Decimal("7.00"))))

    def escalate(on: date) -> int:
        return services.escalate_suspense(client_id=story.client.pk, on=on, at=NOW)

    assert escalate(date(2026, 11, 19)) == 0
    assert escalate(date(2026, 11, 20)) == 2
    assert escalate(date(2026, 11, 21)) == 0, "one case per entry"
    one, two = Case.objects.order_by("id")
    assert (one.service, one.due_on) == ("M17", date(2026, 11, 22))
    with pytest.raises(ValueError, match="keinen offenen Posten"):
        run_action(case=two, name="assign", user=story.clerk, at=NOW, form={"reference": "R9"})
    outcome = run_action(case=one, name="assign", user=story.clerk, at=NOW, form={"reference": "R00000123"})
    item.refresh_from_db()
    one.refresh_from_db()
    assert (item.open_cents, one.state, outcome) == (0, "done", "40.00 € auf R00000123 zugeordnet.")


def test_refused_file_can_be_imported_again_from_its_case(story: Story) -> None:
    content = story.statement(Payment(Decimal("5.00")))
    HouseBank.objects.update(iban=PAYER)
    with pytest.raises(FileRefused):
        story.take(content)
    HouseBank.objects.update(iban=HOUSE)
    outcome = run_action(case=Case.objects.get(), name="import_again", user=story.clerk, at=NOW, form={})
    assert outcome == "Eingelesen: 1 Umsätze, davon 1 ungeklärt."
    assert Case.objects.get().state == "done"


def test_late_assignment_undoes_the_reminder_that_the_money_would_have_prevented(story: Story) -> None:
    story.letterhead()
    item = story.bill(story.payer(), "R00000123", "40.00")
    story.take(story.statement(Payment(Decimal("40.00"), name="Wer?")))
    run = services.propose_dunning(client_id=story.client.pk, on=DAY, user=story.clerk, at=NOW)
    services.release_dunning(run_id=run.pk, user=story.lead, at=NOW)
    item.refresh_from_db()
    assert item.dunning_level == 1
    services.assign(entry_id=entry().pk, parts=[(item.pk, Decimal("40"))], user=story.clerk, at=NOW)
    item.refresh_from_db()
    assert (item.dunning_level, item.dunned_on, run.notices.get().state) == (0, None, "cancelled")
    story.verify()


def test_account_of_a_returned_debit_can_be_switched_to_transfer(story: Story) -> None:
    account = story.payer(debit=True)
    story.bill(account, "R00000001", "50.00")
    debit = story.collected(account)
    back = Payment(Decimal("-50.00"), "return", end_to_end_id=debit.end_to_end_id, reason="MD06")
    story.take(story.statement(back))
    case = Case.objects.get(kind="debit_returned")
    run_action(case=case, name="pay_by_transfer", user=story.clerk, at=NOW, form={})
    account.refresh_from_db()
    assert account.payment_method == "transfer"


def test_a_crash_between_staging_and_posting_loses_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(**_: object) -> dict[str, int]:
        raise KeyboardInterrupt

    monkeypatch.setattr("turnus.receivables.services.imports.post_new_entries", crash)
    with pytest.raises(KeyboardInterrupt):
        story.take(story.statement(Payment(Decimal("5.00")), Payment(Decimal("6.00"))))
    monkeypatch.undo()
    assert list(StatementEntry.objects.values_list("state", flat=True)) == ["new", "new"]
    assert checks.check_bank(client_id=story.client.pk)[1] != [], "verify sees what is not posted"
    assert services.post_new_entries(client_id=story.client.pk, user=None, at=NOW) == {"suspense": 2}
    assert services.post_new_entries(client_id=story.client.pk, user=None, at=NOW) == {}
    story.verify()


def test_unexplained_money_gets_an_owner_and_a_note(story: Story) -> None:
    story.take(story.statement(Payment(Decimal("5.00"))))
    services.take_over(entry_id=entry().pk, owner=story.lead, note="Kunde ruft zurück")
    assert (entry().owner, entry().note) == (story.lead, "Kunde ruft zurück")
    services.take_over(entry_id=entry().pk, owner=None)
    assert (entry().owner, entry().note) == (None, "Kunde ruft zurück")


def test_a_missing_statement_is_noticed_by_its_balances(story: Story) -> None:
    def page(number: int, opening: str, closing: str) -> bytes:
        target = io.BytesIO()
        moved = Decimal(closing) - Decimal(opening)
        booking = Booking(f"G{number}", DAY, (Payment(moved),))
        write_camt053(Page(f"G{number}", HOUSE, "SW", Decimal(opening), moved, DAY), [booking], target)
        return target.getvalue()

    assert story.take(page(1, "0", "10")).findings == []
    assert story.take(page(2, "10", "15")).findings == []
    (finding,) = story.take(page(4, "20", "25")).findings
    assert (finding.code, finding.severity) == ("statement_gap", "warning")
    assert "15.00" in finding.text and "20" in finding.text
    assert Case.objects.get(kind="statement_missing").service == "M13"
    assert story.take(page(2, "10", "15")).findings == [], "a repetition is no gap"


def test_mt940_by_bank_code_and_account_number_returns_the_debit(story: Story) -> None:
    account = story.payer(debit=True)
    item = story.bill(account, "R00000001", "50.00")
    debit = story.collected(account)
    text = f""":20:STARTUMS
:25:12030000/202051EUR
:28C:00211/001
:60F:C261109EUR50,00
:61:2611091109RC53,00NRTIKREF+//B2
:86:109?00RUECKLASTSCHRIFT?100399?20EREF+{debit.end_to_end_id}?21OAMT+50,00
?22COAM+3,00?32Max Beispiel?34912
:61:2611091109CR7,00NTRFNONREF//B3
:86:166?00GUTSCHRIFT?100399?20SVWZ+Spende?32Wer
:62F:C261109EUR4,00
-
"""
    result = story.take(text.encode(), "konto.sta")
    item.refresh_from_db()
    assert (result.returned, result.suspense, result.findings) == (1, 1, [])
    assert (item.open_cents, item.debit_blocked) == (5000, "Widerspruch des Zahlers")
    assert OpenItem.objects.get(kind="return_fee").open_cents == 300
    assert story.take(text.encode().replace(b"\n", b"\r\n"), "konto.sta").state == "known"
    story.verify()


def test_intraday_reports_inform_and_do_not_post(story: Story) -> None:
    content = story.statement(Payment(Decimal("5.00")))
    intraday = (
        content.replace(b"camt.053", b"camt.052").replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt")
        .replace(b"<Stmt>", b"<Rpt>").replace(b"</Stmt>", b"</Rpt>")
    )  # fmt: skip
    result = story.take(intraday)
    assert (result.informed, result.suspense, balances(client_id=story.client.pk)) == (1, 0, {})
    assert story.take(content).suspense == 1, "the booking that follows is posted"


def test_standing_order_with_the_old_amount_proposes_a_hint(story: Story) -> None:
    account, right = story.payer(), story.payer()
    for payer in (account, right):
        story.instalments(payer, 10, 11)
    find = services.find_outdated_standing_orders
    for month in (10, 11):
        for payer, amount in ((account, "90.00"), (right, "98.00")):
            story.files += 1
            day = date(2026, month, 5)
            paid = Booking(f"D{story.files}", day, (Payment(Decimal(amount), remittance=payer.number),))
            target = io.BytesIO()
            write_camt053(Page(f"D{story.files}", HOUSE, "SW", Decimal(0), paid.amount, day), [paid], target)
            story.take(target.getvalue())
        assert find(client_id=story.client.pk, on=date(2026, month, 9), at=NOW) == (0 if month == 10 else 1)
    case = Case.objects.get(kind="standing_order_outdated")
    assert (case.service, case.object_id) == ("M16", account.pk)
    assert "90,00 €" in case.reason and "98,00 €" in case.reason

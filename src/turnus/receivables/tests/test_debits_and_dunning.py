"""Direct debit runs and reminders: the acceptance of services 14 and 20."""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from lxml import etree

import factories as make
from turnus.clients.models import ApprovalThreshold, HouseBank, Letterhead
from turnus.documents.models import Document
from turnus.documents.services import dispatch, render_documents
from turnus.ledger.queries import balances
from turnus.ledger.services import seed_accounts
from turnus.masterdata.models import ContractAccount, Mandate
from turnus.receivables import checks, queries, services
from turnus.receivables.files.pain008_rules import check_pain008
from turnus.receivables.models import Debit, DebitItem, DebitRun, DunningRun, OpenItem
from turnus.receivables.services import BillPosting, InstalmentRequest, VatPart
from turnus.receivables.services.debits import pain008_of
from turnus.system.models import Principal, User
from turnus.worklist.models import Case
from turnus.worklist.services import FourEyesViolation

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 9)
COLLECT = date(2026, 11, 16)
PAYER = "DE02500105170137075030"
NINETEEN = Decimal(19)
pytestmark = pytest.mark.django_db


@dataclass
class House:
    client: Principal
    clerk: User
    lead: User

    def payer(self, debit: bool = True, **mandate: object) -> ContractAccount:
        customer = make.customer(self.client)
        if not debit:
            return make.contract_account(customer)
        one = make.mandate(customer, PAYER, **mandate)
        return make.contract_account(customer, mandate=one, payment_method="direct_debit")

    def claim(
        self,
        account: ContractAccount,
        number: str,
        due: date = date(2026, 10, 20),
        gross: str = "119.00",
        billed: date = date(2026, 10, 1),
    ) -> OpenItem:
        net = (Decimal(gross) / Decimal("1.19")).quantize(Decimal("0.01"))
        posting = BillPosting(
            number,
            account.pk,
            number,
            billed,
            due,
            "electricity",
            (VatPart(NINETEEN, net, Decimal(gross) - net),),
        )
        made = services.post_bills(
            client_id=self.client.pk, bills=[posting], posting_date=billed, user=None, at=NOW
        )
        return OpenItem.objects.get(pk=made[number])

    def instalment(self, account: ContractAccount, announced: date | None = None) -> OpenItem:
        request = InstalmentRequest(
            f"{account.pk}",
            account.pk,
            date(2026, 10, 2),
            Decimal("98.00"),
            NINETEEN,
            "gas",
            "A10",
            announced,
        )
        services.request_instalments(
            client_id=self.client.pk, requests=[request], posting_date=TODAY, user=None, at=NOW
        )
        return OpenItem.objects.get(key=f"instalment:{account.pk}")

    def plan(self, day: date = COLLECT) -> DebitRun:
        return services.plan_debit_run(
            client_id=self.client.pk, collect_on=day, today=TODAY, user=self.clerk, at=NOW
        )

    def propose(self, on: date = TODAY) -> DunningRun:
        return services.propose_dunning(client_id=self.client.pk, on=on, user=self.clerk, at=NOW)


@pytest.fixture
def house() -> House:
    client = make.principal("stadtwerk-a")
    seed_accounts(client_id=client.pk)
    HouseBank.objects.create(
        client=client,
        iban="DE02120300000000202051",
        bank_name="DKB",
        holder="Stadtwerke Mühlenau",
        creditor_id="DE98ZZZ09999999999",
    )
    text = dict.fromkeys(
        ("street", "city", "register_court", "register_number", "tax_number", "hotline", "web"), "x"
    )
    Letterhead.objects.create(
        client=client, company="SW", postal_code="45127", managing_directors="A", email="a@b.de", **text
    )
    return House(client, make.user("karla", client), make.user("lena", client, "lead"))


def reasons(run: DebitRun) -> dict[str, str]:
    return dict(run.exclusions.values_list("open_item__reference", "code"))


def test_run_collects_what_may_be_collected_and_says_why_not_the_rest(house: House) -> None:
    good = house.payer()
    house.claim(good, "R00000001")
    house.instalment(good, announced=date(2026, 1, 2))
    house.claim(house.payer(status="blocked", blocked_reason="Konto aufgelöst"), "R00000002")
    house.claim(house.payer(signed_on=date(2023, 1, 1)), "R00000003")
    house.claim(house.payer(), "R00000004", billed=date(2026, 11, 5), due=date(2026, 11, 16))
    house.instalment(house.payer())
    house.claim(house.payer(debit=False), "R00000006")
    later = house.claim(house.payer(), "R00000007", due=date(2026, 12, 20))
    run = house.plan()
    assert (run.count, run.total_cents) == (1, 11900 + 9800)
    assert reasons(run) == {
        "R00000002": "mandate",
        "R00000003": "mandate_lapsed",
        "R00000004": "announced_late",
        "A10": "not_announced",
    }
    assert Case.objects.filter(kind="debit_not_possible").count() == 3
    assert not DebitItem.objects.filter(open_item=later).exists()


def test_collection_day_is_the_next_target_day_never_earlier(house: House) -> None:
    house.claim(house.payer(), "R00000001")
    run = services.plan_debit_run(
        client_id=house.client.pk, collect_on=date(2026, 12, 26), today=TODAY, user=house.clerk, at=NOW
    )
    assert run.collect_on == date(2026, 12, 28)
    with pytest.raises(ValueError, match="möglich ist der"):
        house.plan(TODAY)


def test_nothing_is_debited_twice(house: House) -> None:
    item = house.claim(house.payer(), "R00000001")
    first, second = house.plan(), house.plan()
    assert (first.count, second.count) == (1, 0)
    assert reasons(second) == {"R00000001": "in_collection"}
    other = Debit.objects.get(run=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        DebitItem.objects.create(client=house.client, debit=other, open_item=item, amount_cents=1)
    services.cancel_debit_run(run_id=first.pk, user=house.clerk, at=NOW, reason="falscher Tag")
    assert house.plan().count == 1, "a cancelled run frees its items"


def test_release_needs_a_second_person_and_archives_a_valid_file(house: House) -> None:
    house.claim(house.payer(), "R00000001")
    house.claim(house.payer(scheme="B2B"), "R00000002", gross="20.00")
    run = house.plan()
    with pytest.raises(FourEyesViolation):
        services.release_debit_run(run_id=run.pk, user=house.clerk, at=NOW)
    released = services.release_debit_run(run_id=run.pk, user=house.lead, at=NOW)
    assert released.original is not None
    content = released.original.content
    assert check_pain008(io.BytesIO(content)) == []
    assert content.count(b"<PmtInf>") == 2 and b"<CtrlSum>139.00</CtrlSum>" in content
    assert content == pain008_of(released, NOW), "the same run gives the same bytes"
    assert set(Mandate.objects.values_list("last_used_on", flat=True)) == {COLLECT}
    with pytest.raises(ValueError, match="freigegeben"):
        services.release_debit_run(run_id=run.pk, user=house.lead, at=NOW)
    with pytest.raises(ValueError, match="nicht mehr zu verwerfen"):
        services.cancel_debit_run(run_id=run.pk, user=house.lead, at=NOW, reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        DebitRun.objects.filter(pk=run.pk).update(created_by=house.lead)
    assert checks.check_bank(client_id=house.client.pk)[1] == []


def test_release_respects_the_principals_limit_and_refuses_an_empty_run(house: House) -> None:
    ApprovalThreshold.objects.create(
        client=house.client, kind="debit_run", role="lead", amount=Decimal("100")
    )
    house.claim(house.payer(), "R00000001")
    with pytest.raises(PermissionError, match="Freigabegrenze"):
        services.release_debit_run(run_id=house.plan().pk, user=house.lead, at=NOW)
    with pytest.raises(ValueError, match="keine Lastschrift"):
        services.release_debit_run(run_id=house.plan().pk, user=house.lead, at=NOW)


def test_a_debtor_the_bank_would_refuse_is_excluded_with_the_reason(house: House) -> None:
    account = house.payer()
    assert account.mandate is not None
    account.mandate.bank_account.iban = "DE02500105170137075031"
    account.mandate.bank_account.save()
    house.claim(account, "R00000001")
    run = house.plan()
    assert (run.count, reasons(run)) == (0, {"R00000001": "debtor_iban"})


def test_announcement_names_each_collection_and_makes_it_collectable(house: House) -> None:
    account = house.payer()
    item = house.instalment(account)
    count = services.announce_debits(
        client_id=house.client.pk, until=TODAY, today=TODAY, user=house.clerk, at=NOW
    )
    item.refresh_from_db()
    assert (count, item.announced_on) == (1, TODAY)
    letter = Document.objects.get(kind="pre_notification")
    assert account.mandate is not None
    assert letter.data["mandate_reference"] == account.mandate.reference
    assert letter.data["collections"] == [
        {"collect_on": "2026-11-23", "amount": "98.00", "purpose": "A10"}
    ]  # fmt: skip
    assert reasons(house.plan()) == {"A10": "announced_late"}
    assert house.plan(date(2026, 11, 23)).count == 1
    again = services.announce_debits(
        client_id=house.client.pk, until=TODAY, today=TODAY, user=house.clerk, at=NOW
    )
    assert again == 0


def test_one_reminder_per_account_lists_all_items_with_the_approved_fee(house: House) -> None:
    account = house.payer(debit=False)
    house.claim(account, "R00000001")
    house.instalment(account)
    run = house.propose()
    notice = run.notices.get()
    assert (notice.level, notice.total_cents, notice.fee_cents) == (1, 11900 + 9800, 120)
    assert OpenItem.objects.filter(dunning_level=1).count() == 0, "a proposal changes nothing"
    services.release_dunning(run_id=run.pk, user=house.lead, at=NOW)
    assert OpenItem.objects.filter(dunning_level=1, dunned_on=TODAY).count() == 2
    letter = Document.objects.get(kind="reminder")
    assert letter.data["total"] == "218.20" and len(letter.data["items"]) == 2
    got = balances(client_id=house.client.pk)
    assert (got["2700"], got["1400"]) == (Decimal("-1.20"), Decimal("218.20"))
    assert house.propose().exclusions.get().code == "deadline"
    with pytest.raises(ValueError, match="schon freigegeben"):
        services.release_dunning(run_id=run.pk, user=house.lead, at=NOW)


def test_first_reminder_of_a_bill_is_free(house: House) -> None:
    house.claim(house.payer(debit=False), "R00000001")
    assert house.propose().notices.get().fee_cents == 0


def test_who_is_left_out_and_why(house: House) -> None:
    blocked, small, paying, disputed, dead = (house.payer(debit=False) for _ in range(5))
    for n, account in enumerate((blocked, disputed, dead), start=1):
        house.claim(account, f"R0000000{n}")
    house.claim(small, "R00000008", gross="5.00")
    house.claim(house.payer(), "R00000009")
    house.plan()
    house.claim(paying, "R00000010", due=date(2026, 11, 5))
    dead.customer.deceased_on = TODAY
    dead.customer.save()

    def block(account: ContractAccount, reason: str, amount: Decimal | None = None) -> None:
        services.block_dunning(
            client_id=house.client.pk, subaccount_id=account.pk, reason=reason, since=TODAY, until=None,
            user=house.clerk, at=NOW, amount=amount,
        )  # fmt: skip

    block(blocked, "objection")
    block(disputed, "objection", Decimal("19.00"))
    with pytest.raises(ValueError, match="Sperrgrund"):
        block(blocked, "mood")
    run = house.propose()
    assert [(n.subaccount_id, n.total_cents) for n in run.notices.all()] == [(disputed.pk, 10000)]
    assert sorted(run.exclusions.values_list("code", "amount_cents")) == [
        ("blocked", 1900), ("blocked", 11900), ("debtor", 11900), ("in_collection", 11900), ("minimum", 500),
    ]  # fmt: skip


def test_removed_and_meanwhile_paid_notices_are_not_sent(house: House) -> None:
    one, two = house.payer(debit=False), house.payer(debit=False)
    house.claim(one, "R00000001")
    house.claim(two, "R00000002")
    run = house.propose()
    first = run.notices.get(subaccount_id=one.pk)
    services.remove_notice(notice_id=first.pk, reason="Anruf zugesagt", user=house.clerk, at=NOW)
    services.release_dunning(run_id=run.pk, user=house.lead, at=NOW)
    assert Document.objects.filter(kind="reminder").count() == 1
    with pytest.raises(ValueError, match="offenen Vorschlag"):
        services.remove_notice(notice_id=first.pk, reason="", user=house.clerk, at=NOW)
    assert OpenItem.objects.get(reference="R00000001").dunning_level == 0


def test_wrong_run_is_taken_back_before_dispatch_with_levels_and_fees(house: House) -> None:
    account = house.payer(debit=False)
    item = house.instalment(account)
    run = house.propose()
    services.release_dunning(run_id=run.pk, user=house.lead, at=NOW)
    services.cancel_dunning(run_id=run.pk, user=house.lead, at=NOW)
    item.refresh_from_db()
    assert (item.dunning_level, item.dunned_on, Document.objects.get().state) == (0, None, "cancelled")
    assert balances(client_id=house.client.pk)["2700"] == Decimal("0.00")
    assert OpenItem.objects.filter(open_cents__gt=0).get() == item
    assert checks.check_open_items(client_id=house.client.pk)[1] == []
    assert house.propose().notices.count() == 1, "the account can be dunned anew"

    services.release_dunning(run_id=DunningRun.objects.get(state="proposed").pk, user=house.lead, at=NOW)
    ids = list(Document.objects.filter(state="created").values_list("id", flat=True))
    render_documents(client_id=house.client.pk, ids=ids, at=NOW)
    assert dispatch(client_id=house.client.pk, ids=ids, at=NOW) == 1
    with pytest.raises(ValueError, match="Schon versendet"):
        services.cancel_dunning(run_id=DunningRun.objects.get(state="released").pk, user=house.lead, at=NOW)


def test_ageing_is_the_control_account(house: House) -> None:
    account = house.payer(debit=False)
    house.claim(account, "R00000001")
    house.claim(account, "R00000002", due=date(2026, 12, 1), gross="50.00")
    buckets = queries.ageing(client_id=house.client.pk, on=TODAY)
    assert {b.label: b.cents for b in buckets if b.cents} == {"1–30 Tage": 11900, "nicht fällig": 5000}
    assert sum(b.cents for b in buckets) == queries.control_balance(client_id=house.client.pk)


def test_overdue_payers_with_next_action_and_the_customers_statement(house: House) -> None:
    account = house.payer(debit=False)
    house.claim(account, "R00000001")
    house.claim(house.payer(), "R00000002")
    (payer,) = queries.overdue_payers(client_id=house.client.pk, on=TODAY)
    assert (payer.account_id, payer.cents, payer.days_overdue) == (account.pk, 11900, 20)
    assert (payer.next_action, payer.next_action_on) == ("Zahlungserinnerung", TODAY)
    (line,) = queries.account_statement(subaccount_id=account.pk, until=TODAY)
    assert (line.reference, line.amount, line.balance, line.open_amount) == (
        "R00000001", Decimal("119.00"), Decimal("119.00"), Decimal("119.00"),
    )  # fmt: skip


def test_credits_are_set_off_before_anybody_is_debited(house: House) -> None:
    account = house.payer()
    house.instalment(account, announced=date(2026, 1, 2))
    credit = BillPosting(
        "C", account.pk, "R00000005", TODAY, TODAY, "gas",
        (VatPart(NINETEEN, Decimal("10.00"), Decimal("1.90")),),
        (VatPart(NINETEEN, Decimal("60.00"), Decimal("11.40")),),
    )  # fmt: skip
    services.post_bills(client_id=house.client.pk, bills=[credit], posting_date=TODAY, user=None, at=NOW)
    before = balances(client_id=house.client.pk)
    run = house.plan()
    assert run.total_cents == 9800 - 5950
    after = balances(client_id=house.client.pk)
    assert after["1718"] - before["1718"] == Decimal("-50.00")
    assert after["1776"] - before["1776"] == Decimal("-9.50")
    assert after["1593"] - before["1593"] == Decimal("59.50")
    assert after["1400"] == before["1400"] == Decimal("38.50")
    again = services.offset_credits(client_id=house.client.pk, on=TODAY, user=None, at=NOW)
    assert (again, checks.check_open_items(client_id=house.client.pk)[1]) == (0, [])
    assert checks.check_clearings(client_id=house.client.pk)[1] == []


def test_the_file_of_a_run_is_valid_against_the_iso_and_the_german_schema(house: House, shared: Path) -> None:
    house.claim(house.payer(), "R00000001")
    house.claim(house.payer(scheme="B2B"), "R00000002")
    run = services.release_debit_run(run_id=house.plan().pk, user=house.lead, at=NOW)
    assert run.original is not None
    tree = etree.fromstring(run.original.content)
    sepaxml = pytest.importorskip("sepaxml", reason="the ISO schema comes with the test package sepaxml")
    for path in (
        Path(sepaxml.__file__).parent / "schemas" / "pain.008.001.08.xsd",
        shared / "finance" / "schemas" / "pain.008.001.08_GBIC_5.xsd",
    ):
        schema = etree.XMLSchema(etree.parse(str(path)))
        assert schema.validate(tree), schema.error_log
    for amount in tree.iter("{*}InstdAmt"):
        amount.text = "0.00"
    assert not schema.validate(tree)

"""The VAT of a month as stories in a table: what happens, and what the report of a month says then."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from bank_story import DAY, HOUSE, NINETEEN, NOW, Story
from turnus.cli.ledger import app
from turnus.ledger.calc.vat_report import GROUPS, VatKind
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.services import account_table, post_many
from turnus.ledger.vat import journals_of, report_of
from turnus.lib.money import from_cents
from turnus.receivables import services
from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.receivables.services import BillPosting, VatPart
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow

# Day and event → what the report of the named month holds: base/VAT of supplies, prepayments, reversals.
ONE_INSTALMENT = """
2026-10-01 requested 98.00   | 2026-10 | -           | -           | -
2026-11-09 collected         | 2026-10 | -           | -           | -
2026-11-09 nothing           | 2026-11 | -           | 82.35/15.65 | -
2026-12-03 returned          | 2026-12 | -           | -           | -82.35/-15.65
2026-12-03 nothing           | 2026-11 | -           | 82.35/15.65 | -
"""
IN_PARTS = """
2026-10-01 requested 98.00   | 2026-10 | -           | -           | -
2026-11-09 paid 50.00        | 2026-11 | -           | 42.02/7.98  | -
2026-12-01 paid 48.00        | 2026-12 | -           | 40.33/7.67  | -
"""
A_YEAR = """
2026-10-01 requested 11x98.00 | 2026-10 | -             | -             | -
2026-11-09 paid all           | 2026-11 | -             | 905.85/172.15 | -
2026-12-01 billed 1209.28     | 2026-12 | 1016.20/193.08 | -            | -905.85/-172.15
2026-12-01 nothing            | 2026-11 | -             | 905.85/172.15 | -
2027-01-04 bill cancelled     | 2027-01 | -             | -             | -110.35/-20.93
2027-01-04 nothing            | 2026-12 | 1016.20/193.08 | -            | -905.85/-172.15
"""
UNPAID = """
2026-10-01 requested 11x98.00 | 2026-10 | -              | -           | -
2026-12-01 billed unpaid      | 2026-12 | 1016.20/193.08 | -           | -
2026-12-02 short by 0.50      | 2026-12 | 1016.20/193.08 | -           | -0.42/-0.08
"""
STORIES = {"one instalment": ONE_INSTALMENT, "in parts": IN_PARTS, "a year": A_YEAR, "unpaid": UNPAID}


class Months(Story):
    """The words of the tables. One customer who pays by direct debit."""

    def __init__(self) -> None:
        super().__init__()
        self.account = self.payer(debit=True)
        self.keys: list[str] = []

    def bank(self, day: date, *payments: Payment) -> None:
        """A statement of its own day; `Story.statement` knows one day only."""
        self.files += 1
        bookings = [Booking(f"D{self.files}-{n}", day, (one,)) for n, one in enumerate(payments)]
        total = sum((one.amount for one in payments), Decimal(0))
        target = io.BytesIO()
        write_camt053(Page(f"D{self.files}", HOUSE, "Stadtwerke", Decimal(0), total, day), bookings, target)
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        services.import_statement(
            client_id=self.client.pk, content=target.getvalue(), name="auszug.xml", at=at, user=self.clerk
        )

    def requested(self, day: date, what: str) -> None:
        months = range(1, 12) if what.startswith("11x") else (10,)
        self.keys = self.instalments(self.account, *months)

    def collected_now(self, day: date, what: str) -> None:
        assert day == DAY
        self.debit = self.collected(self.account)

    def returned(self, day: date, what: str) -> None:
        back = Payment(Decimal("-98.00"), "return", end_to_end_id=self.debit.end_to_end_id, reason="MS03")
        self.bank(day, back)

    def paid(self, day: date, what: str) -> None:
        amounts = [Decimal("98.00")] * 11 if what == "all" else [Decimal(what)]
        items = OpenItem.objects.filter(kind="instalment", open_cents__gt=0).order_by("due_date")
        named = [item.reference for item in items]
        for amount, reference in zip(amounts, named, strict=False):
            before = StatementEntry.objects.count()
            self.bank(day, Payment(amount, remittance=f"{self.account.number} {reference}"))
            assert StatementEntry.objects.count() == before + 1
        assert not StatementEntry.objects.exclude(state="allocated").exists()

    def _bill(self, day: date, instalments: tuple[VatPart, ...]) -> None:
        posting = BillPosting(
            "B1", self.account.pk, "R00000001", day, day, "electricity",
            (VatPart(NINETEEN, Decimal("1016.20"), Decimal("193.08")),), instalments, tuple(self.keys),
        )  # fmt: skip
        services.post_bills(client_id=self.client.pk, bills=[posting], posting_date=day, user=None, at=NOW)

    def billed(self, day: date, what: str) -> None:
        received = services.received_instalment_parts(client_id=self.client.pk, keys=self.keys, until=day)
        net = sum((part.net for part in received.values()), Decimal(0))
        tax = sum((part.vat for part in received.values()), Decimal(0))
        self._bill(day, (VatPart(NINETEEN, net, tax),) if net else ())

    def bill(self, day: date, what: str) -> None:  # type: ignore[override]
        services.reverse_bills(
            client_id=self.client.pk, keys=["B1"], posting_date=day, user=self.clerk, at=NOW
        )

    def short(self, day: date, what: str) -> None:
        self.bank(day, Payment(Decimal("1208.78"), remittance="R00000001"))

    def nothing(self, day: date, what: str) -> None:
        """Time passes."""


def _told(story: Months, month: str) -> list[str]:
    report = report_of(client_id=story.client.pk, month=month)
    assert report.difference_cents == 0, report.proofs
    amounts = [report.amount(kinds=kinds) for _, kinds in GROUPS]
    return [
        f"{from_cents(one.base_cents)}/{from_cents(one.vat_cents)}"
        if one.base_cents or one.vat_cents
        else "-"
        for one in amounts
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("name", STORIES)
def test_stories_of_vat(name: str) -> None:
    story = Months()
    for row in STORIES[name].strip().splitlines():
        event, month, *expected = (cell.strip() for cell in row.split("|"))
        day, word, what = f"{event} ".split(" ", 2)
        words: dict[str, Callable[[date, str], None]] = {
            "requested": story.requested, "collected": story.collected_now, "returned": story.returned,
            "paid": story.paid, "billed": story.billed, "bill": story.bill, "short": story.short,
            "nothing": story.nothing,
        }  # fmt: skip
        words[word](date.fromisoformat(day), what.strip())
        assert _told(story, month) == expected, row
    story.verify()


@pytest.fixture
def year(db: None) -> Months:
    story = Months()
    story.requested(DAY, "11x98.00")
    story.paid(DAY, "all")
    story.billed(date(2026, 12, 1), "")
    return story


def test_the_final_bill_clears_prepayments_to_the_cent(year: Months) -> None:
    report = report_of(client_id=year.client.pk, month="2026-12")
    told = {line.kind: (line.amount.base_cents, line.amount.vat_cents) for line in report.lines}
    assert told == {VatKind.SUPPLY: (101620, 19308), VatKind.SETTLED: (-90585, -17215)}
    assert {proof.account: proof.moved_cents for proof in report.proofs} == {
        "1718": -90585, "1776": 19308 - 17215, "8400": 101620,
    }  # fmt: skip
    paid = journals_of(client_id=year.client.pk, month="2026-11", percent="19.00", kind="prepayment")
    assert sorted(paid.values()) == [(8235, 1565)] * 11


def test_a_posting_without_a_tax_key_shows_as_a_difference(year: Months) -> None:
    accounts = account_table(client_id=year.client.pk)
    legs = (
        LegDraft(accounts.of("output_vat", "", NINETEEN), 1000),
        LegDraft(accounts.of("bank"), -1000),
    )
    draft = JournalDraft("manual", "manual", date(2026, 12, 31), date(2026, 12, 31), legs)
    post_many(client_id=year.client.pk, journals=[draft], user=None, at=NOW)
    report = report_of(client_id=year.client.pk, month="2026-12")
    (wrong,) = [proof for proof in report.proofs if proof.difference_cents]
    assert (wrong.account, wrong.difference_cents, report.difference_cents) == ("1776", -1000, 1000)


def test_the_page_leads_from_a_line_to_its_postings(year: Months) -> None:
    set_business_date(date(2026, 12, 2))
    browser = Client()
    browser.force_login(year.clerk)
    page = browser.get(reverse("ledger:vat") + "?monat=2026-12").content.decode()
    for part in ("1.016,20", "193,08", "-905,85", "-172,15", "stimmt mit den Konten überein"):
        assert part in page.replace("−", "-"), part
    query = "?monat=2026-11&satz=19.00&art=prepayment"
    listed = browser.get(reverse("ledger:vat_journals") + query).content.decode()
    assert listed.count("82,35") == 11
    assert "905,85" in listed
    for wrong in ("?monat=2026-13", "?monat=x"):
        assert browser.get(reverse("ledger:vat") + wrong).status_code == 404
    for wrong in ("?art=unsinn", "?satz=NaN", "?satz=x", "?art=unclassified"):
        assert browser.get(reverse("ledger:vat_journals") + wrong).status_code == 404
    allow([year.client.pk])


def test_the_report_from_the_command_line(committed_db: str) -> None:
    story = Months()
    story.requested(DAY, "98.00")
    arguments = ["vat", "--principal", "stadtwerk-a", "--month"]
    nothing = CliRunner().invoke(app, [*arguments, "2026-10", "--json"])
    assert json.loads(nothing.stdout)["rates"] == []
    story.collected_now(DAY, "")
    done = CliRunner().invoke(app, [*arguments, "2026-11", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    none = {"base": "0.00", "vat": "0.00"}
    paid = {"base": "82.35", "vat": "15.65"}
    assert told["rates"] == [
        {"percent": "19.00", "supplies": none, "prepayments": paid, "reversals": none, "total": paid}
    ]
    assert told["difference"] == "0.00"
    assert {row["account"]: row["difference"] for row in told["accounts"]} == {"1718": "0.00", "1776": "0.00"}
    assert "82,35" in CliRunner().invoke(app, [*arguments, "2026-11"]).stdout
    assert CliRunner().invoke(app, [*arguments, "November"]).exit_code == 2

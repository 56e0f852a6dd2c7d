"""The bills of the documents bench: each adds up, and no two are alike in what a bill of its own says."""

from turnus.bench.bills import varied_bill
from turnus.documents.calc.checklist import bill_checklist, blocking
from turnus.documents.calc.consistency import inconsistencies

SOME = [varied_bill(serial) for serial in (*range(1, 120), 4_711, 99_999)]


def test_every_bill_adds_up_and_fulfils_the_law() -> None:
    assert [finding for bill in SOME for finding in inconsistencies(bill)] == []
    assert [item for bill in SOME for item in blocking(bill_checklist(bill, on=bill.issue_date))] == []


def test_no_two_bills_are_alike() -> None:
    for own in (
        [bill.recipient.address for bill in SOME],
        [bill.supply.market_location for bill in SOME],
        [bill.intervals for bill in SOME],
        [bill.gross for bill in SOME],
        [bill.balance for bill in SOME],
    ):
        assert len(set(own)) == len(SOME)
    assert varied_bill(7) == varied_bill(7)

"""The arithmetic of the VAT report: signs, groups, and a proof in which errors cannot hide each other."""

from decimal import Decimal

from turnus.ledger.calc.vat_report import GROUPS, Amount, Cell, VatKind, vat_report

NINETEEN, SEVEN = Decimal(19), Decimal(7)


def cell(account: str, cents: int, kind: str, percent: Decimal | None = NINETEEN, **flags: bool) -> Cell:
    options = {"is_vat": account.startswith("17"), "reconciled": True, **flags}
    return Cell(account, account, options["is_vat"], options["reconciled"], percent, VatKind(kind), cents)


BILL = [
    cell("8400", -101620, "supply"),
    cell("1776", -19308, "supply"),
    cell("3272", 90585, "settled"),
    cell("1776", 17215, "settled"),
]


def test_owed_is_positive_and_what_is_taken_back_negative() -> None:
    report = vat_report(BILL, [("8400", "Erlöse", -101620), ("3272", "x", 90585), ("1776", "USt", -2093)])
    sums = [report.amount(kinds=kinds) for _, kinds in GROUPS]
    assert sums == [Amount(101620, 19308), Amount(), Amount(-90585, -17215)]
    assert report.amount() == Amount(11035, 2093)
    assert report.difference_cents == 0
    assert [proof.account for proof in report.proofs] == ["1776", "3272", "8400"]


def test_rates_are_apart_and_the_highest_first() -> None:
    report = vat_report(
        [*BILL, cell("8300", -10000, "supply", SEVEN), cell("1771", -700, "supply", SEVEN)], []
    )
    assert report.rates == [NINETEEN, SEVEN]
    assert report.amount(percent=SEVEN) == Amount(10000, 700)
    assert [line.kind for line in report.lines] == [VatKind.SUPPLY, VatKind.SETTLED, VatKind.SUPPLY]


def test_every_kind_is_in_one_group_but_the_unclassified() -> None:
    grouped = [kind for _, kinds in GROUPS for kind in kinds]
    assert sorted(grouped) == sorted(set(VatKind) - {VatKind.UNCLASSIFIED})
    reversed_ = ("returned", "reduction", "cancelled")
    report = vat_report([cell("1776", 10, kind) for kind in reversed_], [])
    assert report.amount(kinds=dict(GROUPS)["reversals"]) == Amount(0, -30)


def test_differences_do_not_cancel_out() -> None:
    stray = [cell("1776", -500, "unclassified"), cell("1776", -100, "supply", None)]
    report = vat_report(stray, [("1776", "USt", -600), ("1771", "USt", 600)])
    assert report.lines == ()
    assert [proof.difference_cents for proof in report.proofs] == [-600, 600]
    assert report.difference_cents == 1200


def test_an_account_that_holds_other_things_too_proves_nothing() -> None:
    report = vat_report([cell("4900", 42, "reduction", reconciled=False)], [])
    assert report.amount() == Amount(-42, 0)
    assert report.proofs == ()

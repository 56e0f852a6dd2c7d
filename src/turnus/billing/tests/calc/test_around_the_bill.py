"""Estimates, instalments, limits, corrections and due dates: the worked numbers of docs/algorithms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

import bill_examples as examples
from turnus.billing.calc.correction import ClaimTooOld, check_claim, mirror
from turnus.billing.calc.cycle import closing_day, next_due
from turnus.billing.calc.estimate import EstimateBasis, estimate, year_from
from turnus.billing.calc.instalments import due_dates, plan, remaining, year_forecast
from turnus.billing.calc.limits import RULES, Limits, Prior, broken_rules
from turnus.billing.calc.records import Commodity, Split
from turnus.lib.period import Period

JANUARY_TO_FEBRUARY = Period.inclusive(date(2026, 1, 1), date(2026, 2, 28))
FORECAST = EstimateBasis(Decimal(3650), year_from(date(2026, 1, 1)), "Jahresverbrauchsprognose")


@pytest.mark.parametrize(("split", "kwh"), [(Split.DAYS, 590), (Split.SLP, 700)])
def test_estimate_from_the_annual_forecast(split: Split, kwh: int) -> None:
    result = estimate(Commodity.ELECTRICITY, FORECAST, JANUARY_TO_FEBRUARY, split, "H0", "NW")
    assert result.kwh == kwh
    assert "3650 kWh" in result.text


def test_estimate_without_usable_profile_counts_days() -> None:
    result = estimate(Commodity.GAS, FORECAST, JANUARY_TO_FEBRUARY, Split.SLP, "H0", "NW")
    assert (result.method, result.kwh) == (Split.DAYS, 590)


def test_estimate_from_the_previous_bill() -> None:
    before = EstimateBasis(Decimal(700), Period.inclusive(date(2025, 1, 1), date(2025, 2, 28)), "Vorperiode")
    result = estimate(Commodity.ELECTRICITY, before, JANUARY_TO_FEBRUARY, Split.SLP, "H0", "NW")
    assert 695 <= result.kwh <= 705


def test_instalments_of_a_year() -> None:
    year = year_forecast(Decimal(3500), Decimal("26.10"), Decimal(132), Decimal(19))
    assert str(year.gross) == "1244.15"
    since = date(2026, 1, 1)
    assert [str(plan(year.gross, n, since).gross) for n in (11, 12)] == ["113.10", "103.68"]
    assert remaining(year.gross, Decimal("565.50"), due_dates(since, 11)[5:]).gross == Decimal("113.11")
    assert remaining(Decimal(100), Decimal(300), (since,)).gross == 0
    with pytest.raises(ValueError, match="13"):
        plan(year.gross, 13, since)


@pytest.mark.parametrize("count", [1, 10, 11, 12])
@pytest.mark.parametrize("since", [date(2026, 1, 1), date(2026, 1, 31), date(2025, 12, 15)])
def test_instalments_are_due_two_weeks_after_supply_starts_and_monthly(count: int, since: date) -> None:
    dates = due_dates(since, count)
    assert len(set(dates)) == count
    assert (dates[0] - since).days >= 14
    months = [day.year * 12 + day.month for day in dates]
    assert months == list(range(months[0], months[0] + count))


LIMITS = Limits(Decimal(500), Decimal(500), Decimal(300), Decimal(50))
NO_LIMITS = Limits(None, None, None, Decimal(50))


def test_every_rule_fires_and_says_its_numbers() -> None:
    bill = examples.bill(examples.EXCHANGE, instalments_received=[{"gross": 2000, "vat_percent": 19}])
    bill = replace(
        bill,
        intervals=(replace(bill.intervals[0], estimated=True),),
        contained=(replace(bill.contained[0], net=None),),
    )
    fired = broken_rules(bill, Prior(Decimal(2000), "Vorperiode"), LIMITS)
    empty = broken_rules(replace(bill, kwh=Decimal(0)), None, LIMITS)
    assert {f.rule for f in [*fired, *empty]} == {rule.__name__ for rule in RULES}
    by_rule = {f.rule: f for f in fired}
    assert (by_rule["gross_limit"].value, by_rule["gross_limit"].limit) == ("1.209,28 €", "500,00 €")
    assert by_rule["deviation"].value == "75,0 %"


@pytest.mark.parametrize(
    ("prior", "fires"), [(2334, False), (2333, True), (7000, False), (7001, True), (0, False)]
)
def test_deviation_of_half(prior: int, fires: bool) -> None:
    fired = broken_rules(examples.bill(examples.EXCHANGE), Prior(Decimal(prior), "Vorperiode"), NO_LIMITS)
    assert bool(fired) is fires


def test_cancellation_mirrors_every_line_and_rebill_gives_the_difference() -> None:
    bill = examples.bill(examples.EXCHANGE, instalments_received=[{"gross": "98.00", "vat_percent": 19}])
    cancelled = mirror(bill)
    assert [line.net for line in cancelled.lines] == [-line.net for line in bill.lines]
    assert mirror(cancelled) == bill
    readings = [dict(r) for r in examples.EXCHANGE["readings"]]
    readings[1]["value"] = "13724"
    rebill = examples.bill(examples.EXCHANGE, readings=readings)
    assert (str(rebill.gross), str(rebill.gross + cancelled.gross)) == ("1203.96", "-5.32")


def test_claims_end_after_three_years() -> None:
    year_2022 = Period.inclusive(date(2022, 1, 1), date(2022, 12, 31))
    check_claim(year_2022, date(2025, 12, 31), Decimal("5.32"))
    check_claim(year_2022, date(2026, 3, 1), Decimal("-5.32"))
    with pytest.raises(ClaimTooOld, match="§ 18"):
        check_claim(year_2022, date(2026, 1, 1), Decimal("5.32"))


D = date.fromisoformat

# supply start, supply end, billed until, cycle month, until → start, target, final
DUE = """
2025-01-01 -          -          12 2025-12-31 → 2025-01-01 2026-01-01 no
2025-01-01 -          -          12 2025-12-30 → nothing
2025-01-01 -          -          3  2025-12-31 → 2025-01-01 2025-04-01 no
2025-01-01 -          2025-03-27 3  2026-03-31 → 2025-03-27 2026-04-01 no
2025-12-10 -          -          12 2025-12-31 → 2025-12-10 2026-01-01 no
2025-01-01 2025-08-15 -          12 2025-12-31 → 2025-01-01 2025-08-15 yes
2025-01-01 2025-08-15 2025-08-15 12 2025-12-31 → nothing
2025-02-10 -          -          -  2026-02-28 → 2025-02-10 2026-02-10 no
"""


@pytest.mark.parametrize("row", DUE.strip().splitlines())
def test_when_a_bill_is_due(row: str) -> None:
    given, expected = (side.split() for side in row.split("→"))
    start, end, billed, cycle, until = (None if word == "-" else word for word in given)
    due = next_due(
        D(str(start)),
        D(end) if end else None,
        D(billed) if billed else None,
        int(cycle) if cycle else None,
        D(str(until)),
    )
    if expected == ["nothing"]:
        assert due is None
    else:
        assert due is not None
        assert [str(due.start), str(due.target), "yes" if due.is_final else "no"] == expected


@pytest.mark.parametrize(
    ("days", "closing"),
    [
        (["2026-03-27"], "2026-03-27"),
        (["2026-03-27", "2026-04-01"], "2026-04-01"),
        (["2026-03-31", "2026-04-02"], "2026-03-31"),  # the later one lies beyond what may be billed
        (["2026-01-05"], "2026-04-01"),
        ([], "2026-04-01"),
    ],
)
def test_the_period_ends_at_the_reading_the_grid_operator_used(days: list[str], closing: str) -> None:
    due = next_due(D("2025-04-01"), None, D("2025-04-01"), 3, D("2026-03-31"))
    assert due is not None
    assert closing_day(due, [D(day) for day in days], D("2026-03-31")) == D(closing)

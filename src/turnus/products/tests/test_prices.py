"""M04: prices change dated, announced in time and by two people."""

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.products import services
from turnus.products.calc.notice import NoticeRule, Supply, earliest_start, objection, rule_on, rules
from turnus.products.models import Price
from turnus.products.services import NewPrice
from turnus.system.changes import InvalidInput


@pytest.mark.parametrize(
    ("announced", "supply", "start"),
    [
        (date(2026, 1, 31), Supply.HOUSEHOLD, date(2026, 2, 28)),
        (date(2026, 5, 20), Supply.HOUSEHOLD, date(2026, 6, 20)),
        (date(2026, 12, 15), Supply.HOUSEHOLD, date(2027, 1, 15)),
        (date(2026, 5, 20), Supply.OTHER, date(2026, 6, 3)),
        (date(2026, 5, 20), Supply.DEFAULT_ELECTRICITY, date(2026, 7, 1)),
        (date(2026, 5, 21), Supply.DEFAULT_GAS, date(2026, 8, 1)),
    ],
)
def test_earliest_start_of_an_increase(announced, supply, start):
    rule = rule_on(supply=supply, day=announced)
    assert earliest_start(announced_on=announced, rule=rule) == start


def test_the_limits_are_dated_data(monkeypatch):
    """A later amendment is one more row; what was told before it keeps the former limit."""
    stricter = NoticeRule(
        Supply.HOUSEHOLD, "2 Monate", date(2027, 1, 1), 0, 2, False, "§ 41 Abs. 5 EnWG n. F."
    )
    known = rules()
    assert {rule.supply for rule in known} == set(Supply)
    monkeypatch.setattr("turnus.products.calc.notice.rules", lambda: (stricter, *known))
    told = {"start": date(2027, 2, 1), "supply": Supply.HOUSEHOLD}
    assert objection(announced_on=date(2026, 12, 31), **told) is None
    assert "n. F." in (objection(announced_on=date(2027, 1, 1), **told) or "")


@pytest.mark.parametrize(
    ("commodity", "default_supply", "paragraph"),
    [
        ("electricity", False, "§ 41 Abs. 5 EnWG"),
        ("electricity", True, "§ 5 Abs. 2 StromGVV"),
        ("gas", True, "§ 5 Abs. 2 GasGVV"),
    ],
)
def test_a_refusal_names_the_paragraph(commodity, default_supply, paragraph):
    supply = Supply.of(commodity=commodity, default_supply=default_supply, household=True)
    for announced in (None, date(2026, 6, 25)):
        assert paragraph in (objection(start=date(2026, 7, 1), announced_on=announced, supply=supply) or "")


def _product(**fields):
    client = make.principal()
    product = make.product(client, **fields)
    make.price(product, date(2025, 1, 1), None, "24.80", "120.00")
    return client, product


def _new(since, energy="26.10", announced=None):
    return NewPrice(since, Decimal(energy), Decimal("120.00"), announced)


def _propose(client, product, new, reason=""):
    clerk = make.user("anna", client)
    return services.propose_price(
        product=product, new=new, household=True, reason=reason, user=clerk, at=make.NOW
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "new", "cause"),
    [
        ({}, _new(date(2026, 3, 1)), "ohne Nachweis"),
        ({}, _new(date(2026, 3, 1), announced=date(2026, 2, 2)), "frühestens zum 02.03.2026"),
        ({"is_default_supply": True}, _new(date(2026, 3, 1), announced=date(2026, 1, 19)), "6 Wochen"),
        ({"is_default_supply": True}, _new(date(2026, 4, 2), announced=date(2026, 1, 19)), "Monatsbeginn"),
        ({}, _new(date(2026, 1, 1), energy="20.00"), "Grund"),
    ],
)
def test_a_late_or_unreasoned_change_is_refused(fields, new, cause):
    client, product = _product(**fields)
    with pytest.raises(InvalidInput, match=cause):
        _propose(client, product, new)


@pytest.mark.django_db
def test_a_decrease_needs_no_notice():
    client, product = _product()
    proposed = _propose(client, product, _new(date(2026, 2, 1), energy="20.00"))
    assert proposed.state == "open"
    assert "ab 01.02.2026: 20 ct/kWh, 120,00 € im Jahr" in proposed.title.replace("\u00a0", " ")


@pytest.mark.django_db
def test_a_change_ends_the_running_price_the_day_before():
    _, product = _product()
    services.change_price(product=product, new=_new(date(2026, 3, 1)), reason="", user=None, at=make.NOW)
    services.change_price(
        product=product, new=_new(date(2026, 2, 1), "25.00"), reason="", user=None, at=make.NOW
    )
    periods = [(p.valid.lower, p.valid.upper, p.energy_ct_per_kwh) for p in Price.objects.order_by("valid")]
    assert periods == [
        (date(2025, 1, 1), date(2026, 2, 1), Decimal("24.8")),
        (date(2026, 2, 1), date(2026, 3, 1), Decimal("25")),
        (date(2026, 3, 1), None, Decimal("26.1")),
    ]


@pytest.mark.django_db
def test_taken_days_are_not_overwritten_by_recording():
    _, product = _product()
    with pytest.raises(InvalidInput, match="zweite Person"):
        services.record_price(product=product, new=_new(date(2026, 3, 1)), user=None, at=make.NOW)


@pytest.mark.django_db
def test_a_product_keeps_code_and_commodity():
    client = make.principal()
    values = {"code": "P1", "name": "Treue", "commodity": "gas"}
    product = services.create_product(client_id=client.pk, values=values, user=None, at=make.NOW)
    for refused in (
        lambda: services.create_product(client_id=client.pk, values=values, user=None, at=make.NOW),
        lambda: services.update_product(
            product=product, values={"commodity": "electricity"}, user=None, at=make.NOW
        ),
        lambda: services.update_product(product=product, values={"name": ""}, user=None, at=make.NOW),
    ):
        with pytest.raises(InvalidInput):
            refused()
    assert services.update_product(product=product, values={"notice_weeks": 6}, user=None, at=make.NOW)


@pytest.mark.django_db
def test_the_price_of_a_day_is_the_one_recorded_for_it():
    product = make.product(make.principal())
    new = NewPrice(date(2025, 1, 1), Decimal("24.80"), Decimal("120.00"), until=date(2025, 7, 1))
    made = services.record_price(product=product, new=new, user=None, at=make.NOW)
    assert services.price_on(product=product, day=date(2025, 6, 30)) == made
    assert services.price_on(product=product, day=date(2025, 7, 1)) is None

"""The nightly check of the disconnection threshold, from contracts and plans to the clerk's screen."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

import factories as make
from turnus.accounting.queries import supplies_of
from turnus.accounting.services import check_disconnections
from turnus.billing.models import InstalmentPlan
from turnus.cli.daily import app
from turnus.clients.models import Principal
from turnus.ledger.services import seed_accounts
from turnus.receivables import services as receivables
from turnus.receivables.models import DisconnectionCheck, DunningBlock, OpenItem
from turnus.receivables.services import DisconnectionResult, InstalmentRequest, assess_disconnections
from turnus.system.clock import set_business_date
from turnus.system.models import AuditEntry

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 9)


class House:
    """A principal with customers who owe instalments."""

    def __init__(self) -> None:
        self.client: Principal = make.principal("stadtwerk-a")
        self.clerk = make.user("karla", self.client)
        seed_accounts(client_id=self.client.pk)

    def supply(self, gross: str | None = "98.00", **location: object) -> make.Supply:
        supply = make.supply(self.client, date(2025, 1, 1), **location)
        make.price(supply.product, date(2025, 1, 1), None, "26.10", "132")
        if gross:
            InstalmentPlan.objects.create(
                client=self.client, contract=supply.contract, valid=(date(2026, 1, 1), date(2027, 1, 1)),
                gross=Decimal(gross), count=11, vat_percent=Decimal(19), reason="x", working={},
                created_at=NOW,
            )  # fmt: skip
        return supply

    def owes(self, supply: make.Supply, *months: int, gross: str = "98.00") -> list[OpenItem]:
        keys = [f"{supply.account.pk}:{month}" for month in months]
        requests = [
            InstalmentRequest(
                key, supply.account.pk, date(2026, month, 2), Decimal(gross), Decimal(19),
                supply.location.commodity, f"A{month}",
            )
            for key, month in zip(keys, months, strict=True)
        ]  # fmt: skip
        receivables.request_instalments(
            client_id=self.client.pk, requests=requests, posting_date=DAY, user=None, at=NOW
        )
        return list(OpenItem.objects.filter(key__in=[f"instalment:{key}" for key in keys]).order_by("id"))

    def block(self, item: OpenItem, reason: str, amount: str | None = None) -> DunningBlock:
        return receivables.block_dunning(
            client_id=self.client.pk, subaccount_id=item.subaccount_id, open_item_id=item.pk, reason=reason,
            since=date(2026, 11, 1), until=None, amount=Decimal(amount) if amount else None,
            user=self.clerk, at=NOW,
        )  # fmt: skip

    def night(self, on: date = DAY) -> DisconnectionResult:
        return check_disconnections(client_id=self.client.pk, on=on, user=None, at=NOW)


@pytest.fixture
def house(db: None) -> House:
    return House()


def test_two_overdue_instalments_make_an_account_eligible_and_a_cent_in_dispute_does_not(
    house: House,
) -> None:
    supply = house.supply()
    items = house.owes(supply, 9, 10)
    assert house.night() == DisconnectionResult(checked=1, eligible=1, fresh=1, ended=0)
    check = DisconnectionCheck.objects.get()
    assert (check.arrears_cents, check.required_cents, check.code) == (19600, 19600, "eligible")
    assert check.working["contracts"] == [supply.contract.number]
    house.block(items[0], "price", "0.01")
    assert house.night() == DisconnectionResult(checked=1, eligible=0, fresh=0, ended=1)
    check.refresh_from_db()
    assert (check.arrears_cents, check.code, check.eligible_since) == (19599, "below_instalments", None)
    assert check.working["excluded"][0]["reason"] == "Preiserhöhung strittig"
    assert list(
        AuditEntry.objects.filter(action__startswith="disconnection")
        .order_by("id")
        .values_list("action", flat=True)
    ) == [
        "disconnection_eligible",
        "disconnection_cleared",
    ]


def test_repeating_a_night_changes_nothing_and_the_first_day_stays(house: House) -> None:
    house.owes(house.supply(), 9, 10)
    house.night()
    first = DisconnectionCheck.objects.values().get()
    assert house.night() == DisconnectionResult(1, 1, 0, 0)
    assert DisconnectionCheck.objects.values().get() == first
    house.night(date(2026, 11, 20))
    check = DisconnectionCheck.objects.get()
    assert (check.eligible_since, check.computed_on) == (DAY, date(2026, 11, 20))


def test_an_account_without_arrears_leaves_the_table(house: House) -> None:
    supply = house.supply()
    house.owes(supply, 9, 10)
    house.night()
    assert house.night(date(2026, 9, 2)).checked == 0, "on the day it falls due nothing is overdue"
    assert not DisconnectionCheck.objects.exists()


def test_without_instalments_a_sixth_of_the_expected_year_decides(house: House) -> None:
    # 3,500 kWh × 26.10 ct + 132.00 € + 19 % = 1,244.15 €; a sixth is 207.36 €
    supply = house.supply(gross=None)
    (found,) = supplies_of(client_id=house.client.pk, account_ids=[supply.account.pk], on=DAY)
    assert (found.instalment_cents, found.year_cents) == (None, 124415)
    house.owes(supply, 9, gross="207.35")
    house.night()
    assert DisconnectionCheck.objects.get().code == "below_year_share"
    house.owes(supply, 10, gross="0.01")
    house.night()
    assert DisconnectionCheck.objects.get().code == "eligible"


def test_a_bill_counts_from_its_reminder_and_fees_never(house: House) -> None:
    supply = house.supply()
    house.owes(supply, 9)
    posting = receivables.BillPosting(
        "B1", supply.account.pk, "R1", date(2026, 9, 1), date(2026, 9, 20), "electricity",
        (receivables.VatPart(Decimal(19), Decimal("100.00"), Decimal("19.00")),),
    )  # fmt: skip
    receivables.post_bills(client_id=house.client.pk, bills=[posting], posting_date=DAY, user=None, at=NOW)
    house.night()
    check = DisconnectionCheck.objects.get()
    assert (check.arrears_cents, check.working["excluded"][0]["code"]) == (9800, "not_in_default")
    OpenItem.objects.filter(kind="bill").update(dunning_level=1)
    house.night()
    check.refresh_from_db()
    assert (check.arrears_cents, check.is_eligible) == (21700, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"insolvent_on": date(2026, 10, 1)}, "debtor"),
        ({"deceased_on": date(2026, 10, 1)}, "debtor"),
        ({"is_household_customer": False}, "out_of_scope"),
    ],
)
def test_whom_the_law_protects_or_does_not_mean(house: House, change: dict[str, object], code: str) -> None:
    supply = house.supply()
    house.owes(supply, 8, 9, 10)
    for name, value in change.items():
        setattr(supply.customer, name, value)
    supply.customer.save()
    assert house.night().eligible == 0
    assert DisconnectionCheck.objects.get().code == code


def test_a_contract_that_has_ended_leaves_nothing_to_disconnect(house: House) -> None:
    supply = house.supply()
    house.owes(supply, 8, 9, 10)
    supply.contract.supply = (date(2025, 1, 1), DAY)
    supply.contract.save()
    house.night()
    assert DisconnectionCheck.objects.get().code == "no_supply"


def test_instalments_of_one_contract_and_the_year_of_another_are_added(house: House) -> None:
    first = house.supply()
    second = house.supply(gross=None)
    second.contract.contract_account = first.account
    second.contract.save()
    (found,) = supplies_of(client_id=house.client.pk, account_ids=[first.account.pk], on=DAY)
    # 98.00 + 1,244.15 ÷ 12 = 103.6792, rounded up
    assert found.instalment_cents == 9800 + 10368


def test_the_database_refuses_an_eligible_account_below_its_threshold(house: House) -> None:
    house.owes(house.supply(), 9, 10)
    house.night()
    with pytest.raises(IntegrityError, match="eligible_only_above_threshold"), transaction.atomic():
        DisconnectionCheck.objects.update(arrears_cents=19599)
    with pytest.raises(ValueError, match="keine Schwelle"):
        assess_disconnections(client_id=house.client.pk, on=date(2020, 1, 1), supplies=[], user=None, at=NOW)


def test_clerks_see_the_list_the_calculation_and_the_item(house: House) -> None:
    set_business_date(DAY)
    supply = house.supply()
    item = house.owes(supply, 9, 10)[0]
    house.owes(house.supply(), 10)
    house.night()
    check = DisconnectionCheck.objects.get(is_eligible=True)
    browser = Client()
    browser.force_login(house.clerk)
    listed = browser.get(reverse("receivables:disconnections")).content.decode()
    assert listed.count("nötig 196,00 €") == 1
    everyone = browser.get(reverse("receivables:disconnections") + "?everyone=on").content.decode()
    assert everyone.count("nötig 196,00 €") == 2
    shown = browser.get(reverse("receivables:disconnectioncheck", args=[check.pk])).content.decode()
    assert "2 × Abschlag von 98,00 €" in shown
    assert "Abschlag A9" in shown
    assert "sperrfähig" in browser.get(reverse("receivables:openitem", args=[item.pk])).content.decode()
    known = browser.get(reverse("care:customer", args=[supply.customer.pk]) + "?tab=konto").content.decode()
    assert reverse("receivables:disconnectioncheck", args=[check.pk]) in known


def test_the_daily_work_computes_it(committed_db: str) -> None:
    house = House()
    set_business_date(DAY)
    house.owes(house.supply(), 9, 10)
    done = CliRunner().invoke(app, ["--principal", "stadtwerk-a", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["Konten sperrfähig (§ 41f EnWG)"] == 1

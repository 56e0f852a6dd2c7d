"""M03: master data are entered checked, audited and, where money hangs on it, by two people."""

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.masterdata import services
from turnus.masterdata.models import BankAccount, ContractAccount, Customer, Mandate, MarketLocation
from turnus.masterdata.services import InvalidInput, NewAddress, NewCustomer, NewMarketLocation
from turnus.system.models import AuditEntry
from turnus.worklist.models import Approval
from turnus.worklist.services import FourEyesViolation, decide

pytestmark = pytest.mark.django_db
HOME = NewAddress(street="Lindenweg", house_number="4", postal_code="45127", city="Essen")
IBAN = "DE02120300000000202051"


@pytest.fixture
def client():
    return make.principal()


def _customer(client, user=None, **changes):
    new = NewCustomer(**{"name": "Muster", "first_name": "Erika", "address": HOME, **changes})
    return services.create_customer(client_id=client.pk, new=new, user=user, at=make.NOW)


def test_numbers_are_drawn_past_imported_ones(client):
    assert _customer(client, number="K0000001").number == "K0000001"
    assert _customer(client).number == "K0000002"
    with pytest.raises(InvalidInput, match="schon vergeben"):
        _customer(client, number="K0000002")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"email": "keine"}, "email"),
     ({"address": NewAddress("Weg", "1", "4512", "Essen")}, "postal_code"),
     ({"address": NewAddress("", "1", "45127", "Essen")}, "street")],
)  # fmt: skip
def test_a_bad_customer_is_refused_whole(client, change, field):
    with pytest.raises(InvalidInput) as refused:
        _customer(client, **change)
    assert refused.value.field == field
    assert not Customer.objects.exists()


def test_a_change_is_audited_with_old_and_new_value(client):
    clerk = make.user("anna", client)
    customer = _customer(client)
    assert services.update_customer(
        customer=customer, values={"name": "Meier"}, user=clerk, at=make.NOW, reason="Heirat"
    )
    entry = AuditEntry.objects.get(action="changed", object_id=customer.pk)
    assert (entry.user, entry.text, entry.details) == (clerk, "Heirat", {"name": ["Muster", "Meier"]})
    assert not services.update_customer(customer=customer, values={"name": "Meier"}, user=clerk, at=make.NOW)
    with pytest.raises(InvalidInput):
        services.update_customer(customer=customer, values={"number": "K9"}, user=clerk, at=make.NOW)


@pytest.mark.parametrize(
    ("iban", "cause"),
    [("DE02120300000000202052", "Prüfziffer"), ("DE0212030000", "22 Stellen"), ("12345", "Buchstaben")],
)
def test_wrong_ibans_name_their_cause(iban, cause):
    with pytest.raises(InvalidInput, match=cause):
        services.check_iban(iban)


def test_an_iban_counts_only_after_a_second_person(client):
    clerk, lead = make.user("anna", client), make.user("lea", client, "lead")
    customer = _customer(client)
    account = services.open_contract_account(customer=customer, user=clerk, at=make.NOW)
    proposal = services.propose_bank_account(
        customer=customer, iban="DE02 1203 0000 0000 2020 51", holder="Erika Muster", user=clerk, at=make.NOW,
        mandate_signed_on=date(2026, 1, 2), contract_accounts=[account],
    )  # fmt: skip
    mandate = Mandate.objects.get()
    assert (proposal.bank_account.iban, mandate.status, proposal.bank_account.approved_at) == (
        IBAN,
        "blocked",
        None,
    )
    with pytest.raises(FourEyesViolation):
        decide(approval=proposal.approval, approve=True, user=clerk, at=make.NOW, reason="")
    decide(approval=proposal.approval, approve=True, user=lead, at=make.NOW, reason="Rückruf bestätigt")
    mandate.refresh_from_db()
    account = ContractAccount.objects.get(pk=account.pk)
    assert (mandate.status, account.mandate, account.payment_method) == ("active", mandate, "direct_debit")
    assert BankAccount.objects.get().approved_by == lead


def test_a_new_mandate_ends_the_one_it_replaces(client):
    clerk, lead = make.user("anna", client), make.user("lea", client, "lead")
    customer = _customer(client)
    account = services.open_contract_account(customer=customer, user=clerk, at=make.NOW)
    for iban in (IBAN, "DE02500105170137075030"):
        proposal = services.propose_bank_account(
            customer=customer, iban=iban, holder="Erika Muster", user=clerk, at=make.NOW,
            mandate_signed_on=date(2026, 1, 2), contract_accounts=[account],
        )  # fmt: skip
        decide(approval=proposal.approval, approve=True, user=lead, at=make.NOW, reason="ok")
    assert list(Mandate.objects.order_by("id").values_list("status", flat=True)) == ["revoked", "active"]


def test_a_machine_approves_nothing(client):
    clerk, machine = make.user("anna", client), make.user("robot", client, "machine")
    proposal = services.propose_bank_account(
        customer=_customer(client), iban=IBAN, holder="Erika Muster", user=clerk, at=make.NOW
    )
    with pytest.raises(PermissionError):
        decide(approval=proposal.approval, approve=True, user=machine, at=make.NOW, reason="")


def _location(client, number, **changes):
    new = NewMarketLocation(
        market_location_id=number, commodity="electricity", address=HOME, state="NW", **changes
    )
    return services.create_market_location(client_id=client.pk, new=new, user=None, at=make.NOW)


def test_a_wrong_check_digit_is_refused(client):
    right = make.market_location_id(77)
    wrong = right[:10] + str((int(right[10]) + 1) % 10)
    with pytest.raises(InvalidInput, match="Prüfziffer"):
        _location(client, wrong)
    assert _location(client, right).market_location_id == right
    with pytest.raises(InvalidInput, match="schon angelegt"):
        _location(client, right)


def test_a_meter_exchange_leaves_no_gap_and_no_overlap(client):
    location = _location(client, make.market_location_id(78))
    place = services.add_metering_location(
        location=location, metering_location_id="DE" + "0" * 30 + "1", user=None, at=make.NOW
    )
    old = services.add_meter(
        place=place, new=services.NewMeter("1ALT", date(2020, 1, 1)), user=None, at=make.NOW
    )
    factor = services.NewRegister(transformer_factor=Decimal(40), digits=5)
    new = services.NewMeter("1NEU", date(2025, 5, 15), (factor,))
    hung = services.exchange_meter(old=old, new=new, user=None, at=make.NOW)
    old.refresh_from_db()
    assert (old.hangs_on(date(2025, 5, 14)), old.hangs_on(date(2025, 5, 15))) == (True, False)
    assert hung.hangs_on(date(2025, 5, 15))
    register = hung.registers.get()
    assert (register.obis_code, register.digits, register.transformer_factor) == ("1-0:1.8.0", 5, 40)
    with pytest.raises(InvalidInput, match="schon am"):
        services.remove_meter(meter=old, on=date(2025, 6, 1), user=None, at=make.NOW)


def test_a_register_is_not_corrected_without_a_reason(client):
    register = make.meter(make.market_location(client))
    with pytest.raises(InvalidInput, match="Grund"):
        services.update_register(register=register, values={"digits": 5}, reason="", user=None, at=make.NOW)
    with pytest.raises(InvalidInput, match="Wandlerfaktor"):
        services.update_register(
            register=register, values={"transformer_factor": Decimal(0)}, reason="x", user=None, at=make.NOW
        )


def test_a_revoked_mandate_leaves_the_account_to_transfer_and_a_blocked_one_does_not(client):
    supply = make.supply(client)
    mandate = make.mandate(supply.customer)
    ContractAccount.objects.filter(pk=supply.account.pk).update(
        mandate=mandate, payment_method="direct_debit"
    )
    assert services.block_mandate(mandate=mandate, reason="AC04", user=None, at=make.NOW)
    assert ContractAccount.objects.get(pk=supply.account.pk).payment_method == "direct_debit"
    assert services.revoke_mandate(mandate=mandate, reason="Widerruf am Telefon", user=None, at=make.NOW)
    account = ContractAccount.objects.get(pk=supply.account.pk)
    assert (account.mandate, account.payment_method) == (None, "transfer")
    assert (mandate.status, mandate.blocked_reason) == ("revoked", "Widerruf am Telefon")


def test_an_approval_of_nothing_known_changes_nothing(client):
    lead = make.user("lea", client, "lead")
    approval = Approval(client=client, details={"bank_accounts": [], "mandates": [], "collect": []})
    services.approve_bank_accounts(approval=approval, user=lead, at=make.NOW)
    assert not AuditEntry.objects.filter(action="bank_account_approved").exists()


def test_an_address_is_changed_in_its_place_and_checked(client):
    customer = _customer(client)
    with pytest.raises(InvalidInput, match="fünf Ziffern"):
        services.update_address(address=customer.address, values={"postal_code": "1"}, user=None, at=make.NOW)
    assert services.update_address(
        address=customer.address, values={"city": "Bochum"}, user=None, at=make.NOW
    )
    customer.address.refresh_from_db()
    assert customer.address.city == "Bochum"


def test_a_location_keeps_its_id_and_takes_new_facts(client):
    location = _location(client, make.market_location_id(79))
    for values in ({"market_location_id": "1"}, {"reading_cycle_month": 13}):
        with pytest.raises(InvalidInput):
            services.update_market_location(location=location, values=values, user=None, at=make.NOW)
    values = {"annual_forecast_kwh": 4100, "profile": "H0"}
    assert services.update_market_location(location=location, values=values, user=None, at=make.NOW)
    assert MarketLocation.objects.get().annual_forecast_kwh == 4100

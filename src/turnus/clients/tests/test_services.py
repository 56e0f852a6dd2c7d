"""Value limits, decisions and booked services of a principal."""

from datetime import date
from decimal import Decimal

import pytest

import factories as make
from turnus.clients import services
from turnus.clients.models import ApprovalThreshold, BookedService, Membership, Setting

pytestmark = pytest.mark.django_db


def test_a_decision_not_made_is_the_default_and_one_of_another_principal_does_not_count() -> None:
    a, b = make.principal("a"), make.principal("b")
    Setting.objects.create(client=b, name="split", value="days")
    assert services.setting(client_id=a.pk, name="split") == "slp"
    assert services.setting(client_id=b.pk, name="split") == "days"
    assert services.settings_of(client_id=b.pk)["split"] == "days"
    assert services.settings_of(client_id=a.pk)["bill_due_days"] == services.DEFAULTS["bill_due_days"]
    with pytest.raises(KeyError):
        services.setting(client_id=a.pk, name="unsinn")


@pytest.mark.parametrize(
    ("role", "amount", "allowed"),
    [
        ("clerk", "500.00", True),
        ("clerk", "500.01", False),
        ("clerk", "-500.01", False),
        ("lead", "4000.00", True),
        ("lead", "5000.01", False),
        ("principal", "99999.00", True),
        ("machine", "1.00", False),
    ],
)
def test_a_role_decides_up_to_its_limit(role: str, amount: str, allowed: bool) -> None:
    """Limits of the handbook: 500 € clerk, 5,000 € lead (service M07)."""
    a = make.principal("a")
    for who, limit in (("clerk", 500), ("lead", 5000)):
        ApprovalThreshold.objects.create(client=a, kind="bill_gross", role=who, amount=limit)
    assert services.thresholds(client_id=a.pk, kind="bill_gross") == {
        "clerk": Decimal("500"),
        "lead": Decimal("5000"),
    }
    someone = make.user("someone", a, role)
    assert services.role_of(client_id=a.pk, user=someone) == role
    assert (
        services.may_decide(client_id=a.pk, user=someone, kind="bill_gross", amount=Decimal(amount))
        is allowed
    )


def test_a_stranger_decides_nothing() -> None:
    a = make.principal("a")
    stranger = make.user("stranger")
    assert services.role_of(client_id=a.pk, user=stranger) is None
    assert not services.may_decide(client_id=a.pk, user=stranger, kind="bill_gross", amount=Decimal(1))


def test_a_service_is_booked_on_the_days_of_its_validity() -> None:
    a = make.principal("a")
    BookedService.objects.create(client=a, service="M05", valid=(date(2026, 1, 1), date(2026, 7, 1)))
    assert services.is_booked(client_id=a.pk, service="M05", on=date(2026, 6, 30))
    assert not services.is_booked(client_id=a.pk, service="M05", on=date(2026, 7, 1))
    assert not services.is_booked(client_id=a.pk, service="M06", on=date(2026, 6, 30))


def test_memberships_are_read_past_the_policies_only_for_the_asked_user() -> None:
    from turnus.clients.middleware import memberships_of
    from turnus.system.isolation import allow

    a, b = make.principal("a"), make.principal("b", is_active=False)
    anna = make.user("anna", a, "lead")
    make.user("ben", a)
    Membership.objects.create(client=b, user=anna, role="clerk")
    allow([])
    assert memberships_of(anna.pk) == [(a.pk, "lead")]

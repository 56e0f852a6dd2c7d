"""Isolation, numbers, runs: what every room relies on."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

import factories as make
from turnus.masterdata.models import Customer
from turnus.system import audit, numbers
from turnus.system.isolation import allow, allowed
from turnus.system.models import AuditEntry
from turnus.worklist import services as worklist
from turnus.worklist.models import Case

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_connection_that_was_told_nothing_sees_nothing() -> None:
    a = make.principal("a")
    make.customer(a)
    allow([])
    assert Customer.objects.count() == 0


def test_rows_of_another_principal_are_invisible_and_unwritable() -> None:
    a, b = make.principal("a"), make.principal("b")
    theirs = make.customer(b)
    with allowed(a.pk):
        assert not Customer.objects.filter(pk=theirs.pk).exists()
        assert Customer.objects.filter(pk=theirs.pk).update(name="gestohlen") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            make.address(b)
    theirs.refresh_from_db()
    assert theirs.name == "Muster"


def test_the_application_role_cannot_bypass_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_audit_entries_cannot_be_changed_or_deleted() -> None:
    a = make.principal("a")
    audit.record(client_id=a.pk, at=NOW, user=None, action="x", object_kind="y", object_id=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(action="z")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_numbers_are_consecutive_and_return_with_a_rollback() -> None:
    a = make.principal("a")
    assert numbers.draw(client_id=a.pk, name="bill", count=2) == ["R00000001", "R00000002"]
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        numbers.draw(client_id=a.pk, name="bill")
        raise ValueError("undo")
    assert numbers.draw(client_id=a.pk, name="bill") == ["R00000003"]


def _case(key: str) -> worklist.NewCase:
    return worklist.NewCase(kind="k", service="M02", key=key, title="t", reason="r")


def test_one_case_per_cause_even_with_many_messages() -> None:
    a = make.principal("a")
    first = worklist.open_case(client_id=a.pk, new=_case("same"), at=NOW)
    again = worklist.open_case(client_id=a.pk, new=_case("same"), at=NOW)
    assert again.pk == first.pk
    assert Case.objects.get().occurrences == 2
    worklist.close_case(case=first, user=None, at=NOW, outcome="geklärt")
    assert worklist.open_case(client_id=a.pk, new=_case("same"), at=NOW).pk != first.pk


def test_the_proposer_cannot_decide_not_even_in_the_database() -> None:
    a = make.principal("a")
    anna = make.user("anna", a)
    asked = worklist.propose(
        client_id=a.pk, kind="x", object_kind="y", object_id=1, title="t", amount=None, user=anna, at=NOW
    )
    with pytest.raises(worklist.FourEyesViolation):
        worklist.decide(approval=asked, approve=True, user=anna, at=NOW, reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        type(asked).objects.update(decided_by=anna, state="approved")

"""Set-wise writing, the audit trail, verification, the command line's remedies."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

import factories as make
from turnus.cli.main import _remedy
from turnus.system import audit, bulk, clock, isolation, numbers
from turnus.system.models import AuditEntry, NumberRange

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_rows_are_copied_under_row_level_security() -> None:
    a = make.principal("a")
    columns = ["client_id", "name", "prefix", "digits", "last"]
    assert bulk.copy_rows(NumberRange, columns, [(a.pk, f"n{i}", "", 5, i) for i in range(1000)]) == 1000
    assert (
        bulk.copy_rows(NumberRange, columns, [(a.pk, "n1", "", 5, 9)], suffix="ON CONFLICT DO NOTHING") == 0
    )
    assert NumberRange.objects.get(name="n999").last == 999


def test_copying_rows_of_a_principal_that_is_not_allowed_is_refused() -> None:
    b = make.principal("b")
    isolation.allow([])
    with pytest.raises(DatabaseError), transaction.atomic():
        bulk.copy_rows(
            NumberRange, ["client_id", "name", "prefix", "digits", "last"], [(b.pk, "x", "", 5, 0)]
        )


def test_reserved_ids_are_distinct_and_not_given_again() -> None:
    a = make.principal("a")
    ids = bulk.reserve_ids(NumberRange, 3)
    assert len(set(ids)) == 3
    assert NumberRange.objects.create(client=a, name="next").pk > max(ids)


def test_one_audit_entry_per_object_of_mass_work() -> None:
    a = make.principal("a")
    audit.record_many(
        client_id=a.pk, at=NOW, user=None, action="billed", object_kind="billing.bill", object_ids=[1, 2]
    )
    assert list(AuditEntry.objects.order_by("object_id").values_list("object_id", flat=True)) == [1, 2]


def test_an_unknown_number_range_is_refused() -> None:
    a = make.principal("a")
    with pytest.raises(numbers.UnknownRange):
        numbers.draw(client_id=a.pk, name="unsinn")


def test_the_business_date_stands_still_where_it_is_set() -> None:
    clock.set_business_date(date(2026, 10, 31))
    assert clock.today() == date(2026, 10, 31)
    assert clock.now().date() == date(2026, 10, 31)
    clock.set_business_date(None)
    assert clock.today().year >= 2026


def test_failures_of_the_surroundings_come_with_a_remedy() -> None:
    from django.db.utils import OperationalError, ProgrammingError

    assert "db migrate" in str(_remedy(ProgrammingError('relation "x" does not exist')))
    assert "antwortet nicht" in str(_remedy(OperationalError("connection refused")))
    assert _remedy(ValueError("eigener Fehler")) is None

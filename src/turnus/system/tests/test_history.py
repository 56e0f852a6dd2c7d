"""History without a subtransaction per row: the same answers as the library's own functions."""

from __future__ import annotations

import pghistory
import pytest
from django.db import connection

import factories as make
from turnus.masterdata.models import Address

pytestmark = pytest.mark.django_db
FUNCTIONS = ("_pgh_attach_context", "_pgtrigger_should_ignore")


def events(row: Address) -> list[tuple[str, object]]:
    found = pghistory.models.Events.objects.tracks(row).order_by("pgh_created_at")
    return [(event.pgh_label, (event.pgh_context or {}).get("reason")) for event in found]


def test_no_function_of_the_history_catches_errors() -> None:
    """A caught error ends a subtransaction, and that costs as much as all rows before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)", [list(FUNCTIONS)])
        sources = dict(cursor.fetchall())
    assert sources.keys() == set(FUNCTIONS)
    assert [name for name, source in sources.items() if "EXCEPTION" in source.upper()] == []


def test_changes_inside_and_outside_a_context_are_kept() -> None:
    row = make.address(make.principal("a"))
    Address.objects.filter(pk=row.pk).update(city="Bochum")
    with pghistory.context(reason="Umzug"):
        Address.objects.filter(pk=row.pk).update(street="Neue Straße")
        Address.objects.filter(pk=row.pk).update(house_number="9")
    assert sorted(events(row), key=str) == [
        ("insert", None),
        ("update", "Umzug"),
        ("update", "Umzug"),
        ("update", None),
    ]


def test_a_trigger_can_still_be_ignored() -> None:
    import pgtrigger

    row = make.address(make.principal("a"))
    with pgtrigger.ignore("masterdata.Address:update_update"):
        Address.objects.filter(pk=row.pk).update(city="Bochum")
    assert events(row) == [("insert", None)]

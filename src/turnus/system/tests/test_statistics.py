"""The planner learns of tables that mass work fills, without the application owning them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

import factories as make
from turnus.system import bulk, statistics
from turnus.system.models import NumberRange, Principal

COLUMNS = ["client_id", "name", "prefix", "digits", "last"]


def known_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::int FROM pg_class WHERE relname = 'system_numberrange'")
        return int(cursor.fetchone()[0])


def fill(client: Principal, start: int, count: int) -> None:
    bulk.copy_rows(
        NumberRange, COLUMNS, [(client.pk, f"n{i}", "", 5, 0) for i in range(start, start + count)]
    )


# What the planner knows of a table does not roll back; hence a database of its own for each test.


@pytest.mark.usefixtures("committed_db")
def test_a_table_that_has_more_than_doubled_is_looked_at_again() -> None:
    client = make.principal("a")
    fill(client, 0, 6000)
    assert known_rows() < 6000
    assert statistics.refresh() >= 1
    assert known_rows() == 6000
    fill(client, 6000, 500)
    assert statistics.refresh() == 0
    assert known_rows() == 6000
    fill(client, 6500, 15000)
    assert statistics.refresh() == 1
    assert known_rows() == 21500


@pytest.mark.usefixtures("committed_db")
def test_the_application_itself_may_not_touch_what_it_does_not_own() -> None:
    """A function of the owner is needed: PostgreSQL only warns here and does nothing."""
    client = make.principal("a")
    fill(client, 0, 3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE system_numberrange")
    assert known_rows() < 3000


def test_steps_of_powers_of_two_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    for step in range(1, 40):
        monkeypatch.setattr(statistics, "refresh", lambda step=step: asked.append(step))
        statistics.refresh_after(step)
    assert asked == [1, 2, 4, 8, 16, 32]


@pytest.mark.django_db
def test_nobody_calls_it_with_tables_of_his_own() -> None:
    """The function takes no argument and looks into the schema of Turnus only."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT turnus_refresh_statistics('pg_class')")

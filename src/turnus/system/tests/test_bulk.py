"""Set-wise writing outside of any transaction: the rows arrive all the same."""

import pytest

import factories as make
from turnus.system import bulk
from turnus.system.models import NumberRange


@pytest.mark.usefixtures("committed_db")
def test_rows_are_copied_without_a_transaction_around_it() -> None:
    client = make.principal("a")
    columns = ["client_id", "name", "prefix", "digits", "last"]
    assert bulk.copy_rows(NumberRange, columns, [(client.pk, "n", "", 5, 1)]) == 1
    assert NumberRange.objects.filter(name="n").count() == 1

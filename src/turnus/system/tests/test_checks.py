"""A number that was drawn and stands nowhere is found."""

from datetime import UTC, datetime

import pytest

import factories as make
from turnus.system import numbers
from turnus.system.checks import check_number_gaps
from turnus.worklist import services as worklist

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_drawn_number_without_its_object_is_a_gap() -> None:
    a = make.principal("a")
    for key in ("x", "y"):
        new = worklist.NewCase(kind="k", service="M02", key=key, title="t", reason="r")
        worklist.open_case(client_id=a.pk, new=new, at=NOW)
    assert check_number_gaps(client_id=a.pk) == (2, [])
    numbers.draw(client_id=a.pk, name="case")
    looked_at, findings = check_number_gaps(client_id=a.pk)
    assert (looked_at, [f.subject for f in findings]) == (3, ["F0000003"])

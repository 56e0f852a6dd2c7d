"""What metering misses is asked for the same day, once, in messages an independent validator accepts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import makotest
import pytest

import factories as make
from turnus.market.models import Interchange, Message
from turnus.market.services import send_requests
from turnus.masterdata.models import MarketLocation
from turnus.metering.services import NewRequest, request_values
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 6, tzinfo=UTC)


def ask(place: MarketLocation, kind: str, **fields: int) -> None:
    wanted = NewRequest(
        kind=kind, key=f"{kind}:{place.pk}", market_location_id=place.pk, start=date(2026, 10, 1),
        end=date(2026, 11, 1), reason="fehlt", due_on=date(2026, 11, 1), **fields,
    )  # fmt: skip
    assert request_values(client_id=place.client_id, requests=[wanted], at=AT) == 1


@pytest.mark.parametrize(
    ("commodity", "kind", "pid", "expected"),
    [
        ("electricity", "intervals", "17102", b"BGM+Z48+"),
        ("electricity", "reading", "17102", b"IMD++Z12'"),
        ("gas", "gas_quality", "17103", b"IMD++Z10'"),
        ("gas", "reading", "17102", b"DTM+163:202610010400?+00:303'"),
    ],
)
def test_each_kind_of_request(commodity: str, kind: str, pid: str, expected: bytes) -> None:
    code = "9800000000019" if commodity == "gas" else "9900000000001"
    client = make.principal(market_partner_id="9985046000001", market_partner_id_gas="9870046000001")
    grid = make.grid_operator(code, "Netz")
    place = make.market_location(client, commodity=commodity, grid_operator=grid)
    register = make.meter(place)
    ask(place, kind, **({"register_id": register.pk} if kind == "reading" else {}))
    assert send_requests(client_id=client.pk, at=AT).sent == 1
    out = Interchange.objects.get(direction="out")
    content = out.original.content
    assert expected in content
    report = makotest.validate_edifact(content.removeprefix(b"UNA:+.? '"), "2026-11-01")
    assert [finding.message for finding in report.errors] == []
    row = Message.objects.get(interchange=out)
    assert (row.type, row.pid, row.state, row.market_location) == ("ORDERS", pid, "sent", place)
    assert out.receiver == code


def test_nothing_is_asked_twice() -> None:
    client = make.principal(market_partner_id="9985046000001")
    ask(make.market_location(client), "intervals")
    assert send_requests(client_id=client.pk, at=AT).sent == 1
    assert send_requests(client_id=client.pk, at=AT).sent == 0
    assert Interchange.objects.count() == 1


def test_a_request_nobody_can_answer_becomes_a_case() -> None:
    client = make.principal(market_partner_id="9985046000001")
    place = make.market_location(client)
    MarketLocation.objects.filter(pk=place.pk).update(grid_operator=None, metering_operator=None)
    ask(place, "intervals")
    result = send_requests(client_id=client.pk, at=AT)
    assert result.sent == 0
    assert "kein Marktpartner" in result.impossible[0]
    case = Case.objects.get(kind="request_impossible")
    assert case.service == "M01"
    user = make.user("anna", client)
    with pytest.raises(ValueError, match="besteht noch"):
        run_action(case=case, name="send", user=user, at=AT, form={})
    MarketLocation.objects.filter(pk=place.pk).update(grid_operator=make.grid_operator())
    assert "1 Anforderungen" in run_action(case=case, name="send", user=user, at=AT, form={})

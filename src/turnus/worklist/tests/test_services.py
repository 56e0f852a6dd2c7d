"""Cases and approvals: one per cause, executable solutions, four eyes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

import factories as make
from turnus.project import handlers
from turnus.system.models import AuditEntry
from turnus.worklist import services
from turnus.worklist.models import Approval, Case, CaseNote

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def _new(key: str, kind: str = "test.case") -> services.NewCase:
    return services.NewCase(kind=kind, service="M02", key=key, title=f"Fall {key}", reason="weil")


def _solve(*, case: Case, user: Any, at: datetime, form: Mapping[str, str]) -> str:
    if not form.get("wert"):
        raise ValueError("Ohne Wert geht es nicht.")
    return f"gelöst mit {form['wert']}"


SOLVE = services.CaseAction("solve", "Lösen", _solve, {"wert": "Wert"})
carried: list[int] = []


def _carry_out(*, approval: Approval, user: Any, at: datetime) -> None:
    carried.append(approval.object_id)


def _forbid(*, approval: Approval, user: Any, at: datetime) -> None:
    raise PermissionError("über der Wertgrenze")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    real = services.import_string
    local = {"here.SOLVE": SOLVE, "here.carry": _carry_out, "here.forbid": _forbid}
    monkeypatch.setattr(services, "import_string", lambda path: local[path] if path in local else real(path))
    monkeypatch.setitem(handlers.CASE_ACTIONS, "test.case", ["here.SOLVE"])
    monkeypatch.setitem(handlers.APPROVAL_HANDLERS, "test.approval", "here.carry")
    monkeypatch.setitem(handlers.APPROVAL_HANDLERS, "test.forbidden", "here.forbid")
    carried.clear()


def test_many_cases_at_once_keep_their_order_and_share_causes() -> None:
    a = make.principal("a")
    cases = services.open_cases(client_id=a.pk, new=[_new("x"), _new("y"), _new("x")], at=NOW)
    assert [c.key for c in cases] == ["x", "y", "x"]
    assert Case.objects.count() == 2
    assert sorted(c.number for c in Case.objects.all()) == ["F0000001", "F0000002"]


def test_a_cause_that_goes_away_closes_its_case() -> None:
    a = make.principal("a")
    case = services.open_case(client_id=a.pk, new=_new("x"), at=NOW)
    assert services.close_cause(client_id=a.pk, key="x", at=NOW, outcome="Wert ist da")
    assert not services.close_cause(client_id=a.pk, key="x", at=NOW, outcome="nochmal")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("done", "Wert ist da")


def test_a_solution_runs_from_the_case_and_closes_it() -> None:
    a = make.principal("a")
    anna = make.user("anna", a)
    case = services.open_case(client_id=a.pk, new=_new("x"), at=NOW)
    assert [action.label for action in services.actions_of(case)] == ["Lösen"]
    with pytest.raises(ValueError, match="Ohne Wert"):
        services.run_action(case=case, name="solve", user=anna, at=NOW, form={})
    case.refresh_from_db()
    assert case.state == "open"
    assert (
        services.run_action(case=case, name="solve", user=anna, at=NOW, form={"wert": "7"}) == "gelöst mit 7"
    )
    assert (case.state, case.closed_by) == ("done", anna)
    assert AuditEntry.objects.get(action="case_closed").text == "gelöst mit 7"


def test_an_unknown_solution_and_a_closed_case_are_refused() -> None:
    a = make.principal("a")
    anna = make.user("anna", a)
    case = services.open_case(client_id=a.pk, new=_new("x"), at=NOW)
    with pytest.raises(services.UnknownAction):
        services.run_action(case=case, name="zaubern", user=anna, at=NOW, form={})
    services.close_case(case=case, user=anna, at=NOW, outcome="ok")
    with pytest.raises(services.AlreadyDecided):
        services.close_case(case=case, user=anna, at=NOW, outcome="ok")


def test_assigning_a_case_leaves_a_note() -> None:
    a = make.principal("a")
    anna = make.user("anna", a)
    case = services.open_case(client_id=a.pk, new=_new("x"), at=NOW)
    services.assign_case(case=case, owner=anna, user=anna, at=NOW, due_on=date(2026, 2, 1))
    assert (case.owner, case.due_on) == (anna, date(2026, 2, 1))
    services.add_note(case=case, user=anna, at=NOW, text="angerufen")
    assert list(CaseNote.objects.values_list("text", flat=True)) == ["Zuständig: Anna Muster", "angerufen"]


def _ask(kind: str, client_id: int, user: Any) -> Approval:
    return services.propose(
        client_id=client_id, kind=kind, object_kind="test.object", object_id=7, title="Auszahlung",
        amount=Decimal("120.00"), user=user, at=NOW,
    )  # fmt: skip


def test_an_approved_matter_is_carried_out_once() -> None:
    a = make.principal("a")
    anna, ben = make.user("anna", a), make.user("ben", a, "lead")
    asked = _ask("test.approval", a.pk, anna)
    done = services.decide(approval=asked, approve=True, user=ben, at=NOW, reason="in Ordnung")
    assert (done.state, done.decided_by, carried) == ("approved", ben, [7])
    with pytest.raises(services.AlreadyDecided):
        services.decide(approval=asked, approve=True, user=ben, at=NOW, reason="")


def test_a_rejected_matter_is_not_carried_out() -> None:
    a = make.principal("a")
    anna, ben = make.user("anna", a), make.user("ben", a, "lead")
    done = services.decide(
        approval=_ask("test.approval", a.pk, anna), approve=False, user=ben, at=NOW, reason="zu hoch"
    )
    assert (done.state, carried) == ("rejected", [])


def test_a_handler_that_refuses_leaves_the_matter_open() -> None:
    a = make.principal("a")
    anna, ben = make.user("anna", a), make.user("ben", a)
    asked = _ask("test.forbidden", a.pk, anna)
    with pytest.raises(PermissionError):
        services.decide(approval=asked, approve=True, user=ben, at=NOW, reason="")
    asked.refresh_from_db()
    assert asked.state == "open"

"""Months are locked when they are over and reopened only with a reason and by a second person."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

import factories as make
from turnus.cli.ledger import app
from turnus.ledger import checks, queries, services
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.models import Journal, PostingPeriod, Subaccount
from turnus.ledger.services.periods import open_unlock
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry
from turnus.worklist.models import Approval
from turnus.worklist.services import FourEyesViolation, decide

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
NINETEEN = Decimal(19)


class House:
    """A principal with one bill of 1,209.28 in November and one of 119.00 in December."""

    def __init__(self) -> None:
        self.client = make.principal("stadtwerk-a")
        self.pk = self.client.pk
        services.seed_accounts(client_id=self.pk)
        self.clerk = make.user("karla", self.client)
        self.lead = make.user("lena", self.client, "lead")
        self.boss = make.user("otto", self.client, "principal")
        self.bill("bill:1", 120928, 19308, date(2026, 11, 2))
        self.bill("bill:2", 11900, 1900, TODAY)

    def bill(self, key: str, gross: int, vat: int, day: date) -> None:
        accounts = services.account_table(client_id=self.pk)
        sub, _ = Subaccount.objects.get_or_create(client=self.client, number="00000001")
        legs = (
            LegDraft(accounts.of("receivable"), gross, sub.pk),
            LegDraft(accounts.of("revenue", "", NINETEEN), vat - gross, vat_percent=NINETEEN),
            LegDraft(accounts.of("output_vat", "", NINETEEN), -vat, vat_percent=NINETEEN),
        )
        draft = JournalDraft(key, "bill", day, day, legs, reference=key, text="Rechnung")
        services.post_many(client_id=self.pk, journals=[draft], user=None, at=NOW)

    def lock(self, month: str = "2026-11", **changes: object) -> PostingPeriod:
        values = {"month": month, "today": TODAY, "user": self.lead, "at": NOW, **changes}
        return services.lock_period(client_id=self.pk, **values)  # type: ignore[arg-type]

    def ask(self, **changes: object) -> Approval:
        values = {"month": "2026-11", "user": self.lead, "at": NOW, "reason": "Nachbuchung", **changes}
        return services.propose_unlock(client_id=self.pk, **values)  # type: ignore[arg-type]


@pytest.fixture
def house(db: None) -> House:
    return House()


def test_the_figures_of_a_month(house: House) -> None:
    november, december = queries.periods(client_id=house.pk)[::-1]
    assert (november.month, november.is_locked, november.figures.journals) == ("2026-11", False, 1)
    # receivable 1,209.28; revenue 1,016.20; VAT 193.08
    assert november.figures.sums == {"asset": 120928, "income": -101620, "liability": -19308}
    assert november.figures.debit_cents == 120928
    assert november.figures.last_text == "Rechnung bill:1"
    assert december.figures.sums["asset"] == 11900
    sums = queries.account_sums(client_id=house.pk, month="2026-11")
    assert [(row.number, row.debit_cents, row.credit_cents) for row in sums] == [
        ("1400", 120928, 0),
        ("1776", 0, 19308),
        ("8400", 0, 101620),
    ]
    assert sum(row.balance_cents for row in sums) == 0
    assert queries.period_figures(client_id=house.pk, months=["2026-10"])["2026-10"] == queries.NOTHING


def test_a_locked_month_takes_nothing_and_keeps_its_figures(house: House) -> None:
    period = house.lock()
    assert (period.is_locked, period.locked_by, period.locked_at) == (True, house.lead, NOW)
    with pytest.raises(IntegrityError, match="gesperrt"), transaction.atomic():
        house.bill("bill:3", 119, 19, date(2026, 11, 30))
    assert queries.periods(client_id=house.pk)[1].figures.journals == 1
    assert checks.check_locked_periods(client_id=house.pk) == (1, [])
    PostingPeriod.objects.filter(pk=period.pk).update(figures={**period.figures, "journals": 2})
    (finding,) = checks.check_locked_periods(client_id=house.pk)[1]
    assert finding.subject == "2026-11"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"month": "2026-12"}, ValueError, "noch nicht vorbei"),
        ({"month": "2026-11", "today": date(2026, 11, 30)}, ValueError, "noch nicht vorbei"),
        ({"month": "2026-13"}, ValueError, "kein Monat"),
        ({"month": "November"}, ValueError, "kein Monat"),
    ],
)
def test_what_cannot_be_locked_says_why(
    house: House, changes: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        house.lock(**changes)  # type: ignore[arg-type]
    assert not PostingPeriod.objects.filter(is_locked=True).exists()


def test_clerks_neither_lock_nor_reopen(house: House) -> None:
    with pytest.raises(PermissionError, match="Teamleitung"):
        house.lock(user=house.clerk)
    house.lock()
    with pytest.raises(ValueError, match="schon gesperrt"):
        house.lock()
    with pytest.raises(PermissionError, match="Teamleitung"):
        house.ask(user=house.clerk)


def test_reopening_takes_a_reason_and_a_second_person(house: House) -> None:
    with pytest.raises(ValueError, match="nicht gesperrt"):
        house.ask()
    house.lock()
    with pytest.raises(ValueError, match="Begründung"):
        house.ask(reason=" ")
    approval = house.ask()
    with pytest.raises(ValueError, match="schon vorgeschlagen"):
        house.ask()
    with pytest.raises(FourEyesViolation):
        decide(approval=approval, approve=True, user=house.lead, at=NOW, reason="")
    with pytest.raises(PermissionError), transaction.atomic():
        services.approve_unlock(approval=approval, user=house.clerk, at=NOW)
    decide(approval=approval, approve=True, user=house.boss, at=NOW, reason="ja")
    period = PostingPeriod.objects.get(month="2026-11")
    assert (period.is_locked, period.unlocked_by, period.unlock_proposed_by) == (
        False,
        house.boss,
        house.lead,
    )
    assert open_unlock(period) is None
    house.bill("bill:3", 11900, 1900, date(2026, 11, 30))
    assert house.lock().figures["journals"] == 2
    trail = AuditEntry.objects.filter(object_kind="ledger.postingperiod").order_by("id")
    assert list(trail.values_list("action", "user__username", "text")) == [
        ("period_locked", "lena", ""),
        ("approval_approved", "otto", "ja"),
        ("period_reopened", "otto", "Nachbuchung"),
        ("period_locked", "lena", ""),
    ]


def _reopen(period: PostingPeriod, **fields: object) -> Callable[[], object]:
    return lambda: PostingPeriod.objects.filter(pk=period.pk).update(is_locked=False, **fields)


def test_the_database_itself_demands_two_persons(house: House) -> None:
    period = house.lock()
    attacks = {
        "nobody": _reopen(period),
        "one person": _reopen(period, unlocked_by=house.boss, unlocked_at=NOW),
        "twice the same": _reopen(
            period, unlocked_by=house.boss, unlock_proposed_by=house.boss, unlocked_at=NOW
        ),
        "deleted": lambda: PostingPeriod.objects.filter(pk=period.pk)._raw_delete("default"),
        "renamed": lambda: PostingPeriod.objects.filter(pk=period.pk).update(month="2027-01"),
    }
    for name, attack in attacks.items():
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
            pytest.fail(name)
    # An old reopening does not count for a new one.
    decide(approval=house.ask(), approve=True, user=house.boss, at=NOW, reason="ja")
    house.lock()
    with pytest.raises(DatabaseError), transaction.atomic():
        _reopen(period)()
    assert PostingPeriod.objects.get(pk=period.pk).is_locked


def test_the_lead_locks_and_the_principal_reopens_on_screen(house: House) -> None:
    set_business_date(TODAY)
    period = PostingPeriod.objects.get(month="2026-11")
    journal = Journal.objects.get(idem_key="bill:1")
    browsers = {}
    for user in (house.clerk, house.lead, house.boss):
        browsers[user.username] = Client()
        browsers[user.username].force_login(user)
    page = reverse("ledger:postingperiod", args=[period.pk])
    lock, unlock = (reverse(f"ledger:period_{word}", args=[period.pk]) for word in ("lock", "unlock"))
    listed = browsers["karla"].get(reverse("ledger:periods")).content.decode()
    assert "2026-11" in listed and "1.209,28" in listed
    assert browsers["karla"].post(lock).status_code == 403
    assert browsers["karla"].post(unlock, {"reason": "x"}).status_code == 403
    assert lock not in browsers["karla"].get(page).content.decode(), "what clerks may not do is not offered"
    assert lock in browsers["lena"].get(page).content.decode()
    assert "gesperrt" in browsers["lena"].post(lock, follow=True).content.decode()
    assert (
        "braucht eine Begründung"
        in browsers["lena"].post(unlock, {"reason": ""}, follow=True).content.decode()
    )
    browsers["lena"].post(unlock, {"reason": "Nachbuchung"})
    assert "bittet um das Wiederöffnen" in browsers["otto"].get(page).content.decode()
    allow([house.pk])
    decision = reverse("worklist:approval_decide", args=[Approval.objects.get().pk])
    for name, locked in (("lena", True), ("karla", True), ("otto", False)):
        browsers[name].post(decision, {"decision": "approve", "reason": "gut"})
        allow([house.pk])
        assert PostingPeriod.objects.get(pk=period.pk).is_locked is locked, name
    shown = browsers["otto"].get(page).content.decode()
    assert "wieder geöffnet" in shown and "Rechnung" in shown
    legs = browsers["karla"].get(reverse("ledger:journal", args=[journal.pk])).content.decode()
    assert "1.016,20" in legs and "193,08" in legs
    jump = browsers["karla"].get(reverse("ledger:periods") + "?monat=2026-11")
    assert jump["Location"] == page


def test_periods_from_the_command_line(committed_db: str) -> None:
    house = House()
    set_business_date(TODAY)

    def call(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments, "--principal", "stadtwerk-a"])
        return done.exit_code, done.output

    code, output = call("periods", "--json")
    assert code == 0
    assert [(row["month"], row["locked"], row["journals"]) for row in json.loads(output)] == [
        ("2026-12", False, 1),
        ("2026-11", False, 1),
    ]
    assert call("lock", "2026-11", "--user", "karla")[0] == 1
    assert call("lock", "2026-12", "--user", "lena")[0] == 1
    assert call("lock", "2026-11", "--user", "lena", "--reason", "UStVA abgegeben")[0] == 0
    assert "gesperrt" in call("periods")[1]
    reopen = ("unlock", "2026-11", "--reason", "Nachbuchung")
    assert "Vorgeschlagen" in call(*reopen, "--user", "lena")[1]
    assert call(*reopen, "--user", "lena")[0] == 1, "the proposer cannot decide"
    assert call(*reopen, "--user", "otto") == (
        0,
        f"2026-11 ist wieder offen (vorgeschlagen von {house.lead}).\n",
    )
    assert call("unlock", "2026-11", "--reason", "x", "--user", "niemand")[0] == 2

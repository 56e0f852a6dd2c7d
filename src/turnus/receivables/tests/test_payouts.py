"""Money nobody can place: owner and escalation after ten days, the way back to its sender (service M17)."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from lxml import etree
from typer.testing import CliRunner

import factories as make
from bank_story import DAY, HOUSE, NOW, PAYER, Story
from turnus.cli.receivables import app
from turnus.clients.models import ApprovalThreshold
from turnus.ledger.queries import balances
from turnus.receivables import services
from turnus.receivables.files.camt053_writer import Payment
from turnus.receivables.files.pain001_records import NAMESPACE
from turnus.receivables.files.pain001_rules import check_pain001
from turnus.receivables.models import Payout, PayoutFile, StatementEntry
from turnus.receivables.queries import suspense_report
from turnus.system.clock import set_business_date
from turnus.system.isolation import allow
from turnus.system.models import AuditEntry
from turnus.worklist.models import Approval, Case
from turnus.worklist.services import FourEyesViolation, decide

STRANGER = Payment(Decimal("50.00"), name="Erna Fremd", iban=PAYER, remittance="Miete November")


class Returns(Story):
    """The story of a stranger's money. Amounts in euros."""

    def stranger(self, **changes: object) -> StatementEntry:
        self.take(self.statement(replace(STRANGER, **changes)))  # type: ignore[arg-type]
        return StatementEntry.objects.latest("id")

    def proposed(self, entry: StatementEntry) -> Approval:
        return services.propose_return(
            entry_id=entry.pk, name="Erna Fremd", remittance="nicht zuzuordnen", user=self.clerk, at=NOW
        )

    def approved(self, entry: StatementEntry) -> Payout:
        decide(approval=self.proposed(entry), approve=True, user=self.lead, at=NOW, reason="ok")
        return Payout.objects.get(entry=entry, state="approved")

    def filed(self) -> PayoutFile:
        return services.create_payout_file(client_id=self.client.pk, today=DAY, user=self.lead, at=NOW)

    def money(self) -> tuple[str, str, str]:
        """(bank, suspense, in transit)"""
        found = balances(client_id=self.client.pk)
        return tuple(f"{found.get(number, Decimal(0)):.2f}" for number in ("1200", "1792", "1361"))  # type: ignore[return-value]


@pytest.fixture
def story(db: None) -> Returns:
    return Returns()


def test_money_goes_back_step_by_step_and_the_statement_clears_it(story: Returns) -> None:
    entry = story.stranger()
    assert story.money() == ("50.00", "-50.00", "0.00")
    story.proposed(entry)
    assert story.money() == ("50.00", "-50.00", "0.00"), "a proposal moves nothing"
    decide(approval=Approval.objects.get(), approve=True, user=story.lead, at=NOW, reason="ok")
    payout = Payout.objects.get()
    entry.refresh_from_db()
    assert (entry.state, payout.iban, payout.number) == ("refunded", PAYER, "AZ0000001")
    assert story.money() == ("50.00", "0.00", "-50.00")
    story.verify()
    file = story.filed()
    assert (file.number, file.count, file.total_cents) == ("UE000001", 1, 5000)
    assert story.money() == ("50.00", "0.00", "-50.00"), "a file moves nothing either"
    debit = Payment(Decimal("-50.00"), name="Erna Fremd", iban=PAYER, end_to_end_id=payout.number)
    content = story.statement(debit)
    story.take(content)
    payout.refresh_from_db()
    assert payout.state == "settled"
    assert payout.settled_by is not None
    assert (payout.settled_by.state, payout.settled_by.rung) == ("allocated", "payout")
    assert story.money() == ("0.00", "0.00", "0.00")
    story.take(content)
    assert story.money() == ("0.00", "0.00", "0.00"), "the same statement twice changes nothing"
    story.verify()


def test_the_file_names_sender_amount_and_that_it_is_a_transfer_back(story: Returns) -> None:
    story.approved(story.stranger(remittance="Grüße"))
    content = story.filed().original.content
    assert check_pain001(io.BytesIO(content)) == []
    names = {"p": NAMESPACE}
    tree = etree.fromstring(content)
    wanted = {
        "//p:CdtrAcct//p:IBAN": PAYER, "//p:DbtrAcct//p:IBAN": HOUSE, "//p:InstdAmt": "50.00",
        "//p:EndToEndId": "AZ0000001", "//p:Purp/p:Cd": "RRCT", "//p:Ustrd": "nicht zuzuordnen",
        "//p:ReqdExctnDt/p:Dt": "2026-11-09", "//p:GrpHdr/p:MsgId": "UE000001",
    }  # fmt: skip
    assert {path: tree.xpath(f"string({path})", namespaces=names) for path in wanted} == wanted


def test_several_payouts_booked_as_one_sum_are_all_cleared(story: Returns) -> None:
    for amount in ("50.00", "7.00"):
        story.approved(story.stranger(amount=Decimal(amount), remittance=f"x{amount}"))
    file = story.filed()
    story.take(story.statement(Payment(Decimal("-57.00")), batch_id=file.number))
    assert set(Payout.objects.values_list("state", flat=True)) == {"settled"}
    assert story.money() == ("0.00", "0.00", "0.00")
    story.verify()


@pytest.mark.parametrize(
    ("amount", "reference"), [("-49.99", "AZ0000001"), ("-50.00", "AZ9999999"), ("-50.00", "NOTPROVIDED")]
)
def test_a_debit_that_is_not_ours_in_full_is_for_a_clerk(story: Returns, amount: str, reference: str) -> None:
    story.approved(story.stranger())
    story.filed()
    story.take(story.statement(Payment(Decimal(amount), end_to_end_id=reference)))
    assert StatementEntry.objects.latest("id").state == "suspense"
    assert Payout.objects.get().state == "in_file"
    story.verify()


def test_a_debit_before_the_file_is_none_of_ours(story: Returns) -> None:
    payout = story.approved(story.stranger())
    story.take(story.statement(Payment(Decimal("-50.00"), end_to_end_id=payout.number)))
    payout.refresh_from_db()
    assert payout.state == "approved"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iban": ""}, "nennt keine IBAN des Absenders"),
        ({"iban": "DE02500105170137075031"}, "IBAN des Absenders ist falsch"),
        ({"iban": HOUSE}, "eigenen Konto"),
        ({"amount": Decimal("-50.00")}, "Eine Belastung"),
    ],
)
def test_what_cannot_go_back_is_refused_with_what_to_do(
    story: Returns, changes: dict[str, object], message: str
) -> None:
    entry = story.stranger(**changes)
    # The import already leaves the principal's own account out; the service does not rely on it.
    StatementEntry.objects.update(iban=changes.get("iban", PAYER))
    with pytest.raises(ValueError, match=message):
        story.proposed(entry)
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("name", "text", "message"), [("你好", "x", "Empfänger"), ("x", " ", "Verwendungszweck")]
)
def test_a_name_or_text_no_bank_can_read_is_refused(
    story: Returns, name: str, text: str, message: str
) -> None:
    entry = story.stranger()
    with pytest.raises(ValueError, match=message):
        services.propose_return(entry_id=entry.pk, name=name, remittance=text, user=story.clerk, at=NOW)


def test_nobody_decides_on_his_own_proposal_or_above_his_limit(story: Returns) -> None:
    approval = story.proposed(story.stranger())
    with pytest.raises(FourEyesViolation):
        decide(approval=approval, approve=True, user=story.clerk, at=NOW, reason="")
    second = make.user("klaus", story.client)
    with pytest.raises(PermissionError, match="Teamleitung"), transaction.atomic():
        decide(approval=approval, approve=True, user=second, at=NOW, reason="")
    for role, amount in (("clerk", "49.99"), ("lead", "2000")):
        ApprovalThreshold.objects.create(
            client=story.client, kind="payout", role=role, amount=Decimal(amount)
        )
    with pytest.raises(PermissionError, match="Wertgrenze"), transaction.atomic():
        services.approve_return(approval=approval, user=second, at=NOW)
    ApprovalThreshold.objects.filter(role="clerk").update(amount=Decimal("50.00"))
    decide(approval=approval, approve=True, user=second, at=NOW, reason="")
    assert Payout.objects.get().approved_by == second


def test_a_proposal_blocks_assigning_and_a_rejection_frees_it(story: Returns) -> None:
    entry = story.stranger()
    item = story.bill(story.payer(), "R00000001", "50.00")
    approval = story.proposed(entry)
    parts = [(item.pk, Decimal("50.00"))]
    with pytest.raises(ValueError, match="schon vorgeschlagen"):
        story.proposed(entry)
    with pytest.raises(ValueError, match="Rücküberweisung dieser Zahlung ist vorgeschlagen"):
        services.assign(entry_id=entry.pk, parts=parts, user=story.clerk, at=NOW)
    decide(approval=approval, approve=False, user=story.lead, at=NOW, reason="gehört zu R1")
    services.assign(entry_id=entry.pk, parts=parts, user=story.clerk, at=NOW)
    with pytest.raises(ValueError, match="nicht ungeklärt"):
        story.proposed(entry)
    assert not Payout.objects.exists()
    story.verify()


def test_before_the_file_it_can_be_taken_back_and_returned_again(story: Returns) -> None:
    entry = story.stranger()
    payout = story.approved(entry)
    with pytest.raises(ValueError, match="Grund"):
        services.cancel_payout(payout_id=payout.pk, reason=" ", user=story.clerk, at=NOW)
    services.cancel_payout(payout_id=payout.pk, reason="Kunde gefunden", user=story.clerk, at=NOW)
    entry.refresh_from_db()
    assert (entry.state, story.money()) == ("suspense", ("50.00", "-50.00", "0.00"))
    story.verify()
    with pytest.raises(ValueError, match="keine freigegebene Auszahlung"):
        story.filed()
    story.approved(entry)
    story.filed()
    with pytest.raises(ValueError, match="solange sie in keiner Datei steht"):
        services.cancel_payout(
            payout_id=Payout.objects.latest("id").pk, reason="zu spät", user=story.clerk, at=NOW
        )
    trail = AuditEntry.objects.filter(action__startswith="payout").order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "payout_approved", "payout_cancelled", "payout_approved", "payout_file_created",
    ]  # fmt: skip


def test_the_database_never_pays_twice_nor_elsewhere(story: Returns) -> None:
    payout = story.approved(story.stranger())
    story.filed()
    payout.refresh_from_db()
    twin = {
        field.attname: getattr(payout, field.attname) for field in Payout._meta.concrete_fields
    } | {"id": None, "number": "AZ2", "state": "approved", "file_id": None}  # fmt: skip
    other = story.stranger(amount=Decimal("7.00"), remittance="anderes")
    attacks = [
        ("entry_returned_once", lambda: Payout.objects.create(**twin)),
        ("Betrag auf das Konto", lambda: Payout.objects.create(**{**twin, "entry_id": other.pk})),
        (
            "Betrag auf das Konto",
            lambda: Payout.objects.create(
                **{**twin, "entry_id": other.pk, "amount_cents": 700, "iban": HOUSE}
            ),
        ),
        (
            "payout_four_eyes",
            lambda: Payout.objects.create(**{**twin, "approved_by_id": twin["proposed_by_id"]}),
        ),
        ("endgültig", lambda: Payout.objects.update(amount_cents=1)),
        ("endgültig", lambda: Payout.objects.update(state="approved", file=None)),
        ("unveränderlich", lambda: Payout.objects.filter(pk=payout.pk)._raw_delete("default")),
        ("payout_settled_by_debit", lambda: Payout.objects.update(state="settled")),
    ]
    for expected, attack in attacks:
        with pytest.raises(IntegrityError, match=expected), transaction.atomic():
            attack()  # type: ignore[no-untyped-call]
    with pytest.raises(ValueError, match="keine freigegebene"):
        story.filed()
    assert PayoutFile.objects.count() == 1


def test_after_ten_days_money_has_an_owner_and_later_the_lead(story: Returns) -> None:
    entry, taken = story.stranger(), story.stranger(amount=Decimal("7.00"), remittance="anderes")
    services.take_over(entry_id=taken.pk, owner=story.clerk)
    for days, opened in ((10, 0), (11, 2), (12, 0)):
        on = DAY + timedelta(days=days)
        assert services.escalate_suspense(client_id=story.client.pk, on=on, at=NOW) == opened, days
    entry.refresh_from_db()
    assert entry.owner == story.lead, "who has no owner gets one"
    owners = dict(Case.objects.filter(service="M17").values_list("object_id", "owner__username"))
    assert owners == {entry.pk: "lena", taken.pk: "karla"}
    late = DAY + timedelta(days=14)
    for _ in range(2):
        services.escalate_suspense(client_id=story.client.pk, on=late, at=NOW)
    case = Case.objects.get(object_id=taken.pk)
    assert (case.owner, case.priority) == (story.lead, Case.Priority.HIGH)
    assert [note.text for note in case.notes.all()] == [
        f"Frist {DAY + timedelta(days=13):%d.%m.%Y} verstrichen: eskaliert an {story.lead}."
    ]
    report = suspense_report(client_id=story.client.pk, on=late)
    assert [(line.cents, line.days, line.owner, line.case) for line in report] == [
        (5000, 14, str(story.lead), Case.objects.get(object_id=entry.pk).number),
        (700, 14, str(story.lead), case.number),
    ]
    story.approved(entry)
    assert Case.objects.get(object_id=entry.pk).state == "done"


def test_the_clerk_proposes_the_lead_decides_and_the_bank_gets_its_file(story: Returns) -> None:
    set_business_date(DAY + timedelta(days=11))
    entry = story.stranger()
    clerk, lead = Client(), Client()
    clerk.force_login(story.clerk)
    lead.force_login(story.lead)
    listed = clerk.get(reverse("receivables:suspense") + "?overdue=on").content.decode()
    assert "Erna Fremd" in listed
    assert "länger als 10 Tage" in listed
    page = reverse("receivables:statemententry", args=[entry.pk])
    shown = clerk.get(page).content.decode()
    assert "Ihre Zahlung vom 09.11.2026 ist nicht zuzuordnen: Miete November" in shown
    send_back = reverse("receivables:send_back", args=[entry.pk])
    assert clerk.post(send_back, {"name": "", "remittance": ""}).status_code == 422
    assert clerk.post(send_back, {"name": "Erna Fremd", "remittance": "zurück"}).status_code == 302
    assert "wartet auf eine zweite Person" in clerk.get(page).content.decode()
    allow([story.client.pk])
    approval = Approval.objects.get()
    answer = {"decision": "approve", "reason": "ist nicht unser Kunde"}
    decision = reverse("worklist:approval_decide", args=[approval.pk])
    assert PAYER in clerk.get(reverse("worklist:approval", args=[approval.pk])).content.decode()
    clerk.post(decision, answer)
    allow([story.client.pk])
    assert not Payout.objects.exists()
    lead.post(decision, answer)
    allow([story.client.pk])
    payout = Payout.objects.get()
    assert payout.number in lead.get(reverse("receivables:payouts")).content.decode()
    assert "Zurücknehmen" in lead.get(reverse("receivables:payout", args=[payout.pk])).content.decode()
    lead.post(reverse("receivables:payout_file_new"))
    allow([story.client.pk])
    file = PayoutFile.objects.select_related("original").get()
    got = lead.get(reverse("receivables:payoutfile", args=[file.pk]))
    assert got.content == file.original.content
    assert file.number in lead.get(reverse("receivables:payout_files")).content.decode()
    late = lead.post(reverse("receivables:payout_cancel", args=[payout.pk]), {"reason": "doch"}, follow=True)
    assert "in keiner Datei" in late.content.decode()


def test_principals_look_but_do_not_move_money(story: Returns) -> None:
    set_business_date(DAY)
    payout = story.approved(story.stranger())
    entry = story.stranger(remittance="anderes")
    boss = Client()
    boss.force_login(make.user("otto", story.client, "principal"))
    assert boss.get(reverse("receivables:payouts")).status_code == 200
    for name, args in (
        ("payout_file_new", []),
        ("payout_cancel", [payout.pk]),
        ("send_back", [entry.pk]),
    ):
        assert boss.post(reverse(f"receivables:{name}", args=args)).status_code == 403, name


def test_report_and_file_from_the_command_line(committed_db: str, tmp_path: object) -> None:
    story = Returns()
    set_business_date(date(2026, 11, 20))
    story.stranger()
    asked = CliRunner().invoke(app, ["suspense", "--principal", "stadtwerk-a", "--json"])
    assert asked.exit_code == 0, asked.output
    (line,) = json.loads(asked.stdout)
    assert (line["cents"], line["days"], line["booked"]) == (5000, 11, "2026-11-09")
    assert "Erna Fremd" in CliRunner().invoke(app, ["suspense", "--principal", "stadtwerk-a"]).stdout
    story.approved(StatementEntry.objects.get())
    out = f"{tmp_path}/datei.xml"
    arguments = ["payout-file", "--principal", "stadtwerk-a", "--user", "lena", "--out", out]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "UE000001: 1 Überweisungen über 50,00 €" in done.stdout
    with open(out, "rb") as file:  # noqa: PTH123
        assert check_pain001(file) == []
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert "keine freigegebene Auszahlung" in again.output

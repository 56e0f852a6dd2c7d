"""Every command finds its principal and its user the same way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

import factories as make
from turnus.cli import bank, billing, csv_import, inbox
from turnus.clients.services import machine_user
from turnus.masterdata.models import BankAccount, Mandate
from turnus.system.isolation import allow
from turnus.system.models import Principal, User
from turnus.worklist.models import Approval

RUNNER = CliRunner()
ACCOUNTS = (
    "kundennummer;iban;kontoinhaber;mandatsreferenz;unterschrieben_am;verfahren;zuletzt_genutzt\n"
    "K1;DE02120300000000202051;Erika Muster;M1;01.12.2024;Basis;\n"
)
UNKNOWN = "Den Auftraggeber „niemand“ gibt es nicht (angelegt: stadtwerk-a)."


@pytest.fixture
def principal(committed_db: str) -> Principal:
    return make.principal("stadtwerk-a", name="Stadtwerk A")


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "konten.csv"
    path.write_text(ACCOUNTS, encoding="utf-8")
    return path


Command = tuple[typer.Typer, Callable[[Path], list[str]]]
COMMANDS: list[Command] = [
    (inbox.app, lambda path: [str(path)]),
    (bank.app, lambda path: ["import", str(path)]),
    (billing.app, lambda path: ["run", "--until", "2025-12-31"]),
    (billing.app, lambda path: ["missing", "--until", "2025-12-31"]),
    (billing.app, lambda path: ["instalments", "--until", "2025-12-31"]),
    (billing.app, lambda path: ["rebills", "--since", "2025-12-31"]),
    (csv_import.app, lambda path: ["bank_accounts", str(path)]),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_principal_ends_every_command_alike(
    principal: Principal, accounts: Path, command: Command
) -> None:
    app, arguments = command
    outcome = RUNNER.invoke(app, [*arguments(accounts), "--principal", "niemand"])
    assert outcome.exit_code == 2
    assert UNKNOWN in outcome.output


@pytest.mark.parametrize("name", ["stadtwerk-a", "Stadtwerk A"])
def test_a_principal_goes_by_short_name_or_full_name(principal: Principal, name: str) -> None:
    for command in (["missing", "--until", "2025-12-31"], ["rebills", "--since", "2025-12-31"]):
        assert RUNNER.invoke(billing.app, [*command, "--principal", name]).exit_code == 0


def test_imported_bank_accounts_lie_in_the_inbox_without_a_user(principal: Principal, accounts: Path) -> None:
    """The command's machine user is the first pair of eyes, any clerk the second."""
    make.customer(principal, number="K1")
    clerk = make.user("anna", principal)
    done = RUNNER.invoke(
        csv_import.app, ["bank_accounts", str(accounts), "--principal", "stadtwerk-a", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["new"] == 1
    allow([principal.pk])
    approval = Approval.objects.get()
    assert (approval.proposed_by.username, approval.state) == ("import", "open")
    assert not approval.proposed_by.is_active and not approval.proposed_by.has_usable_password()
    assert Mandate.objects.get().status == "blocked"

    browser = Client()
    browser.force_login(clerk)
    assert approval.title in browser.get(reverse("worklist:approvals")).content.decode()
    url = reverse("worklist:approval_decide", args=[approval.pk])
    answer = browser.post(url, {"decision": "approve", "reason": "Mandate liegen vor"}, follow=True)
    assert "ist freigegeben" in answer.content.decode()
    allow([principal.pk])
    assert BankAccount.objects.get().approved_by == clerk
    assert Mandate.objects.get().status == "active"


def test_what_an_earlier_import_left_unproposed_is_proposed(principal: Principal, accounts: Path) -> None:
    one = make.customer(principal, number="K1")
    left = BankAccount.objects.create(
        client=principal, customer=one, iban="DE02120300000000202051", holder="Erika Muster"
    )
    command = ["bank_accounts", str(accounts), "--principal", "stadtwerk-a"]
    for _ in range(2):
        assert RUNNER.invoke(csv_import.app, command).exit_code == 0
    allow([principal.pk])
    assert [one.details["bank_accounts"] for one in Approval.objects.all()] == [[left.pk]]


def test_a_user_of_another_principal_is_refused(principal: Principal, accounts: Path) -> None:
    make.user("fremd", make.principal("anderes-werk"))
    command = ["bank_accounts", str(accounts), "--principal", "stadtwerk-a", "--user", "fremd"]
    refused = RUNNER.invoke(csv_import.app, command)
    assert refused.exit_code == 2
    assert "„fremd“ gibt es bei diesem Auftraggeber nicht" in refused.output


def test_the_machine_user_is_one_for_all_principals(principal: Principal) -> None:
    other = make.principal("anderes-werk")
    users = {machine_user(client_id=c.pk, name="import", title="CSV-Import").pk for c in (principal, other)}
    assert users == {User.objects.get(username="import").pk}
    assert User.objects.get(username="import").memberships.count() == 2

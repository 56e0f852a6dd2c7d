"""The daily work of a principal, from the command line."""

import json

from typer.testing import CliRunner

import factories as make
from turnus.cli.daily import app

RUNNER = CliRunner()


def test_a_day_without_work_is_all_zero_and_an_unknown_principal_is_named(committed_db: str) -> None:
    make.principal("stadtwerk-a")
    done = RUNNER.invoke(app, ["--principal", "stadtwerk-a", "--json"])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout).values()) == {0}
    wrong = RUNNER.invoke(app, ["--principal", "niemand"])
    assert wrong.exit_code == 2
    assert "stadtwerk-a" in wrong.output

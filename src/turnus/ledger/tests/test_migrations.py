"""What a migration adds to principals that were set up before it."""

from importlib import import_module

import pytest
from django.db import connection

import factories as make
from turnus.ledger.models import Account, AccountRule
from turnus.ledger.services import account_table, seed_accounts

FORWARD = import_module("turnus.ledger.migrations.0002_payouts_in_transit").FORWARD


@pytest.mark.django_db
@pytest.mark.parametrize(("chart", "number"), [("SKR03", "1361"), ("SKR04", "1461")])
def test_principals_of_before_get_the_account_of_payouts_once(chart: str, number: str) -> None:
    client = make.principal("stadtwerk-a")
    seed_accounts(client_id=client.pk, chart=chart)
    AccountRule.objects.filter(item="payout_in_transit").delete()
    Account.objects.filter(number=number).delete()
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(FORWARD)
    account = Account.objects.get(pk=account_table(client_id=client.pk).of("payout_in_transit"))
    assert (account.number, account.kind, account.is_control) == (number, "liability", False)
    assert AccountRule.objects.filter(item="payout_in_transit").count() == 1

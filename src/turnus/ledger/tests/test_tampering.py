"""Attacks on sealed journals that need committed data: the owner's own hand and a second transaction."""

import os
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import connections

import factories as make
from turnus.ledger import checks, services
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.models import Leg, Subaccount
from turnus.ledger.services import posting
from turnus.system.models import Principal

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)


def bill(client: Principal, key: str = "bill:1", gross: int = 120928, vat: int = 19308) -> JournalDraft:
    accounts = services.account_table(client_id=client.pk)
    sub, _ = Subaccount.objects.get_or_create(client=client, number="00000001")
    nineteen = Decimal(19)
    return JournalDraft(
        key=key,
        kind="bill",
        posting_date=DAY,
        document_date=DAY,
        reference="R00000001",
        legs=(
            LegDraft(accounts.of("receivable"), gross, sub.pk),
            LegDraft(accounts.of("revenue", "electricity", nineteen), -(gross - vat), vat_percent=nineteen),
            LegDraft(accounts.of("output_vat", "electricity", nineteen), -vat, vat_percent=nineteen),
        ),
    )


def post(client: Principal, *drafts: JournalDraft) -> list[services.Posted]:
    return services.post_many(client_id=client.pk, journals=drafts, user=None, at=NOW)


def test_checks_find_what_someone_with_the_owners_rights_broke(committed_db: str) -> None:
    client = make.principal("a")
    services.seed_accounts(client_id=client.pk)
    post(client, bill(client))
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_leg DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger_leg SET amount_cents = amount_cents + 1 WHERE subaccount_id IS NOT NULL"
        )
        cursor.execute("ALTER TABLE ledger_leg ENABLE TRIGGER USER")
    looked_at, findings = checks.check_journals(client_id=client.pk)
    assert (looked_at, [finding.subject for finding in findings]) == (1, ["bill:1"])


def test_another_transaction_cannot_slip_legs_into_a_journal_being_sealed(committed_db: str) -> None:
    client = make.principal("a")
    services.seed_accounts(client_id=client.pk)
    draft = bill(client)
    journal_id = uuid.uuid4()
    columns = "client_id, journal_id, account_id, amount_cents, text"
    insert = f"INSERT INTO ledger_leg ({columns}) VALUES (%s, %s, %s, %s, '')"
    bank = services.account_table(client_id=client.pk).of("bank")
    with psycopg.connect(os.environ["TURNUS_APP_DSN"]) as intruder:
        intruder.execute("SELECT set_config('turnus.clients', %s, false)", [str(client.pk)])
        for cents in (500, -500):
            intruder.execute(insert, [client.pk, journal_id, bank, cents])
        original = posting.new_id
        posting.new_id = lambda at: journal_id  # type: ignore[assignment]
        try:
            post(client, draft)
        finally:
            posting.new_id = original  # type: ignore[assignment]
        with pytest.raises(psycopg.DatabaseError):
            intruder.commit()
    assert Leg.objects.filter(journal_id=journal_id).count() == 3

"""Verification finds what somebody took away, and preparing the schema again mends it."""

from django.db import connections

from turnus.system import schema
from turnus.system.verify import verify


def test_verification_names_a_table_whose_isolation_was_taken_away(committed_db: str) -> None:
    assert next(iter(verify())).findings == ()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE masterdata_customer DISABLE ROW LEVEL SECURITY")
    assert [f.subject for f in next(iter(verify())).findings] == ["masterdata_customer"]
    schema.prepare(application_role=str(connections["default"].settings_dict["USER"]))
    assert next(iter(verify())).findings == ()


def test_verification_names_a_table_whose_policy_was_widened(committed_db: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE POLICY all_of_it ON ledger_leg USING (true)")
        cursor.execute("ALTER POLICY principal_isolation ON masterdata_address USING (true)")
    assert sorted(f.subject for f in next(iter(verify())).findings) == ["ledger_leg", "masterdata_address"]

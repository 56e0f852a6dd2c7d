from django.db import migrations

# Principals set up before get the account and its rule; their chart shows in the account of money in transit.
FORWARD = """
INSERT INTO ledger_account (client_id, number, name, kind, is_control)
SELECT r.client_id, CASE WHEN a.number = '1460' THEN '1461' ELSE '1361' END, 'Auszahlungen unterwegs',
       'liability', false
FROM ledger_accountrule r JOIN ledger_account a ON a.id = r.account_id
WHERE r.item = 'money_in_transit' AND r.division = '' AND r.vat_percent IS NULL
ON CONFLICT DO NOTHING;
INSERT INTO ledger_accountrule (client_id, item, division, vat_percent, account_id)
SELECT r.client_id, 'payout_in_transit', '', NULL, t.id
FROM ledger_accountrule r JOIN ledger_account a ON a.id = r.account_id
JOIN ledger_account t ON t.client_id = r.client_id
     AND t.number = CASE WHEN a.number = '1460' THEN '1461' ELSE '1361' END
WHERE r.item = 'money_in_transit' AND r.division = '' AND r.vat_percent IS NULL
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    """An account for payouts between their approval and their debit."""

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]

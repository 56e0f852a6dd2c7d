"""Billing measured: from stored readings to numbered, posted bills with their open items.

Half of the contracts are electricity with a price change in the middle of the year (split by load profile), a
quarter electricity with a meter exchange on top, a quarter gas with calorific value and conversion factor.
The principal has everything a bill must show, so that the checklist of the law is part of what is measured.
Documents are measured on their own (`turnus bench documents`).
"""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
from psycopg.conninfo import make_conninfo

from turnus.bench.base import BenchResult, result
from turnus.billing.models import Bill
from turnus.billing.services import start_billing
from turnus.clients.models import HouseBank, Letterhead, Setting
from turnus.ledger.services import seed_accounts
from turnus.partners.models import MarketPartner
from turnus.products.models import EnergyMix, Price, Product
from turnus.system import runs
from turnus.system.isolation import allowed
from turnus.system.models import Principal

__all__ = ["run"]

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
PROCESSES = 2


def run(*, size: int) -> BenchResult:
    """Bill `size` contracts over 2025 with two processes; the preparation is not timed.

    Raises: RuntimeError if not every contract was billed exactly once.
    """
    client = Principal.objects.create(short_name="messung", name="Messung")
    with allowed(client.pk):
        prepare(client, size)
        started = time.perf_counter()
        planned = start_billing(
            client_id=client.pk,
            until=date(2025, 12, 31),
            today=date(2026, 1, 15),
            user=None,
            at=NOW,
            documents=False,
        )
        runs.execute(planned, processes=PROCESSES)
        seconds = time.perf_counter() - started
        planned.refresh_from_db()
        billed = Bill.objects.filter(client=client, state="released", open_item_id__isnull=False).count()
        if billed != size:
            raise RuntimeError(f"{billed} statt {size} Rechnungen gebucht: {planned.result}")
    return result(kind="billing", size=size, unit="bills", seconds=seconds)


def prepare(client: Principal, size: int) -> None:
    """Master data and readings, made by the database itself so that they cost this process no memory.

    The rows are inserted by the superuser of the throwaway server without triggers: the history of master
    data is not what is measured here.
    """
    seed_accounts(client_id=client.pk)
    what_bills_must_show(client)
    grid = MarketPartner.objects.create(
        market_partner_id="9900000000001", name="Netz Messung", role=MarketPartner.Role.GRID_OPERATOR
    )
    products = {}
    for commodity, prices in PRICES.items():
        product = Product.objects.create(client=client, code=commodity, name=commodity, commodity=commodity)
        for first, last, energy, base in prices:
            Price.objects.create(
                client=client,
                product=product,
                valid=(first, last),
                energy_ct_per_kwh=Decimal(energy),
                base_eur_per_year=Decimal(base),
            )
        products[commodity] = product.pk
    values = {"client": client.pk, "size": size, "grid": grid.pk, "now": NOW, **products}
    admin = make_conninfo(os.environ["TURNUS_OWNER_DSN"], user="postgres")
    with psycopg.connect(admin) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in FILL.strip().split(";\n"):
            connection.execute(statement, values)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def what_bills_must_show(client: Principal) -> None:
    """Letterhead, house bank, energy mix and fees: a bill without them would be put aside."""
    Letterhead.objects.create(
        client=client,
        company="Messung GmbH",
        street="Messweg 1",
        postal_code="45127",
        city="Essen",
        register_court="Amtsgericht Essen",
        register_number="HRB 1",
        managing_directors="Erika Muster",
        tax_number="111/5700/0000",
        hotline="0201 000-0",
        email="service@messung.example",
        web="www.messung.example",
    )
    HouseBank.objects.create(
        client=client,
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
        bank_name="Musterbank",
        holder="Messung GmbH",
        creditor_id="DE98ZZZ09999999999",
    )
    EnergyMix.objects.create(
        client=client, year=2024, shares=SHARES, co2_g_per_kwh=148, radioactive_mg_per_kwh=Decimal("0.1")
    )
    for name, value in SETTINGS.items():
        Setting.objects.create(client=client, name=name, value=value)


SHARES = {"renewables_eeg": "60", "gas": "40"}
SETTINGS: dict[str, object] = {
    "energy_mix_germany": {"shares": SHARES, "co2_g_per_kwh": "312", "radioactive_mg_per_kwh": "0.2"},
    "grid_fees": {
        "electricity": {"ct_per_kwh": "7.40", "eur_per_year": "85", "metering_eur_per_year": "16.81"},
        "gas": {"ct_per_kwh": "1.52", "eur_per_year": "36", "metering_eur_per_year": "12.40"},
    },
}
PRICES: dict[str, list[tuple[date, date | None, str, str]]] = {
    "electricity": [
        (date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00"),
        (date(2025, 7, 1), None, "26.10", "132.00"),
    ],
    "gas": [(date(2025, 1, 1), None, "8.45", "144.00")],
}

# Contract n: gas if n % 4 = 3, meter exchange if n % 4 = 2, else one electricity meter. Rows are inserted in
# the order of n: the n-th row of a table has its first key plus n - 1; joins over texts would not scale.
FILL = """
CREATE TEMPORARY TABLE n ON COMMIT DROP AS
    SELECT n, n %% 4 = 3 AS gas, n %% 4 = 2 AS exchanged FROM generate_series(1, %(size)s) AS n;
INSERT INTO masterdata_address (client_id, street, house_number, addition, postal_code, city, country)
    VALUES (%(client)s, 'Messweg', '1', '', '45127', 'Essen', 'DE');
INSERT INTO masterdata_customer (client_id, number, kind, salutation, first_name, name, email, phone,
        address_id, is_household_customer, is_reseller, note)
    SELECT %(client)s, 'K' || n, 'person', '', 'Erika', 'Muster', '', '', a.id, true, false, ''
    FROM n, masterdata_address a ORDER BY n;
INSERT INTO ledger_subaccount (client_id, number, kind)
    SELECT %(client)s, lpad(n::text, 8, '0'), 'debtor' FROM n ORDER BY n;
INSERT INTO masterdata_contractaccount (subaccount_id, client_id, number, customer_id, payment_method)
    SELECT s.id + n - 1, %(client)s, lpad(n::text, 8, '0'), c.id + n - 1, 'transfer'
    FROM n, (SELECT min(id) AS id FROM ledger_subaccount) s,
        (SELECT min(id) AS id FROM masterdata_customer) c;
INSERT INTO masterdata_marketlocation (client_id, market_location_id, commodity, address_id, state,
        grid_operator_id, metering_operator_id, profile, annual_forecast_kwh, concession_fee_class,
        reading_cycle_month)
    SELECT %(client)s, '5' || lpad(n::text, 10, '0'),
        CASE WHEN gas THEN 'gas' ELSE 'electricity' END, a.id,
        'NW', %(grid)s, %(grid)s, CASE WHEN gas THEN 'HEF03' ELSE 'H0' END,
        CASE WHEN gas THEN 20000 ELSE 3500 END, '1,59', 12
    FROM n, masterdata_address a ORDER BY n;
INSERT INTO masterdata_meteringlocation (client_id, metering_location_id, market_location_id)
    SELECT %(client)s, 'DE' || lpad(n::text, 31, '0'), l.id + n - 1
    FROM n, (SELECT min(id) AS id FROM masterdata_marketlocation) l ORDER BY n;
INSERT INTO masterdata_meter (client_id, metering_location_id, number, installed)
    SELECT %(client)s, l.id + n - 1, '1OLD' || n,
        daterange('2020-01-01', CASE WHEN exchanged THEN '2025-05-15'::date END)
    FROM n, (SELECT min(id) AS id FROM masterdata_meteringlocation) l ORDER BY n;
INSERT INTO masterdata_meter (client_id, metering_location_id, number, installed)
    SELECT %(client)s, l.id + n - 1, '1NEW' || n, daterange('2025-05-15', NULL)
    FROM n, (SELECT min(id) AS id FROM masterdata_meteringlocation) l WHERE exchanged ORDER BY n;
INSERT INTO masterdata_register (client_id, meter_id, obis_code, digits, decimals, transformer_factor)
    SELECT %(client)s, m.id,
        CASE WHEN (m.metering_location_id - l.id + 1) %% 4 = 3 THEN '7-0:3.0.0' ELSE '1-0:1.8.0' END, 6, 0, 1
    FROM masterdata_meter m, (SELECT min(id) AS id FROM masterdata_meteringlocation) l;
INSERT INTO metering_meterreading (client_id, register_id, date, value, origin, quality, version, is_current,
        is_blocked, blocked_reason, decision, document_at, taken_at)
    SELECT %(client)s, r.id, d.day::date, d.value + m.id %% 200, 'grid', 'true', 1, true, false, '', '',
        %(now)s, %(now)s
    FROM masterdata_register r JOIN masterdata_meter m ON m.id = r.meter_id
    CROSS JOIN LATERAL (
        SELECT '2025-05-15' AS day, 12000 AS value WHERE lower(m.installed) > '2025-01-01'
        UNION ALL SELECT '2025-01-01', 12000 WHERE lower(m.installed) < '2025-01-01'
        UNION ALL SELECT '2025-05-15', 13397 WHERE upper(m.installed) = '2025-05-15'
        UNION ALL SELECT '2026-01-01', CASE WHEN r.obis_code LIKE '7%%' THEN 13834
            WHEN lower(m.installed) > '2025-01-01' THEN 14103 ELSE 15500 END WHERE upper_inf(m.installed)
    ) d;
INSERT INTO metering_gasquality (client_id, market_location_id, kind, valid, value, quality, version,
        is_current, document_at, taken_at)
    SELECT %(client)s, l.id, k.kind, daterange('2025-01-01', '2026-01-01'), k.value, 'true', 1, true,
        %(now)s, %(now)s
    FROM masterdata_marketlocation l
    CROSS JOIN (VALUES ('calorific_value', 11.412), ('conversion_factor', 0.9543)) AS k(kind, value)
    WHERE l.commodity = 'gas';
INSERT INTO contracts_supplycontract (client_id, number, customer_id, contract_account_id,
        market_location_id, supply, state, signed_on)
    SELECT %(client)s, 'V' || n, c.id + n - 1, s.id + n - 1, l.id + n - 1, daterange('2025-01-01', NULL),
        'active', '2024-12-01'
    FROM n, (SELECT min(id) AS id FROM masterdata_customer) c,
        (SELECT min(id) AS id FROM ledger_subaccount) s,
        (SELECT min(id) AS id FROM masterdata_marketlocation) l ORDER BY n;
INSERT INTO contracts_contractcondition (client_id, contract_id, valid, product_id, reason)
    SELECT %(client)s, c.id + n - 1, daterange('2025-01-01', NULL),
        CASE WHEN gas THEN %(gas)s ELSE %(electricity)s END, ''
    FROM n, (SELECT min(id) AS id FROM contracts_supplycontract) c
"""

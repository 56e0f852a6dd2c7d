"""The search over everything a caller may name, as one function of the database.

Row-level security lets only leakproof conditions use an index, and LIKE is not leakproof: a search
through the policies would read every row of the principal. The function therefore runs as the owner
of the tables and itself keeps to the principals that the connection may see.
"""

from turnus.masterdata.sql import prefix_index
from turnus.system.isolation import SETTING


def search_sql() -> str:
    """Repeatable SQL: `turnus_search(text, rows per kind)`; most of its indexes are masterdata's own."""
    return prefix_index("contracts_supplycontract", "number") + _FUNCTION.replace("@SETTING@", SETTING)


_FUNCTION = r"""
CREATE OR REPLACE FUNCTION turnus_search(wanted text, most integer)
RETURNS TABLE (kind text, client_id bigint, object_id bigint, customer_id bigint, label text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids bigint[] := string_to_array(nullif(current_setting('@SETTING@', true), ''), ',')::bigint[];
    compact text := upper(regexp_replace(wanted, '\s', '', 'g'));
    beyond text := upper(regexp_replace(wanted, '\s', '', 'g')) || chr(1114111);
    plain text := btrim(regexp_replace(wanted, '[,;]', ' ', 'g'));
    words text[] := regexp_split_to_array(regexp_replace(plain, '([\\%_])', '\\\1', 'g'), '\s+');
    longest text;
BEGIN
    IF ids IS NULL OR length(compact) < 2 THEN RETURN; END IF;
    SELECT '%' || w || '%' INTO longest FROM unnest(words) w ORDER BY length(w) DESC LIMIT 1;

    RETURN QUERY SELECT 'customer', c.client_id, c.id, c.id,
        btrim(c.first_name || ' ' || c.name), c.number::text
        FROM masterdata_customer c
        WHERE c.number ~>=~ compact AND c.number ~<~ beyond AND c.client_id = ANY (ids) LIMIT most;
    IF length(longest) >= 5 THEN
        RETURN QUERY SELECT 'customer', c.client_id, c.id, c.id, btrim(c.first_name || ' ' || c.name),
            c.number::text
            FROM masterdata_customer c
            WHERE (c.first_name || ' ' || c.name) ILIKE longest
              AND (SELECT bool_and((c.first_name || ' ' || c.name) ILIKE '%' || w || '%')
                   FROM unnest(words) w)
              AND c.client_id = ANY (ids)
            ORDER BY c.name, c.first_name LIMIT most;
    END IF;
    RETURN QUERY SELECT 'contract', k.client_id, k.id, k.customer_id, k.number::text,
        btrim(c.first_name || ' ' || c.name)
        FROM contracts_supplycontract k JOIN masterdata_customer c ON c.id = k.customer_id
        WHERE k.number ~>=~ compact AND k.number ~<~ beyond AND k.client_id = ANY (ids) LIMIT most;
    RETURN QUERY SELECT 'market_location', m.client_id, m.id, k.customer_id, m.market_location_id::text,
        btrim(coalesce(c.first_name || ' ' || c.name, ''))
        FROM masterdata_marketlocation m
        LEFT JOIN LATERAL (SELECT s.customer_id FROM contracts_supplycontract s
            WHERE s.market_location_id = m.id ORDER BY s.supply DESC LIMIT 1) k ON true
        LEFT JOIN masterdata_customer c ON c.id = k.customer_id
        WHERE m.market_location_id ~>=~ compact AND m.market_location_id ~<~ beyond
          AND m.client_id = ANY (ids) LIMIT most;
    RETURN QUERY SELECT 'metering_location', p.client_id, p.market_location_id, k.customer_id,
        p.metering_location_id::text, m.market_location_id::text
        FROM masterdata_meteringlocation p JOIN masterdata_marketlocation m ON m.id = p.market_location_id
        LEFT JOIN LATERAL (SELECT s.customer_id FROM contracts_supplycontract s
            WHERE s.market_location_id = m.id ORDER BY s.supply DESC LIMIT 1) k ON true
        WHERE p.metering_location_id ~>=~ compact AND p.metering_location_id ~<~ beyond
          AND p.client_id = ANY (ids) LIMIT most;
    RETURN QUERY SELECT 'meter', z.client_id, p.market_location_id, k.customer_id, z.number::text,
        m.market_location_id::text
        FROM masterdata_meter z JOIN masterdata_meteringlocation p ON p.id = z.metering_location_id
        JOIN masterdata_marketlocation m ON m.id = p.market_location_id
        LEFT JOIN LATERAL (SELECT s.customer_id FROM contracts_supplycontract s
            WHERE s.market_location_id = m.id ORDER BY s.supply DESC LIMIT 1) k ON true
        WHERE z.number ~>=~ compact AND z.number ~<~ beyond AND z.client_id = ANY (ids) LIMIT most;
    RETURN QUERY SELECT 'bank_account', b.client_id, b.id, b.customer_id, b.iban::text, b.holder::text
        FROM masterdata_bankaccount b
        WHERE b.iban ~>=~ compact AND b.iban ~<~ beyond AND b.client_id = ANY (ids) LIMIT most;
END $$;
"""

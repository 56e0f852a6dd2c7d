"""From rows to the engine's input: one set of queries for a whole chunk of contracts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from turnus.billing.calc.bonus import Bonus, Default, Promise, decide, due_event
from turnus.billing.calc.cycle import AFTER, Due, closing_day
from turnus.billing.calc.estimate import EstimateBasis, estimate, year_from
from turnus.billing.calc.limits import Prior
from turnus.billing.calc.records import (
    BillInput,
    Commodity,
    GasQuality,
    InstalmentReceived,
    Price,
    Reading,
    Split,
    VatModel,
    VatRate,
)
from turnus.billing.models import Instalment
from turnus.billing.queries.defaults import defaults_on
from turnus.billing.queries.locks import lock_requests
from turnus.billing.queries.population import (
    BilledBefore,
    ContractRow,
    billed_before,
    contract_rows,
    due_of,
    takeover_day,
)
from turnus.contracts.models import ContractCondition
from turnus.lib.period import Period
from turnus.metering.queries import (
    GasQualityRecord,
    InstalledRegister,
    ReadingRecord,
    gas_quality_for,
    readings_for,
    registers_for,
)
from turnus.products.calc.levies import published_levies
from turnus.products.models import Price as ProductPrice
from turnus.receivables.services import received_instalments

__all__ = ["Case", "Terms", "gather", "gather_period", "gather_periods"]

GUESSED = frozenset(("estimate", "substitute"))


@dataclass(frozen=True, slots=True)
class Terms:
    """Decisions of the principal that shape a bill."""

    split: Split
    vat_model: VatModel


@dataclass(frozen=True, slots=True)
class Case:
    """A contract to be billed: the engine's input and what the record of the bill needs besides."""

    contract: ContractRow
    due: Due
    period: Period
    input: BillInput
    prior: Prior | None
    before: BilledBefore | None
    instalment_keys: tuple[str, ...]
    # The product that holds on the last day; None if there is a gap (the engine then refuses the bill).
    product_id: int | None
    # Decided in the bill that reaches the due event of a promised bonus, given or not.
    bonus: Bonus | None


def gather(
    *, client_id: int, contract_ids: Sequence[int], until: date, today: date, terms: Terms
) -> list[Case]:
    """Inputs of all contracts of the chunk that are due; the others are left out.

    Their instalments are locked until the transaction ends: what is paid meanwhile waits for the posting.
    """
    contracts = contract_rows(client_id=client_id, contract_ids=contract_ids)
    before = billed_before(client_id=client_id, contract_ids=contract_ids)
    opening = takeover_day(client_id=client_id)
    dues = [
        (row, due)
        for row in contracts
        if (due := due_of(row, before.get(row.contract_id), until, opening)) is not None
    ]
    if not dues:
        return []
    readings = readings_for(
        client_id=client_id,
        market_location_ids=[row.location_id for row, _ in dues],
        start=min(due.start for _, due in dues),
        end=max(due.target for _, due in dues) + AFTER,
    )
    periods = {}
    for row, due in dues:
        days = [record.date for record in readings.get(row.location_id, ()) if record.quality not in GUESSED]
        periods[row.contract_id] = Period(due.start, closing_day(due, days, until))
    sources = _Sources.load(client_id, [row for row, _ in dues], periods, today)
    return [
        _case(row, due, periods[row.contract_id], readings.get(row.location_id, ()), before, sources, terms)
        for row, due in dues
    ]


def gather_period(
    *,
    client_id: int,
    contract_id: int,
    period: Period,
    today: date,
    terms: Terms,
    keys: Sequence[str],
    locked: bool = True,
) -> Case:
    """Input for one contract and a given period (correction); `keys` are the instalments it settles.

    Without `locked` it is only to look at: the instalments may change before a bill could be posted.
    """
    rows = contract_rows(client_id=client_id, contract_ids=[contract_id])
    (case,) = _cases(client_id, rows, {contract_id: period}, today, terms, keys, locked)
    return case


def gather_periods(
    *, client_id: int, periods: Mapping[int, Period], today: date, terms: Terms, keys: Sequence[str]
) -> list[Case]:
    """Inputs for given contracts and periods, in the order of the contracts' ids."""
    rows = contract_rows(client_id=client_id, contract_ids=list(periods))
    return _cases(client_id, rows, periods, today, terms, keys, locked=True)


def _cases(
    client_id: int,
    rows: Sequence[ContractRow],
    periods: Mapping[int, Period],
    today: date,
    terms: Terms,
    keys: Sequence[str],
    locked: bool,
) -> list[Case]:
    readings = readings_for(
        client_id=client_id,
        market_location_ids=[row.location_id for row in rows],
        start=min(period.start for period in periods.values()),
        end=max(period.end for period in periods.values()),
    )
    sources = _Sources.load(client_id, rows, periods, today, keys, locked)
    cases = []
    for row in rows:
        period = periods[row.contract_id]
        due = Due(period.start, period.end, row.supply_end == period.end)
        cases.append(_case(row, due, period, readings.get(row.location_id, ()), {}, sources, terms))
    return cases


@dataclass(frozen=True, slots=True)
class _Sources:
    """What was loaded for the chunk, by contract or product."""

    conditions: Mapping[int, list[tuple[Any, int, Decimal, int]]]
    prices: Mapping[int, list[tuple[Any, Decimal, Decimal]]]
    gas: Mapping[int, list[GasQualityRecord]]
    instalments: Mapping[int, list[tuple[str, date, Decimal]]]
    received: Mapping[str, Decimal]
    registers: Mapping[int, Sequence[InstalledRegister]]
    defaults: Mapping[int, Default]

    @classmethod
    def load(
        cls,
        client_id: int,
        rows: Sequence[ContractRow],
        periods: Mapping[int, Period],
        today: date,
        keys: Sequence[str] | None = None,
        locked: bool = True,
    ) -> _Sources:
        conditions: dict[int, list[tuple[Any, int, Decimal, int]]] = {}
        found = ContractCondition.objects.filter(contract_id__in=periods).order_by("valid")
        for contract_id, *condition in found.values_list(
            "contract_id", "valid", "product_id", "product__bonus_gross", "product__bonus_after_months"
        ):
            conditions.setdefault(contract_id, []).append((*condition,))
        products = {condition[1] for entries in conditions.values() for condition in entries}
        prices: dict[int, list[tuple[Any, Decimal, Decimal]]] = {}
        priced = ProductPrice.objects.filter(product_id__in=products).order_by("valid")
        for product_id, *price in priced.values_list(
            "product_id", "valid", "energy_ct_per_kwh", "base_eur_per_year"
        ):
            prices.setdefault(product_id, []).append((*price,))
        instalments = _instalments(client_id, periods, keys, locked)
        all_keys = [key for entries in instalments.values() for key, _, _ in entries]
        if locked and all_keys:
            lock_requests(client_id=client_id, keys=all_keys)
        return cls(
            conditions,
            prices,
            _gas(client_id, rows, periods),
            instalments,
            received_instalments(client_id=client_id, keys=all_keys, until=today) if all_keys else {},
            registers_for(
                client_id=client_id,
                market_location_ids=[row.location_id for row in rows],
                start=min(period.start for period in periods.values()),
                end=max(period.end for period in periods.values()),
            ),
            _defaults(client_id, rows, periods, conditions),
        )


def _instalments(
    client_id: int, periods: Mapping[int, Period], keys: Sequence[str] | None, locked: bool
) -> dict[int, list[tuple[str, date, Decimal]]]:
    """Requests of the billed days; with `locked`, none is made, dropped or settled by others meanwhile."""
    rows = Instalment.objects.filter(client_id=client_id, contract_id__in=periods)
    if keys is None:
        rows = rows.filter(state__in=(Instalment.State.PLANNED, Instalment.State.REQUESTED))
    else:
        rows = rows.filter(key__in=keys)
    if locked:
        rows = rows.select_for_update()
    fields = ("due_date", "id", "contract_id", "key", "vat_percent", "state")
    found: dict[int, list[tuple[str, date, Decimal]]] = {}
    # Locked in the order of their ids, as those who request them do; settled in the order they fell due.
    for due_date, _, contract_id, key, percent, state in sorted(rows.order_by("id").values_list(*fields)):
        requested = keys is not None or state == Instalment.State.REQUESTED
        if requested and due_date < periods[contract_id].end:
            found.setdefault(contract_id, []).append((key, due_date, percent))
    return found


def _gas(
    client_id: int, rows: Sequence[ContractRow], periods: Mapping[int, Period]
) -> dict[int, list[GasQualityRecord]]:
    gas = [row for row in rows if row.commodity == "gas"]
    if not gas:
        return {}
    return gas_quality_for(
        client_id=client_id,
        market_location_ids=[row.location_id for row in gas],
        start=min(periods[row.contract_id].start for row in gas),
        end=max(periods[row.contract_id].end for row in gas),
    )


def _case(
    row: ContractRow,
    due: Due,
    period: Period,
    readings: Sequence[ReadingRecord],
    before: Mapping[int, BilledBefore],
    sources: _Sources,
    terms: Terms,
) -> Case:
    entries = sources.instalments.get(row.contract_id, [])
    bonus = _bonus(sources, row, period)
    counting = _counting(sources.registers.get(row.location_id, ()), period)
    bill = BillInput(
        commodity=Commodity(row.commodity),
        period=period,
        readings=_readings(readings, period, counting),
        prices=_prices(sources, row.contract_id, period),
        vat=_vat(row.commodity, period),
        profile=row.profile or None,
        state=row.state or None,
        split=terms.split,
        vat_model=terms.vat_model,
        gas=_gas_quality(sources.gas.get(row.location_id, ()), period),
        instalments=tuple(
            InstalmentReceived(received, percent)
            for key, _, percent in entries
            if (received := sources.received.get(key, Decimal(0))) > 0
        ),
        bonus_gross=bonus.gross if bonus else Decimal(0),
        concession_ct=_concession(row, period),
        registers=tuple(counting.items()) if row.commodity == "electricity" else (),
    )
    last = before.get(row.contract_id)
    prior = _prior(row, bill, last)
    conditions = sources.conditions.get(row.contract_id, ())
    product_id = next((condition[1] for condition in conditions if period.last in condition[0]), None)
    keys = tuple(key for key, _, _ in entries)
    return Case(row, due, period, bill, prior, last, keys, product_id, bonus)


def _counting(registers: Sequence[InstalledRegister], period: Period) -> dict[str, tuple[str, ...]]:
    """The registers that count the consumption, by meter: the sum register alone where there is one."""
    found: dict[str, tuple[str, ...]] = {}
    for register in registers:
        hangs = register.first < period.end and (register.end is None or register.end > period.start)
        if hangs and _is_consumption(register.obis_code):
            found[register.meter_number] = (*found.get(register.meter_number, ()), register.obis_code)
    sums = {meter: tuple(code for code in codes if ":1.8.0" in code) for meter, codes in found.items()}
    return {meter: sums[meter] or codes for meter, codes in found.items()}


def _readings(
    records: Sequence[ReadingRecord], period: Period, counting: Mapping[str, tuple[str, ...]]
) -> tuple[Reading, ...]:
    used = [
        record
        for record in records
        if period.start <= record.date <= period.end
        and record.obis_code in counting.get(record.meter_number, ())
    ]
    backwards = _running_backwards(used)
    return tuple(
        Reading(
            meter=record.meter_number,
            day=record.date,
            value=record.value,
            factor=record.factor,
            digits=None if record.meter_number in backwards else record.digits,
            origin=record.quality if record.quality in GUESSED else record.origin,
        )
        for record in used
    )


def _running_backwards(records: Sequence[ReadingRecord]) -> set[str]:
    """Meters whose falling register cannot have overflowed: that would be over half of all it can count.

    Without its number of digits the engine then refuses the bill instead of charging a whole register.
    """
    last: dict[str, Decimal] = {}
    backwards = set()
    for record in records:
        before = last.get(record.meter_number)
        if before is not None and record.value < before:
            capacity = Decimal(10) ** record.digits
            if capacity - before + record.value > capacity / 2:
                backwards.add(record.meter_number)
        last[record.meter_number] = record.value
    return backwards


def _is_consumption(obis: str) -> bool:
    """Electricity drawn from the grid (1-*:1.8.*) or gas volume (7-*:3.*), not energy fed in (2.8)."""
    return ":2." not in obis


def _prices(sources: _Sources, contract_id: int, period: Period) -> tuple[Price, ...]:
    prices = []
    for valid, product_id, _, _ in sources.conditions.get(contract_id, ()):
        condition = period.intersect(_period(valid))
        if condition is None:
            continue
        for price_valid, energy, base in sources.prices.get(product_id, ()):
            common = condition.intersect(_period(price_valid))
            if common is not None:
                prices.append(Price(common, energy, base))
    return tuple(prices)


def _period(valid: Any) -> Period:
    return Period(valid.lower or date(1990, 1, 1), valid.upper or date.max)


def _vat(commodity: str, period: Period) -> tuple[VatRate, ...]:
    rates = published_levies().vat_rates(commodity, period)
    return tuple(VatRate(span, percent) for span, percent in rates if percent is not None)


def _gas_quality(records: Sequence[GasQualityRecord], period: Period) -> tuple[GasQuality, ...]:
    found = []
    for record in records:
        common = period.intersect(Period(record.start, record.end))
        if common is not None:
            found.append(GasQuality(common, record.conversion_factor, record.calorific_value))
    return tuple(found)


def _promise(conditions: Sequence[tuple[Any, int, Decimal, int]]) -> Promise | None:
    """The bonus of the first product of a contract."""
    return Promise(conditions[0][2], conditions[0][3]) if conditions and conditions[0][2] else None


def _defaults(
    client_id: int,
    rows: Sequence[ContractRow],
    periods: Mapping[int, Period],
    conditions: Mapping[int, list[tuple[Any, int, Decimal, int]]],
) -> dict[int, Default]:
    """Contracts in default on the day their bonus falls due, if that day lies in the billed period."""
    days = {}
    for row in rows:
        promise = _promise(conditions.get(row.contract_id, ()))
        if promise is not None:
            event, period = due_event(row.supply_start, promise.months), periods[row.contract_id]
            if period.start < event <= period.end:
                days[row.contract_id] = (row.subaccount_id, event)
    return defaults_on(client_id=client_id, days=days)


def _bonus(sources: _Sources, row: ContractRow, period: Period) -> Bonus | None:
    promise = _promise(sources.conditions.get(row.contract_id, ()))
    if promise is None:
        return None
    return decide(promise, row.supply_start, period, sources.defaults.get(row.contract_id))


def _concession(row: ContractRow, period: Period) -> Decimal | None:
    """Rate of the concession class: one of the levy table, or the rate it names ("TK 1,59"), in ct/kWh."""
    if not row.concession_class:
        return None
    table = published_levies()
    code = f"concession_max_{row.commodity}_{row.concession_class}"
    if code in table.codes():
        return table.value(code, period.start)
    if row.concession_class.lower().startswith("sonder"):
        return table.value(f"concession_max_{row.commodity}_special", period.start)
    agreed = re.search(r"\d+[.,]\d+", row.concession_class)
    return Decimal(agreed.group().replace(",", ".")) if agreed else None


def _prior(row: ContractRow, bill: BillInput, before: BilledBefore | None) -> Prior | None:
    """Consumption to be expected, from the last bill or else the grid operator's forecast."""
    if before is not None and before.kwh > 0:
        basis = EstimateBasis(before.kwh, Period(before.start, before.end), "Vorperiode")
    elif row.forecast_kwh:
        basis = EstimateBasis(
            Decimal(row.forecast_kwh), year_from(bill.period.start), "Jahresverbrauchsprognose"
        )
    else:
        return None
    expected = estimate(bill.commodity, basis, bill.period, bill.split, bill.profile, bill.state)
    return Prior(expected.kwh, basis.source)

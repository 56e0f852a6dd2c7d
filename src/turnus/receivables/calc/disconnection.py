"""From which arrears a supply may be disconnected: the threshold only, never the threat or the order.

§ 41f EnWG (households; before: § 19 (2) StromGVV/GasGVV, default supply only): the customer is in default,
less payments on account, with at least two instalments of the current month, or with a sixth of the expected
year's bill where there are no instalments, and with at least 100 €. What is untitled and objected to in form,
in time and with reasons does not count, nor what is not due by agreement, nor disputed price increases. Costs
of default (reminders, returned debits) are no payment for the supply and do not count either. In cents.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from turnus.lib.money import format_eur, from_cents


class VerdictCode(StrEnum):
    """Where the calculation ended; everything but `ELIGIBLE` protects the customer."""

    ELIGIBLE = "eligible"
    BELOW_MINIMUM = "below_minimum"
    BELOW_INSTALMENTS = "below_instalments"
    BELOW_YEAR_SHARE = "below_year_share"
    NO_BASIS = "no_basis"
    NO_SUPPLY = "no_supply"
    OUT_OF_SCOPE = "out_of_scope"
    DEBTOR = "debtor"


class ExclusionReason(StrEnum):
    """Why an open claim does not count."""

    NOT_DUE = "not_due"
    NOT_IN_DEFAULT = "not_in_default"
    DISPUTED = "disputed"
    AGREED = "agreed"
    COST = "cost"
    IN_COLLECTION = "in_collection"
    OTHER_DIVISION = "other_division"


@dataclass(frozen=True, slots=True)
class DisconnectionRule:
    """One row of `data/disconnection.toml`; `last` None while it holds."""

    first: date
    last: date | None
    scope: str
    instalments: int
    year_parts: int
    minimum_cents: int
    legal: str
    source: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An open debt. `in_default`: due by the calendar or reminded of (§ 286 BGB); `division` may be ""."""

    item_id: int
    reference: str
    open_cents: int
    due_date: date
    division: str = ""
    in_default: bool = True
    is_cost: bool = False
    in_collection: bool = False


@dataclass(frozen=True, slots=True)
class Resting:
    """What a block takes out: the account (no `item_id`, no `cents`), an item, or `cents` of either."""

    code: ExclusionReason
    reason: str
    item_id: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class AccountArrears:
    """A contract account with its open debts, blocks and unused credits."""

    account_id: int
    claims: tuple[Claim, ...]
    resting: tuple[Resting, ...] = ()
    credit_cents: int = 0
    debtor_problem: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """What is supplied over an account in one division, in gross cents; several contracts are summed.

    `instalment_cents` is the instalment of the current month, None where none is agreed; `year_cents` the
    expected bill of a year, None where nobody knows it.
    """

    account_id: int
    division: str
    instalment_cents: int | None
    year_cents: int | None
    is_household: bool = True
    is_default_supply: bool = False
    contracts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A claim, or the part of it, that counts."""

    item_id: int
    reference: str
    due_date: date
    cents: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """A claim, or the part of it, that does not count, and why."""

    item_id: int
    reference: str
    cents: int
    code: ExclusionReason
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working; `met`: whether a threshold was reached, None for a line that is none."""

    text: str
    cents: int
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict on one account and division with everything it rests on."""

    account_id: int
    division: str
    code: VerdictCode
    reason: str
    arrears_cents: int
    required_cents: int
    counted: tuple[Part, ...]
    excluded: tuple[Excluded, ...]
    steps: tuple[Step, ...]
    legal: str

    @property
    def eligible(self) -> bool:
        return self.code is VerdictCode.ELIGIBLE


@cache
def disconnection_rules() -> tuple[DisconnectionRule, ...]:
    """The dated thresholds that ship with Turnus, the oldest first."""
    text = files("turnus.receivables.data").joinpath("disconnection.toml").read_text(encoding="utf-8")
    return tuple(_rule(row) for row in tomllib.loads(text)["rules"])


def _rule(row: dict[str, Any]) -> DisconnectionRule:
    first, last = date.fromisoformat(row["first"]), row["last"]
    return DisconnectionRule(**{**row, "first": first, "last": date.fromisoformat(last) if last else None})


def rule_on(day: date) -> DisconnectionRule:
    """The thresholds of a day. Raises: `ValueError` for a day before the first rule."""
    for rule in disconnection_rules():
        if rule.first <= day and (rule.last is None or day <= rule.last):
            return rule
    raise ValueError(f"Für den {day:%d.%m.%Y} ist keine Schwelle einer Versorgungsunterbrechung hinterlegt.")


def assess(
    account: AccountArrears, supplies: Sequence[Supply], rule: DisconnectionRule, on: date
) -> list[Assessment]:
    """One verdict per division supplied over the account; without supply one verdict that says so."""
    if not supplies:
        return [_without_supply(account, rule, on)]
    divisions = {supply.division for supply in supplies}
    return [_one(account, supply, divisions, rule, on) for supply in supplies]


def _without_supply(account: AccountArrears, rule: DisconnectionRule, on: date) -> Assessment:
    counted, excluded = _sort(account, "", set(), on)
    arrears, steps = _sum(counted, account.credit_cents)
    reason = "Über dieses Konto wird nichts mehr geliefert; zu unterbrechen ist nichts."
    code = VerdictCode.NO_SUPPLY
    return Assessment(
        account.account_id, "", code, reason, arrears, 0, counted, excluded, tuple(steps), rule.legal
    )


def _one(
    account: AccountArrears, supply: Supply, divisions: set[str], rule: DisconnectionRule, on: date
) -> Assessment:
    counted, excluded = _sort(account, supply.division, divisions, on)
    arrears, steps = _sum(counted, account.credit_cents)
    code, threshold = _threshold(supply, rule, arrears)
    enough = arrears >= rule.minimum_cents
    steps += [*threshold, Step("mindestens", rule.minimum_cents, enough)]
    if not enough and code in (VerdictCode.ELIGIBLE, VerdictCode.NO_BASIS):
        code = VerdictCode.BELOW_MINIMUM
    required = max(step.cents for step in steps if step.met is not None)
    reason = _reason(code, arrears, required)
    protected = _protected(account, supply, rule)
    if protected is not None:
        code, reason = protected
    return Assessment(
        account.account_id,
        supply.division,
        code,
        reason,
        arrears,
        required,
        counted,
        excluded,
        tuple(steps),
        rule.legal,
    )


def _sum(counted: Sequence[Part], credit_cents: int) -> tuple[int, list[Step]]:
    """Arrears and the lines they come from. Credits are payments on account and count in every division."""
    claims = sum(part.cents for part in counted)
    arrears = max(claims - credit_cents, 0)
    steps = [Step("fällige Forderungen in Verzug", claims)]
    if credit_cents:
        steps.append(Step("abzüglich Guthaben und Anzahlungen", -credit_cents))
    return arrears, [*steps, Step("Rückstand", arrears)]


def _threshold(supply: Supply, rule: DisconnectionRule, arrears: int) -> tuple[VerdictCode, tuple[Step, ...]]:
    """The verdict so far and its line: against the instalments, else against the year's bill."""
    if supply.instalment_cents:
        required = rule.instalments * supply.instalment_cents
        text = f"{rule.instalments} × Abschlag von {_eur(supply.instalment_cents)}"
        below = VerdictCode.BELOW_INSTALMENTS
    elif supply.year_cents:
        # Rounded up: the arrears must reach the sixth, a cent below it is not enough.
        required = -(-supply.year_cents // rule.year_parts)
        text = f"1/{rule.year_parts} der erwarteten Jahresrechnung von {_eur(supply.year_cents)}"
        below = VerdictCode.BELOW_YEAR_SHARE
    else:
        return VerdictCode.NO_BASIS, ()
    met = arrears >= required
    return VerdictCode.ELIGIBLE if met else below, (Step(text, required, met),)


def _protected(
    account: AccountArrears, supply: Supply, rule: DisconnectionRule
) -> tuple[VerdictCode, str] | None:
    """What forbids a disconnection whatever the sum."""
    if account.debtor_problem:
        return VerdictCode.DEBTOR, account.debtor_problem
    if not supply.is_household:
        return VerdictCode.OUT_OF_SCOPE, f"Kein Haushaltskunde: {rule.legal} gilt nicht, nur der Vertrag."
    if rule.scope == "default_supply" and not supply.is_default_supply:
        return VerdictCode.OUT_OF_SCOPE, f"Keine Grundversorgung: {rule.legal} gilt nicht."
    return None


def _reason(code: VerdictCode, arrears: int, required: int) -> str:
    if code is VerdictCode.NO_BASIS:
        return "Weder ein Abschlag noch eine erwartete Jahresrechnung ist bekannt."
    reached = "erreicht" if code is VerdictCode.ELIGIBLE else "nicht erreicht"
    return f"Rückstand {_eur(arrears)}, nötig {_eur(required)}: {reached}."


def _eur(cents: int) -> str:
    return format_eur(from_cents(cents))


def _sort(
    account: AccountArrears, division: str, divisions: set[str], on: date
) -> tuple[tuple[Part, ...], tuple[Excluded, ...]]:
    """Divide the open claims into what counts and what does not; every cent is in one of the two."""
    counted: list[Part] = []
    excluded: list[Excluded] = []
    whole = next((r for r in account.resting if r.item_id is None and r.cents is None), None)
    # An amount in dispute that names no claim is taken from the oldest claims.
    floating = {place: r.cents for place, r in enumerate(account.resting) if r.item_id is None and r.cents}
    for claim in sorted(account.claims, key=lambda c: (c.due_date, c.item_id)):
        why = _out(claim, division, divisions, on)
        if why is None and whole is not None:
            why = whole.code, whole.reason
        if why is not None:
            excluded.append(Excluded(claim.item_id, claim.reference, claim.open_cents, *why))
            continue
        cents = claim.open_cents
        for place, rest in enumerate(account.resting):
            if rest.item_id == claim.item_id:
                part = cents if rest.cents is None else min(rest.cents, cents)
            else:
                part = min(floating.get(place, 0), cents)
                floating[place] = floating.get(place, 0) - part
            if part:
                excluded.append(Excluded(claim.item_id, claim.reference, part, rest.code, rest.reason))
                cents -= part
        if cents:
            counted.append(Part(claim.item_id, claim.reference, claim.due_date, cents))
    return tuple(counted), tuple(excluded)


def _out(claim: Claim, division: str, divisions: set[str], on: date) -> tuple[ExclusionReason, str] | None:
    """Why a claim does not count as a whole, None if it may."""
    if claim.due_date >= on:
        return ExclusionReason.NOT_DUE, f"erst am {claim.due_date:%d.%m.%Y} fällig"
    if claim.is_cost:
        return ExclusionReason.COST, "Verzugskosten sind kein Entgelt der Lieferung"
    if claim.division != division and (claim.division or len(divisions) > 1) and divisions:
        return ExclusionReason.OTHER_DIVISION, "gehört nicht zu dieser Lieferung"
    if claim.in_collection:
        return ExclusionReason.IN_COLLECTION, "wird gerade eingezogen"
    if not claim.in_default:
        return ExclusionReason.NOT_IN_DEFAULT, "noch nicht gemahnt, also nicht in Verzug (§ 286 BGB)"
    return None

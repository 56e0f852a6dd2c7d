"""What a returned direct debit means and what to do about it: dated data, no code per reason.

Sources: EPC rulebook reason codes; in Germany AM04 and MD07 arrive as MS03 for data protection, so nothing
hangs on AM04 alone. The table has a validity so that a change of practice is a new row.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What happens besides reopening the receivable."""

    RETRY_ONCE = "retry_once"  # one further collection at most, then dunning
    BLOCK_DEBIT = "block_debit"  # this receivable is not collected again
    BLOCK_MANDATE = "block_mandate"  # nothing is collected under this mandate


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """`case` is what a clerk has to do, empty when nothing is left to do."""

    codes: frozenset[str]
    meaning: str
    action: Action
    case: str
    valid_from: date = date(2014, 2, 1)
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def _rule(codes: str, meaning: str, action: Action, case: str) -> ReturnRule:
    return ReturnRule(frozenset(codes.split()), meaning, action, case)


RULES: tuple[ReturnRule, ...] = (
    _rule("AM04", "Konto nicht gedeckt", Action.RETRY_ONCE, ""),
    _rule("MS03", "Grund nicht angegeben", Action.RETRY_ONCE, ""),
    _rule(
        "AC01 RC01", "IBAN oder BIC falsch", Action.BLOCK_MANDATE, "Neue Bankverbindung beim Kunden erfragen."
    ),
    _rule("AC04", "Konto aufgelöst", Action.BLOCK_MANDATE, "Neue Bankverbindung beim Kunden erfragen."),
    _rule("AC06", "Konto gesperrt", Action.BLOCK_MANDATE, "Zahlweg mit dem Kunden klären."),
    _rule(
        "AG01",
        "Lastschrift auf diesem Konto nicht möglich",
        Action.BLOCK_MANDATE,
        "Neue Bankverbindung erfragen.",
    ),
    _rule("MD01", "kein gültiges Mandat", Action.BLOCK_MANDATE, "Mandat prüfen und Kunden anschreiben."),
    _rule("MD02", "Mandatsdaten falsch", Action.BLOCK_MANDATE, "Mandatsdaten prüfen."),
    _rule("MD07", "Kontoinhaber verstorben", Action.BLOCK_MANDATE, "Nachlass klären, Schreiben anhalten."),
    _rule("BE05", "Gläubiger-ID unbekannt", Action.BLOCK_DEBIT, "Gläubiger-ID mit der Bank klären."),
    _rule("MD06", "Widerspruch des Zahlers", Action.BLOCK_DEBIT, "Widerspruch mit dem Kunden klären."),
    _rule(
        "MS02 SL01",
        "vom Zahler oder seiner Bank abgelehnt",
        Action.BLOCK_DEBIT,
        "Zahlweg mit dem Kunden klären.",
    ),
)
_UNKNOWN = ReturnRule(frozenset(), "unbekannter Rückgabegrund", Action.BLOCK_DEBIT, "Rückgabegrund klären.")


def rule_for(code: str, on: date) -> ReturnRule:
    """The rule of a reason code on a day; an unknown code is never retried and goes to a clerk."""
    return next((rule for rule in RULES if code in rule.codes and rule.valid_on(on)), _UNKNOWN)


MOST_ATTEMPTS = 2  # the first collection and one further


def may_retry(rule: ReturnRule, attempts: int) -> bool:
    """Whether a receivable that was tried `attempts` times may be collected again."""
    return rule.action is Action.RETRY_ONCE and attempts < MOST_ATTEMPTS

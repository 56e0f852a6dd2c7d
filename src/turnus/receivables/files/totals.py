"""Does a statement add up? Opening balance plus lines is the closing balance; claimed totals hold."""

from dataclasses import dataclass, field
from decimal import Decimal

from turnus.receivables.files.records import Entry, Finding, StatementEnd, StatementHeader

_REMEDY = "Die Datei nicht verbuchen; bei der Bank eine vollständige Datei anfordern."


@dataclass(slots=True)
class Tally:
    """Running totals of one statement while its lines stream by."""

    entries: int = 0
    credit_entries: int = 0
    debit_entries: int = 0
    credit_sum: Decimal = Decimal(0)
    debit_sum: Decimal = Decimal(0)
    booked: Decimal = Decimal(0)
    findings: list[Finding] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.entries += 1
        if entry.amount < 0:
            self.debit_entries += 1
            self.debit_sum -= entry.amount
        else:
            self.credit_entries += 1
            self.credit_sum += entry.amount
        if entry.booked:
            self.booked += entry.amount


def close(header: StatementHeader, tally: Tally, place: str) -> StatementEnd:
    """Compare the lines with the balances and totals the bank states. Findings name both figures."""
    findings = list(tally.findings)
    opening, closing = header.opening, header.closing
    if opening is not None and closing is not None and header.last_page and header.page <= 1:
        expected = opening.amount + tally.booked
        if expected != closing.amount:
            findings.append(
                Finding(
                    "balance_mismatch",
                    place,
                    f"Anfangssaldo {opening.amount} plus Umsätze {tally.booked} ergibt {expected}, "
                    f"der Auszug nennt {closing.amount} als Endsaldo.",
                    _REMEDY,
                )
            )
    findings.extend(_summary_findings(header, tally, place))
    return StatementEnd(header.position, tally.entries, tally.credit_sum, tally.debit_sum, tuple(findings))


def _summary_findings(header: StatementHeader, tally: Tally, place: str) -> list[Finding]:
    summary = header.summary
    if summary is None:
        return []
    claims = (
        ("Anzahl der Umsätze", summary.entries, tally.entries),
        ("Anzahl der Gutschriften", summary.credit_entries, tally.credit_entries),
        ("Summe der Gutschriften", summary.credit_sum, tally.credit_sum),
        ("Anzahl der Lastschriften", summary.debit_entries, tally.debit_entries),
        ("Summe der Lastschriften", summary.debit_sum, tally.debit_sum),
    )
    return [
        Finding(
            "totals_mismatch", place, f"{label}: der Auszug nennt {claimed}, gelesen wurden {found}.", _REMEDY
        )
        for label, claimed, found in claims
        if claimed is not None and claimed != found
    ]

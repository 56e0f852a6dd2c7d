"""The VAT of a month from the ledger's legs alone, and its proof against the accounts.

Supplies are taxed when billed, prepayments when received (§ 13 (1) no. 1 a UStG); a request alone is no
event. What takes tax back is shown apart: prepayments credited in a bill (§ 14 (5)), money returned,
consideration reduced (§ 17), postings cancelled. Cents; base and VAT are positive where tax is owed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class VatKind(StrEnum):
    """What a leg means for the tax. `UNCLASSIFIED`: on a tax account without a rate or a base beside it."""

    SUPPLY = "supply"
    PREPAYMENT = "prepayment"
    SETTLED = "settled"
    RETURNED = "returned"
    REDUCTION = "reduction"
    CANCELLED = "cancelled"
    UNCLASSIFIED = "unclassified"


GROUPS: tuple[tuple[str, tuple[VatKind, ...]], ...] = (
    ("supplies", (VatKind.SUPPLY,)),
    ("prepayments", (VatKind.PREPAYMENT,)),
    (
        "reversals",
        (VatKind.SETTLED, VatKind.RETURNED, VatKind.REDUCTION, VatKind.CANCELLED),
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The sum of all legs of one account, rate and kind; `cents` with the ledger's sign (credit negative).

    `reconciled`: whether the account holds nothing but what the report shows, so that its balance proves it.
    """

    account: str
    name: str
    is_vat: bool
    reconciled: bool
    percent: Decimal | None
    kind: VatKind
    cents: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A taxable base and its VAT."""

    base_cents: int = 0
    vat_cents: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.base_cents + other.base_cents, self.vat_cents + other.vat_cents)


@dataclass(frozen=True, slots=True)
class Line:
    """One rate and kind."""

    percent: Decimal
    kind: VatKind
    amount: Amount


@dataclass(frozen=True, slots=True)
class AccountProof:
    """What an account moved in the month, by itself and in the report (credit positive)."""

    account: str
    name: str
    moved_cents: int
    reported_cents: int

    @property
    def difference_cents(self) -> int:
        return self.moved_cents - self.reported_cents


@dataclass(frozen=True, slots=True)
class VatReport:
    """Lines by rate and kind, and the proof: every difference must be zero."""

    lines: tuple[Line, ...]
    proofs: tuple[AccountProof, ...]

    @property
    def rates(self) -> list[Decimal]:
        return sorted({line.percent for line in self.lines}, reverse=True)

    @property
    def difference_cents(self) -> int:
        """Σ of the absolute differences, so that two errors cannot hide each other."""
        return sum(abs(proof.difference_cents) for proof in self.proofs)

    def amount(self, *, percent: Decimal | None = None, kinds: Iterable[VatKind] | None = None) -> Amount:
        """The sum over one rate or all, some kinds or all."""
        wanted = set(VatKind) if kinds is None else set(kinds)
        total = Amount()
        for line in self.lines:
            if line.kind in wanted and percent in (None, line.percent):
                total += line.amount
        return total


def vat_report(cells: Sequence[Cell], moved: Sequence[tuple[str, str, int]]) -> VatReport:
    """Build the report. `moved`: (account, name, cents with the ledger's sign) of every account to be proved,
    taken from the accounts without looking at rates or kinds."""
    lines: dict[tuple[Decimal, VatKind], Amount] = {}
    reported: dict[str, int] = {}
    for cell in cells:
        if cell.kind is VatKind.UNCLASSIFIED or cell.percent is None:
            continue
        part = Amount(0, -cell.cents) if cell.is_vat else Amount(-cell.cents, 0)
        key = (cell.percent, cell.kind)
        lines[key] = lines.get(key, Amount()) + part
        if cell.reconciled:
            reported[cell.account] = reported.get(cell.account, 0) - cell.cents
    order = list(VatKind)
    return VatReport(
        lines=tuple(
            Line(percent, kind, lines[percent, kind])
            for percent, kind in sorted(lines, key=lambda key: (-key[0], order.index(key[1])))
        ),
        proofs=tuple(
            AccountProof(account, name, -cents, reported.get(account, 0))
            for account, name, cents in sorted(moved)
        ),
    )

"""VAT inside a gross amount, exact over partial payments. Cents in, cents out.

An instalment is a prepayment: its VAT is due when it is received (§ 13 (1) no. 1 a sentence 4 UStG). When it
is received in parts, each part carries the difference of the VAT of what has been received so far, so that
the parts sum to the VAT of the whole, whatever the cuts.
"""

from decimal import Decimal

from turnus.lib.rounding import half_up


def vat_within(gross_cents: int, vat_percent: Decimal) -> int:
    """VAT contained in a gross amount, half-up. 9800 at 19 % → 1565."""
    return int(half_up(Decimal(gross_cents) * vat_percent / (100 + vat_percent), 0))


def vat_of_part(received_before: int, part: int, vat_percent: Decimal) -> int:
    """VAT of a further part after `received_before`; negative for a part given back (`part` < 0)."""
    return vat_within(received_before + part, vat_percent) - vat_within(received_before, vat_percent)

"""The standard charts SKR03 and SKR04 as far as an energy supplier's receivables need them: data, no code.

Account numbers are the DATEV standard charts'. Whoever keeps another chart changes `AccountRule` rows.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """An account in both charts: `items` are the posting items it serves, `rates` its VAT rates."""

    skr03: str
    skr04: str
    name: str
    kind: str
    items: tuple[str, ...] = ()
    rates: tuple[Decimal, ...] = ()
    is_control: bool = False


_19, _16, _7, _0 = Decimal(19), Decimal(16), Decimal(7), Decimal(0)

CHART: tuple[ChartAccount, ...] = (
    ChartAccount(
        "1400",
        "1200",
        "Forderungen aus Lieferungen und Leistungen",
        "asset",
        ("receivable",),
        is_control=True,
    ),
    ChartAccount("1200", "1800", "Bank", "asset", ("bank",)),
    ChartAccount("1360", "1460", "Geldtransit", "asset", ("money_in_transit",)),
    # Apart from other money in transit, so that its balance is exactly the transfers not yet debited.
    ChartAccount("1361", "1461", "Auszahlungen unterwegs", "liability", ("payout_in_transit",)),
    ChartAccount(
        "1593", "1495", "Verrechnung angeforderter Abschläge", "statistical", ("instalment_clearing",)
    ),
    ChartAccount("1718", "3272", "Erhaltene Anzahlungen 19 % USt", "liability", ("prepayment",), (_19,)),
    ChartAccount("1717", "3271", "Erhaltene Anzahlungen 16 % USt", "liability", ("prepayment",), (_16,)),
    ChartAccount("1711", "3260", "Erhaltene Anzahlungen 7 % USt", "liability", ("prepayment",), (_7,)),
    ChartAccount("1710", "3250", "Erhaltene Anzahlungen ohne USt", "liability", ("prepayment",), (_0,)),
    ChartAccount("1776", "3806", "Umsatzsteuer 19 %", "liability", ("output_vat",), (_19,)),
    ChartAccount("1775", "3805", "Umsatzsteuer 16 %", "liability", ("output_vat",), (_16,)),
    ChartAccount("1771", "3801", "Umsatzsteuer 7 %", "liability", ("output_vat",), (_7,)),
    ChartAccount("1792", "3630", "Ungeklärte Zahlungseingänge", "liability", ("suspense",)),
    ChartAccount("1736", "3700", "Strom- und Energiesteuer", "liability", ("energy_tax",)),
    ChartAccount("8400", "4400", "Erlöse 19 % USt", "income", ("revenue",), (_19,)),
    ChartAccount("8410", "4410", "Erlöse 16 % USt", "income", ("revenue",), (_16,)),
    ChartAccount("8300", "4300", "Erlöse 7 % USt", "income", ("revenue",), (_7,)),
    ChartAccount("8200", "4200", "Erlöse ohne USt", "income", ("revenue",), (_0,)),
    ChartAccount(
        "2700", "4830", "Mahn- und Rücklastschriftgebühren", "income", ("dunning_fee", "return_fee")
    ),
    ChartAccount("2650", "7110", "Zinserträge", "income", ("interest",)),
    ChartAccount("4970", "6855", "Nebenkosten des Geldverkehrs", "expense", ("bank_charge",)),
    ChartAccount("4900", "6300", "Zahlungsdifferenzen", "expense", ("payment_difference",)),
    ChartAccount("2406", "6936", "Forderungsverluste 19 % USt", "expense", ("write_off",), (_19,)),
    ChartAccount("1460", "1240", "Zweifelhafte Forderungen", "asset", ("doubtful",), is_control=True),
)

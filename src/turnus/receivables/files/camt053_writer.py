"""Writes camt.053.001.08 as a German bank would: the counterpart of the reader for demo, bench and tests.

Returned debits are written the German way: `Amt` is the original amount plus charges, `InstdAmt` the
original, `Chrgs` the bank's fee, `RtrInf` the reason; a batch booking carries one `TxDtls` per payment,
each with its own sign.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
)
_GVC = {
    "credit": "NTRF+166+9310",
    "collection": "NDDT+171+9310",
    "return": "NRTI+109+9310",
    "fee": "NCHG+808+9310",
}
_ISO = {
    "credit": ("RCDT", "ESCT"),
    "collection": ("RDDT", "ESDD"),
    "return": ("RDDT", "UPDD"),
    "fee": ("MDOP", "CHRG"),
}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment on the account. `kind` is `credit`, `collection`, `return` or `fee`.

    `amount` is what moves, signed: a return of 98.00 with a fee of 3.00 is −101.00 with `charges` 3.00.
    """

    amount: Decimal
    kind: str = "credit"
    name: str = ""
    iban: str = ""
    remittance: str = ""
    end_to_end_id: str = "NOTPROVIDED"
    mandate_id: str = ""
    reason: str = ""
    charges: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the statement with its payments; more than one payment is a batch booking."""

    reference: str
    day: date
    payments: tuple[Payment, ...]
    value_day: date | None = None
    batch_id: str = ""

    @property
    def amount(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal(0))


@dataclass(frozen=True, slots=True)
class Page:
    """A statement: `total` is the sum of its bookings, needed before they are written."""

    statement_id: str
    iban: str
    owner: str
    opening: Decimal
    total: Decimal
    day: date


def write_camt053(page: Page, bookings: Iterable[Booking], target: IO[bytes]) -> None:
    """Stream one statement to `target`."""
    moment = f"{page.day.isoformat()}T20:00:00+01:00"
    put = target.write
    put(_HEAD.encode())
    put(f"<GrpHdr><MsgId>{escape(page.statement_id)}</MsgId><CreDtTm>{moment}</CreDtTm></GrpHdr>".encode())
    put(
        f"<Stmt><Id>{escape(page.statement_id)}</Id><CreDtTm>{moment}</CreDtTm><Acct><Id><IBAN>{page.iban}"
        f"</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>{escape(page.owner)}</Nm></Ownr></Acct>".encode()
    )
    put(_balance("OPBD", page.opening, page.day).encode())
    put(_balance("CLBD", page.opening + page.total, page.day).encode())
    for booking in bookings:
        put(_entry(booking).encode())
    put(b"</Stmt></BkToCstmrStmt></Document>\n")


def _signed(amount: Decimal) -> str:
    sign = "DBIT" if amount < 0 else "CRDT"
    return f'<Amt Ccy="EUR">{abs(amount):.2f}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _balance(code: str, amount: Decimal, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_signed(amount)}"
        f"<Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
    )


def _bank_code(kind: str) -> str:
    family, sub = _ISO[kind]
    domain = "ACMT" if kind == "fee" else "PMNT"
    return (
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn>"
        f"<Prtry><Cd>{_GVC[kind]}</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    )


def _entry(booking: Booking) -> str:
    kind = booking.payments[0].kind
    value = (booking.value_day or booking.day).isoformat()
    batch = ""
    if booking.batch_id:
        batch = (
            f"<Btch><PmtInfId>{escape(booking.batch_id)}</PmtInfId>"
            f"<NbOfTxs>{len(booking.payments)}</NbOfTxs></Btch>"
        )
    details = "".join(_details(payment) for payment in booking.payments)
    return (
        f"<Ntry>{_signed(booking.amount)}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{booking.day.isoformat()}</Dt></BookgDt><ValDt><Dt>{value}</Dt></ValDt>"
        f"<AcctSvcrRef>{escape(booking.reference)}</AcctSvcrRef>{_bank_code(kind)}"
        f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def _details(payment: Payment) -> str:
    mandate = f"<MndtId>{escape(payment.mandate_id)}</MndtId>" if payment.mandate_id else ""
    original = charges = reason = ""
    if payment.kind == "return":
        paid = abs(payment.amount) - payment.charges
        original = f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{paid:.2f}</Amt></InstdAmt></AmtDtls>'
        reason = f"<RtrInf><Rsn><Cd>{payment.reason}</Cd></Rsn></RtrInf>"
        if payment.charges:
            charges = f'<Chrgs><Rcrd><Amt Ccy="EUR">{payment.charges:.2f}</Amt></Rcrd></Chrgs>'
    role = "Cdtr" if payment.kind == "credit" and payment.amount < 0 else "Dbtr"
    party = f"<{role}><Pty><Nm>{escape(payment.name)}</Nm></Pty></{role}>" if payment.name else ""
    account = f"<{role}Acct><Id><IBAN>{payment.iban}</IBAN></Id></{role}Acct>" if payment.iban else ""
    purpose = f"<RmtInf><Ustrd>{escape(payment.remittance)}</Ustrd></RmtInf>" if payment.remittance else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(payment.end_to_end_id)}</EndToEndId>{mandate}</Refs>"
        f"{_signed(payment.amount)}{original}{_bank_code(payment.kind)}{charges}"
        f"<RltdPties>{party}{account}</RltdPties>{purpose}{reason}</TxDtls>"
    )

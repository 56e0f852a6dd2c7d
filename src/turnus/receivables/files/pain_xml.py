"""The elements that direct debit and credit transfer files share. Text is brought into the SEPA set here."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from turnus.receivables.files.pain008_records import Address
from turnus.receivables.files.sepa_text import sepa_text


def element(tag: str, *children: Any, text: str | None = None) -> etree._Element:
    """An element with its children; those that are None are left out."""
    made = etree.Element(tag)
    made.text = text
    for child in children:
        if child is not None:
            made.append(child)
    return made


def leaf(tag: str, text: str) -> etree._Element:
    return element(tag, text=text)


def optional(tag: str, text: str) -> etree._Element | None:
    return leaf(tag, text) if text else None


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def instructed(amount: Decimal) -> etree._Element:
    made = leaf("InstdAmt", money(amount))
    made.set("Ccy", "EUR")
    return made


def group_header(
    message_id: str, created: datetime, initiator: str, count: int, total: Decimal
) -> etree._Element:
    """`created` is written in UTC with `Z`, as the banks demand."""
    moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return element(
        "GrpHdr",
        leaf("MsgId", message_id),
        leaf("CreDtTm", moment),
        leaf("NbOfTxs", str(count)),
        leaf("CtrlSum", money(total)),
        element("InitgPty", leaf("Nm", sepa_text(initiator, 70))),
    )


def party(tag: str, name: str, where: Address | None = None) -> etree._Element:
    return element(tag, leaf("Nm", sepa_text(name, 70)), address(where))


def account(tag: str, iban: str) -> etree._Element:
    return element(tag, element("Id", leaf("IBAN", iban)))


def agent(tag: str, bic: str) -> etree._Element:
    """Without a BIC the German subset demands `Othr/Id` NOTPROVIDED, an empty agent is invalid."""
    inner = leaf("BICFI", bic) if bic else element("Othr", leaf("Id", "NOTPROVIDED"))
    return element(tag, element("FinInstnId", inner))


def remittance(text: str) -> etree._Element:
    return element("RmtInf", leaf("Ustrd", sepa_text(text, 140)))


def address(where: Address | None) -> etree._Element | None:
    if where is None:
        return None
    return element(
        "PstlAdr",
        optional("StrtNm", sepa_text(where.street, 70)),
        optional("BldgNb", sepa_text(where.building, 16)),
        optional("PstCd", sepa_text(where.postcode, 16)),
        leaf("TwnNm", sepa_text(where.town, 35)),
        leaf("Ctry", where.country),
    )

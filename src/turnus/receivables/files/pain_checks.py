"""What the checks of direct debit and credit transfer files share. `names` is the namespace in braces."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from turnus.receivables.files.records import Finding
from turnus.receivables.files.sepa_text import IDENTIFIER

LARGEST = Decimal("999999999.99")


def bad(code: str, place: str, text: str, remedy: str = "Die Stammdaten berichtigen.") -> Finding:
    return Finding(code, place, text, remedy)


def text_of(names: str, element: etree._Element | None, *path: str) -> str:
    """The text of a descendant without blanks around it, "" where it is missing."""
    if element is None:
        return ""
    return (element.findtext("/".join(names + step for step in path)) or "").strip()


def decimal_of(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def payable(amount: Decimal | None) -> bool:
    """Whether the banks move this amount: one cent to 999,999,999.99 €."""
    return amount is not None and Decimal("0.01") <= amount <= LARGEST


def group_findings(names: str, group: etree._Element) -> Iterator[Finding]:
    if not IDENTIFIER.fullmatch(text_of(names, group, "MsgId")):
        yield bad("message_id", "Dateikopf", "Die Nachrichten-ID enthält unzulässige Zeichen.")
    if not text_of(names, group, "CreDtTm").endswith("Z"):
        yield bad("created_naive", "Dateikopf", "Der Erstellungszeitpunkt endet nicht auf Z.")
    if group.find(f"{names}InitgPty/{names}Id") is not None:
        text = "Der Einreicher trägt eine Kennung; die Gläubiger-ID gehört nur in CdtrSchmeId."
        yield bad("initiator_id", "Dateikopf", text)


def party_findings(names: str, party: etree._Element | None, code: str, place: str) -> Iterator[Finding]:
    """A name of 1 to 70 characters; an address with town and country or none."""
    if not 1 <= len(text_of(names, party, "Nm")) <= 70:
        yield bad(code, place, "Der Name fehlt oder ist länger als 70 Zeichen.")
    address = party.find(f"{names}PstlAdr") if party is not None else None
    if address is None:
        return
    lines = address.findall(f"{names}AdrLine")
    if not text_of(names, address, "TwnNm") or not text_of(names, address, "Ctry") or len(lines) > 2:
        text = "Die Anschrift hat keinen Ort, kein Land oder mehr als zwei freie Zeilen."
        yield bad("address", place, text, "Die Anschrift ergänzen oder weglassen.")


def one_short_purpose(names: str, element: etree._Element) -> bool:
    """At most one unstructured remittance text of at most 140 characters."""
    found = element.findall(f"{names}RmtInf/{names}Ustrd")
    return len(found) <= 1 and all(len(one.text or "") <= 140 for one in found)


def control_findings(announced: tuple[str, str], count: int, total: Decimal, what: str) -> Iterator[Finding]:
    """The totals of the file's head against what it holds."""
    if announced[0] != str(count):
        text = f"Angekündigt sind {announced[0]} {what}, enthalten {count}."
        yield bad("control_count", "Dateikopf", text)
    if decimal_of(announced[1]) != total:
        text = f"Die Kontrollsumme {announced[1]} ist nicht die Summe {total}."
        yield bad("control_sum", "Dateikopf", text)

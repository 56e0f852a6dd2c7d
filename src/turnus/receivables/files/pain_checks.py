"""What the checks of direct debit and credit transfer files share. `names` is the namespace in braces."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO

from lxml import etree

from turnus.receivables.files.camt_paths import local_name
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


@dataclass(frozen=True, slots=True)
class FileRules:
    """One kind of payment file: its form, where its transactions and their amounts stand, and their rules."""

    form: str
    unknown: str
    names: str
    transaction: str
    amount: tuple[str, ...]
    noun: str
    check_transaction: Callable[[etree._Element, int], Iterator[Finding]]
    check_batch: Callable[[etree._Element], Iterator[Finding]]


def check_file(source: IO[bytes], rules: FileRules) -> list[Finding]:
    """All findings of a file: head, transactions, batches, control totals. Streams; memory stays flat.

    A file of another form gives the single finding `rules.unknown`.
    """
    findings: list[Finding] = []
    count, total = 0, Decimal(0)
    header: tuple[str, str] | None = None
    tags = tuple(rules.names + tag for tag in ("GrpHdr", rules.transaction, "PmtInf"))
    try:
        for _, element in etree.iterparse(
            source, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
        ):
            name = local_name(element)
            if name == "GrpHdr":
                header = (text_of(rules.names, element, "NbOfTxs"), text_of(rules.names, element, "CtrlSum"))
                findings.extend(group_findings(rules.names, element))
                continue
            if name == rules.transaction:
                count += 1
                total += decimal_of(text_of(rules.names, element, *rules.amount)) or Decimal(0)
                findings.extend(rules.check_transaction(element, count))
            else:
                findings.extend(rules.check_batch(element))
            element.clear()
    except etree.XMLSyntaxError as error:
        return [bad(rules.unknown, "Datei", f"Das XML ist beschädigt: {error.msg}.")]
    if header is None:
        return [bad(rules.unknown, "Datei", f"Die Datei ist keine {rules.form}.")]
    findings.extend(control_findings(header, count, total, rules.noun))
    return findings

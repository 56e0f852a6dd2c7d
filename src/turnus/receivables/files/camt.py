"""camt.052, camt.053 and camt.054 of every version, streamed entry by entry.

The reader does not depend on the namespace, so the next version of the message is read as well as the
eight known ones. Party names sit under `Dbtr/Nm` up to version 07 and under `Dbtr/Pty/Nm` since 08; both
are looked up. External entities and document type declarations are refused, not resolved.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from lxml import etree

from turnus.receivables.files.camt_entry import EntryReader
from turnus.receivables.files.camt_paths import (
    Fields,
    all_of,
    decimal_of,
    fill,
    iso_day,
    local_name,
    spec_for,
)
from turnus.receivables.files.keys import KeyMaker
from turnus.receivables.files.records import (
    Balance,
    Event,
    FileHeader,
    Finding,
    StatementHeader,
    Summary,
)
from turnus.receivables.files.source import refuse, utf8_xml
from turnus.receivables.files.totals import Tally, close

_ROOTS = {
    "BkToCstmrAcctRpt": "camt.052",
    "BkToCstmrStmt": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
}
_WATCHED = ("{*}GrpHdr", "{*}Ntry", "{*}Stmt", "{*}Rpt", "{*}Ntfctn")
_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")


def read_camt(stream: BinaryIO, name: str) -> Iterator[Event]:
    """Stream the events of a camt file.

    Args: `stream` seekable bytes; `name` the file name for messages.
    Raises: `FileRefused` when the file is no camt, is damaged, or declares a document type.
    """
    readable, recoded = utf8_xml(stream)
    reader = _CamtReader(name)
    try:
        for _, element in etree.iterparse(
            readable,
            events=("end",),
            tag=_WATCHED,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            yield from reader.take(element, recoded)
    except etree.XMLSyntaxError as error:
        line = error.position[0] if error.position else 0
        raise refuse(
            name,
            "xml_damaged",
            f"Zeile {line}",
            f"Das XML ist beschädigt: {error.msg}.",
            "Die Datei bei der Bank neu abrufen.",
        ) from error
    if not reader.started:
        raise refuse(
            name,
            "no_statement",
            "Datei",
            "Die Datei enthält keinen Kontoauszug (camt.052, camt.053 oder camt.054).",
            "Den Abruf prüfen; nur camt- und MT940-Dateien lassen sich einlesen.",
        )


class _CamtReader:
    """Turns finished elements into events and frees their memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = False
        self._kind = ""
        self._spec: Fields = {}
        self._statement: StatementHeader | None = None
        self._statements = 0
        self._tally = Tally()
        self._entries: EntryReader | None = None
        self._keys = KeyMaker()

    def take(self, element: etree._Element, recoded: bool) -> Iterator[Event]:
        local = local_name(element)
        if not self.started:
            yield self._start(element, recoded)
        parent = element.getparent()
        if local == "Ntry":
            if parent is not None and local_name(parent) in _STATEMENTS:
                yield from self._entry(element, parent)
        elif local in _STATEMENTS and parent is not None and local_name(parent) in _ROOTS:
            if self._statement is None:
                yield self._open(element)
            assert self._statement is not None
            yield close(self._statement, self._tally, self._place())
            self._statement = None
            element.clear()
            while element.getprevious() is not None:
                del parent[0]

    def _start(self, element: etree._Element, recoded: bool) -> FileHeader:
        tree = element.getroottree()
        if getattr(tree.docinfo, "internalDTD", None) is not None:
            raise refuse(
                self.name,
                "doctype_forbidden",
                "Dateikopf",
                "Die Datei enthält eine Dokumenttyp-Deklaration; sie könnte fremde Inhalte nachladen.",
                "Eine solche Datei stammt nicht von der Bank: Herkunft klären.",
            )
        roots = [node for node in element.iterancestors() if local_name(node) in _ROOTS]
        if not roots:
            raise refuse(
                self.name,
                "no_statement",
                "Dateikopf",
                f"Die Datei ist kein Kontoauszug, sondern „{local_name(tree.getroot()[0])}“.",
                "Nur camt.052, camt.053 und camt.054 lassen sich als Auszug einlesen.",
            )
        node = roots[0]
        self.started = True
        namespace = str(node.tag)[1:].partition("}")[0] if str(node.tag).startswith("{") else ""
        self._kind = _ROOTS[local_name(node)]
        self._spec = spec_for(namespace)
        version = namespace.rsplit(":", 1)[-1] if namespace else self._kind
        header: dict[str, str] = {}
        if local_name(element) == "GrpHdr":
            fill(element, self._spec["GrpHdr"], header)
        findings = (
            (
                Finding(
                    "recoded",
                    "Dateikopf",
                    "Die Datei nennt UTF-8, enthält aber Windows-1252-Zeichen; sie wurde so gelesen.",
                    "Umlaute in Namen stichprobenweise prüfen.",
                    "warning",
                ),
            )
            if recoded
            else ()
        )
        return FileHeader(self._kind, version, header.get("message_id", ""), findings)

    def _place(self) -> str:
        label = self._statement.statement_id if self._statement else ""
        return f"Auszug {label or self._statements}"

    def _open(self, statement: etree._Element) -> StatementHeader:
        self._statements += 1
        out: dict[str, str] = {}
        fill(statement, self._spec["Statement"], out)
        ns = self._spec["ns"]
        balances = tuple(
            b for b in (_balance(e, self._spec) for e in statement.findall(f"{ns}Bal")) if b is not None
        )
        account = (out.get("iban") or out.get("account") or "").replace(" ", "")
        currency = out.get("currency") or (balances[0].currency if balances else "")
        self._statement = StatementHeader(
            position=self._statements,
            statement_id=out.get("statement_id", ""),
            sequence=out.get("electronic_sequence") or out.get("legal_sequence", ""),
            account=account,
            currency=currency,
            owner=out.get("owner") or out.get("owner_party", ""),
            balances=balances,
            page=int(out["page"]) if out.get("page", "").isdigit() else 1,
            last_page=out.get("last_page", "true").strip() in ("true", "1"),
            summary=_summary(statement, self._spec),
        )
        self._tally = Tally()
        self._entries = EntryReader(self._spec, account, self._place(), self._tally, self.name, self._keys)
        return self._statement

    def _entry(self, element: etree._Element, statement: etree._Element) -> Iterator[Event]:
        if self._statement is None:
            yield self._open(statement)
        assert self._entries is not None
        entry = self._entries.read(element)
        self._tally.add(entry)
        yield entry
        element.clear()
        # Free what is done; the header of the statement stays in place until it has been read.
        previous = element.getprevious()
        while previous is not None and previous.tag == element.tag:
            statement.remove(previous)
            previous = element.getprevious()


def _balance(element: etree._Element, spec: Fields) -> Balance | None:
    out: dict[str, str] = {}
    fill(element, spec["Balance"], out)
    amount = decimal_of(out.get("amount", ""))
    if amount is None:
        return None
    if out.get("sign") == "DBIT":
        amount = -amount
    return Balance(out.get("code", ""), amount, out.get("currency", ""), iso_day(out.get("day", "")))


def _summary(statement: etree._Element, spec: Fields) -> Summary | None:
    found = all_of(statement, spec["ns"], "TxsSummry")
    if not found:
        return None
    out: dict[str, str] = {}
    fill(found[0], spec["Summary"], out)

    def count(key: str) -> int | None:
        return int(out[key]) if out.get(key, "").strip().isdigit() else None

    def total(key: str) -> Decimal | None:
        value = decimal_of(out.get(key, ""))
        return None if value is None else abs(value)

    return Summary(
        count("entries"),
        count("credit_entries"),
        total("credit_sum"),
        count("debit_entries"),
        total("debit_sum"),
    )

"""The German banks' restrictions on pain.008.001.08 (subset GBIC_5) as our own checks.

Written from the rules, so that the product refuses a bad debit itself: the banks' schema may not be shipped
and is used in tests only. `check_debit` looks at one debit before it is written, `check_pain008` at a whole
file as the bank would. Both return every finding, in a fixed order, with a stable code.
"""

from collections.abc import Iterator
from functools import partial
from typing import IO

from lxml import etree

from turnus.receivables.files.iban import bic_valid, creditor_id_valid, iban_valid
from turnus.receivables.files.pain008_records import NAMESPACE, Address, Batch, Collection, DirectDebit
from turnus.receivables.files.pain_checks import (
    FileRules,
    bad,
    check_file,
    decimal_of,
    is_day,
    one_short_purpose,
    party_findings,
    payable,
    text_of,
)
from turnus.receivables.files.records import Finding
from turnus.receivables.files.sepa_text import IDENTIFIER, sepa_text

SEQUENCES = ("FRST", "RCUR", "OOFF", "FNAL")
SCHEMES = ("CORE", "B2B")


def check_header(collection: Collection) -> list[Finding]:
    """Findings about the file as such: identifiers, time zone, at least one batch."""
    place = f"Datei {collection.message_id}"
    findings: list[Finding] = []
    if not IDENTIFIER.fullmatch(collection.message_id):
        findings.append(bad("message_id", place, "Die Nachrichten-ID enthält unzulässige Zeichen."))
    if collection.created.tzinfo is None:
        findings.append(bad("created_naive", place, "Der Erstellungszeitpunkt hat keine Zeitzone."))
    if not sepa_text(collection.initiator, 70):
        findings.append(bad("initiator", place, "Der Einreicher hat keinen Namen."))
    if not collection.batches:
        findings.append(bad("empty", place, "Die Datei enthält keine Lastschrift."))
    if len({batch.batch_id for batch in collection.batches}) != len(collection.batches):
        findings.append(bad("batch_id_twice", place, "Eine Sammler-ID kommt zweimal vor."))
    return findings


def check_batch(batch: Batch) -> list[Finding]:
    """Findings about one batch: scheme, sequence, creditor."""
    place = f"Sammler {batch.batch_id}"
    creditor = batch.creditor
    checks = (
        ("batch_id", IDENTIFIER.fullmatch(batch.batch_id), "Die Sammler-ID enthält unzulässige Zeichen."),
        ("scheme", batch.scheme in SCHEMES, f"Das Verfahren „{batch.scheme}“ gibt es nicht (CORE, B2B)."),
        ("sequence", batch.sequence in SEQUENCES, f"Die Sequenz „{batch.sequence}“ gibt es nicht."),
        ("count", batch.count > 0, "Der Sammler ist leer."),
        ("creditor_name", sepa_text(creditor.name, 70), "Der Gläubiger hat keinen Namen."),
        ("creditor_iban", iban_valid(creditor.iban), f"Die IBAN {creditor.iban} des Gläubigers ist falsch."),
        ("creditor_bic", not creditor.bic or bic_valid(creditor.bic), "Die BIC des Gläubigers ist falsch."),
        (
            "creditor_id",
            creditor_id_valid(creditor.creditor_id),
            f"Die Gläubiger-ID „{creditor.creditor_id}“ ist falsch.",
        ),
    )
    findings = [bad(code, place, text) for code, good, text in checks if not good]
    return findings + _address(creditor.address, place)


def check_debit(debit: DirectDebit) -> list[Finding]:
    """Findings about one debit; an empty list means it may be written."""
    place = f"Lastschrift {debit.end_to_end_id}"
    amount = debit.amount
    checks = (
        (
            "end_to_end_id",
            IDENTIFIER.fullmatch(debit.end_to_end_id),
            "Die Ende-zu-Ende-Referenz enthält unzulässige Zeichen oder ist länger als 35.",
        ),
        ("amount", payable(amount), f"Der Betrag {amount} ist nicht einziehbar."),
        ("cents", amount == round(amount, 2), f"Der Betrag {amount} hat mehr als zwei Nachkommastellen."),
        (
            "mandate_id",
            IDENTIFIER.fullmatch(debit.mandate_id),
            f"Die Mandatsreferenz „{debit.mandate_id}“ enthält unzulässige Zeichen oder ist leer.",
        ),
        ("debtor_name", sepa_text(debit.debtor_name, 70), "Der Zahler hat keinen Namen."),
        ("debtor_iban", iban_valid(debit.debtor_iban), f"Die IBAN {debit.debtor_iban} ist falsch."),
        ("debtor_bic", not debit.debtor_bic or bic_valid(debit.debtor_bic), "Die BIC ist falsch."),
        ("remittance", sepa_text(debit.remittance, 140), "Der Verwendungszweck ist leer."),
        (
            "original_mandate",
            not (debit.amendment and debit.amendment.original_mandate_id)
            or IDENTIFIER.fullmatch(debit.amendment.original_mandate_id),
            "Die frühere Mandatsreferenz enthält unzulässige Zeichen.",
        ),
    )
    findings = [bad(code, place, text) for code, good, text in checks if not good]
    return findings + _address(debit.address, place)


def _address(address: Address | None, place: str) -> list[Finding]:
    if address is None:
        return []
    if sepa_text(address.town, 35) and len(address.country) == 2 and address.country.isupper():
        return []
    text = "Eine Anschrift braucht mindestens Ort und Land (zwei Buchstaben)."
    return [bad("address", place, text, "Die Anschrift ergänzen oder weglassen.")]


_NS = f"{{{NAMESPACE}}}"
_text = partial(text_of, _NS)


def check_pain008(source: IO[bytes]) -> list[Finding]:
    """Check a pain.008 file as the bank does: control totals and every restriction of the German subset.

    Streams; memory stays flat. A file that is no pain.008.001.08 gives the single finding `not_pain008`.
    """
    return check_file(source, _RULES)


def _batch_findings(batch: etree._Element) -> Iterator[Finding]:
    place = f"Sammler {_text(batch, 'PmtInfId')}"
    if not IDENTIFIER.fullmatch(_text(batch, "PmtInfId")):
        yield bad("batch_id", place, "Die Sammler-ID enthält unzulässige Zeichen.")
    if _text(batch, "PmtTpInf", "LclInstrm", "Cd") not in SCHEMES:
        yield bad("scheme", place, "Das Verfahren ist weder CORE noch B2B.")
    if _text(batch, "PmtTpInf", "SeqTp") not in SEQUENCES:
        yield bad("sequence", place, "Die Sequenz fehlt oder ist unbekannt.")
    if not creditor_id_valid(_text(batch, "CdtrSchmeId", "Id", "PrvtId", "Othr", "Id")):
        yield bad("creditor_id", place, "Die Gläubiger-ID fehlt oder ist falsch.")
    if not iban_valid(_text(batch, "CdtrAcct", "Id", "IBAN")):
        yield bad("creditor_iban", place, "Die IBAN des Gläubigers ist falsch.")
    yield from party_findings(_NS, batch.find(f"{_NS}Cdtr"), "creditor_name", place)


def _transaction_findings(element: etree._Element, number: int) -> Iterator[Finding]:
    place = f"Lastschrift {number} ({_text(element, 'PmtId', 'EndToEndId')})"
    amount_element = element.find(f"{_NS}InstdAmt")
    amount = decimal_of(_text(element, "InstdAmt"))
    mandate = ("DrctDbtTx", "MndtRltdInf")
    checks = (
        (
            "end_to_end_id",
            IDENTIFIER.fullmatch(_text(element, "PmtId", "EndToEndId")),
            "Ende-zu-Ende-Referenz",
        ),
        ("amount", payable(amount), "Betrag"),
        ("cents", amount is None or amount == round(amount, 2), "Nachkommastellen des Betrags"),
        ("currency", amount_element is not None and amount_element.get("Ccy") == "EUR", "Währung"),
        ("mandate_id", IDENTIFIER.fullmatch(_text(element, *mandate, "MndtId")), "Mandatsreferenz"),
        ("mandate_date", is_day(_text(element, *mandate, "DtOfSgntr")), "Datum der Unterschrift"),
        ("debtor_iban", iban_valid(_text(element, "DbtrAcct", "Id", "IBAN")), "IBAN des Zahlers"),
        (
            "remittance",
            one_short_purpose(_NS, element),
            "Verwendungszweck (höchstens einer, 140 Zeichen)",
        ),
    )
    yield from (bad(code, place, f"{what}: unzulässig.") for code, good, what in checks if not good)
    yield from party_findings(_NS, element.find(f"{_NS}Dbtr"), "debtor_name", place)


_RULES = FileRules(
    form="pain.008.001.08",
    unknown="not_pain008",
    names=_NS,
    transaction="DrctDbtTxInf",
    amount=("InstdAmt",),
    noun="Lastschriften",
    check_transaction=_transaction_findings,
    check_batch=_batch_findings,
)
